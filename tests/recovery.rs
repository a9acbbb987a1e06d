//! Coming back: what was missed, from the ring or as a fresh page; what a crash must not lose;
//! and what a snapshot and events add up to.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Guest, Server, Ws};

/// Where a client of `welcome` is at `seq`.
fn position(welcome: &Value, seq: i64) -> Value {
    json!({"1": {"epoch": welcome["rooms"][0]["epoch"], "seq": seq}})
}

/// Says `contents`, in order, and waits for all acks; gives the ids.
async fn say_all(ws: &mut Ws, contents: &[String]) -> Vec<Value> {
    let mut ids = Vec::new();
    for group in contents.chunks(50) {
        let nonces: Vec<Uuid> = group.iter().map(|_| Uuid::new_v4()).collect();
        for (nonce, content) in nonces.iter().zip(group) {
            ws.submit(*nonce, content).await;
        }
        for nonce in nonces {
            ids.push(ws.ack(nonce).await["id"].clone());
        }
    }
    ids
}

async fn recall(ws: &mut Ws, id: &Value) {
    let nonce = Uuid::new_v4();
    let data = json!({"nonce": nonce, "room": 1, "do": "recall", "id": id});
    ws.send(&json!({"type": 14, "data": data})).await;
    ws.ack(nonce).await;
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_he_missed_in_order() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let bob = Guest::visiting(&server).await;
    let (mut first, welcome) = bob.feed().await;
    let early = ada.post("before").await;
    first.until_said("before").await;
    first.leave().await;
    say_all(&mut ada, &["one".into(), "two".into()]).await;
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
    say_all(&mut ada, &contents).await;
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
    let batch = ws.data(19).await;
    assert_eq!(
        batch["events"].as_array().unwrap().len(),
        300,
        "300 are kept"
    );
}

#[tokio::test]
async fn words_that_were_withdrawn_are_told_to_nobody_who_comes_back() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let mut contents = vec!["a secret that slipped out".to_owned()];
    contents.extend((2..=290).map(|number| format!("number {number}")));
    let ids = say_all(&mut ada, &contents).await;
    recall(&mut ada, &ids[0]).await;
    let bob = Guest::visiting(&server).await;
    let (mut ws, _) = bob.resume(&position(&welcome, 0)).await;
    let batch = ws.data(19).await;
    let first = &batch["events"][0]["message"];
    assert_eq!(
        (&first["content"], &first["recalled"]),
        (&json!(""), &json!(true))
    );
    assert!(!batch.to_string().contains("secret"));
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
async fn a_page_and_the_events_after_it_add_up_to_the_newer_page() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let ids = say_all(&mut ada, &["one".into(), "two".into(), "three".into()]).await;
    let mut reader = Guest::visiting(&server).await;
    let mut state = reader.get("/api/v1/rooms/1/messages").await.json()["messages"].take();
    say_all(&mut ada, &["four".into()]).await;
    recall(&mut ada, &ids[1]).await;
    say_all(&mut ada, &["five".into()]).await;
    let (mut ws, _) = reader.resume(&position(&welcome, 3)).await;
    let batch = ws.data(19).await;
    let messages = state.as_array_mut().unwrap();
    for event in batch["events"].as_array().unwrap() {
        match event["kind"].as_str().unwrap() {
            "message" => messages.push(event["message"].clone()),
            "recall" => {
                let message = messages
                    .iter_mut()
                    .find(|message| message["id"] == event["id"])
                    .unwrap();
                message["content"] = json!("");
                message["recalled"] = json!(true);
                message.as_object_mut().unwrap().remove("html");
            }
            other => panic!("a new kind of event needs a row here: {other}"),
        }
    }
    let newer = reader.get("/api/v1/rooms/1/messages").await.json();
    assert_eq!(state, newer["messages"]);
}
