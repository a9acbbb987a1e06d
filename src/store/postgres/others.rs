//! Which other nodes there are, asked once: a node that runs is told by its sweeps.

use uuid::Uuid;

use super::sweep::GONE;
use crate::store::db::{Db, StoreError, Value};

/// Another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// What it is known by.
    pub boot: Uuid,
    /// What it is called.
    pub node: String,
    /// When it said last that it lives, ms since 1970, by the clock of the database.
    pub beat_at: i64,
    /// Whether that was a moment ago.
    pub lives: bool,
}

/// The nodes beside the one of this `boot`, those too that have gone in the last hour.
///
/// # Errors
/// When the database fails.
pub fn others(db: &mut dyn Db, boot: Uuid) -> Result<Vec<Other>, StoreError> {
    let rows = db.query(
        "SELECT CAST(boot AS TEXT), node, beat_at, \
         beat_at > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - $1 FROM nodes ORDER BY node, since",
        &[Value::Int(GONE)],
    )?;
    let others = rows.into_iter().map(|mut row| {
        Ok(Other {
            boot: Uuid::parse_str(&row.text()?).map_err(|_other| StoreError::Shape)?,
            node: row.text()?,
            beat_at: row.int()?,
            lives: row.int()? != 0,
        })
    });
    let others: Result<Vec<_>, StoreError> = others.collect();
    Ok(others?
        .into_iter()
        .filter(|other| other.boot != boot)
        .collect())
}
