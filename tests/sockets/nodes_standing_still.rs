//! A node that stood still, as a machine does that is moved or asleep: first it learns what the others have changed.

use std::time::Duration;

use serde_json::json;
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::nats::Nats;
use crate::support::{Guest, Member, Server, within};

/// A little more than what counts as standing still.
const STILL: Duration = Duration::from_millis(3_500);

#[tokio::test]
async fn who_was_signed_out_meanwhile_neither_says_nor_hears_anything() {
    let nats = Nats::start();
    let nodes = Server::start_nodes(2, &[("cluster.nats", &nats.url())]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let mut here = bob.clone();
    let (mut bob_ws, _) = bob.follow(&nodes[1]).hears(room).await;
    ada_ws.post_in(room, "tea?").await;
    let is_tea = |frame: &serde_json::Value| frame["data"]["message"]["content"] == "tea?";
    bob_ws.expect("what was said before", is_tea).await;

    nodes[1].signal("STOP");
    assert_eq!(here.guest.sign_out().await.status, 200);
    ada_ws.post_in(room, "Bob is out").await;
    for n in 0..20 {
        let nonce = Uuid::new_v4();
        let data = json!({"room": room, "nonce": nonce, "content": format!("let me in {n}")});
        bob_ws
            .send(&json!({"type": kinds::SEND, "data": data}))
            .await;
    }
    tokio::time::sleep(STILL).await;
    nodes[1].signal("CONT");

    let mut heard = Vec::new();
    let code = within("the end of Bob's connection", async {
        loop {
            match bob_ws.next().await {
                Ok(frame) => heard.push(frame.to_string()),
                Err(code) => return code,
            }
        }
    })
    .await;
    assert_eq!(code, Some(4500));
    let heard = heard.concat();
    assert!(!heard.contains("Bob is out"), "{heard}");
    assert!(!heard.contains("\"ack\""), "{heard}");
    let page = format!("/api/v1/rooms/{room}/messages");
    let said = ada.guest.clone().get(&page).await.text();
    assert!(
        said.contains("Bob is out") && !said.contains("let me in"),
        "{said}"
    );
    let metrics = Guest::of(&nodes[1]).get("/metrics").await.text();
    let first = "teahouse_cluster_stood_still_total{sweep=\"answered\"} 1";
    assert!(metrics.contains(first), "{metrics}");
}
