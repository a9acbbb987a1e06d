//! How far somebody has read: the same at every node that they are at, or come to.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::nats::Nats;
use crate::support::{Member, Server, Ws, eventually};

/// Somebody has read up to `seq`, or has not from there on.
async fn reads(ws: &mut Ws, room: i64, seq: &Value, unread: bool) {
    let data = json!({"room": room, "seq": seq, "unread": unread});
    ws.send(&json!({"type": kinds::READ, "data": data})).await;
}

/// Waits until a socket was told of so many unread in a room, and up to where it was read.
async fn told(ws: &mut Ws, room: i64, read: &Value, unread: i64) -> Value {
    let what = format!("read {read}, unread {unread}");
    let is_it = |frame: &Value| {
        let data = &frame["data"];
        frame["type"] == kinds::READ_MARKER
            && data["room"] == room
            && (&data["read"], &data["unread"]) == (read, &json!(unread))
    };
    ws.expect(&what, is_it).await["data"].take()
}

/// Waits until somebody has so many unread in a room.
async fn has_unread(who: &Member, room: i64, unread: i64) {
    let what = format!("{unread} unread");
    sees(who, room, &what, |view| view["unread"] == unread).await;
}

/// Waits until somebody has so many unread in a room, and has read up to where they did.
async fn has_read(who: &Member, room: i64, read: &Value, unread: i64) {
    let what = format!("read {read}, unread {unread}");
    let so = |view: &Value| (&view["read"], &view["unread"]) == (read, &json!(unread));
    sees(who, room, &what, so).await;
}

/// Waits until a room is so for somebody.
async fn sees(who: &Member, room: i64, what: &str, so: impl Fn(&Value) -> bool) {
    let path = format!("/api/v1/rooms/{room}");
    // A node may not have heard of the room yet.
    let there = async || {
        let answer = who.clone().guest.get(&path).await;
        answer.status == 200 && so(&answer.json()["room"])
    };
    eventually(what, there).await;
}

#[tokio::test]
async fn what_is_read_at_one_node_is_read_at_all() {
    let nats = Nats::start();
    let nodes = Server::start_nodes(2, &[("cluster.nats", &nats.url())]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let (mut ada_ws, _) = ada.follow(&nodes[1]).hears(room).await;
    let mut there = bob.follow(&nodes[1]);
    // Bob has the lobby open at both nodes.
    let (mut here_ws, _) = bob.hears(1).await;
    let (mut there_ws, _) = there.hears(1).await;
    let mut seqs = Vec::new();
    for number in 0..3 {
        let words = format!("@Bob cup {number}");
        let ack = crate::expiry::says(&mut ada_ws, room, &words, &Value::Null).await;
        seqs.push(ack["seq"].clone());
    }
    has_unread(&bob, room, 3).await;
    has_unread(&there, room, 3).await;
    reads(&mut here_ws, room, &seqs[1], false).await;
    let data = told(&mut there_ws, room, &seqs[1], 1).await;
    assert_eq!(data["mentions"], 1);
    // Those in the room see how far he is.
    let seen = |frame: &Value| {
        frame["type"] == kinds::SEEN
            && frame["data"]
                .to_string()
                .contains(&json!(bob.id).to_string())
            && frame["data"].to_string().contains(&seqs[1].to_string())
    };
    ada_ws.expect("how far Bob is", seen).await;
    // And back, from the other node.
    told(&mut here_ws, room, &seqs[1], 1).await;
    reads(&mut there_ws, room, &seqs[0], true).await;
    let data = told(&mut here_ws, room, &seqs[0], 2).await;
    assert_eq!(data["mentions"], 2, "as many as mention him from there on");
    has_unread(&bob, room, 2).await;
    // What he says at one node he has read at the other.
    let ack = crate::expiry::says(&mut there_ws, room, "thanks", &Value::Null).await;
    told(&mut here_ws, room, &ack["seq"], 0).await;
    // What he has set for the room.
    let path = format!("rooms/{room}/favourite");
    there.may("PUT", &path, &json!({"on": true})).await;
    let favourite = |frame: &Value| {
        let parts = frame["data"]["rooms"].as_array();
        parts.is_some_and(|parts| parts.iter().any(|part| part["favourite"] == true))
    };
    here_ws.expect("a favourite", favourite).await;
}

#[tokio::test]
async fn without_nats_what_was_read_is_known_where_somebody_comes() {
    let nodes = Server::start_nodes(2, &[]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let there = bob.follow(&nodes[1]);
    let (mut ada_ws, _) = ada.hears(room).await;
    let mut seqs = Vec::new();
    for number in 0..3 {
        let words = format!("cup {number}");
        let ack = crate::expiry::says(&mut ada_ws, room, &words, &Value::Null).await;
        seqs.push(ack["seq"].clone());
    }
    let (mut ws, _) = bob.hears(1).await;
    reads(&mut ws, room, &seqs[1], false).await;
    told(&mut ws, room, &seqs[1], 1).await;
    has_unread(&there, room, 3).await;
    ws.leave().await;
    let (mut ws, _) = there.hears(1).await;
    has_read(&there, room, &seqs[1], 1).await;
    // He goes back to where they have less.
    reads(&mut ws, room, &seqs[0], true).await;
    told(&mut ws, room, &seqs[0], 2).await;
    ws.leave().await;
    let (_ws, _) = bob.hears(1).await;
    has_read(&bob, room, &seqs[0], 2).await;
}
