//! Keys with one scope: who only reads changes nothing, and who only writes reads nothing.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn a_key_that_reads_marks_nothing_as_read() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let wanted = json!({"name": "ears", "scopes": ["read"], "rooms": [room]});
    let key = ada.may("POST", "me/tokens", &wanted).await;
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let program = Guest::of(&server).with("authorization", &bearer);
    let (mut ws, _) = bob.hears(room).await;
    ws.post_in(room, "tea").await;
    let mut ears = program.open("/ws?feed", &[]).await.unwrap();
    ears.send(&json!({"type": kinds::HELLO, "data": {"v": 1, "open": room}}))
        .await;
    let welcome = ears.data(u64::from(kinds::WELCOME)).await;
    let head = &welcome["rooms"][0]["head"];
    ears.send(&json!({"type": kinds::READ, "data": {"room": room, "seq": head}}))
        .await;
    let data = json!({"nonce": Uuid::new_v4(), "room": room, "content": "x"});
    ears.send(&json!({"type": kinds::SEND, "data": data})).await;
    assert_eq!(ears.error().await, "scope_needed");
    assert_eq!(ada.sees(room).await["unread"], 1);
    let wanted = json!({"name": "hand", "scopes": ["write"]});
    let key = ada.may("POST", "me/tokens", &wanted).await;
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let mut hand = Guest::of(&server).with("authorization", &bearer);
    let path = format!("/api/v1/rooms/{room}/read");
    let body = json!({"seq": head}).to_string();
    let read = hand
        .request(
            "PUT",
            &path,
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
        .await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(ada.sees(room).await["unread"], 0);
}

#[tokio::test]
async fn a_key_that_only_writes_is_shown_nothing_of_others() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let said = ada
        .may(
            "POST",
            "rooms/1/messages",
            &json!({"content": "words of Ada"}),
        )
        .await;
    let id = &said["message"]["id"];
    let (code, _, err) = server.run(&["bot", "add", "Ears"], "");
    assert_eq!(code, Some(0), "{err}");
    let (_, out, _) = server.run(&["token", "add", "Ears", "--scopes", "write"], "");
    let mut mouth = Guest::of(&server).with("authorization", &format!("Bearer {}", out.trim()));
    let body = json!({"content": ".", "reply": id}).to_string();
    let headers = [("content-type", "application/json")];
    let path = "/api/v1/rooms/1/messages";
    let answer = mouth.request("POST", path, &headers, body.as_bytes()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(!answer.text().contains("words of Ada"), "{answer:?}");
    let path = format!("/api/v1/rooms/1/messages/{id}/reactions/%F0%9F%91%8D");
    let refused = mouth.request("PUT", &path, &[], b"").await;
    assert_eq!(
        (refused.status, refused.error()),
        (403, "scope_needed".to_owned())
    );
    let seen = ada
        .may("GET", &format!("rooms/1/messages/{id}"), &Value::Null)
        .await;
    assert!(seen["message"].get("reactions").is_none(), "{seen}");
}
