//! What people do with what was said: answer it, put an emoji on it, keep it at hand; what becomes of
//! that when it is edited, withdrawn, or its author goes.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::actions::{answer, pin, react};
use crate::support::{Guest, Member, Server, eventually};

/// The message of this id as the API has it.
async fn read(guest: &mut Guest, id: &Value) -> Value {
    let page = guest.get("/api/v1/rooms/1/messages").await.json();
    let messages = page["messages"].as_array().unwrap();
    let found = messages.iter().find(|message| message["id"] == *id);
    found.unwrap().clone()
}

#[tokio::test]
async fn an_answer_shows_what_it_answers_as_that_is_now() {
    let mut server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = ada
        .post(&format!("green\n  or <black>? {}", "茶".repeat(200)))
        .await;
    let reply = answer(&mut bob, &said["id"], "green").await;
    let told = ada.until_said("green").await.pop().unwrap();
    let quote = &told["data"]["message"]["reply"];
    assert_eq!(quote["id"], said["id"]);
    assert_eq!(quote["by"]["name"], welcome["me"]["name"]);
    let text = quote["text"].as_str().unwrap();
    assert!(text.starts_with("green or <black>? 茶茶"), "{text}");
    assert_eq!(text.chars().count(), 140);
    ada.change(&said["id"], &json!({"do": "edit", "content": "coffee?"}))
        .await;
    let mut reader = Guest::visiting(&server).await;
    let now = read(&mut reader, &reply["id"]).await;
    assert_eq!(now["reply"]["text"], "coffee?");
    let record = Guest::of(&server).classic().await.1["chatRecordList"][1].clone();
    assert_eq!(
        record["content"], "green",
        "a classic client sees the words"
    );
    ada.change(&said["id"], &json!({"do": "recall"})).await;
    let gone = json!({"id": said["id"], "by": {"id": welcome["me"]["id"], "name": ""}, "text": "", "gone": true});
    assert_eq!(read(&mut reader, &reply["id"]).await["reply"], gone);
    let late = answer(&mut bob, &said["id"], "I meant black").await;
    assert_eq!(
        read(&mut reader, &late["id"]).await["reply"]["gone"],
        true,
        "who was about to answer keeps their words"
    );
    server.stop();
    server.launch();
    let mut reader = reader.follow(&server);
    assert_eq!(read(&mut reader, &reply["id"]).await["reply"], gone);
}

#[tokio::test]
async fn what_is_not_in_the_room_cannot_be_answered() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Back room").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let nonce = Uuid::new_v4();
    let send = json!({"nonce": nonce, "room": room, "content": "a secret"});
    ada_ws
        .send(&json!({"type": kinds::SEND, "data": send}))
        .await;
    let secret = ada_ws.ack(nonce).await["id"].clone();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    for id in [secret.clone(), json!(4_711), json!(0), json!(-1)] {
        assert_eq!(answer(&mut bob, &id, "what is it?").await, "not_found");
        assert_eq!(react(&mut bob, &id, "👀", true).await, "not_found");
    }
    assert!(!bob.heard.contains("secret"));
}

#[tokio::test]
async fn an_emoji_is_put_there_once_by_each_and_taken_away_again() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, welcome) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("rain today").await["id"].clone();
    let first = react(&mut bob, &id, "☔", true).await;
    assert_eq!(first["id"], id);
    let told = ada
        .expect("it", |frame| frame["data"]["kind"] == "react")
        .await["data"]
        .clone();
    let who = json!({"id": welcome["me"]["id"], "name": welcome["me"]["name"]});
    assert_eq!(
        told,
        json!({"room": 1, "seq": first["seq"], "kind": "react", "id": id, "at": first["at"],
            "by": who, "emoji": "☔", "n": 1, "who": [who], "place": first["seq"], "on": true})
    );
    let again = react(&mut bob, &id, "☔\u{fe0f}", true).await;
    assert_eq!(
        again["seq"], first["seq"],
        "written in another way it is the same"
    );
    react(&mut ada, &id, "☔", true).await;
    react(&mut bob, &id, "☔", false).await;
    let mut reader = Guest::visiting(&server).await;
    let now = read(&mut reader, &id).await;
    assert_eq!(now["reactions"][0]["n"], 1);
    assert_eq!(now["reactions"].as_array().unwrap().len(), 1);
    react(&mut ada, &id, "☔", false).await;
    assert!(read(&mut reader, &id).await.get("reactions").is_none());
}

