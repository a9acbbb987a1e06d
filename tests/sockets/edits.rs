//! Other words for what was said: who may, what everybody hears of it, and in which dialect.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Server, Ws, arrive};

/// What an edit is answered with: the ack's data, or the code of the refusal.
async fn edit(ws: &mut Ws, room: i64, id: &Value, content: &str) -> Value {
    let data = json!({"room": room, "do": "edit", "id": id, "content": content});
    ws.try_change(data).await
}

#[tokio::test]
async fn an_edit_is_acked_told_to_everybody_and_seen_by_newcomers() {
    let server = Server::start(&[]);
    let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = ada.post("the frist words").await;
    let ack = edit(&mut ada, 1, &said["id"], "  the <first> words  ").await;
    assert_eq!((&ack["id"], &ack["seq"]), (&said["id"], &json!(2)));
    let told = bob
        .expect("the edit", |frame| frame["data"]["kind"] == "edit")
        .await;
    let by = json!({"id": welcome["me"]["id"], "name": welcome["me"]["name"]});
    assert_eq!(
        told["data"],
        json!({"room": 1, "seq": 2, "kind": "edit", "id": said["id"], "at": ack["at"], "by": by,
            "content": "  the <first> words", "html": "the &lt;first&gt; words"})
    );
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    let message = &page["messages"][0];
    assert_eq!(message["content"], "  the <first> words");
    assert_eq!(
        (&message["seq"], &message["rev"], &message["edited"]),
        (&json!(1), &json!(2), &ack["at"])
    );
    let drawn = Guest::of(&server).get("/").await.text();
    assert!(drawn.contains("the &lt;first&gt; words") && !drawn.contains("frist"));
}

#[tokio::test]
async fn only_the_author_edits_and_only_what_is_there() {
    let server = Server::start(&[("chat.max_message_chars", "10")]);
    let admin = [
        "user",
        "add",
        "Grace",
        "--role",
        "admin",
        "--password-stdin",
    ];
    assert_eq!(server.run(&admin, "tea before noon\n").0, Some(0));
    let mut grace = Guest::visiting(&server).await;
    grace.sign_in("Grace", "tea before noon").await;
    let (mut grace, _) = grace.feed().await;
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let (mut eve, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("mine").await["id"].clone();
    assert_eq!(edit(&mut bob, 1, &id, "mine now").await, "not_yours");
    assert_eq!(edit(&mut grace, 1, &id, "mine too").await, "not_yours");
    assert_eq!(edit(&mut ada, 1, &json!(99), "where").await, "not_found");
    assert_eq!(edit(&mut ada, 2, &id, "where").await, "not_found");
    assert_eq!(edit(&mut ada, 1, &id, " \u{200b} ").await, "empty");
    assert_eq!(edit(&mut ada, 1, &id, "eleven char").await, "too_long");
    ada.change(&id, &json!({"do": "recall"})).await;
    assert_eq!(edit(&mut ada, 1, &id, "again").await, "too_late");
    ada.post("the end").await;
    let heard = eve.until_said("the end").await;
    let kinds: Vec<&str> = heard
        .iter()
        .filter_map(|frame| frame["data"]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["message", "recall", "message"]);
}

#[tokio::test]
async fn who_may_only_read_may_not_edit_either() {
    let mut server = Server::start(&[]);
    let ann = Guest::visiting(&server).await;
    let (mut ws, _) = ann.feed().await;
    let id = ws.post("when guests could talk").await["id"].clone();
    server.stop();
    server.set("chat.guests", "read");
    server.launch();
    let (mut ws, _) = ann.follow(&server).feed().await;
    assert_eq!(edit(&mut ws, 1, &id, "later").await, "guests_read");
}

#[tokio::test]
async fn classic_clients_see_the_record_go_and_come_with_its_new_words() {
    let server = Server::start(&[]);
    let (mut classic, _) = arrive(&server, "one").await;
    let (mut second, _) = arrive(&server, "second dialect").await;
    second
        .send(&json!({"type": kinds::SECOND_PING, "data": "ping"}))
        .await;
    second.data(5).await;
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("before").await["id"].clone();
    edit(&mut ada, 1, &id, "after & all").await;
    ada.post("the end").await;
    let bare = json!({"type": kinds::RECALL, "data": id});
    let whole = json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": false}});
    for (ws, gone) in [(&mut classic, whole), (&mut second, bare)] {
        let heard = ws.until_said("the end").await;
        let told: Vec<&Value> = heard
            .iter()
            .filter(|frame| frame["type"] != kinds::ONLINE)
            .collect();
        assert_eq!(told[0]["data"]["content"], "before");
        assert_eq!(told[1], &gone);
        assert_eq!(
            (&told[2]["data"]["id"], &told[2]["data"]["content"]),
            (&id, &json!("after &amp; all"))
        );
        assert_eq!(told[2]["data"]["createTime"], told[0]["data"]["createTime"]);
        assert_eq!(told.len(), 4, "and nothing else: {told:?}");
    }
    let (_, history) = Guest::of(&server).classic().await;
    let contents: Vec<&Value> = history["chatRecordList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| &record["content"])
        .collect();
    assert_eq!(contents, ["after &amp; all", "the end"]);
}

#[tokio::test]
async fn an_edit_of_long_ago_is_told_to_those_who_can_place_it() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("long ago").await["id"].clone();
    for number in 0..310 {
        ada.submit(Uuid::new_v4(), &format!("number {number}"))
            .await;
    }
    ada.until_said("number 309").await;
    let (mut classic, _) = arrive(&server, "one").await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    edit(&mut ada, 1, &id, "longer ago").await;
    ada.post("the end").await;
    let told = bob.until_said("the end").await;
    assert!(told.iter().any(|frame| frame["data"]["kind"] == "edit"));
    let heard = classic.until_said("the end").await;
    let known = |frame: &&Value| frame["type"] == kinds::TEXT || frame["type"] == kinds::RECALL;
    assert_eq!(heard.iter().filter(known).count(), 1, "{heard:?}");
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages?before=2")
        .await
        .json();
    assert_eq!(page["messages"][0]["content"], "longer ago");
}

#[tokio::test]
async fn an_edit_and_a_recall_at_the_same_moment_end_with_nothing_said() {
    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    let (mut page, _) = ada.feed().await;
    let (mut phone, _) = ada.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    for round in 0..20 {
        let id = page.post(&format!("number {round}")).await["id"].clone();
        let reply = json!({"nonce": Uuid::new_v4(), "room": 1, "content": "what?", "reply": id});
        bob.send(&json!({"type": kinds::SEND, "data": reply})).await;
        let recall = json!({"room": 1, "do": "recall", "id": id});
        let (edited, recalled) = tokio::join!(
            edit(&mut page, 1, &id, "other words"),
            phone.try_change(recall)
        );
        assert_eq!(recalled["id"], id, "{recalled}");
        assert!(edited["id"] == id || edited == "too_late", "{edited}");
        let path = format!("/api/v1/rooms/1/messages/{id}");
        let left = ada.get(&path).await.json()["message"].clone();
        assert_eq!(
            (&left["recalled"], &left["content"]),
            (&json!(true), &json!(""))
        );
    }
    let found = ada.get("/api/v1/search?q=other%20words").await.json();
    assert_eq!(found["hits"], json!([]));
    let all = ada.get("/api/v1/rooms/1/messages").await.text();
    assert!(
        !all.contains("other words") && !all.contains("number"),
        "{all}"
    );
}
