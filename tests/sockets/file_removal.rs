//! One file taken out of its message: by whom, what everybody sees of it, and what is left of its bytes.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::voice::recording;
use crate::support::{Guest, Member, Server, eventually};

fn unfile(file: &str) -> Value {
    json!({"do": "unfile", "file": file})
}

#[tokio::test]
async fn a_file_that_is_taken_out_leaves_its_place_and_nothing_else() {
    let server = Server::start(&[("chat.recall_window", "0s")]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(1).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    let first = ada.uploads("first.txt", b"regretted").await;
    let second = ada.uploads("second.pdf", b"%PDF-1.7").await;
    let files = json!([{"id": first, "alt": "what it says"}, {"id": second}]);
    let ack = ws.sends_files(1, "both", &files).await;
    let reply = json!({"nonce": Uuid::new_v4(), "room": 1, "content": "look", "reply": ack["id"]});
    bob_ws.send(&json!({"type": 12, "data": reply})).await;
    classic
        .expect("all", |frame| frame["data"]["content"] == "look")
        .await;
    let refused = json!({"room": 1, "id": ack["id"], "do": "recall"});
    assert_eq!(ws.try_change(refused).await, "too_late");
    let mut theirs = unfile(&first);
    (theirs["room"], theirs["id"]) = (1.into(), ack["id"].clone());
    assert_eq!(bob_ws.try_change(theirs.clone()).await, "not_yours");
    theirs["file"] = "a".repeat(26).into();
    assert_eq!(ws.try_change(theirs.clone()).await, "not_found");
    theirs["file"] = "x".into();
    assert_eq!(ws.try_change(theirs).await, "bad_data");

    let nonce = Uuid::new_v4();
    ws.submit_change(nonce, &ack["id"], &unfile(&first)).await;
    let done = ws.ack(nonce).await;
    let event = bob_ws
        .expect("the event", |frame| frame["data"]["kind"] == "file")
        .await;
    let expected = json!({
        "room": 1, "seq": done["seq"], "kind": "file", "id": ack["id"], "at": done["at"],
        "by": {"id": ada.id, "name": "Ada"}, "file": first, "first": "file"
    });
    assert_eq!(event["data"], expected);
    // The same again, under this nonce and another, is nothing new.
    ws.submit_change(nonce, &ack["id"], &unfile(&first)).await;
    assert_eq!(ws.ack(nonce).await, done);
    let again = ws.change(&ack["id"], &unfile(&first)).await;
    assert_eq!(again["seq"], done["seq"]);

    let path = format!("rooms/1/messages/{}", ack["id"]);
    let message = bob.may("GET", &path, &Value::Null).await["message"].take();
    assert_eq!(
        message["files"][0],
        json!({"id": first, "kind": "file", "gone": true})
    );
    assert_eq!(message["files"][1]["name"], "second.pdf");
    for who in [&mut ada.guest, &mut bob.guest] {
        let gone = who.get(&format!("/files/{first}/raw")).await;
        assert_eq!(
            (gone.status, gone.header("cache-control")),
            (404, Some("no-store"))
        );
        let kept = who.get(&format!("/files/{second}/raw")).await;
        assert_eq!(kept.status, 200);
    }
    // A classic client hears the record anew, under its id, without it.
    classic
        .expect("the recall", |frame| frame["type"] == 4)
        .await;
    let record = classic.frame().await;
    assert_eq!(record["data"]["id"], ack["id"]);
    let content = record["data"]["content"].as_str().unwrap();
    assert!(
        !content.contains(&first) && content.contains(&second),
        "{content}"
    );
    eventually("its bytes are gone", async || {
        server.run(&["files", "check"], "").1.starts_with("1 files")
            && !server
                .data()
                .join("files")
                .join(first.split_at(2).0)
                .join(format!("{first}.raw"))
                .exists()
    })
    .await;

    // The last file of words goes like the first, and then there must be words.
    ws.change(&ack["id"], &unfile(&second)).await;
    let event = bob_ws
        .expect("the event", |frame| {
            frame["data"]["file"] == second.as_str()
        })
        .await;
    assert!(event["data"]["first"].is_null(), "{event}");
    let reply = bob.may("GET", "rooms/1/messages", &Value::Null).await["messages"][1].take();
    assert!(reply["reply"]["file"].is_null(), "{reply}");
    let refused = json!({"room": 1, "id": ack["id"], "do": "edit", "content": ""});
    assert_eq!(ws.try_change(refused).await, "empty");
}

#[tokio::test]
async fn the_last_file_without_words_takes_its_message_along_and_a_moderator_may_take_any() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    server.crown("Bob");
    let (mut ws, _) = ada.hears(1).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    let files = [ada.uploads("a", b"a").await, ada.uploads("b", b"b").await];
    let wanted = json!([{"id": files[0]}, {"id": files[1]}]);
    let ack = ws.sends_files(1, "", &wanted).await;
    bob_ws.change(&ack["id"], &unfile(&files[0])).await;
    let event = ws
        .expect("the event", |frame| frame["data"]["kind"] == "file")
        .await;
    assert_eq!(event["data"]["by"]["name"], "Bob");
    ws.change(&ack["id"], &unfile(&files[1])).await;
    let event = bob_ws
        .expect("the recall", |frame| frame["data"]["kind"] == "recall")
        .await;
    assert_eq!(event["data"]["id"], ack["id"]);
    let path = format!("rooms/1/messages/{}", ack["id"]);
    let message = bob.may("GET", &path, &Value::Null).await["message"].take();
    assert_eq!(
        (&message["recalled"], &message["files"]),
        (&true.into(), &Value::Null)
    );

    // A voice is recalled, for classic clients as a voice.
    let voice = ada.records(&recording(16_000, 500)).await["id"].take();
    let ack = ws.sends_files(1, "", &json!([{"id": voice}])).await;
    ws.change(&ack["id"], &unfile(voice.as_str().unwrap()))
        .await;
    let recall = classic
        .expect("the recall", |frame| {
            frame["type"] == 4 && frame["data"]["id"] == ack["id"]
        })
        .await;
    assert_eq!(recall["data"]["isVoice"], true);
    eventually("nothing is left", async || {
        server.run(&["files", "check"], "").1.starts_with("0 files")
    })
    .await;
}

