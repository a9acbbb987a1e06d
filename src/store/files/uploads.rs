//! Files that are in no message yet: from the first request of an upload until its file is sent, or goes by
//! itself.

use uuid::Uuid;

use super::usage::{self, Quotas};
use super::{
    Detail, FileRow, FileState, bytes, columns, empty, find, id, int, json, parts, posters, row,
};
use crate::error::Error;
use crate::model::file::{FileKind, Inspected, PosterOf, Wanted};
use crate::model::file_id::FileId;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, StoreError, Value};

/// Files that one person may have which are in no message: two albums of the longest, so that what never
/// leaves cannot pile up. As many posters beside them, which take no video's place.
pub const LOOSE: usize = 20;

/// An upload that begins.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Its id.
    pub id: FileId,
    /// The person who sends it.
    pub owner: PersonId,
    /// The visitor who they were before.
    pub was: Option<PersonId>,
    /// The sender's nonce: the same again is the same upload.
    pub nonce: Option<Uuid>,
    /// Its bytes in all.
    pub size: u64,
    /// Its name, cleaned.
    pub name: String,
    /// What its sender wants it to be.
    pub wanted: Wanted,
    /// Whether a picture is to be kept as large as it is.
    pub full: bool,
    /// Whose poster it is, where it is to be one.
    pub poster_of: Option<PosterOf>,
    /// Now, ms since 1970.
    pub at: i64,
}

/// Begins an upload and counts all of its bytes for its owner, or finds the one of the same nonce.
///
/// # Errors
/// When the database fails.
pub fn create(
    db: &mut dyn Db,
    new: &NewUpload,
    quotas: Quotas,
) -> Result<Result<FileRow, Error>, StoreError> {
    if let Some(known) = known(db, new.owner, new.nonce)? {
        return Ok(Ok(known));
    }
    let nonce = new.nonce.map(|nonce| nonce.to_string());
    let kind = match new.poster_of {
        Some(_) => FileKind::Poster,
        None => FileKind::File,
    };
    let loose = db.first(
        "SELECT count(*) FROM files WHERE owner = $1 AND state IN (0, 1, 2, 6) AND (kind = $2) = $3",
        &[
            Value::Person(new.owner),
            Value::Int(FileKind::Poster.code()),
            Value::Int(new.poster_of.is_some().into()),
        ],
    )?;
    if loose.ok_or(StoreError::Shape)?.int()? >= int(LOOSE as u64) {
        return Ok(Err(Error::TooManyUploads { limit: LOOSE }));
    }
    if let Err(full) = usage::fits(db, new.owner, new.size, quotas)? {
        return Ok(Err(full));
    }
    if let Some(of) = new.poster_of {
        let owners: Vec<_> = [new.owner].into_iter().chain(new.was).collect();
        if !posters::begin(db, new.id, &owners, of)? {
            return Ok(Err(Error::NotFound));
        }
    }
    let mut detail = Detail {
        wanted: new.wanted,
        poster_of: new.poster_of,
        ..Detail::default()
    };
    detail.content.full = new.full;
    db.execute(
        "INSERT INTO files (id, owner, nonce, state, kind, size, got, stored, name, media_type, detail, created_at, touched_at) \
         VALUES ($1, $2, $3, 0, $4, $5, 0, $5, $6, '', $7, $8, $8)",
        &[
            Value::Text(&new.id.to_string()),
            Value::Person(new.owner),
            Value::maybe(nonce.as_deref()),
            Value::Int(kind.code()),
            Value::Int(int(new.size)),
            Value::Text(&new.name),
            Value::Text(&json(&detail)?),
            Value::Int(new.at),
        ],
    )?;
    usage::add(db, new.owner, int(new.size), 1)?;
    find(db, new.id)?.ok_or(StoreError::Shape).map(Ok)
}

/// The upload that `owner` has begun under a nonce.
///
/// # Errors
/// When the database fails.
pub fn known(
    db: &mut dyn Db,
    owner: PersonId,
    nonce: Option<Uuid>,
) -> Result<Option<FileRow>, StoreError> {
    let Some(nonce) = nonce else { return Ok(None) };
    let found = db.first(
        columns!("WHERE owner = $1 AND nonce = $2"),
        &[Value::Person(owner), Value::Text(&nonce.to_string())],
    )?;
    found.map(row).transpose()
}

