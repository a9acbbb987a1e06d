//! The feed protocol, types 10 and up: exactly once, one order, and honest recovery, as the page
//! sees them.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Server, Ws};

#[tokio::test]
async fn hello_is_answered_with_who_you_are_where_the_room_stands_and_who_is_here() {
    let server = Server::start_strict(&[("chat.recall_window", "90s")]);
    let guest = Guest::visiting(&server).await;
    let (mut ws, welcome) = guest.feed().await;
    assert_eq!(welcome["v"], 1);
    let me = &welcome["me"];
    assert!(me["id"].as_str().unwrap().starts_with('v'), "{me}");
    assert_eq!(
        (&me["kind"], &me["role"]),
        (&json!("visitor"), &json!("member"))
    );
    assert_eq!(
        (&me["may_write"], &me["place"]),
        (&json!(true), &json!("内网IP"))
    );
    assert!(!me["name"].as_str().unwrap().is_empty());
    let room = &welcome["rooms"][0];
    assert_eq!(
        (&room["id"], &room["name"], &room["head"]),
        (&json!(1), &json!("Lobby"), &json!(0))
    );
    assert!(!room["epoch"].as_str().unwrap().is_empty());
    assert!(welcome["now"].is_i64() && welcome["connection"].is_string());
    let files = json!({"may": false, "voice": true, "voice_ms": 300_000, "file_bytes": 100 << 20, "picture_bytes": 25 << 20, "each": 10});
    let limits = json!({"message_chars": 4_000, "recall_window": 90_000, "messages_per_minute": 60, "files": files});
    assert_eq!(welcome["limits"], limits);
    let presence = ws.frame().await;
    let person = json!({"id": me["id"], "kind": "visitor", "name": me["name"],
        "avatar": me["avatar"], "place": "内网IP", "here": "on"});
    assert_eq!(
        presence,
        json!({"type": kinds::PRESENCE, "data": {"room": 1, "people": 1, "connections": 1, "who": [person]}})
    );
}

#[tokio::test]
async fn a_message_is_acked_to_its_sender_and_told_to_everybody_in_the_same_words() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let nonce = Uuid::new_v4();
    ada.submit(nonce, "see <https://example.org/>").await;
    let event = bob.data(17).await;
    let own = ada.data(17).await;
    let ack = ada.ack(nonce).await;
    assert_eq!(own, event);
    let message = &event["message"];
    let by = json!({"id": welcome["me"]["id"], "kind": "visitor", "name": welcome["me"]["name"],
        "avatar": welcome["me"]["avatar"], "place": "内网IP"});
    assert_eq!(
        (&event["room"], &event["seq"], &event["kind"]),
        (&json!(1), &json!(1), &json!("message"))
    );
    assert_eq!(
        (&message["by"], &message["content"]),
        (&by, &json!("see <https://example.org/>"))
    );
    let html = message["html"].as_str().unwrap();
    assert!(
        html.starts_with("see <a href=\"https://example.org/\""),
        "{html}"
    );
    assert_eq!(
        ack,
        json!({"nonce": nonce, "room": 1, "id": message["id"], "seq": 1, "at": message["at"]})
    );
}

#[tokio::test]
async fn frames_out_of_turn_are_refused_and_change_nothing() {
    let server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let mut ws = guest.open("/ws?feed", &[]).await.unwrap();
    let nonce = Uuid::new_v4();
    ws.submit(nonce, "before hello").await;
    assert_eq!(ws.error().await, "out_of_turn");
    ws.send(&json!({"type": kinds::CHANGE, "data": {"nonce": nonce, "room": 1, "do": "recall", "id": 1}}))
        .await;
    assert_eq!(ws.error().await, "out_of_turn");
    let hello = json!({"type": kinds::HELLO, "data": {"v": 1}});
    ws.send(&hello).await;
    ws.data(27).await;
    ws.send(&hello).await;
    assert_eq!(ws.error().await, "out_of_turn");
    for classic in [
        json!({"type": kinds::ONLINE}),
        json!({"type": kinds::HISTORY}),
        json!({"type": kinds::TEXT, "data": "x"}),
        json!({"type": kinds::RECALL, "data": 1}),
    ] {
        ws.send(&classic).await;
        assert_eq!(ws.error().await, "out_of_turn", "{classic}");
    }
    let ack = ws.post("the first message").await;
    assert_eq!(ack["seq"], 1, "nothing was said before");
}

#[tokio::test]
async fn a_version_that_is_not_spoken_ends_with_4504_and_an_unread_greeting_is_not_sent() {
    let server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let mut ws = guest.open("/ws?feed", &[]).await.unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 2}}))
        .await;
    assert_eq!(ws.closed().await, Some(4504));
    let mut ws = guest.open("/ws?feed", &[]).await.unwrap();
    ws.send(&json!({"type": kinds::PING, "data": "ping"})).await;
    assert_eq!(
        ws.frame().await,
        json!({"type": kinds::PING, "data": "pong"}),
        "no classic greeting"
    );
}

async fn recall(ws: &mut Ws, room: i64, id: &Value) -> Value {
    let data = json!({"room": room, "do": "recall", "id": id});
    ws.try_change(data).await
}