#[tokio::test]
async fn who_has_copies_is_told_which_are_not_to_be_seen() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let mut eve = Member::new(&server, "Eve").await;
    let cellar = ada.makes("private", "Cellar").await;
    let code = ada.invites(cellar, &json!({})).await;
    bob.accepts(&code).await;
    let (mut ws, _) = ada.hears(cellar).await;
    let secret = ada.uploads("a", b"secret").await;
    ws.sends_files(cellar, "", &json!([{"id": secret}])).await;
    let (mut ws, _) = ada.hears(1).await;
    let open = ada.uploads("b", b"open").await;
    let said = ws.sends_files(1, "", &json!([{"id": open}])).await;
    let unsent = ada.uploads("c", b"unsent").await;
    let nowhere = "a".repeat(26);
    let asked = json!({"files": [secret, open, unsent, nowhere]});
    for (who, gone) in [
        (&mut ada, vec![&nowhere]),
        (&mut bob, vec![&unsent, &nowhere]),
        (&mut eve, vec![&secret, &unsent, &nowhere]),
    ] {
        let told = who.may("POST", "files/gone", &asked).await;
        assert_eq!(told, json!({ "files": gone }));
    }
    ada.gives_role(cellar, &bob, "banned").await;
    ws.change(&said["id"], &json!({"do": "recall"})).await;
    let told = bob.may("POST", "files/gone", &asked).await;
    assert_eq!(told, asked);
    let told = ada.may("POST", "files/gone", &asked).await;
    assert_eq!(told, json!({"files": [open, nowhere]}));
    for bad in [
        json!({"files": vec![&nowhere; 201]}),
        json!({"files": ["x"]}),
        json!({}),
    ] {
        let refused = ada.may_not("POST", "files/gone", &bad).await;
        assert_eq!(refused, (400, "bad_data".to_owned()), "{bad}");
    }
}
