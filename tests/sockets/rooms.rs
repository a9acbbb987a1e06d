//! Rooms as people use them: made, found, joined, left; counted while they are in the background;
//! read, and marked unread.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, Ws};

/// The next frame of `kind` about `room` that passes.
async fn until(ws: &mut Ws, kind: u64, passes: impl Fn(&Value) -> bool) -> Value {
    loop {
        let data = ws.data(kind).await;
        if passes(&data) {
            return data;
        }
    }
}

/// The part of a `rooms` frame that is about `room` and passes.
async fn part(ws: &mut Ws, room: i64, passes: impl Fn(&Value) -> bool) -> Value {
    let of = |data: &Value| {
        let parts = data["rooms"].as_array().unwrap();
        let found = parts.iter().find(|part| part["id"] == room && passes(part));
        found.cloned()
    };
    of(&until(ws, 33, |data| of(data).is_some()).await).unwrap()
}

async fn opens(ws: &mut Ws, room: i64) -> Value {
    ws.send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
        .await;
    until(ws, 21, |data| data["room"] == room).await
}

#[tokio::test]
async fn a_room_is_made_found_joined_and_heard_by_those_who_are_in_it_alone() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = ada.makes("public", "Hill walkers").await;
    let found = bob.may("GET", "rooms?q=HILL", &Value::Null).await;
    assert_eq!(found["rooms"][0]["id"], room);
    assert_eq!(found["rooms"][0]["role"], Value::Null);
    bob.joins(room).await;
    let (mut ada_ws, welcome) = ada.hears(room).await;
    let own = &welcome["rooms"][1];
    assert_eq!(
        (&own["id"], &own["name"], &own["role"], &own["members"]),
        (
            &json!(room),
            &json!("Hill walkers"),
            &json!("owner"),
            &json!(2)
        )
    );
    let (mut bob_ws, _) = bob.hears(room).await;
    let cy = Member::new(&server, "Cy").await;
    let (mut looking, _) = cy.hears(room).await;
    until(&mut ada_ws, 27, |data| data["people"] == 3).await;
    cy.clone().joins(room).await;
    until(&mut looking, 17, |data| data["kind"] == "join").await;
    let dee = Member::new(&server, "Dee").await;
    let (mut late, _) = dee.hears(room).await;
    assert_eq!(
        late.data(27).await["people"],
        4,
        "who joins is one, on whichever side of the counter"
    );
    let (mut lobby, _) = Guest::visiting(&server).await.feed().await;
    ada_ws.post_in(room, "Saturday, nine o'clock?").await;
    let heard = until(&mut bob_ws, 17, |data| data["kind"] == "message").await;
    assert_eq!(
        (&heard["room"], &heard["message"]["content"]),
        (&json!(room), &json!("Saturday, nine o'clock?"))
    );
    lobby.post("in the lobby").await;
    assert!(!lobby.heard.contains("Saturday"));
    assert!(!bob_ws.heard.contains("in the lobby"));
}

