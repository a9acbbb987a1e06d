//! A visitor makes an account: what they said before is theirs, and nobody else takes anything along.

use serde_json::{Value, json};

use crate::registration::PHRASE;
use crate::support::{Guest, Server};

#[tokio::test]
async fn what_an_account_was_before_is_not_what_others_are_told() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let visitor = guest.feed().await.1["me"]["id"].clone();
    let mut me = guest.register("Ada", PHRASE).await.json()["me"].clone();
    assert_eq!(me["was"], visitor);
    assert_eq!(guest.feed().await.1["me"], me, "the socket says the same");
    let (mut ws, _) = guest.feed().await;
    ws.post("hello").await;
    let said = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    me.as_object_mut()
        .unwrap()
        .retain(|key, _| ["id", "kind", "name", "avatar", "place"].contains(&key.as_str()));
    assert_eq!(said["messages"][0]["by"], me);
}

#[tokio::test]
async fn what_was_said_before_registering_is_the_accounts_to_change() {
    let mut server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    let (mut before, _) = ada.feed().await;
    let first = before.post("frist").await["id"].clone();
    let second = before.post("second").await["id"].clone();
    let mut eve = Guest::visiting(&server).await;
    assert_eq!(eve.register("Eve", PHRASE).await.status, 200);
    let (mut eve_ws, _) = eve.feed().await;
    let edit = json!({"do": "edit", "content": "first"});
    let of_theirs = |what: &Value| {
        let mut data = what.clone();
        data["room"] = 1.into();
        data["id"] = first.clone();
        data
    };
    assert_eq!(ada.register("Ada", PHRASE).await.status, 200);
    let (mut after, _) = ada.feed().await;
    let recall = json!({"do": "recall"});
    for what in [&edit, &recall] {
        assert_eq!(eve_ws.try_change(of_theirs(what)).await, "not_yours");
    }
    after.change(&first, &edit).await;
    after.change(&second, &recall).await;
    let path = format!("/api/v1/rooms/1/messages/{first}/versions");
    let versions = ada.get(&path).await;
    assert_eq!(
        versions.json()["versions"][0]["content"],
        "frist",
        "{versions:?}"
    );
    assert_eq!(eve.get(&path).await.status, 403);
    let data = ada.get("/api/v1/me/export").await.json();
    assert_eq!(data["messages"][0]["content"], "first");
    assert_eq!(data["messages"][1]["recalled"], true);
    // What others see is one thing, live, drawn anew and after a restart.
    let read = async |server: &Server| {
        let page = Guest::of(server).get("/api/v1/rooms/1/messages").await;
        page.json()["messages"].clone()
    };
    let live = read(&server).await;
    assert_eq!(live[0]["by"]["kind"], "visitor");
    server.stop();
    server.launch();
    assert_eq!(read(&server).await, live);
    let (mut again, _) = ada.follow(&server).feed().await;
    again
        .change(&first, &json!({"do": "edit", "content": "once more"}))
        .await;
}

#[tokio::test]
async fn whoever_has_no_cookie_of_their_own_brings_nothing_along() {
    let server = Server::start(&[]);
    let mut program = Guest::of(&server).with("user-agent", "shared");
    let (mut ws, _) = program.feed().await;
    let said = ws.post("by address and program").await["id"].clone();
    let answer = program.register("Ada", PHRASE).await;
    assert_eq!(answer.json()["me"].get("was"), None);
    let (mut program_ws, _) = program.feed().await;
    let recall = json!({"do": "recall", "room": 1, "id": said});
    assert_eq!(program_ws.try_change(recall).await, "not_yours");
    // Whoever is signed in and makes another account takes nothing of the first one.
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.register("Bob", PHRASE).await.status, 200);
    let other = guest.register("Bobby", PHRASE).await;
    assert_eq!(other.json()["me"].get("was"), None, "{other:?}");
}
