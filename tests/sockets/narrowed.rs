//! A key that is good in some rooms only: to it there are no others, on a socket and in a search.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, Ws};

/// Words that are said where the key is not good.
const HIDDEN: &str = "hidden words";

struct Scene {
    server: Server,
    ada: Member,
    bob: Member,
    /// The rooms that the key is good in: one is open, the other is in the background.
    open: i64,
    other: i64,
    /// Rooms of the same person that it is not good in: a private one, and one of two.
    private: i64,
    direct: i64,
    program: Guest,
}

async fn scene() -> Scene {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let open = ada.makes("public", "Kitchen").await;
    let other = ada.makes("public", "Garden").await;
    let private = ada.makes("private", "Cellar").await;
    bob.joins(open).await;
    let code = ada.invites(private, &json!({})).await;
    bob.accepts(&code).await;
    let direct = ada
        .may("POST", "direct", &json!({"people": [bob.id]}))
        .await["room"]["id"]
        .as_i64()
        .unwrap();
    let wanted =
        json!({"name": "ears", "scopes": ["read", "write", "rooms"], "rooms": [open, other]});
    let key = ada.may("POST", "me/tokens", &wanted).await;
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let program = Guest::of(&server).with("authorization", &bearer);
    Scene {
        server,
        ada,
        bob,
        open,
        other,
        private,
        direct,
        program,
    }
}

impl Scene {
    /// Everything that a frame says, without anything of the hidden rooms.
    fn has_nothing_hidden(&self, frame: &Value) {
        let text = frame.to_string();
        for hidden in [
            self.private.to_string(),
            self.direct.to_string(),
            HIDDEN.to_owned(),
            "Cellar".to_owned(),
            "\"room\":1,".to_owned(),
            "\"room\":1}".to_owned(),
            "\"kind\":\"lobby\"".to_owned(),
        ] {
            assert!(!text.contains(&hidden), "{hidden} in {text}");
        }
        let rooms = frame["data"]["rooms"].as_array();
        assert!(
            rooms.into_iter().flatten().all(|room| room["id"] != 1),
            "{text}"
        );
    }

    fn have_nothing_hidden(&self, frames: &[Value]) {
        frames
            .iter()
            .for_each(|frame| self.has_nothing_hidden(frame));
    }

    async fn socket(&self, hello: &Value) -> (Ws, Value) {
        let mut ws = self.program.open("/ws?feed", &[]).await.unwrap();
        ws.send(&json!({"type": kinds::HELLO, "data": hello})).await;
        let welcome = ws.data(u64::from(kinds::WELCOME)).await;
        (ws, welcome)
    }
}

/// Counts of the room in the background have come: with them would have come those of all others.
async fn counted(ws: &mut Ws, room: i64, unread: i64) -> Vec<Value> {
    ws.until("counts", |frame| {
        let rooms = frame["data"]["rooms"].as_array().into_iter().flatten();
        frame["type"] == kinds::ROOMS
            && rooms
                .into_iter()
                .any(|one| one["id"] == room && one["unread"] == unread)
    })
    .await
}

