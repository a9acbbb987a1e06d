//! A store in trouble: who sent something is told, nobody hears it, and once the trouble is over
//! everything goes on as if it had not been.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Guest, Server, Ws};

/// Keeps every other connection from writing while it lives.
fn lock(database: &Path) -> Connection {
    let other = Connection::open(database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// Sends `content` under `nonce` into a store that is in trouble.
async fn refused(ws: &mut Ws, nonce: Uuid, content: &str) -> Value {
    ws.submit(nonce, content).await;
    let error = ws.expect("the refusal", |frame| frame["type"] == 15).await;
    assert_eq!(error["data"]["nonce"], nonce.to_string());
    error["data"].clone()
}

#[tokio::test]
async fn a_locked_database_is_told_to_the_sender_and_to_nobody_else() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let held = lock(&server.data().join("teahouse.db"));
    let nonce = Uuid::new_v4();
    let error = refused(&mut ada, nonce, "into the lock").await;
    assert_eq!(error["code"], "not_saved");
    assert!(error["retry_after"].as_u64().unwrap() > 0, "{error}");
    drop(held);
    // The same send again is the first one that arrives.
    ada.submit(nonce, "into the lock").await;
    let ack = ada.ack(nonce).await;
    ada.submit(Uuid::new_v4(), "the end").await;
    let heard = bob.until_said("the end").await;
    let told = |frame: &&Value| frame["data"]["message"]["content"] == "into the lock";
    assert_eq!(heard.iter().filter(told).count(), 1, "{heard:?}");
    assert_eq!(ack["seq"], 1, "what failed has used no seq up");
}

#[tokio::test]
async fn reading_goes_on_while_writing_cannot() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    ws.post("before the lock").await;
    let _held = lock(&server.data().join("teahouse.db"));
    let page = guest.get("/").await;
    assert!(page.status == 200 && page.text().contains("before the lock"));
    let older = guest.get("/api/v1/rooms/1/messages").await.json();
    assert_eq!(older["messages"][0]["content"], "before the lock");
    assert_eq!(guest.get("/readyz").await.status, 200);
}
