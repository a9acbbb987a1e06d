//! The `Idempotency-Key` of calls that speak: one key is one message or one change, for ever, on every node, whatever
//! has become of the rules since.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::speaking::posts;
use crate::support::{Answer, Member, Server, eventually, skipped_on_postgres};

/// A call under a key.
async fn calls(who: &Member, method: &str, path: &str, key: &str, body: &Value) -> Answer {
    let mut keyed = who.guest.clone().with("idempotency-key", key);
    keyed.change(method, &format!("/api/v1/{path}"), body).await
}

/// Says something under a key: the status, and the message's id or the code of the refusal.
async fn says(who: &Member, room: i64, key: &str, content: &str) -> (u16, Value) {
    let path = format!("rooms/{room}/messages");
    let answer = calls(who, "POST", &path, key, &json!({"content": content})).await;
    match answer.status {
        200 | 201 => (answer.status, answer.json()["message"]["id"].clone()),
        refused => (refused, json!(answer.error())),
    }
}

/// What has been said in a room.
async fn said(who: &Member, room: i64) -> Vec<String> {
    let path = format!("rooms/{room}/messages");
    let page = who.clone().may("GET", &path, &Value::Null).await;
    let contents = crate::expiry::contents(&page).into_iter();
    contents.map(str::to_owned).collect()
}

/// Says the same under one key many times at once, at all of these servers; gives its id.
async fn says_at_once(who: &[Member], room: i64, key: &str, times: usize) -> Value {
    let callers = who.iter().cycle().take(times).cloned();
    let tasks = callers.map(|who| {
        let key = key.to_owned();
        tokio::spawn(async move { says(&who, room, &key, "once").await })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    let sent = answers.iter().filter(|(status, _)| *status == 201);
    assert_eq!(sent.count(), 1, "{answers:?}");
    let (_, id) = answers[0].clone();
    let all = answers
        .iter()
        .all(|(status, of)| *status < 300 && *of == id);
    assert!(all, "{answers:?}");
    id
}

#[tokio::test]
async fn the_same_key_fifty_times_at_once_is_one_message() {
    let server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut bob_ws, _) = bob.hears(room).await;
    says_at_once(std::slice::from_ref(&ada), room, "deploy 1042", 50).await;
    posts(&mut ada.clone(), room, "that is all").await;
    let heard = bob_ws.until_said("that is all").await;
    let times = heard
        .iter()
        .filter(|frame| frame["data"]["message"]["content"] == "once");
    assert_eq!(times.count(), 1);
    assert_eq!(said(&ada, room).await, ["once", "that is all"]);
    // Another person's same key is another message.
    assert_eq!(says(&bob, room, "deploy 1042", "mine").await.0, 201);
}

#[tokio::test]
async fn a_key_is_the_nonce_of_the_socket_and_two_nonces_are_none() {
    let server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let nonce = Uuid::new_v4();
    ws.submit(nonce, "by socket").await;
    let ack = ws.ack(nonce).await;
    let again = says(&ada, 1, &nonce.to_string(), "by call").await;
    assert_eq!(again, (200, ack["id"].clone()));
    let (_, id) = says(&ada, 1, "tea at five", "by call").await;
    // In the body it is the same.
    let path = "rooms/1/messages";
    let other = Uuid::new_v4();
    let first = ada
        .clone()
        .call("POST", path, &json!({"content": "a", "nonce": other}))
        .await;
    assert_eq!(first.status, 201);
    let body = json!({"content": "a", "nonce": other});
    let both = calls(&ada, "POST", path, &other.to_string(), &body).await;
    assert_eq!(
        (both.status, &both.json()["message"]["id"]),
        (200, &first.json()["message"]["id"])
    );
    for (key, body) in [
        (nonce.to_string(), json!({"content": "b", "nonce": other})),
        (
            "tea at five".to_owned(),
            json!({"content": "b", "nonce": other}),
        ),
        (String::new(), json!({"content": "b"})),
        ("k".repeat(201), json!({"content": "b"})),
        ("k".to_owned(), json!({"content": "b", "nonce": "no uuid"})),
    ] {
        let answer = calls(&ada, "POST", path, &key, &body).await;
        assert_eq!(
            (answer.status, answer.error()),
            (400, "bad_data".into()),
            "{key} {body}"
        );
    }
    assert_eq!(says(&ada, 1, "tea at five", "other words").await, (200, id));
    // Without a key each call is a message.
    for _ in 0..2 {
        posts(&mut ada.clone(), 1, "twice").await;
    }
    assert_eq!(
        said(&ada, 1).await,
        ["by socket", "by call", "a", "twice", "twice"]
    );
}

#[tokio::test]
async fn the_same_key_finds_the_first_after_a_crash_and_when_the_rules_have_changed() {
    let mut server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let first = says(&bob, room, "key", "first").await;
    assert_eq!(first.0, 201);
    let first = (200, first.1);
    server.kill();
    server.set("chat.max_message_chars", "3");
    server.launch();
    let (mut ada, bob) = (ada.follow(&server), bob.follow(&server));
    assert_eq!(says(&bob, room, "key", "first").await, first);
    assert_eq!(
        says(&bob, room, "new", "first").await,
        (413, json!("too_long"))
    );
    let about = format!("rooms/{room}");
    for (patch, code) in [
        (json!({"slow": 3600}), "slow_mode"),
        (json!({"slow": 0, "mute_all": true}), "all_muted"),
        (json!({"mute_all": false, "archived": true}), "archived"),
        (json!({"archived": false}), "muted"),
    ] {
        ada.may("PATCH", &about, &patch).await;
        if code == "muted" {
            ada.gives_role(room, &bob, "muted").await;
        }
        assert_eq!(says(&bob, room, "key", "tea").await, first, "{code}");
        assert_eq!(says(&bob, room, "new", "tea").await.1, code);
    }
    let to_ada = format!("people/{}/messages", ada.id);
    let hello = json!({"content": "tea"});
    let told = calls(&bob, "POST", &to_ada, "direct", &hello).await;
    assert_eq!(told.status, 201, "{told:?}");
    // Nobody makes direct rooms any more, and there is no such person.
    let gone = json!({"password": "seven bowls 七碗茶"});
    ada.may("DELETE", "me", &gone).await;
    let again = calls(&bob, "POST", &to_ada, "direct", &hello).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.json()["message"]["id"], told.json()["message"]["id"]);
}

