//! Names that were stored before there were look-alike keys.

use super::*;
use crate::model::person::ServerRole;
use crate::store::accounts::users;
use crate::store::testing::{Open, TestDb, on_both};

on_both!(who_had_a_name_before_keeps_it_and_nobody_gets_one_that_looks_like_it);

/// An account of a database from before there were look-alike keys.
fn old(db: &mut TestDb, id: i64, name: &str) {
    db.execute(
        "INSERT INTO users (id, name, name_key, password, role, created_at) VALUES ($1, $2, $3, 'x', 'member', 0)",
        &[Value::Int(id), Value::Text(name), Value::Text(&name::key(name))],
    )
    .unwrap();
}

fn who_had_a_name_before_keeps_it_and_nobody_gets_one_that_looks_like_it(open: Open) {
    let mut db = open();
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
    assert_eq!(
        users::rename(&mut db, 9, "Adam!"),
        Ok(true),
        "their own name"
    );
    assert!(users::is_taken(&mut db, "Adam?").unwrap());
    crate::store::accounts::erasure::begin(&mut db, 9, false, "u1", 1).unwrap();
    assert!(!users::is_taken(&mut db, "Adam").unwrap(), "free again");
}
