//! What the nodes of one server say once it is quiet: all the same, and what one says that has just read it from the
//! database.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Guest, Server, Ws, eventually};

/// Waits until all nodes show the lobby as one does that is started now, and as many people.
pub async fn agree(nodes: &[Server]) {
    let mut new = nodes[0].beside();
    // What stands between it and the database runs here, too.
    let started = tokio::task::spawn_blocking(move || {
        new.launch();
        new
    });
    let new = started.await.unwrap();
    let visitor = Guest::visiting(&new).await;
    let (_here, truth) = looks(&visitor).await;
    assert_ne!(truth["page"], json!([]));
    for node in nodes {
        let visitor = visitor.clone().follow(node);
        let what = format!("a node shows the lobby as it is: {truth}");
        eventually(&what, async || looks(&visitor).await.1 == truth).await;
    }
    // Whoever was there during the storm has gone, and is counted nowhere.
    for node in nodes.iter().chain([&new]) {
        eventually("the visitor alone is here", async || {
            people(node).await == 1
        })
        .await;
    }
}

/// The lobby as a node has it in memory, and the socket that it was shown to.
async fn looks(visitor: &Guest) -> (Ws, Value) {
    let elsewhere = json!({"1": {"epoch": "", "seq": 0}});
    let (mut ws, _) = visitor.resume(&elsewhere).await;
    let shown = ws.data(kinds::RESET.into()).await;
    (ws, shown)
}

async fn people(node: &Server) -> Value {
    let answer = Guest::of(node).get("/api/v1/rooms/1/people").await;
    answer.json()["people"].clone()
}