#[tokio::test]
async fn a_crowd_is_counted_and_the_first_of_it_are_named() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("tea?").await["id"].clone();
    let mut crowd = Vec::new();
    for _ in 0..12 {
        let (mut one, welcome) = Guest::visiting(&server).await.feed().await;
        react(&mut one, &id, "🍵", true).await;
        crowd.push((one, welcome["me"]["id"].clone()));
    }
    let mut reader = Guest::of(&server);
    let now = read(&mut reader, &id).await["reactions"][0].clone();
    let named: Vec<_> = now["who"].as_array().unwrap().iter().collect();
    let named: Vec<_> = named.iter().map(|by| &by["id"]).collect();
    let first: Vec<_> = crowd.iter().take(10).map(|(_, id)| id).collect();
    assert_eq!((&now["n"], &named), (&json!(12), &first));
    let path = format!("/api/v1/rooms/1/messages/{id}");
    assert_eq!(reader.get(&path).await.json()["mine"], json!([]));
    let (first, _) = &mut crowd[0];
    react(first, &id, "🍵", false).await;
    let now = read(&mut reader, &id).await["reactions"][0].clone();
    assert_eq!(now["n"], 11);
    assert_eq!(now["who"][9]["id"], crowd[10].1, "the next one is named");
}

#[tokio::test]
async fn emoji_by_the_dozen_end_at_the_limit_and_only_emoji_are_taken() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("choose").await["id"].clone();
    for other in ["", "a", "<img src=x onerror=alert(1)>", "👍👍", ":tea:"] {
        assert_eq!(
            react(&mut ada, &id, other, true).await,
            "bad_emoji",
            "{other}"
        );
    }
    let fruit: Vec<String> = ('🍇'..='🍚').map(String::from).collect();
    for emoji in &fruit {
        assert_eq!(react(&mut ada, &id, emoji, true).await["id"], id, "{emoji}");
    }
    assert_eq!(fruit.len(), 20);
    assert_eq!(react(&mut bob, &id, "🍵", true).await, "too_many_reactions");
    assert_eq!(
        react(&mut bob, &id, "🍚", true).await["id"],
        id,
        "there already"
    );
    assert_eq!(react(&mut ada, &id, "🍇", false).await["id"], id);
    assert_eq!(
        react(&mut bob, &id, "🍵", true).await["id"],
        id,
        "room again"
    );
}

#[tokio::test]
async fn those_who_look_after_a_room_keep_messages_at_hand() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let (mut ada_ws, _) = ada.guest.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let mut ids = Vec::new();
    for number in 0..51 {
        ids.push(ada_ws.post(&format!("rule {number}")).await["id"].clone());
    }
    assert_eq!(pin(&mut bob, &ids[0], true).await, "not_allowed");
    for id in &ids[..50] {
        assert_eq!(pin(&mut ada_ws, id, true).await["id"], *id);
    }
    assert_eq!(pin(&mut ada_ws, &ids[50], true).await, "too_many_pins");
    ada_ws.change(&ids[49], &json!({"do": "recall"})).await;
    assert_eq!(pin(&mut ada_ws, &ids[49], true).await, "too_late");
    pin(&mut ada_ws, &ids[50], true).await;
    let pins = ada.may("GET", "rooms/1/pins", &Value::Null).await;
    let pins = pins["messages"].as_array().unwrap();
    assert_eq!(pins.len(), 50);
    let first: Vec<&Value> = pins.iter().take(2).map(|pin| &pin["content"]).collect();
    assert_eq!(first, ["rule 50", "rule 48"], "those first that came last");
    let hidden = ada.makes("private", "Back room").await;
    let path = format!("/api/v1/rooms/{hidden}/pins");
    assert_eq!(Guest::visiting(&server).await.get(&path).await.status, 404);
}

#[tokio::test]
async fn who_may_not_talk_may_not_react_but_where_few_talk_all_may() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "News").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let nonce = Uuid::new_v4();
    let send = json!({"nonce": nonce, "room": room, "content": "we have moved"});
    ada_ws
        .send(&json!({"type": kinds::SEND, "data": send}))
        .await;
    let id = ada_ws.ack(nonce).await["id"].clone();
    let path = format!("rooms/{room}");
    ada.may("PATCH", &path, &json!({"read_only": true})).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let what = json!({"room": room, "id": id, "do": "react", "emoji": "🎉", "on": true});
    assert_eq!(bob_ws.try_change(what.clone()).await["id"], id);
    ada.gives_role(room, &bob, "muted").await;
    assert_eq!(bob_ws.try_change(what.clone()).await, "muted");
    let (mut cy, _) = Member::new(&server, "Cy").await.hears(room).await;
    assert_eq!(cy.try_change(what).await, "not_member");
}

