//! Who said it: on the classic protocol everything that identifies somebody is the server's word,
//! and a claim is used only where it harms nobody.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Guest, Server, arrive};

#[tokio::test]
async fn clients_know_their_own_records_by_ip_address() {
    let server = Server::start(&[]);
    let (mut ada, ada_is) = arrive(&server, "ada").await;
    let (mut bob, bob_is) = arrive(&server, "bob").await;
    ada.say("by ada").await;
    let seen = bob.until_said("by ada").await.pop().unwrap();
    assert_eq!(seen["data"]["ipAddress"], ada_is["ipAddress"]);
    assert_ne!(seen["data"]["ipAddress"], bob_is["ipAddress"]);
    ada.leave().await;
    let (_, ada_again) = arrive(&server, "ada").await;
    assert_eq!(
        ada_again["ipAddress"], ada_is["ipAddress"],
        "stable for one visitor"
    );
}

#[tokio::test]
async fn what_identifies_is_the_servers_word_and_no_claim() {
    let server = Server::start(&[]);
    let (mut ada, own) = arrive(&server, "ada").await;
    ada.send(&json!({"type": kinds::TEXT, "data": {
        "id": 999_999, "userId": 1, "nickname": "  Ada\u{202e} of  Tea ", "avatar": "https://example.org/a.png",
        "content": "claims", "type": 5, "ipAddress": "203.0.113.9", "ipAddr": "203.0.113.9",
        "ipSource": "月球", "createTime": "1999-01-01T00:00:00.000Z",
    }}))
    .await;
    let record = ada.until_said("claims").await.pop().unwrap()["data"].take();
    assert_ne!(record["id"], 999_999);
    assert_eq!(record["userId"], Value::Null);
    assert_eq!(record["type"], kinds::TEXT);
    assert_eq!(record["ipAddress"], own["ipAddress"]);
    assert_eq!(record["ipAddr"], own["ipAddress"]);
    assert_eq!(record["ipSource"], own["ipSource"]);
    assert!(!record["createTime"].as_str().unwrap().starts_with("1999"));
    assert_eq!(
        record["nickname"], "Ada of Tea",
        "a nameless visitor's own word, made tidy"
    );
    assert_eq!(record["avatar"], "https://example.org/a.png");
}

#[tokio::test]
async fn a_claimed_name_or_picture_that_is_no_good_is_not_used() {
    let server = Server::start(&[]);
    let mut owner = Guest::visiting(&server).await;
    assert_eq!(
        owner.register("Grace", "a long pass phrase").await.status,
        200
    );
    let (mut ws, _) = arrive(&server, "nobody").await;
    ws.say("unclaimed").await;
    let plain = ws.until_said("unclaimed").await.pop().unwrap()["data"].take();
    let names = [
        json!("Grace"),
        json!("ＧＲＡＣＥ"),
        json!("g r a c e"),
        json!("@grace"),
        json!("管理员"),
        json!("系統消息"),
        json!("Admin"),
        json!("@all"),
        json!("\u{200b}"),
        json!("x".repeat(25)),
        json!(17),
        json!({"a": 1}),
    ];
    for (number, name) in names.into_iter().enumerate() {
        let content = format!("claim {number}");
        ws.send(
            &json!({"type": kinds::TEXT, "data": {"content": content, "nickname": name,
            "avatar": "javascript:alert(1)"}}),
        )
        .await;
        let record = ws.until_said(&content).await.pop().unwrap()["data"].take();
        assert_eq!(record["nickname"], plain["nickname"], "{name}");
        assert_eq!(record["avatar"], plain["avatar"]);
    }
}

#[tokio::test]
async fn an_accounts_name_and_number_come_from_the_account() {
    let server = Server::start(&[]);
    let mut grace = Guest::visiting(&server).await;
    assert_eq!(
        grace.register("Grace", "a long pass phrase").await.status,
        200
    );
    let (mut ws, history) = grace.classic().await;
    ws.send(
        &json!({"type": kinds::TEXT, "data": {"content": "hi", "nickname": "Ada", "userId": 77,
        "avatar": "https://example.org/a.png"}}),
    )
    .await;
    let record = ws.until_said("hi").await.pop().unwrap()["data"].take();
    assert_eq!(record["nickname"], "Grace");
    assert_eq!(record["userId"], 1);
    assert!(record["avatar"].as_str().unwrap().starts_with("/avatar/"));
    assert_eq!(record["ipAddress"], history["ipAddress"]);
}

#[tokio::test]
async fn a_visitors_name_that_an_account_has_taken_meanwhile_is_the_accounts() {
    let server = Server::start(&[]);
    let mut visitor = Guest::visiting(&server).await;
    let named = visitor
        .change("PUT", "/api/v1/me/name", &json!({"name": "Zoe"}))
        .await;
    assert_eq!(named.json()["me"]["name"], "Zoe");
    let mut zoe = Guest::visiting(&server).await;
    assert_eq!(zoe.register("zoe", "a long pass phrase").await.status, 200);
    let me = visitor.get("/api/v1/me").await.json()["me"].take();
    assert_ne!(me["name"], "Zoe");
    let (mut ws, welcome) = visitor.feed().await;
    assert_eq!(welcome["me"], me);
    ws.post("who am I?").await;
    let people = zoe.get("/api/v1/rooms/1/people").await.json();
    assert_eq!(people["who"][0]["name"], me["name"], "{people}");
    let said = zoe.get("/api/v1/rooms/1/messages").await.json();
    assert_eq!(said["messages"][0]["by"]["name"], me["name"], "{said}");
}
