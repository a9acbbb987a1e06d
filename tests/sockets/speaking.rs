//! Speaking over HTTP: what is said, changed and read by a call is what it is by a frame, for whoever says it and for
//! everybody else; and so is what is refused.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, Ws, eventually};

/// Says something by a call; gives the message.
pub async fn posts(who: &mut Member, room: i64, content: &str) -> Value {
    let path = format!("rooms/{room}/messages");
    let answer = who.call("POST", &path, &json!({"content": content})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["room"], room);
    answer["message"].clone()
}

/// What a socket has heard up to some words: kind and id of each event of its room.
async fn events_until(ws: &mut Ws, content: &str) -> Vec<(String, i64)> {
    let heard = ws.until_said(content).await.into_iter();
    let events = heard.filter(|frame| frame["type"] == kinds::EVENT);
    let kind = |event: &Value| event["data"]["kind"].as_str().unwrap().to_owned();
    let id = |event: &Value| {
        let data = &event["data"];
        data["id"]
            .as_i64()
            .or(data["message"]["id"].as_i64())
            .unwrap()
    };
    events.map(|event| (kind(&event), id(&event))).collect()
}

#[tokio::test]
async fn each_call_gives_the_message_as_it_is_then_and_is_heard_once() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let mut bob = Member::new(&server, "Bob").await;
    let (mut feed, _) = bob.guest.feed().await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    let first = posts(&mut ada, 1, "Tea?").await;
    assert_eq!(
        (&first["content"], &first["by"]["id"]),
        (&json!("Tea?"), &json!(ada.id))
    );
    let id = first["id"].as_i64().unwrap();
    let answer = json!({"content": "Yes, please", "reply": id});
    let answer = bob.may("POST", "rooms/1/messages", &answer).await["message"].clone();
    assert_eq!(
        (&answer["reply"]["id"], &answer["reply"]["text"]),
        (&json!(id), &json!("Tea?"))
    );
    let cup = "%F0%9F%8D%B5";
    for (method, rest, body, field, value) in [
        (
            "PATCH",
            String::new(),
            json!({"content": "Oolong?"}),
            "content",
            json!("Oolong?"),
        ),
        (
            "PUT",
            format!("/reactions/{cup}"),
            Value::Null,
            "reactions",
            json!(1),
        ),
        (
            "PUT",
            format!("/reactions/{cup}"),
            Value::Null,
            "reactions",
            json!(1),
        ),
        (
            "DELETE",
            format!("/reactions/{cup}"),
            Value::Null,
            "reactions",
            Value::Null,
        ),
        ("PUT", "/pin".to_owned(), Value::Null, "pinned", json!(true)),
        (
            "DELETE",
            "/pin".to_owned(),
            Value::Null,
            "pinned",
            Value::Null,
        ),
        (
            "DELETE",
            String::new(),
            Value::Null,
            "recalled",
            json!(true),
        ),
        (
            "DELETE",
            String::new(),
            Value::Null,
            "recalled",
            json!(true),
        ),
    ] {
        let path = format!("rooms/1/messages/{id}");
        let answer = ada.call(method, &format!("{path}{rest}"), &body).await;
        assert_eq!(answer.status, 200, "{method} {rest}: {answer:?}");
        let told = answer.json();
        let now = ada.may("GET", &path, &Value::Null).await;
        assert_eq!(
            (&told["message"], &told["room"]),
            (&now["message"], &json!(1))
        );
        let now = match &now["message"][field] {
            Value::Array(list) => json!(list.len()),
            other => other.clone(),
        };
        assert_eq!(now, value, "{method} {rest}");
    }
    posts(&mut ada, 1, "That is all").await;
    let heard = events_until(&mut feed, "That is all").await;
    let kinds: Vec<_> = heard
        .iter()
        .filter(|(_, of)| *of == id)
        .map(|(kind, _)| &**kind)
        .collect();
    assert_eq!(
        kinds,
        [
            "message", "edit", "react", "react", "pin", "unpin", "recall"
        ]
    );
    // Classic clients see an edited record go and come again.
    let heard = classic.until_said("That is all").await;
    let records = |content: &str| {
        let records = heard.iter();
        records
            .filter(|frame| frame["data"]["content"] == content)
            .count()
    };
    assert_eq!((records("Tea?"), records("Oolong?")), (1, 1), "{heard:?}");
    let recalls = heard.iter().filter(|frame| frame["type"] == kinds::RECALL);
    assert_eq!(recalls.count(), 2, "{heard:?}");
}

