use super::*;
use crate::model::person::ServerRole;
use crate::store::accounts::{sessions, users};
use crate::store::testing::{Open, on_both};

on_both!(
    a_token_is_known_by_its_hash_while_it_and_its_account_are_there,
    what_was_made_with_a_token_ends_with_it
);

fn a_token_is_known_by_its_hash_while_it_and_its_account_are_there(open: Open) {
    let mut db = open();
    let user = users::add(&mut db, "Ada", "hash", ServerRole::Member, 0).unwrap();
    let user = user.unwrap().id;
    let made = |number: i64, expires: Option<i64>, rooms: Option<Vec<RoomId>>| Token {
        id: format!("id {number}"),
        mark: format!("mark {number}"),
        user,
        name: "日志 \"bot\"".to_owned(),
        grant: Grant {
            scopes: vec![Scope::Read, Scope::House],
            rooms,
        },
        made_by: "u1".to_owned(),
        made_with: None,
        created: number,
        expires,
        used: None,
        place: None,
    };
    let one = made(1, None, Some(vec![RoomId(1), RoomId(407_814_773_526_145)]));
    let two = made(2, Some(100), None);
    add(&mut db, &one, "hash 1").unwrap();
    add(&mut db, &two, "hash 2").unwrap();
    assert_eq!(by_key(&mut db, "hash 1", 5).unwrap().as_ref(), Some(&one));
    assert_eq!(by_key(&mut db, "hash 2", 99).unwrap().as_ref(), Some(&two));
    assert_eq!(by_key(&mut db, "hash 2", 100).unwrap(), None, "expired");
    assert_eq!(by_key(&mut db, "hash 3", 5).unwrap(), None);
    assert_eq!(of_user(&mut db, user).unwrap(), [two, one]);
    see(&mut db, "id 1", 50, "北京", 10).unwrap();
    see(&mut db, "id 1", 60, "上海", 40).unwrap();
    let seen = by_id(&mut db, "id 1").unwrap().unwrap();
    assert_eq!((seen.used, seen.place.as_deref()), (Some(50), Some("北京")));
    // Their sockets are looked after as those of sessions are.
    let marks = ["mark 1", "mark 2", "mark 3"].map(str::to_owned);
    assert_eq!(sessions::ended(&mut db, &marks, 99).unwrap(), ["mark 3"]);
    let soon = [("mark 2".to_owned(), 100)];
    assert_eq!(ending(&mut db, &marks, 99, 100).unwrap(), soon);
    assert_eq!(ending(&mut db, &marks, 100, 200).unwrap(), []);
    assert_eq!(ending(&mut db, &marks, 5, 99).unwrap(), []);
    assert_eq!(
        sessions::ended(&mut db, &marks, 100).unwrap(),
        ["mark 2", "mark 3"]
    );
    assert_eq!(purge(&mut db, 100, 9).unwrap(), 1);
    assert_eq!(count_of(&mut db, user).unwrap(), 1);
    assert_eq!(end(&mut db, "id 1", "u1", 101).unwrap(), ["mark 1"]);
    assert_eq!(end(&mut db, "id 1", "u1", 101).unwrap(), [""; 0]);
    assert_eq!(by_key(&mut db, "hash 1", 5).unwrap(), None);
    let noted = audit::newest(&mut db, None, 1).unwrap().remove(0);
    let detail = "of u1, read house in rooms [1,407814773526145]: 日志 \"bot\"";
    assert_eq!((&*noted.what, &*noted.detail), ("token_removed", detail));
}

fn what_was_made_with_a_token_ends_with_it(open: Open) {
    let mut db = open();
    let made = |id: &str, scope: Scope, with: Option<&str>| Token {
        id: id.to_owned(),
        mark: format!("mark {id}"),
        user: 1,
        name: "Site".to_owned(),
        grant: Grant {
            scopes: vec![scope],
            rooms: None,
        },
        made_by: audit::OPERATOR.to_owned(),
        made_with: with.map(str::to_owned),
        created: 1,
        expires: None,
        used: None,
        place: None,
    };
    let site = made("site", Scope::House, None);
    for token in [
        site.clone(),
        made("a", Scope::Read, Some("site")),
        made("b", Scope::Read, Some("site")),
        made("c", Scope::Read, None),
    ] {
        add(&mut db, &token, &token.id).unwrap();
    }
    // Ending sooner is for them, too.
    let sooner = Token {
        expires: Some(50),
        ..site.clone()
    };
    let none: [&str; 0] = [];
    assert_eq!(change(&mut db, &site, &sooner, "u1", 2).unwrap(), none);
    let ends = |db: &mut dyn Db, id| by_id(db, id).unwrap().unwrap().expires;
    assert_eq!((ends(&mut db, "a"), ends(&mut db, "c")), (Some(50), None));
    // What is good for less has other sockets; and who cannot make any more has made none.
    let less = Token {
        mark: "another".to_owned(),
        grant: Grant {
            scopes: vec![Scope::Read],
            rooms: None,
        },
        ..sooner.clone()
    };
    let ended = change(&mut db, &sooner, &less, "u1", 3).unwrap();
    assert_eq!(ended, ["mark site", "mark a", "mark b"]);
    assert_eq!(by_id(&mut db, "site").unwrap(), Some(less));
    add(&mut db, &made("d", Scope::Read, Some("site")), "d").unwrap();
    let ended = end(&mut db, "site", "u1", 4).unwrap();
    assert_eq!(ended, ["mark d", "another"]);
    assert_eq!(end_all_of(&mut db, 1, "u1", 5).unwrap(), ["mark c"]);
    assert_eq!(end_all_of(&mut db, 1, "u1", 5).unwrap(), none);
}