#[tokio::test]
async fn what_was_recalled_is_taken_back_from_those_who_were_told_of_it() {
    let server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    ada_ws.post_in(room, "who left the tap on, @Bob?").await;
    let told = part(&mut bob_ws, room, |part| !part["call"].is_null()).await;
    let id = &told["call"]["id"];
    let recall = json!({"nonce": Uuid::new_v4(), "room": room, "id": id, "do": "recall"});
    ada_ws
        .send(&json!({"type": kinds::CHANGE, "data": recall}))
        .await;
    let told = part(&mut bob_ws, room, |part| !part["withdrawn"].is_null()).await;
    assert_eq!(told["withdrawn"], json!([id]));
    assert_eq!((&told["unread"], &told["mentions"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn who_is_told_of_files_is_told_what_the_first_one_is() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let file = ada.uploads("tea.txt", b"oolong").await;
    let files = json!([{"id": file}]);
    ada_ws.sends_files(room, "", &files).await;
    let told = part(&mut bob_ws, room, |part| !part["call"].is_null()).await;
    assert_eq!(
        (&told["call"]["text"], &told["call"]["file"]),
        (&json!(""), &json!("file"))
    );
    ada_ws.post_in(room, "and words").await;
    let told = part(&mut bob_ws, room, |part| part["unread"] == 2).await;
    assert_eq!(told["call"].get("file"), None);
}

#[tokio::test]
async fn what_is_said_in_the_background_is_a_number_until_the_room_is_opened() {
    let server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    ada_ws.post_in(room, "one").await;
    ada_ws.post_in(room, "two, @Bob").await;
    let told = part(&mut bob_ws, room, |part| part["unread"] == 2).await;
    assert_eq!(told["mentions"], 1);
    assert_eq!(
        (
            &told["call"]["text"],
            &told["call"]["mention"],
            &told["call"]["by"]["name"]
        ),
        (&json!("two, @Bob"), &json!(true), &json!("Ada"))
    );
    let reset = opens(&mut bob_ws, room).await;
    assert_eq!(reset["page"][1]["content"], "two, @Bob");
    assert_eq!(reset["page"][1]["mentions"], json!([bob.id]));
    let (mut phone, welcome) = bob.hears(1).await;
    let seen = &welcome["rooms"][1];
    assert_eq!((&seen["unread"], &seen["mentions"]), (&json!(2), &json!(1)));
    let head = reset["head"].clone();
    bob_ws
        .send(&json!({"type": kinds::READ, "data": {"room": room, "seq": head}}))
        .await;
    let mark = phone.data(25).await;
    assert_eq!(
        mark,
        json!({"room": room, "read": head, "unread": 0, "mentions": 0}),
        "the other device knows"
    );
    bob_ws.send(&json!({"type": kinds::READ, "data": {"room": room, "seq": head.as_i64().unwrap() - 1, "unread": true}}))
        .await;
    assert_eq!(phone.data(25).await["unread"], 1, "marked unread");
}

#[tokio::test]
async fn a_mark_far_back_is_counted_as_exactly_as_a_near_one() {
    let server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let mut seqs = Vec::new();
    // More than the server has in memory.
    for number in 1..=330 {
        let ack = ada_ws.post_in(room, &format!("number {number}")).await;
        seqs.push(ack["seq"].clone());
        if number == 60 {
            let nonce = Uuid::new_v4();
            let like = json!({"nonce": nonce, "room": room, "id": ack["id"], "do": "react", "emoji": "🍵", "on": true});
            ada_ws
                .send(&json!({"type": kinds::CHANGE, "data": like}))
                .await;
            ada_ws.ack(nonce).await;
        }
    }
    let (mut bob_ws, welcome) = bob.hears(room).await;
    assert_eq!(welcome["rooms"][1]["unread"], 330);
    // Nearer to where the mark was, nearer to the end, and back again.
    for (read, unread, back) in [(20, 310, false), (320, 10, false), (10, 320, true)] {
        let data = json!({"room": room, "seq": seqs[read - 1], "unread": back});
        bob_ws
            .send(&json!({"type": kinds::READ, "data": data}))
            .await;
        let mark = bob_ws.data(25).await;
        assert_eq!(
            (&mark["read"], &mark["unread"]),
            (&seqs[read - 1], &json!(unread))
        );
    }
    let (_, welcome) = bob.hears(room).await;
    assert_eq!(welcome["rooms"][1]["unread"], 320);

    // What is still being counted does not take back what was read after it; the last one is a fence.
    let last = &seqs[seqs.len() - 1];
    let first = (11..20).map(|place| (&seqs[place], false));
    for (seq, back) in first.chain([(last, false), (&seqs[9], true)]) {
        let data = json!({"room": room, "seq": seq, "unread": back});
        bob_ws
            .send(&json!({"type": kinds::READ, "data": data}))
            .await;
    }
    while bob_ws.data(25).await["read"] != *last {}
    assert_eq!(bob_ws.data(25).await["read"], seqs[9]);
}

#[tokio::test]
async fn a_room_that_changed_in_the_background_is_right_once_it_is_opened() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = ada.makes("public", "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let before = opens(&mut ada_ws, room).await;
    opens(&mut ada_ws, 1).await;
    bob.joins(room).await;
    let resume = json!({"epoch": before["epoch"], "seq": before["head"]});
    let open = json!({"room": room, "resume": resume});
    ada_ws
        .send(&json!({"type": kinds::OPEN, "data": open}))
        .await;
    let missed = until(&mut ada_ws, 19, |data| data["room"] == room).await;
    assert_eq!(missed["events"][0]["kind"], "join");
    let now = part(&mut ada_ws, room, |_| true).await;
    assert_eq!(now["members"], 2, "as it is after what was missed");
}

#[tokio::test]
async fn read_marks_outlive_the_server() {
    let mut server = Server::start(&[]);
    let (ada, mut bob, room) = Member::two_in_a_room(&server, "Library").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    for number in 0..5 {
        ada_ws.post_in(room, &format!("page {number}")).await;
    }
    let (mut bob_ws, _) = bob.hears(room).await;
    let head = bob.sees(room).await["head"].as_i64().unwrap();
    bob_ws
        .send(&json!({"type": kinds::READ, "data": {"room": room, "seq": head - 2}}))
        .await;
    assert_eq!(bob_ws.data(25).await["unread"], 2);
    server.stop();
    server.launch();
    bob.guest = bob.guest.follow(&server);
    let seen = bob.sees(room).await;
    assert_eq!(
        (&seen["read"], &seen["unread"]),
        (&json!(head - 2), &json!(2))
    );
}

#[tokio::test]
async fn who_was_away_resumes_a_room_where_they_were() {
    let server = Server::start(&[]);
    let (ada, mut bob, room) = Member::two_in_a_room(&server, "Train").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    ada_ws.post_in(room, "before the tunnel").await;
    let seen = bob.sees(room).await;
    ada_ws.post_in(room, "in the tunnel").await;
    let mut bob_ws = bob.guest.open("/ws?feed", &[]).await.unwrap();
    let at = json!({room.to_string(): {"epoch": seen["epoch"], "seq": seen["head"]}});
    let hello = json!({"v": 1, "open": room, "resume": at});
    bob_ws
        .send(&json!({"type": kinds::HELLO, "data": hello}))
        .await;
    let batch = bob_ws.data(19).await;
    assert_eq!(batch["room"], room);
    assert_eq!(batch["events"][0]["message"]["content"], "in the tunnel");
    assert_eq!(batch["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_people_have_one_room_for_themselves() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut cy = Member::new(&server, "Cy").await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let made = ada
        .may("POST", "direct", &json!({"people": [bob.id]}))
        .await;
    let room = made["room"]["id"].as_i64().unwrap();
    assert_eq!(made["room"]["name"], "Bob");
    let told = part(&mut bob_ws, room, |_| true).await;
    assert_eq!(
        (&told["name"], &told["kind"]),
        (&json!("Ada"), &json!("direct"))
    );
    assert_eq!(told["with"][0]["here"], "off");
    let again = bob
        .may("POST", "direct", &json!({"people": [ada.id, bob.id]}))
        .await;
    assert_eq!(again["room"]["id"], room);
    let three = bob
        .may("POST", "direct", &json!({"people": [cy.id, ada.id]}))
        .await;
    assert_ne!(three["room"]["id"], room);
    let path = format!("rooms/{room}");
    assert_eq!(
        cy.may_not("GET", &path, &Value::Null).await,
        (404, "not_found".into())
    );
    let (mut ada_ws, _) = ada.hears(room).await;
    assert_eq!(
        part(&mut bob_ws, room, |part| part["with"][0]["here"] == "on").await["id"],
        room
    );
    ada_ws.post_in(room, "just between us").await;
    let told = part(&mut bob_ws, room, |part| part["unread"] == 1).await;
    assert_eq!(
        told["mentions"], 1,
        "what is said to one person is for them"
    );
    assert_eq!(told["call"]["text"], "just between us");
}

#[tokio::test]
async fn a_message_without_end_is_sent_as_slowly_as_the_room_wants() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Slow food").await;
    ada.may("PATCH", &format!("rooms/{room}"), &json!({"slow": 60}))
        .await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let nonce = Uuid::new_v4();
    let send = json!({"nonce": nonce, "room": room, "content": "soup"});
    for _ in 0..2 {
        bob_ws
            .send(&json!({"type": kinds::SEND, "data": send}))
            .await;
        bob_ws.ack(nonce).await;
    }
    let again = json!({"nonce": Uuid::new_v4(), "room": room, "content": "nuts"});
    bob_ws
        .send(&json!({"type": kinds::SEND, "data": again}))
        .await;
    let refused = bob_ws.data(15).await;
    assert_eq!(refused["code"], "slow_mode");
    assert!((55..=60).contains(&refused["retry_after"].as_u64().unwrap()));
    let (mut ada_ws, _) = ada.hears(room).await;
    ada_ws.post_in(room, "first").await;
    ada_ws.post_in(room, "second, for Ada looks after it").await;
}

#[tokio::test]
async fn typing_and_seen_are_told_to_those_who_have_the_room_open() {
    let server = Server::start(&[]);
    let (ada, bob, room) = Member::two_in_a_room(&server, "Desk").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    bob_ws
        .send(&json!({"type": kinds::TYPING, "data": {"room": room}}))
        .await;
    let typing = until(&mut ada_ws, 23, |data| data["who"] != json!([])).await;
    assert_eq!(typing["who"], json!([{"id": bob.id, "name": "Bob"}]));
    let ack = bob_ws.post_in(room, "here it is").await;
    let silent = until(&mut ada_ws, 23, |data| data["who"] == json!([])).await;
    assert_eq!(silent["more"], 0);
    let mark = json!({"id": bob.id, "seq": ack["seq"]});
    until(&mut ada_ws, 37, |data| {
        data["marks"].as_array().unwrap().contains(&mark)
    })
    .await;
}

#[tokio::test]
async fn who_leaves_their_page_alone_is_idle_until_all_their_pages_are_not() {
    let server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    let (mut ada_ws, _) = ada.hears(1).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let is = |here: &'static str| {
        let id = bob.id.clone();
        move |data: &Value| {
            let who = data["who"].as_array().unwrap();
            who.iter()
                .any(|person| person["id"] == id && person["here"] == here)
        }
    };
    bob_ws
        .send(&json!({"type": kinds::IDLE, "data": {"idle": true}}))
        .await;
    until(&mut ada_ws, 27, is("idle")).await;
    let (mut phone, _) = bob.hears(1).await;
    until(&mut ada_ws, 27, is("on")).await;
    phone
        .send(&json!({"type": kinds::IDLE, "data": {"idle": true}}))
        .await;
    until(&mut ada_ws, 27, is("idle")).await;
    bob_ws
        .send(&json!({"type": kinds::IDLE, "data": {"idle": false}}))
        .await;
    until(&mut ada_ws, 27, is("on")).await;
}
