//! The index held against the messages, and the permission that is in its statements against the one
//! that is everywhere else.

use std::time::Instant;

use jiff::tz::TimeZone;

use super::find::{After, Order, PAGE, Wanted, page};
use super::scope::Reader;
use super::*;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::person::ServerRole;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::policy::{Action, RoomRules, authorize};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::testing::{Open, TestDb, on_both};
use crate::text::query::Query;

on_both!(
    what_may_be_read_is_found_and_nothing_else_whatever_somebody_is,
    what_was_said_before_there_was_an_index_is_taken_in_step_by_step_the_newest_first,
    pages_have_every_hit_once_in_both_orders_while_more_is_said,
    marks_of_rooms_authors_and_links_are_no_words,
    who_takes_too_long_is_stopped_and_the_next_one_is_not,
);

fn filled(open: Open) -> TestDb {
    let mut db = open();
    crate::store::queries::epochs::open(&mut db, RoomId(1)).unwrap();
    db
}

/// Sends a message without an index.
fn said(db: &mut TestDb, id: i64, room: RoomId, author: PersonId, content: &str) {
    db.execute(
        "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
         VALUES ($1, $2, $1, $1, 3, 0, $3, 'Ada', '', '', '', $4, $1)",
        &[
            Value::Int(id),
            Value::Room(room),
            Value::Person(author),
            Value::Text(content),
        ],
    )
    .unwrap();
}

fn wanted(typed: &str) -> Wanted {
    Wanted {
        reader: Reader {
            id: PersonId::User(1),
            runs_server: false,
            rooms: None,
        },
        query: Query::read(typed, &TimeZone::UTC).unwrap(),
        lobby: false,
        order: Order::New,
        after: None,
        now: 0,
    }
}

fn found(db: &mut TestDb, wanted: &Wanted) -> (Vec<i64>, Option<After>) {
    let found = page(db, wanted).unwrap();
    let ids = found.hits.iter().map(|hit| hit.message.id.0).collect();
    (ids, found.next)
}

fn ids(db: &mut TestDb, typed: &str) -> Vec<i64> {
    found(db, &wanted(typed)).0
}

fn what_may_be_read_is_found_and_nothing_else_whatever_somebody_is(open: Open) {
    let mut db = filled(open);
    let rooms = (1..).map(RoomId).zip(RoomKind::ALL);
    let rooms: Vec<(RoomId, RoomKind)> = rooms.collect();
    for (id, kind) in &rooms {
        db.execute(
            "INSERT INTO rooms (id, epoch, head, kind, name_key) VALUES ($1, 'e', 0, $2, 'r' || CAST($1 AS BIGINT)) ON CONFLICT DO NOTHING",
            &[Value::Room(*id), Value::Int(kind.code())],
        )
        .unwrap();
        said(&mut db, id.0, *id, PersonId::User(9), "tea");
        refresh(&mut db, MessageId(id.0)).unwrap();
    }
    let room_roles = (1..=5).filter_map(RoomRole::from_code).map(Some);
    for room_role in room_roles.chain([None]) {
        db.execute("DELETE FROM members", &[]).unwrap();
        for (room, _) in &rooms {
            if let Some(room_role) = room_role {
                db.execute(
                    "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) VALUES ($1, 'u1', $2, '', 0, 0, 0, 0)",
                    &[Value::Room(*room), Value::Int(room_role.code())],
                )
                .unwrap();
            }
        }
        for server_role in [ServerRole::Member, ServerRole::Admin, ServerRole::Owner] {
            let principal = Principal {
                role: server_role,
                ..Principal::member(Person {
                    id: PersonId::User(1),
                    kind: PersonKind::User,
                    bot: false,
                    name: "Ada".to_owned(),
                    avatar: String::new(),
                    place: String::new(),
                })
            };
            let readable = |kind: RoomKind| {
                authorize(
                    &principal,
                    room_role,
                    Action::Read,
                    &RoomRules::new(LOBBY, kind, &RoomSettings::default()),
                )
                .is_ok()
            };
            let expected: Vec<i64> = rooms
                .iter()
                .rev()
                .filter(|(_, kind)| readable(*kind))
                .map(|(id, _)| id.0)
                .collect();
            for typed in ["tea", "after:1970-01-01", "\"tea\" from:nobody tea"] {
                let mut wanted = wanted(typed);
                wanted.reader.runs_server = server_role >= ServerRole::Admin;
                let expected = if typed.contains("from") {
                    vec![]
                } else {
                    expected.clone()
                };
                assert_eq!(
                    found(&mut db, &wanted).0,
                    expected,
                    "{room_role:?} {server_role:?} {typed}"
                );
                for (room, _) in &rooms {
                    wanted.query =
                        Query::read(&format!("{typed} in:{room}"), &TimeZone::UTC).unwrap();
                    let here = expected.iter().filter(|id| **id == room.0).copied();
                    let here: Vec<i64> = here.collect();
                    assert_eq!(
                        found(&mut db, &wanted).0,
                        here,
                        "{room_role:?} {server_role:?} {typed} in {room}"
                    );
                }
            }
        }
    }
}

