//! The files of messages: claimed with the message, gone with it.

use std::collections::{BTreeSet, HashMap};

use super::{Detail, FileRow, FileState, columns, empty, find, int, json, posters, row, usage};
use crate::error::Error;
use crate::model::file::{Attachment, File, FileKind};
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::db::{Db, StoreError, Value, list};

/// Files that are doomed in one step of something large.
const STEP: i64 = 200;

/// The files that `wanted` names, if `principal` may send them: their own, whole, and in no message.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn claimable(
    db: &mut dyn Db,
    wanted: &[Attachment],
    principal: &Principal,
) -> Result<Result<Vec<File>, Error>, StoreError> {
    let mut files = Vec::with_capacity(wanted.len());
    for attachment in wanted {
        let found = find(db, attachment.id)?.filter(|file| file.is_of(principal));
        let mut file = match found {
            // A poster is its video's, and nothing by itself.
            Some(file) if file.kind == FileKind::Poster => return Ok(Err(Error::FileGone)),
            Some(file) if file.state == FileState::Ready => file.file(),
            Some(file) if matches!(file.state, FileState::Receiving | FileState::Working) => {
                return Ok(Err(Error::FileNotReady));
            }
            _ => return Ok(Err(Error::FileGone)),
        };
        file.alt.clone_from(&attachment.alt);
        file.spoiler = attachment.spoiler;
        // Twice the same file is once.
        if files.iter().all(|other: &File| other.id != file.id) {
            files.push(file);
        }
    }
    Ok(Ok(files))
}

/// Makes `files`, which are [`claimable`], those of a message.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn claim(
    db: &mut dyn Db,
    files: &[File],
    room: RoomId,
    message: MessageId,
) -> Result<(), StoreError> {
    for (place, file) in (0..).zip(files) {
        let row = find(db, file.id)?.ok_or(StoreError::Shape)?;
        posters::end_upload(db, &row.detail)?;
        let detail = Detail {
            poster_upload: None,
            alt: file.alt.clone(),
            spoiler: file.spoiler,
            ..row.detail
        };
        let claimed = db.execute(
            "UPDATE files SET state = 3, room_id = $2, message_id = $3, place = $4, detail = $5 WHERE id = $1 AND state = 2",
            &[
                Value::Text(&file.id.to_string()),
                Value::Room(room),
                Value::Message(message),
                Value::Int(place),
                Value::Text(&json(&detail)?),
            ],
        )?;
        if claimed != 1 {
            return Err(StoreError::Shape);
        }
    }
    Ok(())
}

/// The files of a message, in their order.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn of_message(
    db: &mut dyn Db,
    message: MessageId,
) -> Result<Vec<File>, StoreError> {
    let rows = db.query(
        columns!("WHERE message_id = $1 ORDER BY place"),
        &[Value::Message(message)],
    )?;
    let files = rows.into_iter().map(row);
    files.map(|file| Ok(file?.file())).collect()
}

/// The files of each of these messages, in their order.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn of_messages(
    db: &mut dyn Db,
    messages: &BTreeSet<MessageId>,
) -> Result<HashMap<MessageId, Vec<File>>, StoreError> {
    let mut files: HashMap<MessageId, Vec<File>> = HashMap::new();
    if messages.is_empty() {
        return Ok(files);
    }
    let asked: Vec<_> = messages.iter().collect();
    let rows = db.query(OF_MESSAGES, &[Value::Text(&list(&asked)?)])?;
    for file in rows.into_iter().map(row) {
        let file = file?;
        if let Some((_, message)) = file.message {
            files.entry(message).or_default().push(file.file());
        }
    }
    Ok(files)
}

pub(in crate::store) const OF_MESSAGES: &str = columns!(
    "WHERE message_id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY message_id, place"
);

/// Whether a message has a file that was not taken out of it.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn any(db: &mut dyn Db, message: MessageId) -> Result<bool, StoreError> {
    let found = db.first(
        "SELECT 1 FROM files WHERE message_id = $1 AND state IN (3, 7) LIMIT 1",
        &[Value::Message(message)],
    )?;
    Ok(found.is_some())
}

/// The file with this id, if it is in this message, or was.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn within(
    db: &mut dyn Db,
    message: MessageId,
    id: FileId,
) -> Result<Option<FileRow>, StoreError> {
    let found = find(db, id)?;
    Ok(found.filter(|file| file.message.is_some_and(|(_, of)| of == message)))
}

