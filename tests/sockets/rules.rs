//! Rules of rooms that hold whatever somebody does about them: by leaving and coming back, from
//! another room, over a restart, on a socket that is open; and what they do not take back.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Member, Server, Ws};

/// The ack's data, or the error's, of something said under `nonce`.
async fn says_as(ws: &mut Ws, nonce: Uuid, room: i64, content: &str) -> Value {
    let send = json!({"nonce": nonce, "room": room, "content": content});
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    let mine = |frame: &Value| {
        frame["data"]["nonce"] == json!(nonce)
            && (frame["type"] == kinds::ACK || frame["type"] == kinds::ERROR)
    };
    ws.expect("an answer", mine).await["data"].clone()
}

/// `"ok"`, or the code of the refusal.
async fn says(ws: &mut Ws, room: i64, content: &str) -> String {
    let answer = says_as(ws, Uuid::new_v4(), room, content).await;
    answer["code"].as_str().unwrap_or("ok").to_owned()
}

/// Sets something about a room.
async fn sets(owner: &mut Member, room: i64, what: Value) {
    owner.may("PATCH", &format!("rooms/{room}"), &what).await;
}

#[tokio::test]
async fn who_is_muted_stays_so_when_they_leave_and_come_back() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let public = ada.makes("public", "Kitchen").await;
    let private = ada.makes("private", "Cellar").await;
    bob.joins(public).await;
    let code = ada.invites(private, &json!({})).await;
    bob.accepts(&code).await;
    for room in [public, private] {
        ada.gives_role(room, &bob, "muted").await;
        bob.may("POST", &format!("rooms/{room}/leave"), &Value::Null)
            .await;
    }
    server.stop();
    server.launch();
    let (mut ada, mut bob) = (ada.follow(&server), bob.follow(&server));
    bob.joins(public).await;
    bob.accepts(&code).await;
    let (mut bob_ws, _) = bob.hears(public).await;
    for room in [public, private] {
        assert_eq!(bob.sees(room).await["role"], "muted");
        assert_eq!(says(&mut bob_ws, room, "here I am").await, "muted");
    }
    // Removed and back again, too; and unmuted they stay unmuted.
    let path = format!("rooms/{public}/members/{}", bob.id);
    ada.may("DELETE", &path, &Value::Null).await;
    bob.joins(public).await;
    assert_eq!(bob.sees(public).await["role"], "muted");
    ada.gives_role(public, &bob, "member").await;
    bob.may("POST", &format!("rooms/{public}/leave"), &Value::Null)
        .await;
    bob.joins(public).await;
    let (mut bob_ws, _) = bob.hears(public).await;
    assert_eq!(says(&mut bob_ws, public, "thank you").await, "ok");
}

#[tokio::test]
async fn slow_mode_holds_from_another_room_and_over_a_restart() {
    let mut server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Slow").await;
    sets(&mut ada, room, json!({"slow": 3600})).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let missing = json!({"nonce": Uuid::new_v4(), "room": room, "content": "?", "reply": 999});
    bob_ws
        .send(&json!({"type": kinds::SEND, "data": missing}))
        .await;
    assert_eq!(
        bob_ws.error().await,
        "not_found",
        "what was not said costs nothing"
    );
    assert_eq!(says(&mut bob_ws, room, "one").await, "ok");
    assert_eq!(says(&mut bob_ws, room, "two").await, "slow_mode");
    server.stop();
    server.launch();
    let (mut bob_ws, _) = bob.follow(&server).hears(1).await;
    let refused = says_as(&mut bob_ws, Uuid::new_v4(), room, "three").await;
    assert_eq!(refused["code"], "slow_mode");
    let wait = refused["retry_after"].as_u64().unwrap();
    assert!((3_000..=3_600).contains(&wait), "{wait} s");
    let (mut ada_ws, _) = ada.follow(&server).hears(1).await;
    for content in ["who looks after it", "is not slowed"] {
        assert_eq!(says(&mut ada_ws, room, content).await, "ok");
    }
}