#[tokio::test]
async fn a_recall_takes_emoji_and_pins_with_it() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let (mut ada_ws, _) = ada.guest.feed().await;
    let id = ada_ws.post("too early").await["id"].clone();
    react(&mut ada_ws, &id, "🍵", true).await;
    pin(&mut ada_ws, &id, true).await;
    let now = read(&mut ada.guest, &id).await;
    assert_eq!(
        (&now["pinned"], &now["reactions"][0]["n"]),
        (&json!(true), &json!(1))
    );
    ada_ws.change(&id, &json!({"do": "recall"})).await;
    assert_eq!(react(&mut ada_ws, &id, "🍵", false).await, "too_late");
    server.stop();
    server.launch();
    ada.guest = ada.guest.follow(&server);
    let now = read(&mut ada.guest, &id).await;
    assert!(
        now.get("pinned").is_none() && now.get("reactions").is_none(),
        "{now}"
    );
    let pins = ada.may("GET", "rooms/1/pins", &Value::Null).await;
    assert_eq!(pins["messages"], json!([]));
}

#[tokio::test]
async fn a_deleted_account_is_nameless_in_answers_and_reactions_too() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ada_ws, _) = ada.guest.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = ada_ws.post("see you").await["id"].clone();
    let reply = answer(&mut bob, &said, "come back").await["id"].clone();
    react(&mut ada_ws, &reply, "😢", true).await;
    let password = json!({"password": "seven bowls 七碗茶"});
    ada.may("DELETE", "me", &password).await;
    let mut reader = Guest::visiting(&server).await;
    let nameless = json!({"id": ada.id, "name": ""});
    for _before_and_after in 0..2 {
        eventually("the store has forgotten the name", || async {
            let now = read(&mut Guest::of(&server), &reply).await;
            now["reply"]["by"] == nameless && now["reactions"][0]["who"][0] == nameless
        })
        .await;
        let drawn = reader.get("/").await.text();
        assert!(!drawn.contains("Ada"), "{drawn}");
        server.stop();
        server.launch();
        reader = reader.follow(&server);
    }
}

#[tokio::test]
async fn who_reacts_without_end_is_told_to_wait_and_nobody_else_is() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "30")]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("tea?").await["id"].clone();
    let mut refused = 0;
    for round in 0..100 {
        let told = react(&mut bob, &id, "🍵", round % 2 == 0).await;
        assert!(told["id"] == id || told == "too_fast", "{told}");
        refused += usize::from(told == "too_fast");
    }
    assert!((50..100).contains(&refused), "{refused}");
    assert_eq!(react(&mut ada, &id, "👍", true).await["id"], id);
}

#[tokio::test]
async fn what_changed_nothing_is_not_done_later_when_it_comes_again() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let (mut ada_ws, _) = ada.guest.feed().await;
    let said = ada_ws.post("tea?").await["id"].clone();
    let emoji = |on: bool| json!({"room": 1, "id": said, "do": "react", "emoji": "🍵", "on": on});
    let pinned = |on: bool| json!({"room": 1, "id": said, "do": "pin", "on": on});
    for (on, off) in [
        (emoji(true), emoji(false)),
        (emoji(false), emoji(true)),
        (pinned(true), pinned(false)),
        (pinned(false), pinned(true)),
    ] {
        ada_ws.try_change(on.clone()).await;
        let again = json!(Uuid::new_v4());
        let mut twice = on;
        twice["nonce"] = again.clone();
        let mine = |frame: &Value| frame["data"]["nonce"] == again;
        ada_ws
            .send(&json!({"type": kinds::CHANGE, "data": twice}))
            .await;
        let first = ada_ws.expect("an ack", mine).await;
        ada_ws.try_change(off).await;
        let before = read(&mut ada.guest, &said).await;
        // Its ack was lost: it comes again, also after the server has.
        ada_ws
            .send(&json!({"type": kinds::CHANGE, "data": twice}))
            .await;
        assert_eq!(ada_ws.expect("the same ack", mine).await, first);
        assert_eq!(read(&mut ada.guest, &said).await, before, "{twice}");
        server.stop();
        server.launch();
        ada.guest = ada.guest.follow(&server);
        ada_ws = ada.guest.feed().await.0;
        ada_ws
            .send(&json!({"type": kinds::CHANGE, "data": twice}))
            .await;
        assert_eq!(ada_ws.expect("the same ack", mine).await, first);
        assert_eq!(read(&mut ada.guest, &said).await, before, "{twice}");
    }
}
