//! A standby takes over that had not heard the last of what was acked: that is gone, and nobody is left with it.

use serde_json::Value;
use teahouse::protocol::kinds;

use crate::support::nats::Nats;
use crate::support::relay::Relay;
use crate::support::{Member, Server, Ws, eventually, postgres, within};

/// What a room has, as somebody sees it who asks now.
async fn said(who: &Member, room: i64) -> Vec<String> {
    let page = format!("/api/v1/rooms/{room}/messages");
    let page = who.guest.clone().get(&page).await.json();
    let messages = page["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["content"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn hears(ws: &mut Ws, content: &str) {
    let is_it = |frame: &Value| frame["data"]["message"]["content"] == content;
    within(content, ws.expect(content, is_it)).await;
}

async fn epoch(who: &Member, room: i64) -> String {
    let room = who.clone().sees(room).await;
    room["epoch"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_standby_has_not_heard_is_gone_for_everybody_and_all_begin_anew_once() {
    let nats = Nats::start();
    let first = postgres::Server::start();
    let database = first.create("template0");
    let way = Relay::to(first.addr()).await;
    let url = first.url_at(way.addr.port(), &database);
    let nodes = Server::start_nodes_on(&url, 2, &[("cluster.nats", &nats.url())]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let bob = bob.follow(&nodes[1]);
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    ada_ws.post_in(room, "kept").await;
    hears(&mut bob_ws, "kept").await;

    let standby = first.standby();
    let position = first.position();
    eventually("the standby has it", || async {
        standby.position() >= position
    })
    .await;
    standby.loses_sight();
    let lost = ada_ws.post_in(room, "lost").await;
    hears(&mut bob_ws, "lost").await;
    let before = epoch(&ada, room).await;

    way.cut();
    let _fallen = first.falls();
    standby.takes_over();
    way.lead_to(standby.addr());
    let is_reset = |frame: &Value| frame["type"] == kinds::RESET && frame["data"]["room"] == room;
    for ws in [&mut ada_ws, &mut bob_ws] {
        let reset = within("to begin anew", ws.expect("reset", is_reset))
            .await
            .to_string();
        assert!(reset.contains("kept") && !reset.contains("lost"), "{reset}");
    }
    // Its seq is given to something else.
    let after = ada_ws.post_in(room, "after").await;
    assert!(
        after["seq"].as_i64() <= lost["seq"].as_i64(),
        "{after} {lost}"
    );
    hears(&mut bob_ws, "after").await;
    for who in [&ada, &bob] {
        assert_eq!(said(who, room).await, ["kept", "after"]);
    }
    let epochs = [epoch(&ada, room).await, epoch(&bob, room).await];
    assert_eq!(epochs[0], epochs[1], "one new epoch");
    assert_ne!(epochs[0], before);
}
