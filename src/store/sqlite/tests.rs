//! Old databases, values, savepoints and durability.

use super::*;
use crate::model::command::{Ack, Outcome};
use crate::model::principal::Principal;
use crate::text::body::DraftBody;
use crate::text::content::Format;

#[test]
fn a_database_of_a_newer_program_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    Sqlite::open(Some(&path)).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("PRAGMA user_version = 999").unwrap();
    let error = Sqlite::open(Some(&path)).unwrap_err();
    assert_eq!(
        error,
        StoreError::Newer {
            found: 999,
            known: MIGRATIONS.len() as i64
        }
    );
}

#[test]
fn a_database_of_the_first_version_keeps_its_words_and_its_nonces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(&format!(
        "{} PRAGMA user_version = 1;
        INSERT INTO rooms VALUES (1, 'e', 3);
        INSERT INTO messages VALUES
            (1, 1, 1, 3, 0, 'u1', '018f0000-0000-7000-8000-000000000001', 'Ada', '', '', '', 'kept', 5, NULL, NULL),
            (2, 1, 2, 3, 0, 'u1', NULL, 'Ada', '', '', '', '', 6, 7, 3);
        INSERT INTO events VALUES
            (1, 1, 1, 1, 'u1', 'Ada', 5), (1, 2, 1, 2, 'u1', 'Ada', 6), (1, 3, 2, 2, 'u1', 'Ada', 7);",
        MIGRATIONS[0]
    ))
    .unwrap();
    let mut db = Sqlite::open(Some(&path)).unwrap();
    let unread = crate::store::search::unread(&mut db);
    assert_eq!(unread, Ok(Some(2)), "the start does not wait for an index");
    let page = crate::store::queries::messages::page(&mut db, 1, None, 10).unwrap();
    let seen: Vec<_> = page
        .iter()
        .map(|message| (message.rev, message.words.source(), message.recalled))
        .collect();
    assert_eq!(seen, [(1, "kept", false), (3, "", true)]);
    let nonce = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let draft = crate::model::command::Command::Say {
        message: Box::new(page[0].clone()),
        words: Box::new(DraftBody::new("again".to_owned(), Format::Markdown)),
        fallback_name: None,
        principal: Principal::member(page[0].by.clone()),
    };
    let again = crate::store::commands::common::apply(&mut db, Some(nonce), draft).unwrap();
    let first = Ack {
        room: 1,
        id: 1,
        seq: 1,
        at: 5,
    };
    assert_eq!(again, Outcome::Repeated(first));
}

#[test]
fn an_index_of_other_words_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let raw = Connection::open(&path).unwrap();
    let earlier = MIGRATIONS[..11].concat();
    raw.execute_batch(&format!(
        "{earlier} PRAGMA user_version = 11; INSERT INTO rooms (id, epoch, head) VALUES (1, 'e', 1);
        INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at)
            VALUES (7, 1, 1, 1, 0, 0, 'u1', 'Ada', '', '', '', 'kubernetes', 5);
        INSERT INTO search (rowid, words) VALUES (7, 'kubernetes :1 @u1');"
    ))
    .unwrap();
    let mut db = Sqlite::open(Some(&path)).unwrap();
    let mut has = |word: &str| -> i64 {
        let sql = "SELECT count(*) FROM search WHERE search MATCH $1";
        let mut row = db.first(sql, &[Value::Text(word)]).unwrap().unwrap();
        row.int().unwrap()
    };
    assert_eq!(has("kubernetes"), 0);
    let unread = crate::store::search::unread(&mut db);
    assert_eq!(unread, Ok(Some(7)));
    while db.in_one(crate::store::search::step).unwrap().is_some() {}
    let mut has = |word: &str| -> i64 {
        let sql = "SELECT count(*) FROM search WHERE search MATCH $1";
        let mut row = db.first(sql, &[Value::Text(word)]).unwrap().unwrap();
        row.int().unwrap()
    };
    assert_eq!((has("kubernetes"), has("kub_")), (1, 1));
}

#[test]
fn values_go_to_their_numbers_wherever_these_stand() {
    let mut db = Sqlite::open(None).unwrap();
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
    let mut db = Sqlite::open(None).unwrap();
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
    let mut db = Sqlite::open(Some(&dir.path().join("x.db"))).unwrap();
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
