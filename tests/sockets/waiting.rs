//! What waits for somebody: unread messages and those that call them, as rooms in the background,
//! the next welcome and the store after a restart count them. All of them count the same: messages
//! that are there, after the place up to which the person has read.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Member, Server, Ws};

/// A part of a `rooms` frame about `room` that passes.
async fn part(ws: &mut Ws, room: i64, passes: impl Fn(&Value) -> bool) -> Value {
    loop {
        let data = ws.data(33).await;
        let parts = data["rooms"].as_array().unwrap();
        if let Some(found) = parts.iter().find(|part| part["id"] == room && passes(part)) {
            return found.clone();
        }
    }
}

async fn changes(ws: &mut Ws, room: i64, id: &Value, mut what: Value) {
    what["room"] = room.into();
    what["id"] = id.clone();
    let ack = ws.try_change(what).await;
    assert_eq!(ack["id"], *id, "{ack}");
}

async fn reads(ws: &mut Ws, room: i64, seq: &Value) {
    let read = json!({"room": room, "seq": seq});
    ws.send(&json!({"type": kinds::READ, "data": read})).await;
    told_of(ws, room, seq).await;
}

/// The room's next mark that is at `seq`.
async fn told_of(ws: &mut Ws, room: i64, seq: &Value) -> Value {
    let told = ws
        .expect("the mark", |frame| {
            frame["type"] == kinds::READ_MARKER
                && frame["data"]["room"] == room
                && frame["data"]["read"] == *seq
        })
        .await;
    told["data"].clone()
}

fn waiting(view: &Value) -> (i64, i64) {
    let number = |field: &str| view[field].as_i64().unwrap();
    (number("unread"), number("mentions"))
}

/// The room in the welcome of a new connection.
async fn welcomed(who: &Member, room: i64) -> Value {
    let (ws, welcome) = who.knocks(1).await;
    ws.leave().await;
    let rooms = welcome["rooms"].as_array().unwrap();
    rooms
        .iter()
        .find(|view| view["id"] == room)
        .unwrap()
        .clone()
}

/// The room as somebody sees it after the server was stopped and started.
async fn after_restart(server: &mut Server, who: &mut Member, room: i64) -> Value {
    server.stop();
    server.launch();
    who.guest = who.guest.clone().follow(server);
    who.sees(room).await
}

/// Ada and Bob in a room; Ada has read all of it and is in the lobby.
async fn two(server: &Server) -> (Member, Member, i64, Ws, Ws) {
    let ada = Member::new(server, "Ada").await;
    let mut bob = Member::new(server, "Bob").await;
    let room = bob.makes("public", "Kitchen").await;
    ada.clone().joins(room).await;
    let (ada_ws, _) = ada.hears(1).await;
    let (bob_ws, _) = bob.hears(room).await;
    (ada, bob, room, ada_ws, bob_ws)
}

#[tokio::test]
async fn what_is_recalled_waits_no_longer() {
    let mut server = Server::start(&[]);
    let (mut ada, _bob, room, mut ada_ws, mut bob_ws) = two(&server).await;
    bob_ws.post_in(room, "good morning").await;
    let call = bob_ws.post_in(room, "only @Ada").await;
    part(&mut ada_ws, room, |part| waiting(part) == (2, 1)).await;
    changes(&mut bob_ws, room, &call["id"], json!({"do": "recall"})).await;
    let told = part(&mut ada_ws, room, |part| !part["withdrawn"].is_null()).await;
    assert_eq!(waiting(&told), (1, 0));
    assert_eq!(told["call"], Value::Null, "nothing new was said");
    assert_eq!(waiting(&welcomed(&ada, room).await), (1, 0));
    assert_eq!(waiting(&ada.sees(room).await), (1, 0));
    assert_eq!(
        waiting(&after_restart(&mut server, &mut ada, room).await),
        (1, 0)
    );
}