#[tokio::test]
async fn a_room_is_marked_as_read_by_a_call() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(1).await;
    for number in 0..3 {
        posts(&mut bob, room, &format!("cup {number}")).await;
    }
    let seen = ada.sees(room).await;
    assert_eq!(seen["unread"], 3);
    let path = format!("rooms/{room}/read");
    let head = seen["head"].clone();
    let read = json!({"seq": head});
    assert_eq!(ada.may("PUT", &path, &read).await, json!({}));
    let is_mine =
        |frame: &Value| frame["type"] == kinds::READ_MARKER && frame["data"]["read"] == head;
    ada_ws.expect("the mark", is_mine).await;
    assert_eq!(ada.sees(room).await["unread"], 0);
    let again = json!({"seq": head.as_i64().unwrap() - 1, "unread": true});
    ada.may("PUT", &path, &again).await;
    eventually("one is unread again", async || {
        ada.clone().sees(room).await["unread"] == 1
    })
    .await;
    // One's own words are read.
    posts(&mut ada, room, "and a pot").await;
    assert_eq!(ada.sees(room).await["unread"], 0);
    let cellar = ada.makes("private", "Cellar").await;
    let path = format!("rooms/{cellar}/read");
    assert_eq!(
        bob.may_not("PUT", &path, &read).await,
        (404, "not_found".into())
    );
    let mut visitor = Guest::of(&server);
    let body = json!({"seq": 1}).to_string();
    let answer = visitor.request(
        "PUT",
        "/api/v1/rooms/1/read",
        &[("content-type", "application/json")],
        body.as_bytes(),
    );
    assert_eq!(answer.await.status, 200, "nothing is kept of a visitor");
}

#[tokio::test]
async fn what_is_said_to_a_person_is_said_in_the_direct_room_of_the_two() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let path = format!("people/{}/messages", bob.id);
    let said = ada.call("POST", &path, &json!({"content": "psst"})).await;
    assert_eq!(said.status, 201, "{said:?}");
    let room = said.json()["room"].as_i64().unwrap();
    let is_new = |frame: &Value| {
        let rooms = frame["data"]["rooms"].as_array();
        frame["type"] == kinds::ROOMS && rooms.is_some_and(|rooms| rooms[0]["id"] == room)
    };
    bob_ws.expect("the new room", is_new).await;
    let back = format!("people/{}/messages", ada.id);
    let back = bob.may("POST", &back, &json!({"content": "what?"})).await;
    assert_eq!(back["room"], room, "there is one room of the two");
    let made = ada
        .may("POST", "direct", &json!({"people": [bob.id]}))
        .await;
    assert_eq!(made["room"]["id"], room);
    let page = bob
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(crate::expiry::contents(&page), ["psst", "what?"]);
    let hello = json!({"content": "hello"});
    for (whom, code) in [
        (ada.id.clone(), (400, "bad_data".to_owned())),
        ("u4711".into(), (404, "not_found".into())),
        ("nobody".into(), (404, "not_found".into())),
    ] {
        let path = format!("people/{whom}/messages");
        assert_eq!(ada.may_not("POST", &path, &hello).await, code, "{whom}");
    }
    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor
        .change("POST", &format!("/api/v1/{path}"), &hello)
        .await;
    assert_eq!(
        (answer.status, answer.error()),
        (401, "account_needed".into())
    );
}

#[tokio::test]
async fn where_no_direct_rooms_are_made_those_that_there_are_go_on() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    let cleo = Member::new(&server, "Cleo").await;
    let path = format!("people/{}/messages", bob.id);
    let hello = json!({"content": "hello"});
    ada.may("POST", &path, &hello).await;
    server.stop();
    server.set("rooms.direct", "nobody");
    server.launch();
    ada.follow(&server).may("POST", &path, &hello).await;
    let refused = cleo.follow(&server).may_not("POST", &path, &hello).await;
    assert_eq!(refused, (403, "no_new_rooms".into()));
}

#[tokio::test]
async fn files_are_sent_by_a_call_once_and_a_key_finds_them_again() {
    let server = Server::start(&[]);
    let (mut ada, _bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let file = ada.uploads("tea.txt", b"oolong").await;
    let path = format!("rooms/{room}/messages");
    let body =
        json!({"content": "", "files": [{"id": file, "alt": "Teas"}], "nonce": Uuid::new_v4()});
    let sent = ada.call("POST", &path, &body).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    let sent = sent.json();
    let of = &sent["message"]["files"][0];
    assert_eq!((&of["id"], &of["alt"]), (&json!(file), &json!("Teas")));
    let again = ada.call("POST", &path, &body).await;
    assert_eq!((again.status, again.json()), (200, sent));
    let other = json!({"content": "", "files": [{"id": file}]});
    let refused = ada.may_not("POST", &path, &other).await;
    assert_eq!(refused, (410, "file_gone".into()));
    // Without files there must be words.
    let empty = json!({"content": ""});
    assert_eq!(
        ada.may_not("POST", &path, &empty).await,
        (400, "empty".into())
    );
}