/// Notes that the bytes of an upload up to `got` are on the disk for good; the last one makes it
/// [`FileState::Working`]. Returns what it is now; `None` when it takes no bytes up to there.
///
/// # Errors
/// When the database fails.
pub fn received(
    db: &mut dyn Db,
    id: FileId,
    got: u64,
    now: i64,
) -> Result<Option<FileState>, StoreError> {
    let changed = db.first(
        "UPDATE files SET got = $2, touched_at = $3, state = CASE WHEN size = $2 THEN 1 ELSE 0 END \
         WHERE id = $1 AND state = 0 AND got <= $2 AND size >= $2 RETURNING state",
        &[
            Value::Text(&id.to_string()),
            Value::Int(int(got)),
            Value::Int(now),
        ],
    )?;
    changed.map_or(Ok(None), |mut row| Ok(FileState::from_code(row.int()?)))
}

/// Ends an upload with the bytes that are there, fewer than were announced: [`FileState::Working`].
///
/// # Errors
/// When the database fails.
pub fn finish(db: &mut dyn Db, id: FileId) -> Result<(), StoreError> {
    let receiving = |file: &FileRow| file.state == FileState::Receiving;
    let Some(file) = find(db, id)?.filter(receiving) else {
        return Ok(());
    };
    db.execute(
        "UPDATE files SET state = 1, size = got, stored = got WHERE id = $1",
        &[Value::Text(&id.to_string())],
    )?;
    usage::add(db, file.owner, int(file.got) - int(file.stored), 0)
}

/// Notes what a file is: it can be sent now. `false` when nobody waits for that any more.
///
/// # Errors
/// When the database fails.
pub fn ready(db: &mut dyn Db, id: FileId, looked: &Inspected) -> Result<bool, StoreError> {
    let Some(file) = find(db, id)?.filter(|file| file.state == FileState::Working) else {
        return Ok(false);
    };
    let mut looked = looked.clone();
    posters::keep(&file.detail, &mut looked);
    let stored = looked.renditions.values().map(|each| each.bytes).sum();
    let full = file.detail.content.full;
    let mut detail = Detail {
        content: looked.content,
        sha256: looked.sha256,
        renditions: looked.renditions,
        ..file.detail
    };
    detail.content.full &= full;
    db.execute(
        "UPDATE files SET state = 2, kind = $2, media_type = $3, stored = $4, detail = $5 WHERE id = $1",
        &[
            Value::Text(&id.to_string()),
            Value::Int(looked.kind.code()),
            Value::Text(&looked.media_type),
            Value::Int(int(stored)),
            Value::Text(&json(&detail)?),
        ],
    )?;
    parts::forget(db, id)?;
    usage::add(db, file.owner, int(stored) - int(file.stored), 0)?;
    Ok(true)
}

/// Notes that a file cannot be sent, and why: the code of an error. It counts for nobody any more.
///
/// # Errors
/// When the database fails.
pub fn refuse(db: &mut dyn Db, id: FileId, why: &str) -> Result<(), StoreError> {
    end(db, id, FileState::Working, FileState::Refused, Some(why))
}

/// Throws away a file that is in no message; `false` when there is no such file of `owners`.
///
/// # Errors
/// When the database fails.
pub fn discard(db: &mut dyn Db, id: FileId, owners: &[PersonId]) -> Result<bool, StoreError> {
    let loose = |file: &FileRow| {
        let loose = file.message.is_none() && file.state != FileState::Doomed;
        loose && owners.contains(&file.owner)
    };
    let Some(file) = find(db, id)?.filter(loose) else {
        return Ok(false);
    };
    end(db, id, file.state, FileState::Doomed, None)?;
    empty(db, id)?;
    Ok(true)
}

/// Ends a file that is in no message: what it counted is free.
pub(super) fn end(
    db: &mut dyn Db,
    id: FileId,
    from: FileState,
    to: FileState,
    why: Option<&str>,
) -> Result<(), StoreError> {
    let Some(file) = find(db, id)?.filter(|file| file.state == from) else {
        return Ok(());
    };
    db.execute(
        "UPDATE files SET state = $2, stored = 0, why = $3, nonce = NULL WHERE id = $1",
        &[
            Value::Text(&id.to_string()),
            Value::Int(to.code()),
            Value::maybe(why),
        ],
    )?;
    parts::forget(db, id)?;
    posters::end_upload(db, &file.detail)?;
    // One that was refused or has expired has been taken off already.
    if matches!(from, FileState::Refused | FileState::Expired) {
        return Ok(());
    }
    usage::add(db, file.owner, -int(file.stored), -1)
}

// The database uses the index of loose files only where a statement has its list of states, word for word.

