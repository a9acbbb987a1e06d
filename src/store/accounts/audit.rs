//! Who has let whom or what in: the statements. A row is written in the transaction of what it records.
//!
//! Bounded by [`KEPT`].

use uuid::Uuid;

use crate::model::person_id::PersonId;
use crate::store::db::{Db, Row, StoreError, Value};

/// How long a row is kept, in ms: a year.
const KEPT: i64 = 366 * 24 * 60 * 60 * 1_000;

/// Who is said to have done what was typed on the server's machine.
pub const OPERATOR: &str = "operator";

/// Whoever has done something, as a row names them: an account, or whoever sits at the server's machine.
#[must_use]
pub fn author(account: Option<i64>) -> String {
    account.map_or_else(
        || OPERATOR.to_owned(),
        |account| PersonId::User(account).to_string(),
    )
}

/// What somebody has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What names the row.
    pub id: String,
    /// When, ms since 1970.
    pub at: i64,
    /// The public id of whoever has done it, or [`OPERATOR`].
    pub by: String,
    /// What they have done, in one word such as `bot_added`.
    pub what: String,
    /// The id of what it was done to.
    pub about: String,
    /// What else there is to know, without any secret.
    pub detail: String,
}

/// Notes what somebody has done.
///
/// # Errors
/// When the database fails.
pub fn add(
    db: &mut dyn Db,
    at: i64,
    by: &str,
    what: &str,
    about: &str,
    detail: &str,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO audit (id, at, by_id, what, about, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Value::Text(&Uuid::now_v7().to_string()),
            Value::Int(at),
            Value::Text(by),
            Value::Text(what),
            Value::Text(about),
            Value::Text(detail),
        ],
    )?;
    Ok(())
}

/// Whether there is a row of this id.
///
/// # Errors
/// When the database fails.
pub fn is_there(db: &mut dyn Db, id: &str) -> Result<bool, StoreError> {
    let row = db.first("SELECT id FROM audit WHERE id = $1", &[Value::Text(id)])?;
    Ok(row.is_some())
}

/// The newest rows, the newest first; those that are older than the row `before`, if one is given.
///
/// # Errors
/// When the database fails.
pub fn newest(db: &mut dyn Db, before: Option<&str>, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let rows = db.query(
        "SELECT id, at, by_id, what, about, detail FROM audit \
         WHERE CAST($1 AS TEXT) IS NULL OR (at, id) < (SELECT b.at, b.id FROM audit b WHERE b.id = $1) \
         ORDER BY at DESC, id DESC LIMIT $2",
        &[Value::maybe(before), Value::Int(limit)],
    )?;
    let entry = |mut row: Row| {
        Ok(Entry {
            id: row.text()?,
            at: row.int()?,
            by: row.text()?,
            what: row.text()?,
            about: row.text()?,
            detail: row.text()?,
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Deletes rows that have been kept for long enough, at most `limit`; returns how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)",
        &[Value::Int(now - KEPT), Value::Int(limit)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Open, on_both};

    on_both!(a_row_is_kept_for_a_year);

    fn a_row_is_kept_for_a_year(open: Open) {
        let mut db = open();
        for (at, about) in [(1, "u1"), (2, "u2"), (KEPT, "u3")] {
            add(&mut db, at, OPERATOR, "bot_added", about, "Deploys").unwrap();
        }
        let about = |db: &mut dyn Db| {
            let rows = newest(db, None, 9).unwrap().into_iter();
            rows.map(|entry| entry.about).collect::<Vec<_>>()
        };
        assert_eq!(about(&mut db), ["u3", "u2", "u1"]);
        let first = newest(&mut db, None, 1).unwrap().remove(0);
        let older = newest(&mut db, Some(&first.id), 1).unwrap().remove(0);
        assert_eq!(older.about, "u2");
        assert_eq!(newest(&mut db, Some("nothing"), 9).unwrap(), []);
        assert_eq!(purge(&mut db, KEPT + 1, 9).unwrap(), 0);
        assert_eq!(purge(&mut db, KEPT + 3, 1).unwrap(), 1);
        assert_eq!(purge(&mut db, KEPT + 3, 9).unwrap(), 1);
        assert_eq!(about(&mut db), ["u3"]);
    }
}