/// Takes a file out of its message, which keeps its place: from now on nobody gets its bytes.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn take_out(db: &mut dyn Db, file: &FileRow) -> Result<(), StoreError> {
    db.execute(
        "UPDATE files SET state = 4, stored = 0, name = '', media_type = '', detail = '{}', nonce = NULL WHERE id = $1",
        &[Value::Text(&file.id.to_string())],
    )?;
    uncount(db, file)
}

/// Files of the messages of `owner` in `room`, some of them; voices alone where `voices` says so.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn of_owner(
    db: &mut dyn Db,
    owner: PersonId,
    room: RoomId,
    voices: bool,
    limit: i64,
) -> Result<Vec<FileRow>, StoreError> {
    let rows = db.query(
        columns!(
            "WHERE owner = $1 AND state IN (3, 7) AND room_id = $2 AND (kind = $3 OR $4 = 0) LIMIT $5"
        ),
        &[
            Value::Person(owner),
            Value::Room(room),
            Value::Int(FileKind::Voice.code()),
            Value::Int(voices.into()),
            Value::Int(limit),
        ],
    )?;
    rows.into_iter().map(row).collect()
}

/// A room in which messages of `owner` have files, or voices; not one that was deleted, whose files go with it.
///
/// # Errors
/// When the database fails.
pub fn room_of_owner(
    db: &mut dyn Db,
    owner: PersonId,
    voices: bool,
) -> Result<Option<RoomId>, StoreError> {
    let found = db.first(
        "SELECT room_id FROM files WHERE owner = $1 AND state IN (3, 7) AND (kind = $2 OR $3 = 0) \
         AND room_id IN (SELECT id FROM rooms) LIMIT 1",
        &[
            Value::Person(owner),
            Value::Int(FileKind::Voice.code()),
            Value::Int(voices.into()),
        ],
    )?;
    found.map(|mut row| row.room()).transpose()
}

/// Takes the files of a message away: from now on nobody gets their bytes.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn doom_of_message(
    db: &mut dyn Db,
    message: MessageId,
) -> Result<(), StoreError> {
    let rows = db.query(
        columns!("WHERE message_id = $1"),
        &[Value::Message(message)],
    )?;
    doom(db, rows.into_iter().map(row).collect::<Result<_, _>>()?)
}

/// Takes the files of the messages of `room` up to `last` away, some of them; returns whether there may be more.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn doom_up_to(
    db: &mut dyn Db,
    room: RoomId,
    last: MessageId,
) -> Result<bool, StoreError> {
    let rows = db.query(
        columns!("WHERE room_id = $1 AND message_id <= $2 LIMIT $3"),
        &[Value::Room(room), Value::Message(last), Value::Int(STEP)],
    )?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let more = int(rows.len() as u64) >= STEP;
    doom(db, rows)?;
    Ok(more)
}

/// Ends up to `limit` files of messages that were uploaded before `before`, ms since 1970: the messages keep
/// them, and say that they are gone. Returns their ids, whose bytes can go.
///
/// # Errors
/// When the database fails.
pub fn expire(db: &mut dyn Db, before: i64, limit: i64) -> Result<Vec<FileId>, StoreError> {
    let rows = db.query(
        columns!("WHERE state = 3 AND created_at < $1 ORDER BY created_at, id LIMIT $2"),
        &[Value::Int(before), Value::Int(limit)],
    )?;
    let old = rows.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    for file in &old {
        lose(db, file)?;
    }
    Ok(old.iter().map(|file| file.id).collect())
}

/// Notes that the bytes of a file of a message are gone, or are about to: its row stays, to say so.
pub(super) fn lose(db: &mut dyn Db, file: &FileRow) -> Result<(), StoreError> {
    db.execute(
        "UPDATE files SET state = 7, stored = 0 WHERE id = $1",
        &[Value::Text(&file.id.to_string())],
    )?;
    usage::add(db, file.owner, -int(file.stored), -1)
}

fn doom(db: &mut dyn Db, files: Vec<FileRow>) -> Result<(), StoreError> {
    for file in files {
        empty(db, file.id)?;
        uncount(db, &file)?;
    }
    Ok(())
}

/// Frees what a file of a message counted: what was removed before counts for nobody already.
fn uncount(db: &mut dyn Db, file: &FileRow) -> Result<(), StoreError> {
    if file.state != FileState::Attached {
        return Ok(());
    }
    usage::add(db, file.owner, -int(file.stored), -1)
}