fn what_was_said_before_there_was_an_index_is_taken_in_step_by_step_the_newest_first(open: Open) {
    let mut db = filled(open);
    let all = 2 * STEP + 10;
    for id in 1..=all {
        said(
            &mut db,
            id,
            RoomId(1),
            PersonId::User(1),
            &format!("cup number {id}"),
        );
    }
    db.execute(
        "UPDATE messages SET recalled_at = 1, content = '' WHERE id = $1",
        &[Value::Int(all)],
    )
    .unwrap();
    assert!(is_whole(&mut db).unwrap(), "nobody has said that it is not");
    begin_anew(&mut db).unwrap();
    assert!(!is_whole(&mut db).unwrap());
    assert!(ids(&mut db, "cup").is_empty());
    assert_eq!(step(&mut db), Ok(Some(MessageId(all - STEP))));
    assert_eq!(ids(&mut db, "cup")[0], all - 1);
    assert!(ids(&mut db, "\"number 7\"").is_empty(), "not yet");
    said(&mut db, all + 1, RoomId(1), PersonId::User(1), "a new cup");
    refresh(&mut db, MessageId(all + 1)).unwrap();
    db.execute("UPDATE messages SET content = 'a bowl' WHERE id = 7", &[])
        .unwrap();
    refresh(&mut db, MessageId(7)).unwrap();
    assert_eq!(ids(&mut db, "bowl"), [7], "changed before its turn");
    let mut steps = 1;
    while step(&mut db).unwrap().is_some() {
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert!(is_whole(&mut db).unwrap());
    assert_eq!(ids(&mut db, "bowl"), [7]);
    assert!(ids(&mut db, "\"number 7\"").is_empty());
    assert_eq!(ids(&mut db, "\"number 8\""), [8]);
    assert_eq!(ids(&mut db, "cup")[0], all + 1);
    assert_eq!(step(&mut db), Ok(None));
}

fn pages_have_every_hit_once_in_both_orders_while_more_is_said(open: Open) {
    let mut db = filled(open);
    for id in 1..=50 {
        let tea = "tea ".repeat(1 + usize::try_from(id % 3).unwrap());
        said(
            &mut db,
            id,
            RoomId(1),
            PersonId::User(1),
            &format!("{tea} {id}"),
        );
        refresh(&mut db, MessageId(id)).unwrap();
    }
    for order in [Order::New, Order::Best] {
        let mut wanted = wanted("tea");
        wanted.order = order;
        let mut all = Vec::new();
        let mut later = 1_000 * (1 + i64::from(order == Order::Best));
        loop {
            let (ids, next) = found(&mut db, &wanted);
            assert!(ids.len() <= PAGE);
            all.extend(ids);
            let Some(next) = next else { break };
            wanted.after = Some(next);
            wanted.now += 1_000_000;
            later += 1;
            said(
                &mut db,
                later,
                RoomId(1),
                PersonId::User(1),
                "tea tea tea tea",
            );
            refresh(&mut db, MessageId(later)).unwrap();
        }
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), before), (before, before), "{order:?}");
        assert!((1..=50).all(|id| all.contains(&id)), "{order:?}");
        db.execute("DELETE FROM messages WHERE id > 50", &[])
            .unwrap();
    }
}

fn marks_of_rooms_authors_and_links_are_no_words(open: Open) {
    let mut db = filled(open);
    said(
        &mut db,
        1,
        RoomId(1),
        PersonId::User(1),
        "see https://example.org/",
    );
    said(&mut db, 2, RoomId(1), PersonId::Visitor(0xab), "plain");
    for id in 1..=2 {
        refresh(&mut db, MessageId(id)).unwrap();
    }
    for typed in [":1", "@u1", "!link", "@vada", "u1", "vada", "link"] {
        assert!(ids(&mut db, typed).is_empty(), "{typed}");
    }
    assert_eq!(ids(&mut db, "has:link"), [1]);
    assert_eq!(
        ids(&mut db, "from:ADA"),
        [2],
        "a visitor, by the name they had"
    );
    assert_eq!(of_visitor("a!\"b 茶"), "@va_21__22_b_20_茶");
}

fn who_takes_too_long_is_stopped_and_the_next_one_is_not(open: Open) {
    let mut db = filled(open);
    for id in 1..=3_000 {
        said(&mut db, id, RoomId(1), PersonId::User(1), "tea");
    }
    begin_anew(&mut db).unwrap();
    while step(&mut db).unwrap().is_some() {}
    db.set_deadline(Some(Instant::now())).unwrap();
    let mut slow = wanted("\"tea tea\"");
    assert_eq!(page(&mut db, &slow).unwrap_err(), StoreError::TooSlow);
    db.set_deadline(None).unwrap();
    slow.query = Query::read("tea", &TimeZone::UTC).unwrap();
    assert_eq!(found(&mut db, &slow).0.len(), PAGE);
}

mod files;
