//! What is refused of what is said and changed over HTTP: as on a socket; and programs without a cookie.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::speaking::posts;
use crate::support::{Answer, Guest, Member, Server, Ws};

/// What a send over a socket is refused with.
async fn refusal_on_socket(ws: &mut Ws, room: i64, content: &str) -> String {
    let nonce = json!(Uuid::new_v4());
    let send = json!({"nonce": nonce, "room": room, "content": content});
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    let mine = |frame: &Value| frame["data"]["nonce"] == nonce;
    let told = ws.expect("a refusal", mine).await;
    told["data"]["code"].as_str().unwrap().to_owned()
}

/// Sees that a send is refused by a call as it is on a socket.
async fn is_refused(who: &mut Member, ws: &mut Ws, room: i64, content: &str, as_: (u16, &str)) {
    let path = format!("rooms/{room}/messages");
    let answer = who.call("POST", &path, &json!({"content": content})).await;
    assert_eq!((answer.status, &*answer.error()), as_, "{answer:?}");
    assert_eq!(refusal_on_socket(ws, room, content).await, as_.1);
    let waits = answer.status == 429;
    assert_eq!(answer.header("retry-after").is_some(), waits, "{answer:?}");
}

#[tokio::test]
async fn what_is_refused_on_a_socket_is_refused_by_a_call() {
    let server = Server::start(&[("chat.max_message_chars", "40")]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let mut cleo = Member::new(&server, "Cleo").await;
    let cellar = ada.makes("private", "Cellar").await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let (mut cleo_ws, _) = cleo.hears(1).await;
    is_refused(&mut bob, &mut bob_ws, room, " \n ", (400, "empty")).await;
    is_refused(
        &mut bob,
        &mut bob_ws,
        room,
        &"茶".repeat(41),
        (413, "too_long"),
    )
    .await;
    is_refused(&mut cleo, &mut cleo_ws, room, "hi", (403, "not_member")).await;
    // One that may not be seen is as one that is not there.
    is_refused(&mut bob, &mut bob_ws, cellar, "hi", (404, "not_found")).await;
    is_refused(&mut bob, &mut bob_ws, 4711, "hi", (404, "not_found")).await;
    let about = format!("rooms/{room}");
    for (patch, refusal) in [
        (json!({"slow": 3600}), (429, "slow_mode")),
        (json!({"slow": 0, "mute_all": true}), (403, "all_muted")),
        (
            json!({"mute_all": false, "read_only": true}),
            (403, "read_only"),
        ),
        (
            json!({"read_only": false, "archived": true}),
            (403, "archived"),
        ),
    ] {
        if refusal.1 == "slow_mode" {
            posts(&mut bob, room, "before").await;
        }
        ada.may("PATCH", &about, &patch).await;
        is_refused(&mut bob, &mut bob_ws, room, "hi", refusal).await;
    }
    ada.may("PATCH", &about, &json!({"archived": false})).await;
    ada.gives_role(room, &bob, "muted").await;
    is_refused(&mut bob, &mut bob_ws, room, "hi", (403, "muted")).await;
    ada.gives_role(room, &bob, "banned").await;
    is_refused(&mut bob, &mut bob_ws, room, "hi", (404, "not_found")).await;
    server.crown("Ada");
    ada.gives_role(1, &bob, "banned").await;
    is_refused(&mut bob, &mut bob_ws, 1, "hi", (403, "banned")).await;
}

#[tokio::test]
async fn changes_that_one_may_not_make_are_refused_and_half_an_emoji_is_none() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let id = posts(&mut ada, room, "mine").await["id"].clone();
    let of = |room: i64, rest: &str| format!("rooms/{room}/messages/{id}{rest}");
    let words = json!({"content": "yours"});
    let cup = "/reactions/%F0%9F%8D%B5";
    for (method, path, body, refusal) in [
        ("PATCH", of(room, ""), words.clone(), (403, "not_yours")),
        ("PATCH", of(room, ""), json!({}), (400, "bad_data")),
        ("DELETE", of(room, ""), Value::Null, (403, "not_yours")),
        ("PUT", of(room, "/pin"), Value::Null, (403, "not_allowed")),
        (
            "PUT",
            of(room, "/reactions/x"),
            Value::Null,
            (400, "bad_emoji"),
        ),
        (
            "PUT",
            of(room, "/reactions/%F0%9F"),
            Value::Null,
            (400, "bad_emoji"),
        ),
        (
            "DELETE",
            of(room, "/reactions/%F0%9F"),
            Value::Null,
            (400, "bad_emoji"),
        ),
        // A message is where it is and nowhere else.
        ("PUT", of(1, cup), Value::Null, (404, "not_found")),
        ("DELETE", of(1, ""), Value::Null, (404, "not_found")),
        ("PATCH", of(4711, ""), words, (404, "not_found")),
    ] {
        let refused = bob.may_not(method, &path, &body).await;
        assert_eq!((refused.0, &*refused.1), refusal, "{method} {path}");
    }
    // Half a character in a text is the sign for what cannot be read, as on a socket.
    let path = format!("/api/v1/rooms/{room}/messages");
    let headers = [("sec-fetch-site", "same-origin")];
    let half = br#"{"content": "a\ud83d"}"#;
    let answer = bob.guest.request("POST", &path, &headers, half).await;
    assert_eq!(
        answer.json()["message"]["content"],
        "a\u{fffd}",
        "{answer:?}"
    );
    for broken in [&b"{\"content\": \"\xf0\x9f\"}"[..], b"[]", b""] {
        let answer = bob.guest.request("POST", &path, &headers, broken).await;
        assert_eq!((answer.status, answer.error()), (400, "bad_data".into()));
    }
}

/// Asks again until it is too fast: after how many answers, and the refusal.
async fn until_refused(mut ask: impl AsyncFnMut() -> Answer) -> (usize, Answer) {
    for number in 0..2_000 {
        let answer = ask().await;
        if answer.status == 429 {
            assert_eq!(answer.error(), "too_fast");
            return (number, answer);
        }
    }
    panic!("nobody is let through for ever");
}

#[tokio::test]
async fn programs_without_a_cookie_are_paced_as_new_visitors_whatever_they_are_called() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let path = "/api/v1/rooms/1/messages";
    let body = br#"{"content": "hello"}"#;
    let mut same = Guest::of(&server);
    let first = same.request("POST", path, &[], body).await;
    let second = same.request("POST", path, &[], body).await;
    let by = |answer: &Answer| answer.json()["message"]["by"].clone();
    assert_eq!(
        (first.status, by(&first)),
        (201, by(&second)),
        "one visitor"
    );
    let mut number = 0;
    let (admitted, answer) = until_refused(async || {
        number += 1;
        let mut program = Guest::of(&server).with("user-agent", &format!("bot {number}"));
        program.request("POST", path, &[], body).await
    })
    .await;
    assert!(admitted >= 100, "{admitted}");
    assert_eq!((answer.status, answer.error()), (429, "too_fast".into()));
    assert!(answer.header("retry-after").is_some());
    // Everything that such a program can do is paced.
    for (method, rest) in [("DELETE", "1"), ("PUT", "1/pin"), ("PUT", "1/reactions/x")] {
        let path = format!("{path}/{rest}");
        until_refused(async || same.clone().request(method, &path, &[], b"").await).await;
    }
    // Others are not held up: at another address, or known.
    let elsewhere = Guest::of(&server)
        .at("127.0.0.2")
        .request("POST", path, &[], body)
        .await;
    assert_eq!(elsewhere.status, 201);
    posts(&mut ada, 1, "I have an account").await;
}
