//! The rows of files and what is counted of them, held against each other and against the disk: the statements
//! of `teahouse files check`.
//!
//! Each is a transaction of its own, so that a server beside it is never kept waiting for long.

use super::{FileRow, FileState, attached, columns, find, row, uploads};
use crate::model::file_id::FileId;
use crate::store::db::{Db, StoreError, Value};

/// The files after `after` that must have bytes on the disk, `limit` of them by their ids.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    after: Option<FileId>,
    limit: i64,
) -> Result<Vec<FileRow>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = db.query(
        columns!("WHERE id > $1 AND state IN (0, 1, 2, 3) ORDER BY id LIMIT $2"),
        &[Value::Text(&after), Value::Int(limit)],
    )?;
    rows.into_iter().map(row).collect()
}

/// A file of a message, the newest.
///
/// # Errors
/// When the database fails.
pub fn newest(db: &mut dyn Db) -> Result<Option<FileId>, StoreError> {
    let row = db.first(
        "SELECT id FROM files WHERE state = 3 ORDER BY id DESC LIMIT 1",
        &[],
    )?;
    row.map(|mut row| super::id(&mut row)).transpose()
}

/// Notes that nothing is left of the bytes of a file: its message says so, an upload has expired. `false` when
/// the row is another one by now.
///
/// # Errors
/// When the database fails.
pub fn lose(db: &mut dyn Db, file: &FileRow) -> Result<bool, StoreError> {
    if find(db, file.id)?.as_ref() != Some(file) {
        return Ok(false);
    }
    match file.state {
        FileState::Attached => attached::lose(db, file)?,
        state => uploads::end(db, file.id, state, FileState::Expired, None)?,
    }
    Ok(true)
}

/// What `file_use` says of somebody, or of all, against what the rows add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// A public id; `*` for all.
    pub owner: String,
    /// Bytes that are counted too few; too many when negative.
    pub bytes: i64,
    /// Files that are counted too few; too many when negative.
    pub files: i64,
}

/// Some of those of whom something else is counted than they have.
///
/// # Errors
/// When the database fails.
pub fn drifts(db: &mut dyn Db, limit: i64) -> Result<Vec<Drift>, StoreError> {
    let rows = db.query(
        "SELECT owner, CAST(sum(bytes) AS BIGINT), CAST(sum(files) AS BIGINT) FROM ( \
         SELECT owner, stored AS bytes, 1 AS files FROM files WHERE state IN (0, 1, 2, 3) \
         UNION ALL SELECT '*', stored, 1 FROM files WHERE state IN (0, 1, 2, 3) \
         UNION ALL SELECT owner, -bytes, -files FROM file_use) AS sums \
         GROUP BY owner HAVING sum(bytes) <> 0 OR sum(files) <> 0 ORDER BY owner LIMIT $1",
        &[Value::Int(limit)],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Drift {
                owner: row.text()?,
                bytes: row.int()?,
                files: row.int()?,
            })
        })
        .collect()
}

/// Counts the files of `owner` anew; those of all by what is counted of each.
///
/// # Errors
/// When the database fails.
pub fn recount(db: &mut dyn Db, owner: &str) -> Result<(), StoreError> {
    let values = [Value::Text(owner)];
    if owner == "*" {
        db.execute(
            "INSERT INTO file_use (owner, bytes, files) \
             SELECT $1, coalesce(sum(bytes), 0), coalesce(sum(files), 0) FROM file_use WHERE owner <> $1 \
             ON CONFLICT (owner) DO UPDATE SET bytes = excluded.bytes, files = excluded.files",
            &values,
        )?;
        return Ok(());
    }
    db.execute("DELETE FROM file_use WHERE owner = $1", &values)?;
    // The states of each index, without those that count for nobody.
    db.execute(
        "INSERT INTO file_use (owner, bytes, files) SELECT owner, CAST(sum(bytes) AS BIGINT), CAST(sum(files) AS BIGINT) FROM ( \
         SELECT owner, stored AS bytes, 1 AS files FROM files WHERE owner = $1 AND state IN (0, 1, 2, 6) AND state <> 6 \
         UNION ALL SELECT owner, stored, 1 FROM files WHERE owner = $1 AND state IN (3, 7) AND state = 3) AS sums GROUP BY owner",
        &values,
    )?;
    Ok(())
}
