//! Old databases, and those of newer programs.

use rusqlite::Connection;

use super::*;
use crate::model::command::{Ack, Outcome};
use crate::model::message_id::MessageId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, Value};
use crate::text::body::RenderedBody;
use crate::text::content::Format;

#[test]
fn a_database_of_a_newer_program_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    open(Some(&path)).unwrap();
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("PRAGMA user_version = 999").unwrap();
    let error = open(Some(&path)).unwrap_err();
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
    let mut db = open(Some(&path)).unwrap();
    let unread = crate::store::search::unread(&mut db);
    assert_eq!(
        unread,
        Ok(Some(MessageId(2))),
        "the start does not wait for an index"
    );
    let page = crate::store::queries::messages::page(&mut db, RoomId(1), None, 10).unwrap();
    let seen: Vec<_> = page
        .iter()
        .map(|message| (message.rev.0, message.body.source(), message.recalled))
        .collect();
    assert_eq!(seen, [(1, "kept", false), (3, "", true)]);
    let nonce = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let draft = crate::model::command::Command::Send {
        message: Box::new(page[0].clone()),
        body: Box::new(RenderedBody::new("again".to_owned(), Format::Markdown)),
        attachments: Vec::new(),
        fallback_name: None,
        principal: Principal::member(page[0].by.clone()),
    };
    let again = crate::store::commands::apply::apply(&mut db, Some(nonce), draft).unwrap();
    let first = Ack {
        room: RoomId(1),
        id: MessageId(1),
        seq: Seq(1),
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
    let mut db = open(Some(&path)).unwrap();
    let mut has = |word: &str| -> i64 {
        let sql = "SELECT count(*) FROM search WHERE search MATCH $1";
        let mut row = db.first(sql, &[Value::Text(word)]).unwrap().unwrap();
        row.int().unwrap()
    };
    assert_eq!(has("kubernetes"), 0);
    let unread = crate::store::search::unread(&mut db);
    assert_eq!(unread, Ok(Some(MessageId(7))));
    while db.in_one(crate::store::search::step).unwrap().is_some() {}
    let mut has = |word: &str| -> i64 {
        let sql = "SELECT count(*) FROM search WHERE search MATCH $1";
        let mut row = db.first(sql, &[Value::Text(word)]).unwrap().unwrap();
        row.int().unwrap()
    };
    assert_eq!((has("kubernetes"), has("kub_")), (1, 1));
}
