//! Coming back: what was missed, from the ring or as a fresh page; what a crash must not lose.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, View, Ws};

/// Where a client of `welcome` is at `seq`.
fn position(welcome: &Value, seq: i64) -> Value {
    json!({"1": {"epoch": welcome["rooms"][0]["epoch"], "seq": seq}})
}

async fn recall(ws: &mut Ws, id: &Value) {
    ws.change(id, &json!({"do": "recall"})).await;
}

async fn edit(ws: &mut Ws, id: &Value, content: &str) {
    ws.change(id, &json!({"do": "edit", "content": content}))
        .await;
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_they_missed_in_order() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let bob = Guest::visiting(&server).await;
    let (mut first, welcome) = bob.feed().await;
    let early = ada.post("before").await;
    first.until_said("before").await;
    first.leave().await;
    ada.post_all(&["one".into(), "two".into()]).await;
    recall(&mut ada, &early["id"]).await;
    let (mut back, again) = bob.resume(&position(&welcome, 1)).await;
    assert_eq!(again["rooms"][0]["head"], 4);
    let batch = back.frame().await;
    assert_eq!(
        (&batch["type"], &batch["data"]["more"]),
        (&json!(19), &json!(false))
    );
    assert_eq!(batch["data"]["epoch"], welcome["rooms"][0]["epoch"]);
    let events = batch["data"]["events"].as_array().unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event["seq"].as_i64().unwrap(),
                event["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(2, "message"), (3, "message"), (4, "recall")]);
    assert_eq!(events[0]["message"]["content"], "one");
    assert_eq!(events[2]["id"], early["id"]);
    ada.post("live again").await;
    let live = back.until_said("live again").await;
    let event = live.last().unwrap();
    assert_eq!(
        event["data"]["seq"], 5,
        "and the live events go on from there"
    );
    let (mut nothing, _) = bob.resume(&position(&welcome, 5)).await;
    assert_eq!(nothing.data(19).await["events"], json!([]));
}

#[tokio::test]
async fn a_gap_that_is_too_wide_or_makes_no_sense_is_a_fresh_page() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let contents: Vec<String> = (1..=310).map(|number| format!("number {number}")).collect();
    ada.post_all(&contents).await;
    let bob = Guest::visiting(&server).await;
    let epoch = &welcome["rooms"][0]["epoch"];
    for (what, resume) in [
        ("too far back", json!({"1": {"epoch": epoch, "seq": 0}})),
        (
            "another epoch",
            json!({"1": {"epoch": "restored", "seq": 305}}),
        ),
        (
            "from the future",
            json!({"1": {"epoch": epoch, "seq": 311}}),
        ),
        (
            "far from the future",
            json!({"1": {"epoch": epoch, "seq": i64::MAX}}),
        ),
        (
            "before time",
            json!({"1": {"epoch": epoch, "seq": i64::MIN}}),
        ),
    ] {
        let (mut ws, _) = bob.resume(&resume).await;
        let reset = ws.data(21).await;
        assert_eq!(
            (&reset["head"], &reset["epoch"]),
            (&json!(310), epoch),
            "{what}"
        );
        let page = reset["page"].as_array().unwrap();
        assert_eq!(page.len(), 50);
        assert_eq!(page[49]["content"], "number 310");
        assert_eq!(page[0]["content"], "number 261");
    }
    let (mut ws, _) = bob.resume(&position(&welcome, 10)).await;
    let mut view = View::empty(&welcome);
    view.seq = 10;
    let missed = view.catch_up(&mut ws).await;
    assert_eq!((missed.len(), view.resets), (300, 0), "300 are kept");
}

