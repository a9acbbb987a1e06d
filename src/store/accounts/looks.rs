//! How the names look that were there before looks were kept: filled in when the database is opened.
//!
//! Nobody is refused and nothing is renamed. Bounded by the names that have no look yet: none, but for the
//! first time.

use crate::store::db::{Db, Row, StoreError, Value};
use crate::store::sqlite::Sqlite;
use crate::text::name;

/// Fills in what is missing.
pub(in crate::store) fn fill(db: &mut Sqlite) -> Result<(), StoreError> {
    let users = "SELECT id, name FROM users WHERE name_look IS NULL";
    let rooms = "SELECT id, name FROM rooms WHERE name_look IS NULL";
    let (users, rooms) = (db.query(users, &[])?, db.query(rooms, &[])?);
    if users.is_empty() && rooms.is_empty() {
        return Ok(());
    }
    db.all_or_nothing(|db| {
        keep(db, users, "UPDATE users SET name_look = $1 WHERE id = $2")?;
        keep(db, rooms, "UPDATE rooms SET name_look = $1 WHERE id = $2")
    })
}

fn keep(db: &mut dyn Db, rows: Vec<Row>, sql: &'static str) -> Result<(), StoreError> {
    for mut row in rows {
        let (id, name) = (row.int()?, row.text()?);
        db.execute(sql, &[Value::Text(&name::look(&name)), Value::Int(id)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person::ServerRole;
    use crate::store::accounts::users;

    /// An account of a house from before looks were kept.
    fn old(db: &mut Sqlite, id: i64, name: &str) {
        db.execute(
            "INSERT INTO users (id, name, name_key, password, role, created_at) VALUES ($1, $2, $3, 'x', 'member', 0)",
            &[Value::Int(id), Value::Text(name), Value::Text(&name::key(name))],
        )
        .unwrap();
    }

    #[test]
    fn who_had_a_name_before_keeps_it_and_nobody_gets_one_that_looks_like_it() {
        let mut db = Sqlite::open(None).unwrap();
        let names = [
            "Ada", "Ada.", "小Ada", "小Аda", "王一", "王ー", "Bill", "BiII",
        ];
        for (id, name) in (1..).zip(names) {
            old(&mut db, id, name);
        }
        fill(&mut db).unwrap();
        for (id, name) in (1..).zip(names) {
            let found = users::by_name(&mut db, name).unwrap().map(|user| user.id);
            assert_eq!(found, Some(id), "{name}");
        }
        let mut add = |name: &str| users::add(&mut db, name, "x", ServerRole::Member, 0).unwrap();
        for taken in ["ADA", "Ada!", "小adа", "王—", "Bi1l", "BILL"] {
            assert_eq!(add(taken), None, "{taken}");
        }
        assert!(add("Adam").is_some());
        assert_eq!(users::rename(&mut db, 9, "Ada,"), Ok(false));
        assert_eq!(users::rename(&mut db, 9, "Adam!"), Ok(true), "his own name");
        assert!(users::is_taken(&mut db, "Adam?").unwrap());
        crate::store::accounts::erasure::begin(&mut db, 9, 1).unwrap();
        assert!(!users::is_taken(&mut db, "Adam").unwrap(), "free again");
    }
}