#[tokio::test]
async fn who_may_not_read_a_room_any_more_is_given_their_own_words_and_no_others() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let theirs = posts(&mut ada, room, "before").await["id"].clone();
    let path = format!("rooms/{room}/messages");
    let body = json!({"content": "mine", "reply": theirs});
    let mine = calls(&bob, "POST", &path, "mine", &body).await.json()["message"].clone();
    let cup = format!("{path}/{theirs}/reactions/%F0%9F%8D%B5");
    assert_eq!(
        calls(&bob, "PUT", &cup, "cup", &Value::Null).await.status,
        200
    );
    ada.gives_role(room, &bob, "banned").await;
    ada.may(
        "PATCH",
        &format!("{path}/{theirs}"),
        &json!({"content": "a secret"}),
    )
    .await;
    let path_of_mine = format!("{path}/{}", mine["id"]);
    ada.may(
        "PUT",
        &format!("{path_of_mine}/reactions/%F0%9F%8D%B5"),
        &Value::Null,
    )
    .await;
    ada.may("PUT", &format!("{path_of_mine}/pin"), &Value::Null)
        .await;
    let again = calls(&bob, "POST", &path, "mine", &body).await;
    let told = &again.json()["message"];
    assert_eq!(
        (again.status, &told["id"], &told["content"]),
        (200, &mine["id"], &json!("mine"))
    );
    for of_others in ["reply", "reactions", "pinned"] {
        assert!(told[of_others].is_null(), "{told}");
    }
    let again = calls(&bob, "PUT", &cup, "cup", &Value::Null).await;
    assert_eq!((again.status, again.error()), (404, "not_found".into()));
}