#[tokio::test]
async fn words_that_were_withdrawn_are_told_to_nobody_who_comes_back() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let mut contents = vec!["a secret that slipped out".to_owned()];
    contents.extend((2..=290).map(|number| format!("number {number}")));
    let ids = ada.post_all(&contents).await;
    edit(&mut ada, &ids[0], "still a secret").await;
    recall(&mut ada, &ids[0]).await;
    let bob = Guest::visiting(&server).await;
    let (mut ws, _) = bob.resume(&position(&welcome, 0)).await;
    let missed = View::empty(&welcome).catch_up(&mut ws).await;
    let first = &missed[0]["message"];
    assert_eq!(
        (&first["content"], &first["recalled"]),
        (&json!(""), &json!(true))
    );
    assert!(!ws.heard.contains("secret"));
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages?before=2")
        .await
        .text();
    assert!(!page.contains("secret"), "{page}");
}

#[tokio::test]
async fn what_was_acked_survives_sigkill_and_clients_resume_where_they_were() {
    let mut server = Server::start(&[]);
    let bob = Guest::visiting(&server).await;
    let (mut witness, welcome) = bob.feed().await;
    let ada = Guest::visiting(&server).await;
    let (mut poster, _) = ada.feed().await;
    let nonce = Uuid::new_v4();
    poster.submit(nonce, "acked before").await;
    let first = poster.ack(nonce).await;
    witness.until_said("acked before").await;
    let mut acked = Vec::new();
    for number in 0..20 {
        acked.push(poster.post(&format!("number {number}")).await);
    }
    // More on the way when the power goes.
    for number in 0..50 {
        poster
            .submit(Uuid::new_v4(), &format!("perhaps {number}"))
            .await;
    }
    server.kill();
    server.launch();
    let (mut back, again) = bob.follow(&server).resume(&position(&welcome, 1)).await;
    assert_eq!(again["rooms"][0]["epoch"], welcome["rooms"][0]["epoch"]);
    let batch = back.data(19).await;
    let events = batch["events"].as_array().unwrap();
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], place + 2, "no hole, no double");
    }
    for ack in &acked {
        let kept = events
            .iter()
            .find(|event| event["message"]["id"] == ack["id"])
            .unwrap();
        assert_eq!(
            (&kept["seq"], &kept["message"]["at"]),
            (&ack["seq"], &ack["at"])
        );
    }
    let (mut poster, _) = ada.follow(&server).feed().await;
    poster.submit(nonce, "acked before").await;
    assert_eq!(
        poster.ack(nonce).await,
        first,
        "the same send again, after the crash"
    );
}

#[tokio::test]
async fn long_messages_come_back_whole_and_never_more_at_once_than_a_wire_holds() {
    let server = Server::start(&[("chat.max_message_chars", "20000")]);
    // Before hello a client hears nothing, and so need not read while it writes.
    let mut ada = Guest::of(&server).open("/ws?feed", &[]).await.unwrap();
    let long = |number: usize| format!("{number} {}", "\"茶\" ".repeat(4_900));
    let contents: Vec<String> = (1..=60).map(long).collect();
    let bob = Guest::visiting(&server).await;
    let (mut live, welcome) = bob.feed().await;
    // All at once, in a store that had to wait: what leaves the store together must not be more than a reader may have waiting.
    let held = server.locks();
    for content in &contents {
        ada.say(content).await;
    }
    assert!(ada.is_alive().await, "and so they have all been taken");
    drop(held);
    let mut listening = View::empty(&welcome);
    while listening.seq < 60 {
        listening.take(&live.frame().await);
    }
    let mut view = View::empty(&welcome);
    view.seq = 57;
    let (mut ws, _) = bob.resume(&view.resume()).await;
    assert_eq!(view.catch_up(&mut ws).await.len(), 3);
    let (newest, message) = view.messages.last_key_value().unwrap();
    assert_eq!(message["content"], contents[59].trim());
    let mut far = View::empty(&welcome);
    let (mut ws, _) = bob.resume(&far.resume()).await;
    far.catch_up(&mut ws).await;
    assert_eq!(far.resets, 1);
    assert!(far.messages.contains_key(newest) && far.messages.len() < 50);
    let (_, history) = Guest::of(&server).classic().await;
    let records = history["chatRecordList"].as_array().unwrap();
    assert_eq!(records.last().unwrap()["id"], *newest);
    assert!(records.len() < 50);
}