/// Files that are looked at, or wait for it: the oldest `limit`.
///
/// # Errors
/// When the database fails.
pub fn working(db: &mut dyn Db, limit: i64) -> Result<Vec<FileRow>, StoreError> {
    let rows = db.query(
        columns!("WHERE state IN (0, 1, 2, 5, 6) AND state = 1 ORDER BY touched_at, id LIMIT $1"),
        &[Value::Int(limit)],
    )?;
    rows.into_iter().map(row).collect()
}

/// Bytes that open uploads have still to bring.
///
/// # Errors
/// When the database fails.
pub fn promised(db: &mut dyn Db) -> Result<u64, StoreError> {
    let row = db.first(
        "SELECT CAST(coalesce(sum(size - got), 0) AS BIGINT) FROM files WHERE state IN (0, 1, 2, 5, 6) AND state = 0",
        &[],
    )?;
    bytes(&mut row.ok_or(StoreError::Shape)?)
}

/// The files of `owners` that are in no message, newest first: at most [`LOOSE`] for each.
///
/// # Errors
/// When the database fails.
pub fn loose_of(db: &mut dyn Db, owner: PersonId) -> Result<Vec<FileRow>, StoreError> {
    let rows = db.query(
        columns!("WHERE owner = $1 AND state IN (0, 1, 2, 6) ORDER BY touched_at DESC, id"),
        &[Value::Person(owner)],
    )?;
    rows.into_iter().map(row).collect()
}

/// Throws away the files of `owner` that are in no message, those that have expired too.
///
/// # Errors
/// When the database fails.
pub fn discard_all(db: &mut dyn Db, owner: PersonId) -> Result<(), StoreError> {
    let mut loose: Vec<_> = loose_of(db, owner)?.iter().map(|file| file.id).collect();
    let expired = db.query(
        "SELECT id FROM files WHERE state IN (0, 1, 2, 5, 6) AND state = 5 AND owner = $1",
        &[Value::Person(owner)],
    )?;
    for mut row in expired {
        loose.push(id(&mut row)?);
    }
    for id in loose {
        discard(db, id, &[owner])?;
    }
    Ok(())
}

/// Ends up to `limit` files that have been in no message since `before`, ms since 1970; returns their ids,
/// whose bytes can go.
///
/// # Errors
/// When the database fails.
pub fn expire(db: &mut dyn Db, before: i64, limit: i64) -> Result<Vec<FileId>, StoreError> {
    let mut expired = Vec::new();
    let loose = [
        FileState::Receiving,
        FileState::Working,
        FileState::Ready,
        FileState::Refused,
    ];
    for state in loose {
        let rows = db.query(
            "SELECT id FROM files WHERE state IN (0, 1, 2, 5, 6) AND state = $1 AND touched_at < $2 LIMIT $3",
            &[
                Value::Int(state.code()),
                Value::Int(before),
                Value::Int(limit),
            ],
        )?;
        for mut row in rows {
            let id = id(&mut row)?;
            end(db, id, state, FileState::Expired, None)?;
            expired.push(id);
        }
    }
    Ok(expired)
}

/// Forgets up to `limit` files that expired before `before`, ms since 1970: until then their address says so.
///
/// # Errors
/// When the database fails.
pub fn forget_expired(db: &mut dyn Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE state IN (0, 1, 2, 5, 6) AND state = 5 AND touched_at < $1 LIMIT $2)",
        &[Value::Int(before), Value::Int(limit)],
    )
}

/// Files whose bytes are to go, `limit` of them.
///
/// # Errors
/// When the database fails.
pub fn doomed(db: &mut dyn Db, limit: i64) -> Result<Vec<FileId>, StoreError> {
    let rows = db.query(
        "SELECT id FROM files WHERE state = 4 LIMIT $1",
        &[Value::Int(limit)],
    )?;
    rows.into_iter().map(|mut row| id(&mut row)).collect()
}

/// Forgets files whose bytes are gone. Of one that was taken out of its message the place in it stays.
///
/// # Errors
/// When the database fails.
pub fn forget(db: &mut dyn Db, ids: &[FileId]) -> Result<(), StoreError> {
    for id in ids {
        let id = id.to_string();
        let values = [Value::Text(&id)];
        db.execute(
            "UPDATE files SET state = 8 WHERE id = $1 AND state = 4 AND message_id IS NOT NULL",
            &values,
        )?;
        db.execute("DELETE FROM files WHERE id = $1 AND state = 4", &values)?;
    }
    Ok(())
}