#[tokio::test]
async fn a_socket_hears_and_counts_its_rooms_and_no_others() {
    let mut scene = scene().await;
    let (open, other, private, direct) = (scene.open, scene.other, scene.private, scene.direct);
    let (mut bob, _) = scene.bob.hears(private).await;
    let hidden = bob.post_in(private, HIDDEN).await["id"].clone();
    let (mut ws, welcome) = scene.socket(&json!({"v": 1, "open": open})).await;
    scene.has_nothing_hidden(&json!({"data": welcome}));
    let ids: Vec<_> = welcome["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|room| room["id"].as_i64().unwrap())
        .collect();
    assert_eq!(
        {
            let mut ids = ids;
            ids.sort_unstable();
            ids
        },
        {
            let mut rooms = [open, other];
            rooms.sort_unstable();
            rooms
        }
    );

    // Whatever happens in the hidden rooms to somebody who is in all of them.
    for room in [private, direct, 1] {
        let content = format!("@Ada {HIDDEN}");
        bob.post_in(room, &content).await;
    }
    let one = |room: i64, what: Value| {
        let mut data = json!({"nonce": Uuid::new_v4(), "room": room, "id": hidden});
        data.as_object_mut()
            .unwrap()
            .extend(what.as_object().unwrap().clone());
        data
    };
    let edited = json!({"do": "edit", "content": format!("{HIDDEN} again")});
    for what in [
        edited,
        json!({"do": "react", "emoji": "👍", "on": true}),
        json!({"do": "recall"}),
    ] {
        let done = bob.try_change(one(private, what.clone())).await;
        assert!(done.is_object(), "{what}: {done}");
    }
    bob.send(&json!({"type": kinds::TYPING, "data": {"room": private}}))
        .await;
    let (mut hers, _) = scene.ada.hears(private).await;
    hers.post_in(private, HIDDEN).await;
    hers.send(&json!({"type": kinds::READ, "data": {"room": private, "seq": 1, "unread": true}}))
        .await;
    for (path, body) in [
        (format!("rooms/{private}"), json!({"name": "Cellar 2"})),
        (format!("rooms/{private}/notify"), json!({"level": "none"})),
        (format!("rooms/{private}/favourite"), json!({"on": true})),
    ] {
        let method = if path.ends_with("e") || path.ends_with("y") {
            "PUT"
        } else {
            "PATCH"
        };
        let answer = scene.ada.call(method, &path, &body).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
    }
    let bob_there = scene.bob.clone();
    scene.ada.gives_role(private, &bob_there, "admin").await;
    scene
        .bob
        .may("POST", &format!("rooms/{private}/leave"), &Value::Null)
        .await;
    // The other of a room of two goes.
    bob.leave().await;
    scene
        .bob
        .may("PUT", "me/name", &json!({"name": "Robert"}))
        .await;
    let deleted = scene
        .ada
        .call(
            "DELETE",
            &format!("rooms/{private}"),
            &json!({"name": "Cellar 2"}),
        )
        .await;
    assert!(deleted.status < 300, "{deleted:?}");

    hers.post_in(other, "the garden is open").await;
    hers.post_in(direct, HIDDEN).await;
    let (mut bob, _) = scene.bob.hears(other).await;
    bob.post_in(open, "in the kitchen").await;
    let heard = ws.until_said("in the kitchen").await;
    scene.have_nothing_hidden(&heard);
    scene.bob.joins(other).await;
    bob.post_in(other, "tea in the garden").await;
    scene.have_nothing_hidden(&counted(&mut ws, other, 1).await);
}

#[tokio::test]
async fn nothing_that_a_socket_sends_reaches_another_room() {
    let mut scene = scene().await;
    let (open, private, direct) = (scene.open, scene.private, scene.direct);
    let (mut bob, _) = scene.bob.hears(private).await;
    let message = bob.post_in(private, HIDDEN).await["id"].clone();
    let (mut hers, _) = scene.ada.hears(private).await;
    let nonce = Uuid::new_v4();
    let data = json!({"nonce": nonce, "room": private, "content": HIDDEN});
    hers.send(&json!({"type": kinds::SEND, "data": data})).await;
    hers.ack(nonce).await;
    let last = bob.post_in(private, HIDDEN).await;

    // Rooms that are there are as rooms that are not.
    for room in [private, direct, 1, 99] {
        let (mut ws, welcome) = scene.socket(&json!({"v": 1, "open": room, "resume": {room.to_string(): {"epoch": "", "seq": 0}}})).await;
        scene.has_nothing_hidden(&json!({"data": welcome}));
        let gone = ws.data(u64::from(kinds::GONE)).await;
        assert_eq!(
            (&gone["room"], &gone["why"]),
            (&json!(room), &json!("not_found"))
        );
    }
    // Without naming one it would be the lobby.
    let (mut ws, _) = scene.socket(&json!({"v": 1})).await;
    let gone = ws.data(u64::from(kinds::GONE)).await;
    assert_eq!(
        (&gone["room"], &gone["why"]),
        (&json!(1), &json!("not_found"))
    );

    let (mut ws, _) = scene.socket(&json!({"v": 1, "open": open})).await;
    ws.data(u64::from(kinds::PRESENCE)).await;
    for room in [private, direct, 1, 99] {
        ws.send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
            .await;
        let gone = ws.data(u64::from(kinds::GONE)).await;
        assert_eq!(
            (&gone["room"], &gone["why"]),
            (&json!(room), &json!("not_found"))
        );
        let data = json!({"nonce": Uuid::new_v4(), "room": room, "content": "x"});
        ws.send(&json!({"type": kinds::SEND, "data": data})).await;
        assert_eq!(ws.error().await, "not_found", "send to {room}");
        for what in [
            json!({"do": "edit", "content": "x"}),
            json!({"do": "recall"}),
            json!({"do": "react", "emoji": "👍", "on": true}),
            json!({"do": "pin", "on": true}),
            json!({"do": "unfile", "file": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}),
        ] {
            let mut data = json!({"nonce": Uuid::new_v4(), "room": room, "id": message});
            data.as_object_mut()
                .unwrap()
                .extend(what.as_object().unwrap().clone());
            let told = ws.try_change(data).await;
            assert_eq!(told, "not_found", "{what} in {room}");
        }
        ws.send(&json!({"type": kinds::TYPING, "data": {"room": room}}))
            .await;
        ws.send(&json!({"type": kinds::READ, "data": {"room": room, "seq": 1_000}}))
            .await;
    }
    ws.send(&json!({"type": kinds::IDLE, "data": {"idle": true}}))
        .await;
    // What was said elsewhere under a nonce is not told of, over HTTP neither.
    let data = json!({"nonce": nonce, "room": open, "content": "x"});
    ws.send(&json!({"type": kinds::SEND, "data": data})).await;
    let told = ws
        .expect("an answer", |frame| frame["data"]["nonce"] == json!(nonce))
        .await;
    assert_eq!(
        (&told["type"], &told["data"]["code"]),
        (&json!(kinds::ERROR), &json!("not_found"))
    );
    let headers = [("content-type", "application/json")];
    let body = json!({"content": "x", "nonce": nonce}).to_string();
    let path = format!("/api/v1/rooms/{open}/messages");
    let told = scene
        .program
        .request("POST", &path, &headers, body.as_bytes())
        .await;
    assert_eq!((told.status, told.error()), (404, "not_found".to_owned()));
    // Where it is good, everything goes on.
    ws.send(&json!({"type": kinds::OPEN, "data": {"room": open}}))
        .await;
    hers.post_in(open, "in the kitchen").await;
    ws.until_said("in the kitchen").await;
    // It has read nothing elsewhere, and nobody has seen it type: that would come with what is seen of the others' reading.
    assert_eq!(scene.ada.sees(private).await["unread"], 1);
    let read = json!({"room": private, "seq": last["seq"]});
    hers.send(&json!({"type": kinds::READ, "data": read})).await;
    let both = |frame: &Value| {
        let mut marks = frame["data"]["marks"].as_array().into_iter().flatten();
        frame["type"] == kinds::SEEN && marks.all(|mark| mark["seq"] == last["seq"])
    };
    let heard = bob.until("that both have read", both).await;
    assert!(
        heard.iter().all(|frame| frame["type"] != kinds::TYPERS),
        "{heard:?}"
    );
}

#[tokio::test]
async fn as_a_classic_client_it_hears_nothing_of_the_lobby() {
    let scene = scene().await;
    let (mut bob, _) = scene.bob.hears(1).await;
    bob.post(HIDDEN).await;
    let mut ws = scene.program.open("/ws", &[]).await.unwrap();
    ws.send(&json!({"type": kinds::ONLINE})).await;
    ws.send(&json!({"type": kinds::HISTORY})).await;
    ws.say("let me in").await;
    bob.post(HIDDEN).await;
    let refused = ws
        .until("a refusal", |frame| frame["type"] == kinds::ERROR)
        .await;
    assert_eq!(refused.len(), 1, "nothing before it: {refused:?}");
    assert_eq!(refused[0]["data"]["code"], "not_found");
    ws.send(&json!({"type": kinds::PING})).await;
    let heard = ws
        .until("a pong", |frame| frame["type"] == kinds::PING)
        .await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    drop(scene.server);
}

#[tokio::test]
async fn a_search_finds_what_was_said_in_its_rooms() {
    let mut scene = scene().await;
    let (mut ws, _) = scene.ada.hears(scene.open).await;
    for room in [scene.private, scene.direct, 1] {
        for number in 0..30 {
            ws.post_in(room, &format!("oolong {number}")).await;
        }
    }
    ws.post_in(scene.open, "oolong in the kitchen").await;
    ws.post_in(scene.other, "oolong in the garden").await;
    for (query, expected) in [
        ("oolong", 2),
        ("oolong&order=best", 2),
        ("oolong%20in%3AKitchen", 1),
        ("oolong%20in%3ACellar", 0),
        ("oolong%20in%3A1", 0),
        ("oolong%20in%3ABob", 0),
        ("from%3AAda", 2),
        ("after%3A2020-01-01", 2),
    ] {
        let answer = scene
            .program
            .get(&format!("/api/v1/search?q={query}"))
            .await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let found = answer.json();
        let hits = found["hits"].as_array().unwrap();
        assert_eq!(
            (hits.len(), &found["next"]),
            (expected, &Value::Null),
            "{query}: {found}"
        );
        let in_its_rooms =
            |hit: &Value| [scene.open, scene.other].contains(&hit["room"]["id"].as_i64().unwrap());
        assert!(hits.iter().all(in_its_rooms), "{query}: {found}");
    }
    let hers = scene.ada.may("GET", "search?q=oolong", &Value::Null).await;
    assert_eq!(hers["hits"].as_array().unwrap().len(), 20);
}