#[tokio::test]
async fn a_repeated_change_is_one_change_whatever_happens_in_between() {
    let mut server = Server::start(&[]);
    let ann = Guest::visiting(&server).await;
    let (mut ws, _) = ann.feed().await;
    let id = ws.post("first words").await["id"].clone();
    let nonce = Uuid::new_v4();
    let what = json!({"do": "edit", "content": "second words"});
    ws.submit_change(nonce, &id, &what).await;
    let first = ws.ack(nonce).await;
    edit(&mut ws, &id, "third words").await;
    server.kill();
    server.launch();
    let mut ann = ann.follow(&server);
    let (mut ws, _) = ann.feed().await;
    ws.submit_change(nonce, &id, &what).await;
    assert_eq!(ws.ack(nonce).await, first, "the same edit again");
    let now = &ann.get("/api/v1/rooms/1/messages").await.json()["messages"];
    assert_eq!(
        now[0]["content"], "third words",
        "an old edit that comes again undoes nothing"
    );
}

#[tokio::test]
async fn the_head_of_a_welcome_is_where_the_events_go_on_whatever_room_is_opened() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    let mut rooms = Vec::new();
    for number in 0..15 {
        let room = ada.makes("public", &format!("Room {number}")).await;
        bob.clone().joins(room).await;
        rooms.push(room);
    }
    // No room but the lobby is in memory after a start.
    server.stop();
    server.launch();
    let (mut talking, _) = ada.guest.follow(&server).feed().await;
    let bob = bob.guest.follow(&server);
    for room in rooms {
        let mut ws = bob.open("/ws?feed", &[]).await.unwrap();
        let nonces: Vec<Uuid> = (0..60).map(|_| Uuid::new_v4()).collect();
        let send = |nonce: &Uuid| json!({"type": kinds::SEND, "data": {"nonce": nonce, "room": room, "content": "while somebody comes"}});
        for nonce in &nonces[..20] {
            talking.send(&send(nonce)).await;
        }
        ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1, "open": room}}))
            .await;
        for nonce in &nonces[20..] {
            talking.send(&send(nonce)).await;
        }
        let welcome = ws.data(11).await;
        let known = welcome["rooms"].as_array().unwrap().iter();
        let mut seq = known.clone().find(|view| view["id"] == room).unwrap()["head"]
            .as_i64()
            .unwrap();
        for nonce in nonces {
            talking.ack(nonce).await;
        }
        talking
            .send(&json!({"type": kinds::SEND, "data": {"nonce": Uuid::new_v4(), "room": room, "content": "the end"}}))
            .await;
        let mut ended = false;
        while !ended {
            let frame = ws.frame().await;
            let events = match frame["type"].as_u64() {
                Some(17) => vec![frame["data"].clone()],
                Some(19) => frame["data"]["events"].as_array().unwrap().clone(),
                _ => continue,
            };
            for event in events.iter().filter(|event| event["room"] == room) {
                seq += 1;
                assert_eq!(event["seq"], seq, "a hole after the welcome");
                ended = event["message"]["content"] == "the end";
            }
        }
    }
}

#[tokio::test]
async fn words_before_an_edit_are_told_to_nobody_who_comes_back() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("the password is sesame").await["id"].clone();
    let answer = json!({"nonce": Uuid::new_v4(), "room": 1, "content": "is it?", "reply": id});
    ada.send(&json!({"type": kinds::SEND, "data": answer}))
        .await;
    ada.until_said("is it?").await;
    edit(&mut ada, &id, "the password was sesame once").await;
    edit(&mut ada, &id, "ask me for the password").await;
    let (mut eve, _) = Guest::visiting(&server)
        .await
        .resume(&position(&welcome, 0))
        .await;
    let told = View::empty(&welcome).catch_up(&mut eve).await;
    assert!(!eve.heard.contains("sesame"), "{told:?}");
    assert_eq!(told[0]["message"]["content"], "ask me for the password");
    assert_eq!(
        told[1]["message"]["reply"]["text"],
        "ask me for the password"
    );
    let kinds: Vec<&Value> = told.iter().map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["message", "message", "edit", "edit"]);
}
