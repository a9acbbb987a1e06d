//! How much the files of a person take, and those of all.

use std::collections::HashMap;

use super::FileState;
use crate::error::Error;
use crate::model::file::FileKind;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, Row, StoreError, Value};

/// The row of all files together: no public id looks like it.
const ALL: &str = "*";

/// The most that files may take, in bytes; 0 = no limit.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Those of one person.
    pub person: u64,
    /// All of them.
    pub total: u64,
}

/// What the files of `owner` take, in bytes.
///
/// # Errors
/// When the database fails.
pub fn of(db: &mut dyn Db, owner: PersonId) -> Result<u64, StoreError> {
    bytes_of(db, &owner.to_string())
}

/// What the files of `owner` take, in bytes, and how many they are.
///
/// # Errors
/// When the database fails.
pub fn both(db: &mut dyn Db, owner: PersonId) -> Result<(u64, u64), StoreError> {
    let row = db.first(
        "SELECT bytes, files FROM file_use WHERE owner = $1",
        &[Value::Person(owner)],
    )?;
    let Some(mut row) = row else {
        return Ok((0, 0));
    };
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok((count(row.int()?), count(row.int()?)))
}

/// What all files take, in bytes.
///
/// # Errors
/// When the database fails.
pub fn total(db: &mut dyn Db) -> Result<u64, StoreError> {
    bytes_of(db, ALL)
}

fn bytes_of(db: &mut dyn Db, owner: &str) -> Result<u64, StoreError> {
    let row = db.first(
        "SELECT bytes FROM file_use WHERE owner = $1",
        &[Value::Text(owner)],
    )?;
    let bytes = row.map_or(Ok(0), |mut row| row.int())?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// How many files of each state are in no message: of those that have none too.
///
/// # Errors
/// When the database fails.
pub fn loose(db: &mut dyn Db) -> Result<Vec<(FileState, u64)>, StoreError> {
    let rows = db.query(
        "SELECT state, count(*) FROM files WHERE state IN (0, 1, 2, 6) GROUP BY state",
        &[],
    )?;
    let counted = numbers(rows)?;
    let states = [
        FileState::Receiving,
        FileState::Working,
        FileState::Ready,
        FileState::Refused,
    ];
    let count = |state: FileState| counted.get(&state.code()).copied().unwrap_or_default();
    Ok(states.map(|state| (state, count(state))).to_vec())
}

/// What the files of messages take, in bytes, of each kind.
///
/// # Errors
/// When the database fails.
pub fn by_kind(db: &mut dyn Db) -> Result<Vec<(FileKind, u64)>, StoreError> {
    let rows = db.query(
        "SELECT kind, CAST(sum(stored) AS BIGINT) FROM files WHERE state = 3 GROUP BY kind",
        &[],
    )?;
    let taken = numbers(rows)?;
    let bytes = |kind: FileKind| taken.get(&kind.code()).copied().unwrap_or_default();
    Ok(FileKind::all().map(|kind| (kind, bytes(kind))).collect())
}

/// Rows of two numbers.
fn numbers(rows: Vec<Row>) -> Result<HashMap<i64, u64>, StoreError> {
    let pair = |mut row: Row| {
        let (key, number) = (row.int()?, row.int()?);
        Ok((key, u64::try_from(number).unwrap_or_default()))
    };
    rows.into_iter().map(pair).collect()
}

/// Whether `bytes` more of `owner` fit.
pub(super) fn fits(
    db: &mut dyn Db,
    owner: PersonId,
    bytes: u64,
    quotas: Quotas,
) -> Result<Result<(), Error>, StoreError> {
    let over = |limit: u64, taken: u64| limit > 0 && taken.saturating_add(bytes) > limit;
    if over(quotas.person, of(db, owner)?) {
        let limit = quotas.person;
        return Ok(Err(Error::QuotaFull { limit }));
    }
    Ok(match over(quotas.total, total(db)?) {
        true => Err(Error::StorageFull),
        false => Ok(()),
    })
}

/// Counts `bytes` and `files` more of `owner`, or fewer.
pub(super) fn add(
    db: &mut dyn Db,
    owner: PersonId,
    bytes: i64,
    files: i64,
) -> Result<(), StoreError> {
    for owner in [owner.to_string().as_str(), ALL] {
        db.execute(
            "INSERT INTO file_use (owner, bytes, files) VALUES ($1, $2, $3) \
             ON CONFLICT (owner) DO UPDATE SET bytes = file_use.bytes + excluded.bytes, files = file_use.files + excluded.files",
            &[Value::Text(owner), Value::Int(bytes), Value::Int(files)],
        )?;
    }
    db.execute(
        "DELETE FROM file_use WHERE owner = $1 AND files = 0",
        &[Value::Person(owner)],
    )?;
    Ok(())
}