#[tokio::test]
async fn a_recall_above_the_mark_changes_nothing_of_what_waits() {
    let mut server = Server::start(&[]);
    let (mut ada, _bob, room, mut ada_ws, mut bob_ws) = two(&server).await;
    let read = bob_ws.post_in(room, "read, @Ada").await;
    reads(&mut ada_ws, room, &read["seq"]).await;
    bob_ws.post_in(room, "not read, @Ada").await;
    changes(&mut bob_ws, room, &read["id"], json!({"do": "recall"})).await;
    let told = part(&mut ada_ws, room, |part| !part["withdrawn"].is_null()).await;
    assert_eq!(waiting(&told), (1, 1));
    assert_eq!(
        waiting(&after_restart(&mut server, &mut ada, room).await),
        (1, 1)
    );
}

#[tokio::test]
async fn who_is_taken_out_of_the_words_is_not_called_any_more() {
    let mut server = Server::start(&[]);
    let (mut ada, _bob, room, mut ada_ws, mut bob_ws) = two(&server).await;
    let call = bob_ws.post_in(room, "two @Ada").await;
    part(&mut ada_ws, room, |part| waiting(part) == (1, 1)).await;
    let edit = json!({"do": "edit", "content": "two"});
    changes(&mut bob_ws, room, &call["id"], edit).await;
    part(&mut ada_ws, room, |part| waiting(part) == (1, 0)).await;
    let again = json!({"do": "edit", "content": "two @Ada after all"});
    changes(&mut bob_ws, room, &call["id"], again).await;
    assert_eq!(
        waiting(&ada.sees(room).await),
        (1, 0),
        "an edit calls nobody anew"
    );
    let page = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(page["messages"][0]["mentions"], Value::Null);
    assert_eq!(
        waiting(&after_restart(&mut server, &mut ada, room).await),
        (1, 0)
    );
}

