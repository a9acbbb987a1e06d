//! Nodes that share a database have one key: sessions of one with another would be unknown, and visitors other people.

use super::sweep::GONE;
use crate::store::db::{Db, StoreError, Value};

/// What is read under the lock of its row: who asks at the same moment waits.
const PRINT: &str = "UPDATE house SET value = value WHERE name = 'key_print' RETURNING value";

/// Whether this node has the key of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// It has, or is the first.
    Same,
    /// It has another one than the server had, and no node lives: everybody is signed out.
    Renewed,
    /// Nodes of these names live, and have another one.
    Refused(Vec<String>),
}

/// Whether the server has had a key.
///
/// # Errors
/// When the database fails.
pub fn is_known(db: &mut dyn Db) -> Result<bool, StoreError> {
    let known = db.first("SELECT 1 FROM house WHERE name = 'key_print'", &[])?;
    Ok(known.is_some())
}

/// Notes the print of this node's key where no other node lives, which it is not among yet.
///
/// # Errors
/// When the database fails.
pub fn agree(db: &mut dyn Db, print: &str) -> Result<Agreement, StoreError> {
    db.execute(
        "INSERT INTO house (name, value) VALUES ('key_print', $1) ON CONFLICT (name) DO NOTHING",
        &[Value::Text(print)],
    )?;
    if is_agreed(db, print)? {
        return Ok(Agreement::Same);
    }
    let others = db.query(
        "SELECT node FROM nodes \
         WHERE beat_at > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - $1 ORDER BY node",
        &[Value::Int(GONE)],
    )?;
    if !others.is_empty() {
        let names = others.into_iter().map(|mut row| row.text());
        return Ok(Agreement::Refused(names.collect::<Result<_, _>>()?));
    }
    db.execute(
        "UPDATE house SET value = $1 WHERE name = 'key_print'",
        &[Value::Text(print)],
    )?;
    Ok(Agreement::Renewed)
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
