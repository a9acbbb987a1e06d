//! Identities and used tokens, over both databases.

use std::thread;

use super::*;
use crate::model::message::LOBBY;
use crate::model::person::ServerRole;
use crate::store::accounts::{erasure, users};
use crate::store::backend::Role;
use crate::store::queries::epochs;
use crate::store::testing::{self, Open, TestDb, on_both};

on_both!(
    an_identity_is_found_by_issuer_and_subject_and_by_nothing_else,
    a_token_is_used_once_and_forgotten_when_it_has_expired,
    a_deleted_account_has_no_identity_and_one_that_is_banned_keeps_it_blocked_for_a_year,
);

fn somebody(db: &mut TestDb, name: &str, subject: &str) -> Identity {
    let user = users::add(db, name, "", ServerRole::Member, 1).unwrap();
    let identity = Identity {
        issuer: "site".to_owned(),
        subject: subject.to_owned(),
        user: user.unwrap().id,
        name: name.to_owned(),
        not_before: 0,
        blocked: None,
        linked: 1,
        seen: 1,
    };
    add(db, &identity).unwrap();
    identity
}

fn an_identity_is_found_by_issuer_and_subject_and_by_nothing_else(open: Open) {
    let mut db = open();
    let ada = somebody(&mut db, "Ada", "4711");
    assert_eq!(find(&mut db, "site", "4711"), Ok(Some(ada.clone())));
    for (issuer, subject) in [
        ("site", "4712"),
        ("Site", "4711"),
        ("site", "Ada"),
        ("", "4711"),
        ("4711", "site"),
    ] {
        assert_eq!(
            find(&mut db, issuer, subject),
            Ok(None),
            "{issuer} {subject}"
        );
    }
    renew(&mut db, "site", "4711", "Ada L", 7).unwrap();
    end_tokens_of(&mut db, ada.user, 6).unwrap();
    end_tokens_of(&mut db, ada.user, 5).unwrap();
    let renewed = Identity {
        name: "Ada L".to_owned(),
        seen: 7,
        not_before: 6,
        ..ada.clone()
    };
    assert_eq!(of_user(&mut db, ada.user), Ok(vec![renewed]));
    assert!(add(&mut db, &ada).is_err(), "it is somebody's");
}

fn a_token_is_used_once_and_forgotten_when_it_has_expired(open: Open) {
    let mut db = open();
    assert_eq!(spend(&mut db, "site", "9f2c1e7a", 100), Ok(true));
    assert_eq!(spend(&mut db, "site", "9f2c1e7a", 100), Ok(false));
    assert_eq!(spend(&mut db, "site", "9f2c1e7A", 100), Ok(true));
    assert_eq!(spend(&mut db, "other", "9f2c1e7a", 200), Ok(true));
    assert_eq!(purge(&mut db, 99, 10), Ok(0));
    assert_eq!(purge(&mut db, 100, 1), Ok(1));
    assert_eq!(purge(&mut db, 100, 10), Ok(1));
    assert_eq!(spend(&mut db, "other", "9f2c1e7a", 200), Ok(false));
}

fn a_deleted_account_has_no_identity_and_one_that_is_banned_keeps_it_blocked_for_a_year(
    open: Open,
) {
    let mut db = open();
    epochs::open(&mut db, LOBBY).unwrap();
    let (ada, bob) = (somebody(&mut db, "Ada", "1"), somebody(&mut db, "Bob", "2"));
    db.execute(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) VALUES (1, $1, $2, '', 0, 0, 0, 0)",
        &[Value::Person(PersonId::User(bob.user)), Value::Int(RoomRole::Banned.code())],
    )
    .unwrap();
    for user in [ada.user, bob.user] {
        db.in_one(|db| erasure::begin(db, user, false, "u1", 1_000))
            .unwrap();
    }
    assert_eq!(find(&mut db, "site", "1"), Ok(None));
    let blocked = find(&mut db, "site", "2").unwrap().unwrap();
    assert_eq!((blocked.blocked, &*blocked.name), (Some(1_000), ""));
    let year = 1_000 + 366 * 24 * 60 * 60 * 1_000;
    assert_eq!(purge(&mut db, year - 1, 10), Ok(0));
    assert_eq!(purge(&mut db, year, 10), Ok(1));
    assert_eq!(find(&mut db, "site", "2"), Ok(None));
}

#[test]
fn of_many_nodes_that_use_a_token_at_a_time_one_does() {
    let database = testing::server::server().create("template1");
    let mut first = testing::connect(&database, Role::Tool);
    crate::store::postgres::schema::migrate(&mut first).unwrap();
    let nodes: Vec<_> = (0..8)
        .map(|_| {
            let mut node = testing::connect(&database, Role::Tool);
            thread::spawn(move || {
                node.in_one(|db| spend(db, "site", "9f2c1e7a", 100))
                    .unwrap()
            })
        })
        .collect();
    let used = nodes.into_iter().map(|node| node.join().unwrap());
    assert_eq!(used.filter(|used| *used).count(), 1);
}
