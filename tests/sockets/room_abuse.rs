//! What people try in rooms that they should not: each thing has its rule, and says so.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, Ws};

/// The answer to something said in `room`: `Ok` for an ack, else the code.
pub async fn says(ws: &mut Ws, room: i64, content: &str) -> Result<(), String> {
    let nonce = Uuid::new_v4();
    let send = json!({"nonce": nonce, "room": room, "content": content});
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    loop {
        let frame = ws.frame().await;
        if frame["data"]["nonce"] != json!(nonce) {
            continue;
        }
        return match frame["type"].as_u64().unwrap() {
            13 => Ok(()),
            15 => Err(frame["data"]["code"].as_str().unwrap().to_owned()),
            other => panic!("{other}: {frame}"),
        };
    }
}

#[tokio::test]
async fn names_of_rooms_are_what_can_be_told_apart() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    ada.makes("public", "Tea time").await;
    for (name, code) in [
        ("", "bad_room_name"),
        (" \u{200b}\u{3164} ", "bad_room_name"),
        ("\u{202e}", "bad_room_name"),
        ("!!!", "bad_room_name"),
        (&"长".repeat(1_000), "bad_room_name"),
        ("Tea time", "room_name_taken"),
        ("ＴＥＡ  TIME", "room_name_taken"),
        ("Tea\u{202e} time", "room_name_taken"),
        // With Cyrillic letters that look Latin.
        ("Tеa timе", "room_name_taken"),
        ("Lobby", "room_name_taken"),
        ("大堂", "room_name_taken"),
        ("管理员", "room_name_taken"),
    ] {
        for kind in ["public", "private"] {
            let body = json!({"kind": kind, "name": name});
            let answer = ada.call("POST", "rooms", &body).await;
            // Private rooms may be called alike: nobody sees both.
            let alike = kind == "private" && code == "room_name_taken" && answer.status == 201;
            assert!(alike || answer.error() == code, "{kind} {name:?}");
        }
    }
    for body in [
        json!({"kind": "lobby", "name": "Another"}),
        json!({"kind": "direct", "name": "Another"}),
        json!({"kind": "public"}),
        json!({"kind": "public", "name": ["x"]}),
        json!([]),
    ] {
        let refused = ada.may_not("POST", "rooms", &body).await;
        assert_eq!(refused, (400, "bad_data".to_owned()), "{body}");
    }
    let shown = ada.makes("public", "  周末\u{202e}  徒步 ").await;
    assert_eq!(ada.sees(shown).await["name"], "周末 徒步");
}

