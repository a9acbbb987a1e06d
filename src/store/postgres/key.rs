//! Nodes that share a database have one key: sessions of one with another would be unknown, and visitors other people.

use super::sweep::GONE;
use crate::store::db::{Db, StoreError, Value};

/// What is read under the lock of its row: who asks at the same moment waits.
const PRINT: &str = "UPDATE house SET value = value WHERE name = 'key_print' RETURNING value";

/// Notes the print of this node's key where no other node lives, which it is not among yet; `false` when one lives
/// that has another.
///
/// # Errors
/// When the database fails.
pub fn agree(db: &mut dyn Db, print: &str) -> Result<bool, StoreError> {
    db.execute(
        "INSERT INTO house (name, value) VALUES ('key_print', $1) ON CONFLICT (name) DO NOTHING",
        &[Value::Text(print)],
    )?;
    if is_agreed(db, print)? {
        return Ok(true);
    }
    let others = db.first(
        "SELECT count(*) FROM nodes \
         WHERE beat_at > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - $1",
        &[Value::Int(GONE)],
    )?;
    if others.ok_or(StoreError::Shape)?.int()? > 0 {
        return Ok(false);
    }
    db.execute(
        "UPDATE house SET value = $1 WHERE name = 'key_print'",
        &[Value::Text(print)],
    )?;
    Ok(true)
}

/// Whether the print that was noted last is this one. Asked once a node is among the others, it finds one that came at
/// the same moment.
///
/// # Errors
/// When the database fails.
pub fn is_agreed(db: &mut dyn Db, print: &str) -> Result<bool, StoreError> {
    let known = db.first(PRINT, &[])?.ok_or(StoreError::Shape)?.text()?;
    Ok(known == print)
}
