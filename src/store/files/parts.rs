//! The parts in which an upload has come, where its bytes are kept for all nodes.
//!
//! Up to where an upload has come is decided here and nowhere else: two nodes that bring bytes for the same place write
//! two parts, and one of them gets a row. What the other one wrote, and whatever a node writes that was taken for dead, is
//! nobody's.

use super::{FileRow, FileState, find, int};
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;
use crate::store::db::{Db, StoreError, Value};

/// Parts of an upload, beside one for each [`A_PART`] bytes of it: a line that breaks after a few bytes makes one too.
const MOST: u64 = 1_000;

/// The shortest piece that the page sends, in bytes.
const A_PART: u64 = 64 * 1024;

/// Notes that `part` of an upload is there for good, up to `got`: the bytes that it lacked next. `false` when they were not
/// those, or it takes none.
///
/// # Errors
/// When the database fails.
pub fn received(
    db: &mut dyn Db,
    id: FileId,
    part: FilePart,
    got: u64,
    now: i64,
) -> Result<bool, StoreError> {
    let (text, mark) = (id.to_string(), part.mark());
    let key = [
        Value::Text(&text),
        Value::Int(int(part.start)),
        Value::Text(&mark),
    ];
    // A database that several nodes share may have it done again.
    let known = db.first(
        "SELECT 1 FROM file_parts WHERE file = $1 AND start = $2 AND mark = $3",
        &key,
    )?;
    if known.is_some() {
        return Ok(true);
    }
    let changed = db.execute(
        "UPDATE files SET got = $3, touched_at = $4, state = CASE WHEN size = $3 THEN 1 ELSE 0 END \
         WHERE id = $1 AND state = 0 AND got = $2 AND size >= $3",
        &[
            Value::Text(&text),
            Value::Int(int(part.start)),
            Value::Int(int(got)),
            Value::Int(now),
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    db.execute(
        "INSERT INTO file_parts (file, start, mark) VALUES ($1, $2, $3)",
        &key,
    )?;
    Ok(true)
}

/// Whether an upload may have another part.
///
/// # Errors
/// When the database fails.
pub fn may_grow(db: &mut dyn Db, upload: &FileRow) -> Result<bool, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM file_parts WHERE file = $1",
        &[Value::Text(&upload.id.to_string())],
    )?;
    let number = super::bytes(&mut row.ok_or(StoreError::Shape)?)?;
    Ok(number < MOST + upload.size / A_PART)
}

/// An upload as it is, and its parts in order: the first begins at 0, the last ends at what has come.
///
/// # Errors
/// When the database fails.
pub fn all(db: &mut dyn Db, id: FileId) -> Result<Option<(FileRow, Vec<FilePart>)>, StoreError> {
    let Some(file) = find(db, id)? else {
        return Ok(None);
    };
    let rows = db.query(
        "SELECT start, mark FROM file_parts WHERE file = $1 ORDER BY start",
        &[Value::Text(&id.to_string())],
    )?;
    let parts = rows.into_iter().map(|mut row| {
        let start = super::bytes(&mut row)?;
        let mark = u64::from_str_radix(&row.text()?, 16).map_err(|_foreign| StoreError::Shape)?;
        Ok(FilePart { start, mark })
    });
    Ok(Some((file, parts.collect::<Result<_, StoreError>>()?)))
}

/// The parts of an upload that somebody may still want; none where it has been looked at, or is gone.
///
/// # Errors
/// When the database fails.
pub fn wanted(db: &mut dyn Db, id: FileId) -> Result<Vec<FilePart>, StoreError> {
    let found = all(db, id)?;
    let open =
        found.filter(|(file, _)| matches!(file.state, FileState::Receiving | FileState::Working));
    Ok(open.map(|(_, parts)| parts).unwrap_or_default())
}

/// Forgets the parts of an upload that nobody needs any more: their bytes go.
///
/// # Errors
/// When the database fails.
pub(super) fn forget(db: &mut dyn Db, id: FileId) -> Result<(), StoreError> {
    let id = id.to_string();
    db.execute(
        "DELETE FROM file_parts WHERE file = $1",
        &[Value::Text(&id)],
    )?;
    Ok(())
}