#[tokio::test]
async fn names_that_speak_for_the_server_or_call_everybody_are_nobodys() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    for name in ["Admin", "管理员", "所有人", "ALL", "Tеahouse"] {
        let answer = guest.register(name, "a long pass phrase").await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (409, "name_taken"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn rooms_by_the_hundred_end_at_the_limit() {
    let server = Server::start(&[
        ("rooms.owned", "3"),
        ("rooms.joined", "4"),
        ("rooms.most", "8"),
    ]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut rooms = Vec::new();
    for number in 0..3 {
        rooms.push(ada.makes("public", &format!("Room {number}")).await);
    }
    let more = json!({"kind": "private", "name": "One more"});
    let full = (403, "too_many_rooms".to_owned());
    assert_eq!(ada.may_not("POST", "rooms", &more).await, full);
    for room in &rooms {
        bob.joins(*room).await;
    }
    bob.makes("private", "Their own").await;
    assert_eq!(
        bob.may_not("POST", "rooms", &more).await,
        full,
        "they are in four"
    );
    let mut cy = Member::new(&server, "Cy").await;
    for number in 0..3 {
        cy.makes("public", &format!("Cellar {number}")).await;
    }
    let mut dan = Member::new(&server, "Dan").await;
    assert_eq!(
        dan.may_not("POST", "rooms", &more).await,
        full,
        "the server is full"
    );
    for (setting, who) in [("nobody", "Eve"), ("admins", "Fay")] {
        let server = Server::start(&[("rooms.public", setting)]);
        let mut member = Member::new(&server, who).await;
        let public = json!({"kind": "public", "name": "Hall"});
        let refused = member.may_not("POST", "rooms", &public).await;
        assert_eq!(refused, (403, "no_new_rooms".to_owned()));
    }
}

#[tokio::test]
async fn an_owner_stays_until_the_room_is_anothers_and_nobody_robs_bob_path() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Office").await;
    let leave = format!("rooms/{room}/leave");
    let stays = (409, "owner_stays".to_owned());
    assert_eq!(ada.may_not("POST", &leave, &Value::Null).await, stays);
    let ada_path = format!("rooms/{room}/members/{}", ada.id);
    let not_allowed = (403, "not_allowed".to_owned());
    for role in ["member", "admin", "muted", "banned"] {
        let refused = ada.may_not("PUT", &ada_path, &json!({"role": role})).await;
        assert_eq!(refused, not_allowed, "{role}");
    }
    let bob_path = format!("rooms/{room}/members/{}", bob.id);
    for role in ["owner", "admin"] {
        let refused = bob.may_not("PUT", &bob_path, &json!({"role": role})).await;
        assert_eq!(refused, not_allowed, "{role}");
    }
    ada.gives_role(room, &bob, "admin").await;
    let refused = bob
        .may_not("PUT", &ada_path, &json!({"role": "muted"}))
        .await;
    assert_eq!(refused, not_allowed, "an admin is not above the owner");
    bob.may("PUT", &bob_path, &json!({"role": "member"})).await;
    ada.gives_role(room, &bob, "owner").await;
    assert_eq!(ada.sees(room).await["role"], "admin");
    ada.may("POST", &leave, &Value::Null).await;
    assert_eq!(ada.sees(room).await["role"], Value::Null);
}

#[tokio::test]
async fn two_who_change_the_same_thing_at_once_do_so_one_after_the_other() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut cy = Member::new(&server, "Cy").await;
    let room = ada.makes("public", "Workshop").await;
    for member in [&mut bob, &mut cy] {
        member.joins(room).await;
    }
    ada.gives_role(room, &bob, "admin").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let path = format!("rooms/{room}");
    let who = format!("rooms/{room}/members/{}", cy.id);
    for round in 0..10 {
        let (one, two) = (
            json!({"topic": format!("one {round}")}),
            json!({"topic": format!("two {round}")}),
        );
        let (_, _) = tokio::join!(ada.may("PATCH", &path, &one), bob.may("PATCH", &path, &two));
        let (first, last) = (ada_ws.data(17).await, ada_ws.data(17).await);
        assert_eq!(
            last["seq"].as_i64(),
            first["seq"].as_i64().map(|seq| seq + 1)
        );
        assert_eq!(
            ada.sees(room).await["topic"],
            last["about"]["topic"],
            "the last one holds"
        );
    }
    let muted = json!({"role": "muted"});
    let (one, other) = tokio::join!(ada.call("PUT", &who, &muted), bob.call("PUT", &who, &muted));
    assert_eq!((one.status, other.status), (200, 200));
    assert_eq!(ada_ws.data(17).await["kind"], "mute");
    says(&mut ada_ws, room, "a fence").await.unwrap();
    let next = ada_ws.heard.matches("\"kind\":\"mute\"").count();
    assert_eq!(next, 1, "what is so already is no event");
}

#[tokio::test]
async fn rooms_that_are_not_for_somebody_are_not_there() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = ada.makes("private", "Secret garden").await;
    let code = ada.invites(room, &json!({})).await;
    let (mut ada_ws, _) = ada.hears(room).await;
    says(&mut ada_ws, room, "nobody hears us").await.unwrap();
    let nowhere = room ^ 1;
    let mut visitor = Guest::visiting(&server).await;
    for (method, path, body) in [
        ("GET", String::new(), Value::Null),
        ("PATCH", String::new(), json!({"name": "Mine"})),
        ("PATCH", String::new(), json!({})),
        ("PATCH", String::new(), json!({"archived": true})),
        ("GET", "/messages".into(), Value::Null),
        ("GET", "/people".into(), Value::Null),
        ("GET", "/members".into(), Value::Null),
        ("POST", "/join".into(), Value::Null),
        ("POST", "/leave".into(), Value::Null),
        ("PUT", "/notify".into(), json!({"level": "all"})),
        ("PUT", "/favourite".into(), json!({"on": true})),
        (
            "PUT",
            format!("/members/{}", bob.id),
            json!({"role": "owner"}),
        ),
        (
            "PUT",
            format!("/members/{}", ada.id),
            json!({"role": "muted"}),
        ),
        ("DELETE", format!("/members/{}", ada.id), Value::Null),
        ("GET", "/invitations".into(), Value::Null),
        ("POST", "/invitations".into(), json!({})),
        ("DELETE", format!("/invitations/{code}"), Value::Null),
    ] {
        let mut told = Vec::new();
        for id in [room, nowhere] {
            let path = format!("rooms/{id}{path}");
            let answer = bob.call(method, &path, &body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
            told.push(answer.text());
            let path = format!("/api/v1/{path}");
            let answer = match method {
                "GET" => visitor.get(&path).await,
                _ => visitor.change(method, &path, &body).await,
            };
            assert!(
                matches!(answer.status, 401 | 404),
                "{method} {path}: {answer:?}"
            );
            told.push(answer.text());
        }
        assert_eq!(
            (&told[0], &told[1]),
            (&told[2], &told[3]),
            "{method} {path}"
        );
    }
    let (mut bob_ws, _) = bob.hears(1).await;
    for id in [room, nowhere] {
        assert_eq!(
            says(&mut bob_ws, id, "let me in").await,
            Err("not_found".to_owned())
        );
        bob_ws
            .send(&json!({"type": kinds::OPEN, "data": {"room": id}}))
            .await;
        assert_eq!(bob_ws.data(35).await["why"], "not_found");
        bob_ws
            .send(&json!({"type": kinds::READ, "data": {"room": id, "seq": 1}}))
            .await;
        bob_ws
            .send(&json!({"type": kinds::TYPING, "data": {"room": id}}))
            .await;
    }
    assert!(bob_ws.is_alive().await);
    let page = bob.guest.get(&format!("/rooms/{room}")).await;
    assert_eq!(page.status, 404);
    for heard in [page.text(), bob_ws.heard.clone()] {
        assert!(!heard.contains("Secret garden") && !heard.contains("nobody hears us"));
    }
}

#[tokio::test]
async fn what_a_removed_member_had_on_its_way_is_refused_to_them() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Platform").await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let held = server.locks();
    let path = format!("rooms/{room}/members/{}", bob.id);
    let mut waiting = ada.clone();
    let removal = tokio::spawn(async move { waiting.call("DELETE", &path, &Value::Null).await });
    // All of it waits for the disk, in the order in which it came.
    let mut nonces = Vec::new();
    for number in 0..40 {
        let nonce = Uuid::new_v4();
        let send = json!({"nonce": nonce, "room": room, "content": format!("word {number}")});
        bob_ws
            .send(&json!({"type": kinds::SEND, "data": send}))
            .await;
        nonces.push(json!(nonce));
        assert!(bob_ws.is_alive().await, "and so it has been read");
    }
    drop(held);
    assert_eq!(removal.await.unwrap().status, 200);
    let (mut acked, mut refused) = (Vec::new(), 0);
    while acked.len() + refused < nonces.len() {
        let frame = bob_ws.frame().await;
        let data = &frame["data"];
        if frame["type"] == kinds::ACK {
            acked.push(data["seq"].as_i64().unwrap());
        } else if frame["type"] == kinds::ERROR {
            let code = data["code"].as_str().unwrap();
            assert!(matches!(code, "not_member" | "too_fast"), "{frame}");
            refused += 1;
        }
    }
    assert!(refused > 0, "the removal was among the first");
    // Join, join, about, then what was said before the removal.
    let head = ada.sees(room).await["head"].as_i64().unwrap();
    assert!(
        acked.iter().all(|seq| *seq < head),
        "nothing of theirs comes after the removal: {acked:?}"
    );
    assert_eq!(head, 4 + acked.len() as i64);
    assert!(nonces.len() > acked.len());
    let page = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(page["messages"].as_array().unwrap().len(), acked.len());
}