#[tokio::test]
async fn a_role_of_the_server_that_is_taken_away_is_gone_on_open_sockets_too() {
    let mut server = Server::start(&[]);
    let abe = Member::new(&server, "Abe").await;
    let bob = Member::new(&server, "Bob").await;
    let role = |role: &str| {
        let (code, _, err) = server.run(&["user", "role", "Abe", role], "");
        assert_eq!(code, Some(0), "{err}");
    };
    role("admin");
    let (mut abe_ws, welcome) = abe.hears(1).await;
    let may = |view: &Value| view["may"].as_array().unwrap().contains(&json!("moderate"));
    assert!(may(&welcome["rooms"][0]), "{welcome}");
    let (mut bobs, _) = bob.hears(1).await;
    let id = bobs.post("words of Bob").await["id"].clone();
    role("member");
    for what in [json!({"do": "recall"}), json!({"do": "pin", "on": true})] {
        let mut change = what;
        change["room"] = 1.into();
        change["id"] = id.clone();
        let refused = abe_ws.try_change(change).await;
        assert!(
            refused == "not_yours" || refused == "not_allowed",
            "{refused}"
        );
    }
    says(&mut abe_ws, 1, "tea for @all").await;
    let told = bobs.until_said("tea for @all").await;
    assert_eq!(
        told.last().unwrap()["data"]["message"]["mentions"],
        Value::Null
    );
    // And the page is told that its buttons have gone; back again when the role comes back.
    let shown = |wanted: bool| {
        move |frame: &Value| {
            let parts = frame["data"]["rooms"].as_array();
            let lobby = parts.and_then(|parts| parts.iter().find(|part| part["id"] == 1));
            frame["type"] == kinds::ROOMS
                && lobby.is_some_and(|lobby| lobby["may"].is_array() && may(lobby) == wanted)
        }
    };
    abe_ws
        .expect("the lobby without its buttons", shown(false))
        .await;
    role("admin");
    abe_ws
        .expect("the lobby with its buttons", shown(true))
        .await;
    let pin = json!({"do": "pin", "on": true, "room": 1, "id": id});
    assert_eq!(abe_ws.try_change(pin).await["id"], id);
    role("member");
    abe_ws.expect("and without them", shown(false)).await;
    // The log has a line for each, and none about anybody else.
    let log = server.stop().log;
    let lines = log
        .lines()
        .filter(|line| line.contains("server role changed"));
    let lines: Vec<&str> = lines.collect();
    let last = &lines[lines.len() - 2..];
    for (line, role) in last.iter().zip(["admin", "member"]) {
        let words = format!("account=\"{}\" role=\"{role}\" by=\"operator\"", abe.id);
        assert!(line.ends_with(&words), "{words}: {lines:?}");
    }
    assert!(lines.iter().all(|line| line.contains(&abe.id)), "{lines:?}");
}

#[tokio::test]
async fn the_same_again_gets_its_ack_whatever_the_rules_are_by_now() {
    type Change = fn(&Member, i64) -> (String, String, Value);
    let cases: [(&str, Change); 7] = [
        ("muted", |bob, room| {
            (
                "PUT".into(),
                format!("rooms/{room}/members/{}", bob.id),
                json!({"role": "muted"}),
            )
        }),
        ("removed", |bob, room| {
            (
                "DELETE".into(),
                format!("rooms/{room}/members/{}", bob.id),
                Value::Null,
            )
        }),
        ("banned", |bob, room| {
            (
                "PUT".into(),
                format!("rooms/{room}/members/{}", bob.id),
                json!({"role": "banned"}),
            )
        }),
        ("archived", |_, room| {
            (
                "PATCH".into(),
                format!("rooms/{room}"),
                json!({"archived": true}),
            )
        }),
        ("all muted", |_, room| {
            (
                "PATCH".into(),
                format!("rooms/{room}"),
                json!({"mute_all": true}),
            )
        }),
        ("read only", |_, room| {
            (
                "PATCH".into(),
                format!("rooms/{room}"),
                json!({"read_only": true}),
            )
        }),
        ("slow", |_, room| {
            (
                "PATCH".into(),
                format!("rooms/{room}"),
                json!({"slow": 3600}),
            )
        }),
    ];
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    for (what, change) in cases {
        let room = ada.makes("public", what).await;
        bob.joins(room).await;
        let (mut bob_ws, _) = bob.hears(room).await;
        let nonce = Uuid::new_v4();
        let first = says_as(&mut bob_ws, nonce, room, "once").await;
        let edit = Uuid::new_v4();
        let words = json!({"nonce": edit, "room": room, "id": first["id"], "do": "edit", "content": "once more"});
        bob_ws
            .send(&json!({"type": kinds::CHANGE, "data": words}))
            .await;
        let edited = bob_ws.ack(edit).await;
        let (method, path, body) = change(&bob, room);
        ada.may(&method, &path, &body).await;
        assert_eq!(
            says_as(&mut bob_ws, nonce, room, "once").await,
            first,
            "{what}"
        );
        bob_ws
            .send(&json!({"type": kinds::CHANGE, "data": words}))
            .await;
        assert_eq!(bob_ws.ack(edit).await, edited, "{what}, the edit");
        let other = says(&mut bob_ws, room, "something new").await;
        assert_ne!(other, "ok", "{what}");
    }
}
