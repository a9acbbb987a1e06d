//! Fills in, when the database is opened, the look-alike keys of names that were stored before there
//! were any.
//!
//! Nobody is refused and nothing is renamed. Bounded by the names that have no look yet: none, but for the
//! first time.

use crate::store::db::{Db, Row, StoreError, Value};
use crate::text::name;

/// Fills in what is missing.
///
/// # Errors
/// When the database fails: then it is to be given up as a whole.
pub(in crate::store) fn fill(db: &mut dyn Db) -> Result<(), StoreError> {
    let users = "SELECT id, name FROM users WHERE name_look IS NULL";
    let rooms = "SELECT id, name FROM rooms WHERE name_look IS NULL";
    let (users, rooms) = (db.query(users, &[])?, db.query(rooms, &[])?);
    keep(db, users, "UPDATE users SET name_look = $1 WHERE id = $2")?;
    keep(db, rooms, "UPDATE rooms SET name_look = $1 WHERE id = $2")
}

fn keep(db: &mut dyn Db, rows: Vec<Row>, sql: &'static str) -> Result<(), StoreError> {
    for mut row in rows {
        let (id, name) = (row.int()?, row.text()?);
        db.execute(sql, &[Value::Text(&name::skeleton(&name)), Value::Int(id)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