#[tokio::test]
async fn a_recall_is_acked_told_and_takes_the_words_with_it() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = ada.post("taken back").await;
    assert_eq!(recall(&mut bob, 1, &said["id"]).await, "not_yours");
    assert_eq!(recall(&mut ada, 2, &said["id"]).await, "not_found");
    assert_eq!(recall(&mut ada, 1, &json!(4_711)).await, "not_found");
    let ack = recall(&mut ada, 1, &said["id"]).await;
    assert_eq!((&ack["id"], &ack["seq"]), (&said["id"], &json!(2)));
    let event = bob
        .expect("the recall", |frame| frame["data"]["kind"] == "recall")
        .await;
    let by = json!({"id": welcome["me"]["id"], "name": welcome["me"]["name"]});
    assert_eq!(
        event["data"],
        json!({"room": 1, "seq": 2, "kind": "recall", "id": said["id"], "at": ack["at"], "by": by})
    );
    let again = recall(&mut ada, 1, &said["id"]).await;
    assert_eq!(again["id"], said["id"], "twice is as good as once");
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    let message = &page["messages"][0];
    assert_eq!(
        (&message["content"], &message["recalled"]),
        (&json!(""), &json!(true))
    );
    ada.post("next").await;
    let next = bob.until_said("next").await.pop().unwrap();
    assert_eq!(next["data"]["seq"], 3, "the second recall was no event");
}

#[tokio::test]
async fn soon_after_a_change_everybody_is_told_where_the_room_is() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    ada.post("the last word").await;
    // Within the 10 s in which a silent loss must be mended, or this times out.
    let heard = bob
        .until("the head", |frame| frame["type"] == kinds::HEAD)
        .await;
    let head = json!({"room": 1, "epoch": welcome["rooms"][0]["epoch"], "seq": 1});
    assert_eq!(heard.last().unwrap()["data"], head);
    let heads = heard
        .iter()
        .filter(|frame| frame["type"] == kinds::HEAD)
        .count();
    assert_eq!(heads, 1);
}

#[tokio::test]
async fn the_same_send_many_times_in_parallel_is_one_message_with_one_ack() {
    let server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let nonce = Uuid::new_v4();
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(guest.feed().await.0);
    }
    let sends = sockets.iter_mut().map(|ws| async {
        for _ in 0..5 {
            ws.submit(nonce, "exactly once").await;
        }
        let mut acks = Vec::new();
        for _ in 0..5 {
            acks.push(ws.ack(nonce).await);
        }
        acks
    });
    let acks = futures_util::future::join_all(sends).await.concat();
    assert_eq!(acks.len(), 50);
    assert!(acks.iter().all(|ack| *ack == acks[0]), "{acks:?}");
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    other.submit(nonce, "another person's nonce").await;
    let ack = other.ack(nonce).await;
    assert_eq!(ack["seq"], 2, "the fifty were one event");
    assert_ne!(ack["id"], acks[0]["id"]);
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn everybody_sees_one_order_without_holes_and_it_is_the_stores() {
    let server = Server::start(&[]);
    let mut posters = Vec::new();
    for _ in 0..4 {
        posters.push(Guest::visiting(&server).await.feed().await.0);
    }
    let (mut witness, _) = Guest::visiting(&server).await.feed().await;
    let posts = posters.iter_mut().enumerate().map(|(who, ws)| async move {
        for number in 0..25 {
            ws.submit(Uuid::new_v4(), &format!("{who}:{number}")).await;
        }
        seen(ws, 100).await
    });
    let (seen_by_posters, seen_by_witness) = tokio::join!(
        futures_util::future::join_all(posts),
        seen(&mut witness, 100)
    );
    for seen in &seen_by_posters {
        assert_eq!(*seen, seen_by_witness);
    }
    for who in 0..4 {
        let own: Vec<&String> = seen_by_witness
            .iter()
            .filter(|said| said.starts_with(&format!("{who}:")))
            .collect();
        let sent: Vec<String> = (0..25).map(|number| format!("{who}:{number}")).collect();
        assert_eq!(own, sent.iter().collect::<Vec<_>>(), "a sender's own order");
    }
    let newest = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    let stored: Vec<&str> = newest["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(stored, seen_by_witness[50..]);
}

/// The contents of the next `count` events, which must be numbered 1, 2, 3, ….
async fn seen(ws: &mut Ws, count: i64) -> Vec<String> {
    let mut all = Vec::new();
    for seq in 1..=count {
        let event = ws.data(17).await;
        assert_eq!(event["seq"], seq);
        all.push(event["message"]["content"].as_str().unwrap().to_owned());
    }
    all
}

#[tokio::test]
async fn errors_carry_the_nonce_they_answer() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    for (room, content, code) in [
        (1, "", "empty"),
        (1, "\u{200b} \n", "empty"),
        (2, "x", "not_found"),
    ] {
        let nonce = json!(Uuid::new_v4());
        ws.send(&json!({"type": kinds::SEND, "data": {"nonce": nonce, "room": room, "content": content}}))
            .await;
        let error = ws.data(15).await;
        assert_eq!((&error["code"], &error["nonce"]), (&json!(code), &nonce));
    }
    ws.send(
        &json!({"type": kinds::CHANGE, "data": {"nonce": Uuid::new_v4(), "room": 1, "do": "sing", "id": 1}}),
    )
    .await;
    assert_eq!(ws.error().await, "bad_data");
    assert!(ws.is_alive().await);
}