#[tokio::test]
async fn a_change_is_made_once_for_each_key_and_a_key_of_something_else_is_none() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let id = posts(&mut ada, 1, "one").await["id"].clone();
    let path = format!("rooms/1/messages/{id}");
    for (key, content, then) in [
        ("a", "two", "two"),
        ("b", "three", "three"),
        ("a", "two", "three"),
    ] {
        let answer = calls(&ada, "PATCH", &path, key, &json!({"content": content})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["message"]["content"], then);
    }
    let cup = format!("{path}/reactions/%F0%9F%8D%B5");
    for (method, key, there) in [
        ("PUT", "c", true),
        ("DELETE", "d", false),
        ("PUT", "c", false),
    ] {
        let answer = calls(&ada, method, &cup, key, &Value::Null).await.json();
        assert_eq!(
            answer["message"]["reactions"].is_array(),
            there,
            "{method} {key}"
        );
    }
    let nonce = Uuid::new_v4();
    let room = json!({"kind": "public", "name": "Tea", "nonce": nonce});
    ada.may("POST", "rooms", &room).await;
    assert_eq!(
        says(&ada, 1, &nonce.to_string(), "hm").await,
        (400, json!("bad_data"))
    );
}

#[tokio::test]
async fn the_same_key_waits_for_the_first_attempt_that_is_still_on_its_way() {
    if skipped_on_postgres(
        "there a lock keeps rooms from being written, and what looks things up passes",
    ) {
        return;
    }
    let server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let held = server.locks();
    let nonce = Uuid::new_v4();
    ws.submit(nonce, "first").await;
    assert!(ws.is_alive().await, "and so it has been taken");
    // By itself it would be refused.
    let asking = ada.clone();
    let second = tokio::spawn(async move { says(&asking, 1, &nonce.to_string(), " ").await });
    // It has come to where the first waits by then, as a rule; it must be the same where it has not.
    for _ in 0..5 {
        ada.clone().sees(1).await;
    }
    drop(held);
    let first = ws.ack(nonce).await;
    assert_eq!(second.await.unwrap(), (200, first["id"].clone()));
}

#[tokio::test]
async fn on_several_nodes_a_key_is_one_message_wherever_it_comes() {
    let nodes = Server::start_nodes(2, &[]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let at = |who: &Member, node: usize| who.follow(&nodes[node]);
    let both = [at(&ada, 0), at(&ada, 1)];
    let (mut here, _) = at(&bob, 0).hears(room).await;
    eventually("the room is there", async || {
        let path = format!("/api/v1/rooms/{room}");
        let seen = at(&bob, 1).guest.get(&path).await;
        seen.status == 200 && seen.json()["room"]["role"] == "member"
    })
    .await;
    let (mut there, _) = at(&bob, 1).hears(room).await;
    let id = says_at_once(&both, room, "deploy 1042", 50).await;
    // What is answered at one node is known at once at the other, also where the room has just been made.
    for number in 0..10 {
        let key = format!("key {number}");
        let first = says(&both[number % 2], room, &key, "again").await;
        let second = says(&both[(number + 1) % 2], room, &key, "again").await;
        assert_eq!((first.0, second), (201, (200, first.1)));
    }
    let new = at(&ada, 0).makes("private", "Cellar").await;
    assert_eq!(says(&both[1], new, "in a new room", "hello").await.0, 201);
    assert_eq!(says(&both[0], new, "in a new room", "hello").await.0, 200);
    // A change that was made at the one is there at the other.
    let path = format!("rooms/{room}/messages/{id}");
    let words = json!({"content": "twice"});
    let edited = calls(&both[0], "PATCH", &path, "edit", &words).await;
    let again = calls(
        &both[1],
        "PATCH",
        &path,
        "edit",
        &json!({"content": "thrice"}),
    )
    .await;
    assert_eq!(edited.json(), again.json());
    posts(&mut at(&ada, 1), room, "that is all").await;
    for ws in [&mut here, &mut there] {
        let heard = ws.until_said("that is all").await;
        let times = |content: &str| {
            let said = heard
                .iter()
                .filter(|frame| frame["data"]["message"]["content"] == content);
            said.count()
        };
        assert_eq!((times("once"), times("again")), (1, 10));
        let edits = heard.iter().filter(|frame| frame["data"]["kind"] == "edit");
        assert_eq!(edits.count(), 1);
    }
}