#[tokio::test]
async fn the_first_call_in_the_lobby_waits_and_can_be_read() {
    let mut server = Server::start(&[]);
    let mut cy = Member::new(&server, "Cy").await;
    let own = cy.makes("private", "Elsewhere").await;
    let bob = Member::new(&server, "Bob").await;
    let (mut elsewhere, _) = cy.hears(own).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    bob_ws.post_in(1, "before").await;
    let call = bob_ws.post_in(1, "hello @Cy").await;
    let told = part(&mut elsewhere, 1, |part| part["mentions"] == 1).await;
    assert_eq!(waiting(&told), (1, 1));
    let view = cy.sees(1).await;
    assert_eq!((waiting(&view), &view["read"]), ((1, 1), &json!(1)));
    assert_eq!(after_restart(&mut server, &mut cy, 1).await, view);
    let (mut there, _) = cy.hears(1).await;
    reads(&mut there, 1, &call["seq"]).await;
    assert_eq!(waiting(&cy.sees(1).await), (0, 0));
    assert_eq!(
        waiting(&after_restart(&mut server, &mut cy, 1).await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_mark_counts_the_calls_after_it_wherever_it_is_put() {
    let mut server = Server::start(&[]);
    let (mut ada, _bob, room, mut ada_ws, mut bob_ws) = two(&server).await;
    let before = bob_ws.post_in(room, "before").await;
    let call = bob_ws.post_in(room, "one @Ada").await;
    let all = bob_ws.post_in(room, "tea for @all").await;
    bob_ws.post_in(room, "after").await;
    part(&mut ada_ws, room, |part| waiting(part) == (4, 2)).await;
    ada_ws
        .send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
        .await;
    ada_ws.data(21).await;
    for (seq, expected) in [
        (&all["seq"], (1, 0)),
        (&call["seq"], (2, 1)),
        (&before["seq"], (3, 2)),
        (&call["seq"], (2, 1)),
    ] {
        let read = json!({"room": room, "seq": seq, "unread": true});
        ada_ws
            .send(&json!({"type": kinds::READ, "data": read}))
            .await;
        assert_eq!(waiting(&told_of(&mut ada_ws, room, seq).await), expected);
        assert_eq!(waiting(&ada.sees(room).await), expected);
    }
    assert_eq!(
        waiting(&after_restart(&mut server, &mut ada, room).await),
        (2, 1)
    );
}

#[tokio::test]
async fn marks_that_are_written_late_take_no_call_away() {
    let mut server = Server::start(&[]);
    let (mut ada, bob, room, _ada_ws, mut bob_ws) = two(&server).await;
    for round in 1..=5 {
        let mut nonces = Vec::new();
        for number in 0..20 {
            let nonce = Uuid::new_v4();
            let content = format!("{round}.{number} @Ada");
            let send = json!({"nonce": nonce, "room": room, "content": content});
            bob_ws
                .send(&json!({"type": kinds::SEND, "data": send}))
                .await;
            nonces.push(nonce);
        }
        // Writes the membership as it is known at this moment.
        let level = if round % 2 == 0 { "all" } else { "mentions" };
        let path = format!("rooms/{room}/notify");
        ada.may("PUT", &path, &json!({"level": level})).await;
        if round == 3 {
            server.stop();
            server.launch();
            ada.guest = ada.guest.clone().follow(&server);
            bob_ws = bob
                .guest
                .clone()
                .follow(&server)
                .open("/ws?feed", &[])
                .await
                .unwrap();
            bob_ws
                .send(&json!({"type": kinds::HELLO, "data": {"v": 1, "open": room}}))
                .await;
            // What was not acked is sent again.
            for (number, nonce) in nonces.iter().enumerate() {
                let content = format!("{round}.{number} @Ada");
                let send = json!({"nonce": nonce, "room": room, "content": content});
                bob_ws
                    .send(&json!({"type": kinds::SEND, "data": send}))
                    .await;
            }
        }
        for nonce in nonces {
            bob_ws.ack(nonce).await;
        }
    }
    assert_eq!(waiting(&ada.sees(room).await), (100, 100));
    assert_eq!(
        waiting(&after_restart(&mut server, &mut ada, room).await),
        (100, 100)
    );
}

#[tokio::test]
async fn what_another_device_has_read_is_not_called_out() {
    let server = Server::start(&[]);
    let (ada, _bob, room, mut elsewhere, mut bob_ws) = two(&server).await;
    let (mut there, _) = ada.hears(room).await;
    // The numbers go once a second. Where the machine is so busy that they went before the mark, the
    // next round decides.
    for round in 0.. {
        assert!(round < 20, "the mark never came before the numbers");
        bob_ws.post_in(room, &format!("{round}: first")).await;
        part(&mut elsewhere, room, |part| !part["call"].is_null()).await;
        let call = bob_ws.post_in(room, &format!("{round}: @Ada now")).await;
        let read = json!({"room": room, "seq": call["seq"]});
        there
            .send(&json!({"type": kinds::READ, "data": read}))
            .await;
        let told = part(&mut elsewhere, room, |part| part["head"] == call["seq"]).await;
        if told["unread"] == 0 {
            assert_eq!(told["call"], Value::Null, "{told}");
            return;
        }
    }
}

#[tokio::test]
async fn a_call_is_told_in_the_words_that_the_message_has_by_then() {
    let server = Server::start(&[]);
    let (_ada, _bob, room, mut ada_ws, mut bob_ws) = two(&server).await;
    for round in 0.. {
        assert!(round < 20, "the edit never came before the numbers");
        bob_ws.post_in(room, &format!("{round}: first")).await;
        part(&mut ada_ws, room, |part| !part["call"].is_null()).await;
        let call = bob_ws.post_in(room, "@Ada the word is sesame").await;
        let edit = json!({"do": "edit", "content": "@Ada the word is in the letter"});
        changes(&mut bob_ws, room, &call["id"], edit).await;
        let of_call = |part: &Value| part["call"]["id"] == call["id"];
        let told = part(&mut ada_ws, room, of_call).await;
        if told["call"]["text"] == "@Ada the word is in the letter" {
            return;
        }
    }
}
