//! Sessions, many at a time.

use super::*;
use crate::store::testing::{self, Open, on_both};

on_both!(
    each_session_is_seen_as_it_was_and_ends_by_itself,
    frames_are_apart_from_browsers,
    the_session_of_a_socket_lives_as_long_as_it_is_seen_open
);

fn each_session_is_seen_as_it_was_and_ends_by_itself(open: Open) {
    let mut db = open();
    for number in 1..=4 {
        let session = Kept {
            key_hash: format!("key {number}"),
            user: (number < 4).then_some(1),
            sid: Some(format!("sid {number}")),
            state: String::new(),
            created: 0,
            expires: 100 * number,
            host: None,
            via: None,
        };
        insert(&mut db, &session).unwrap();
    }
    let seen = |number: i64| {
        let activity = SessionActivity {
            device: format!("Firefox \"{number}\""),
            place: "北京".to_owned(),
            at: 10 * number,
        };
        (format!("sid {number}"), activity)
    };
    see(&mut db, &[seen(2), seen(1), seen(9)]).unwrap();
    let shown = devices(&mut db, 1, 0, 9).unwrap();
    let [two, one, three] = &*shown else {
        panic!("{shown:?}")
    };
    assert_eq!([&two.seen, &one.seen], [&seen(2).1, &seen(1).1]);
    assert_eq!((&*three.seen.device, three.seen.at), ("", 0));
    let sids = ["sid 1", "sid 3", "sid 4", "sid 5"].map(str::to_owned);
    still_here(&mut db, &sids, 77).unwrap();
    let first: Vec<_> = devices(&mut db, 1, 0, 2)
        .unwrap()
        .iter()
        .map(|device| device.seen.at)
        .collect();
    assert_eq!(first, [77, 77]);
    assert_eq!(ended(&mut db, &sids, 200).unwrap(), ["sid 1", "sid 5"]);
    assert_eq!(end_stalest_of(&mut db, 1, None, 2).unwrap(), ["sid 2"]);
    let mut others = end_others_of(&mut db, 1, Some("sid 3")).unwrap();
    others.sort_unstable();
    assert_eq!(others, ["sid 1"]);
    assert_eq!(end_others_of(&mut db, 1, None).unwrap(), ["sid 3"]);
}

fn frames_are_apart_from_browsers(open: Open) {
    let mut db = open();
    for (number, host) in [
        (1, None),
        (2, Some("https://a.test")),
        (3, Some("https://a.test")),
        (4, Some("https://b.test")),
    ] {
        let session = Kept {
            key_hash: format!("key {number}"),
            user: Some(1),
            sid: Some(format!("sid {number}")),
            state: format!("state {number}"),
            created: number,
            expires: 100,
            host: host.map(str::to_owned),
            via: None,
        };
        insert(&mut db, &session).unwrap();
    }
    assert_eq!(
        load(&mut db, "key 2", 0).unwrap(),
        None,
        "a frame's token is no cookie"
    );
    assert_eq!(
        load_frame(&mut db, "key 1", 0).unwrap(),
        None,
        "a cookie is no frame's token"
    );
    let second = ("https://a.test".to_owned(), "state 2".to_owned());
    assert_eq!(load_frame(&mut db, "key 2", 0).unwrap(), Some(second));
    assert_eq!(load_frame(&mut db, "key 2", 100).unwrap(), None);
    let ended = end_stalest_of(&mut db, 1, Some("https://a.test"), 1).unwrap();
    assert_eq!(ended, ["sid 2"]);
    assert_eq!(end_stalest_of(&mut db, 1, None, 1).unwrap(), [""; 0]);
    assert_eq!(
        end_frames_of(&mut db, 1, "https://a.test").unwrap(),
        ["sid 3"]
    );
    let left = devices(&mut db, 1, 0, 9).unwrap();
    let left: Vec<_> = left.iter().map(|device| device.host.as_deref()).collect();
    assert_eq!(left, [Some("https://b.test"), None]);
}

fn the_session_of_a_socket_lives_as_long_as_it_is_seen_open(open: Open) {
    let mut db = open();
    for (number, via) in [(1, "site_socket"), (2, "site"), (3, "site_socket")] {
        let session = Kept {
            key_hash: format!("key {number}"),
            user: Some(1),
            sid: Some(format!("sid {number}")),
            state: String::new(),
            created: 0,
            expires: 100,
            host: Some("https://a.test".to_owned()),
            via: Some(via.to_owned()),
        };
        insert(&mut db, &session).unwrap();
    }
    let sids = ["sid 1", "sid 2", "sid 3"].map(str::to_owned);
    still_here(&mut db, &sids[..2], 90).unwrap();
    assert_eq!(ended(&mut db, &sids, 100).unwrap(), ["sid 2", "sid 3"]);
    let until = 90 + SOCKET_LIFE;
    assert_eq!(ended(&mut db, &sids[..1], until - 1).unwrap(), [""; 0]);
    assert_eq!(ended(&mut db, &sids[..1], until).unwrap(), ["sid 1"]);
}

#[test]
fn a_session_is_looked_up_for_each_that_was_seen() {
    let plan = testing::sqlite().plan(SEE);
    let steps = "SCAN seen VIRTUAL TABLE INDEX 1:; SEARCH sessions USING COVERING INDEX sessions_by_sid (sid=?)";
    assert!(plan.contains(steps), "{plan}");
}
