//! Hearing by calls: what tokens that end or are for some rooms hear, and what is refused.

use crate::bot_events::{EVENTS, Ear, is_waiting, says};
use crate::support::{Member, Server, within};

#[tokio::test]
async fn a_token_that_ends_while_its_call_waits_hears_nothing_more() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let ear = Ear::new(&server, "Ears", &[]).await;
    let waiting = ear.waits();
    is_waiting(&server, 1).await;
    let (code, _, err) = server.run(&["bot", "remove", "Ears"], "");
    assert_eq!(code, Some(0), "{err}");
    says(&mut ada, 1, "not for it").await;
    let refused = within("it is refused", waiting).await.unwrap();
    assert_eq!(
        (refused.status, refused.error()),
        (401, "bad_token".to_owned())
    );
}

#[tokio::test]
async fn a_token_that_becomes_less_or_ends_while_its_call_waits_hears_no_more_than_it_may() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let news = ada.makes("public", "News").await;
    let ear = Ear::new(&server, "Ears", &[]).await;
    let listed = server.run(&["token", "list", "Ears"], "").1;
    let id = listed
        .lines()
        .last()
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    let waiting = ear.waits();
    is_waiting(&server, 1).await;
    let room = news.to_string();
    let (code, _, err) = server.run(&["token", "change", id, "--room", &room], "");
    assert_eq!(code, Some(0), "{err}");
    says(&mut ada, 1, "in the lobby").await;
    says(&mut ada, news, "in the news").await;
    let heard = within("it hears", waiting).await.unwrap().json();
    let words: Vec<_> = heard["events"].as_array().unwrap().iter().collect();
    assert!(
        words.iter().all(|event| event["room"]["id"] == news),
        "{heard}"
    );
    // One that ends and hears of nothing is told so, too.
    let mut ended = ear.clone();
    ended.after = heard["next"].as_str().unwrap().to_owned();
    let mut other = ended.clone();
    let waiting = tokio::spawn(async move { other.asks("wait=3").await });
    is_waiting(&server, 1).await;
    let (code, _, err) = server.run(&["token", "revoke", id], "");
    assert_eq!(code, Some(0), "{err}");
    let refused = within("it is refused", waiting).await.unwrap();
    assert_eq!(
        (refused.status, refused.error()),
        (401, "bad_token".to_owned())
    );
    is_waiting(&server, 0).await;
}

#[tokio::test]
async fn who_is_in_more_rooms_than_a_cursor_holds_is_told_so_and_a_narrowed_token_hears() {
    let mut server = Server::start(&[]);
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    server.stop();
    let id = ear.id.clone();
    let rooms = "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1098)";
    let made = format!(
        "INSERT INTO rooms (id, epoch, head, kind, people) {rooms} SELECT i, 'e' || i, 0, 3, '{id} u' || (i + 100) FROM n"
    );
    let joined = format!(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) {rooms} SELECT i, '{id}', 3, '', 0, 0, 0, 0 FROM n"
    );
    server.runs(&[&made, &joined]);
    server.launch();
    ear = ear.follow(&server);
    // The lobby and 999 others.
    assert!(ear.hears("wait=0").await.is_empty());
    assert_eq!(ear.after.split('~').count(), 1_000);
    server.stop();
    let one = format!(
        "INSERT INTO rooms (id, epoch, head, kind, people) VALUES (5000, 'e', 0, 3, '{id} u1')"
    );
    let in_one = format!(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) VALUES (5000, '{id}', 3, '', 0, 0, 0, 0)"
    );
    server.runs(&[&one, &in_one]);
    server.launch();
    let refused = ear.follow(&server).asks("wait=0").await;
    assert_eq!(
        (refused.status, refused.error()),
        (403, "too_many_rooms".to_owned())
    );
    let _some = Ear::new(&server, "Ears", &["--room", "5000"]).await;
}

#[tokio::test]
async fn a_token_of_some_rooms_hears_these() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let news = ada.makes("public", "News").await;
    let secret = ada.makes("private", "Secret").await;
    let rooms = [news.to_string(), secret.to_string()];
    let narrowed = ["--room", &rooms[0], "--room", &rooms[1]];
    let mut ear = Ear::new(&server, "Ears", &narrowed).await;
    for room in [1, news, secret] {
        says(&mut ada, room, &format!("in {room}")).await;
    }
    assert_eq!(ear.hears_words("").await, [format!("in {news}")]);
}

#[tokio::test]
async fn what_is_no_cursor_and_who_has_no_token_are_refused() {
    let server = Server::start(&[]);
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    let good = ear.after.clone();
    for after in [
        "x",
        "1",
        "1.2",
        "1.2.3.4",
        "1.-1.a",
        "0.1.a",
        "1.1.a~",
        &"1.1.a~".repeat(2_000),
    ] {
        ear.after = after.to_owned();
        let refused = ear.asks("wait=0").await;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "bad_data".to_owned()),
            "{after}"
        );
    }
    ear.after = good;
    for query in ["wait=26", "limit=0", "limit=101", "wait=-1", "limit=x"] {
        assert_eq!(ear.asks(query).await.status, 400, "{query}");
    }
    let mut ada = Member::new(&server, "Ada").await;
    let refused = ada.guest.get(EVENTS).await;
    assert_eq!(
        (refused.status, refused.error()),
        (401, "bad_token".to_owned())
    );
    // Rooms that it may not read, and seqs that are not there yet, are of no use to anybody.
    let secret = ada.makes("private", "Secret").await;
    says(&mut ada, secret, "not for it").await;
    let (_, epoch) = ear.after.rsplit_once('.').unwrap();
    ear.after = format!("{secret}.0.00000000~1.999999.{epoch}");
    assert_eq!(ear.hears_words("").await, [] as [String; 0]);
    assert!(!ear.after.contains(&secret.to_string()), "{}", ear.after);
}
