//! Values, savepoints and durability.

use super::*;
use crate::store::schema;

#[test]
fn values_go_to_their_numbers_wherever_these_stand() {
    let mut db = schema::open(None).unwrap();
    let sql = "SELECT $3, $1, $2, $1";
    let values = [Value::Int(1), Value::Text("two"), Value::Null];
    let mut row = db.first(sql, &values).unwrap().unwrap();
    assert_eq!(row.maybe_int(), Ok(None));
    assert_eq!(row.int(), Ok(1));
    assert_eq!(row.text().as_deref(), Ok("two"));
    assert_eq!(row.int(), Ok(1));
    assert_eq!(db.execute("SELECT $4", &values), Err(StoreError::Shape));
}

#[test]
fn work_that_fails_leaves_nothing_behind() {
    let mut db = schema::open(None).unwrap();
    db.begin().unwrap();
    let failed: Result<(), _> = db.all_or_nothing(|db| {
        db.execute(
            "INSERT INTO rooms (id, epoch, head) VALUES ($1, $2, 0)",
            &[Value::Int(9), Value::Text("e")],
        )?;
        Err(StoreError::Shape)
    });
    assert_eq!(failed, Err(StoreError::Shape));
    db.commit().unwrap();
    let rows = db.query("SELECT id FROM rooms WHERE id = 9", &[]).unwrap();
    assert!(rows.is_empty());
}

#[test]
fn durability_is_what_the_module_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = schema::open(Some(&dir.path().join("x.db"))).unwrap();
    let mode = db
        .first("PRAGMA journal_mode", &[])
        .unwrap()
        .unwrap()
        .text();
    assert_eq!(mode.as_deref(), Ok("wal"));
    let sync = db.first("PRAGMA synchronous", &[]).unwrap().unwrap().int();
    assert_eq!(sync, Ok(2), "FULL");
    db.relax().unwrap();
    let sync = db.first("PRAGMA synchronous", &[]).unwrap().unwrap().int();
    assert_eq!(sync, Ok(1), "NORMAL");
}
