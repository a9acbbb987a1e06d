//! One server on two nodes: what people do on one, others find on the other.

use std::fs;

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{DEADLINE, Guest, Member, Server, Ws, eventually, postgres};

const PASSWORD: &str = "seven bowls 七碗茶";

/// Two nodes of one server; one of these people is at each.
struct Two {
    nodes: Vec<Server>,
    ada: Member,
    bob: Member,
    room: i64,
}

/// Ada is at the first node, Bob at the second; both are in a room of Ada's.
async fn two() -> Two {
    two_with(&[]).await
}

async fn two_with(settings: &[(&str, &str)]) -> Two {
    let nodes = Server::start_nodes(2, settings);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let bob = bob.follow(&nodes[1]);
    Two {
        nodes,
        ada,
        bob,
        room,
    }
}

/// The next event of this kind that a socket hears.
async fn event(ws: &mut Ws, kind: &str) -> Value {
    let is_it = |frame: &Value| frame["data"]["kind"] == kind;
    ws.expect(kind, is_it).await["data"].take()
}

/// Waits until a room is as it should be where somebody is.
async fn sees(who: &Member, room: i64, what: &str, is_it: impl Fn(&Value) -> bool) {
    eventually(what, async || is_it(&who.clone().sees(room).await)).await;
}

#[tokio::test]
async fn what_is_said_and_changed_is_heard_at_the_other_node() {
    let Two {
        nodes: _nodes,
        ada,
        mut bob,
        room,
    } = two().await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let ack = crate::expiry::says(&mut ada_ws, room, "tea?", &Value::Null).await;
    let heard = event(&mut bob_ws, "message").await;
    assert_eq!(heard["message"]["content"], "tea?");
    assert_eq!(
        (&heard["message"]["id"], &heard["seq"]),
        (&ack["id"], &ack["seq"])
    );
    for (change, kind) in [
        (json!({"do": "react", "emoji": "🍵", "on": true}), "react"),
        (json!({"do": "edit", "content": "coffee?"}), "edit"),
        (json!({"do": "recall"}), "recall"),
    ] {
        let mut change = change;
        change["room"] = room.into();
        change["id"] = ack["id"].clone();
        ada_ws.try_change(change).await;
        let told = event(&mut bob_ws, kind).await;
        assert_eq!(told["id"], ack["id"], "{told}");
    }
    // Unread is what was said since, at whichever node.
    let (mut elsewhere, _) = bob.hears(1).await;
    for number in 0..3 {
        crate::expiry::says(&mut ada_ws, room, &format!("cup {number}"), &Value::Null).await;
    }
    sees(&bob, room, "three are unread", |view| view["unread"] == 3).await;
    let head = bob.sees(room).await["head"].clone();
    let read = json!({"type": kinds::READ, "data": {"room": room, "seq": head}});
    elsewhere.send(&read).await;
    sees(&bob, room, "all are read", |view| view["unread"] == 0).await;
}

#[tokio::test]
async fn what_one_says_at_a_node_counts_at_the_other() {
    let two = two_with(&[("limits.messages_per_minute", "2")]).await;
    let (mut here, _) = two.ada.hears(two.room).await;
    let ada = two.ada.follow(&two.nodes[1]);
    let (mut there, _) = ada.hears(two.room).await;
    let (mut bob, _) = two.bob.hears(two.room).await;
    for words in ["one", "two"] {
        crate::expiry::says(&mut here, two.room, words, &Value::Null).await;
        event(&mut there, "message").await;
    }
    let third = json!({"room": two.room, "content": "three", "nonce": Uuid::new_v4()});
    there
        .send(&json!({"type": kinds::SEND, "data": third}))
        .await;
    assert_eq!(there.error().await, "too_fast");
    // Others have their own.
    crate::expiry::says(&mut bob, two.room, "mine", &Value::Null).await;
}

#[tokio::test]
async fn after_a_lossy_failover_nothing_is_shown_that_is_gone() {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let nodes = Server::start_nodes_on(&postgres.url(&database), 2, &[]);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let bob = bob.follow(&nodes[1]);
    let (mut ada_ws, before) = ada.hears(room).await;
    let ((mut bob_ws, _), (mut writer, _)) = (bob.hears(room).await, bob.hears(room).await);
    for words in ["kept", "lost", "lost too"] {
        ada_ws.post_in(room, words).await;
        bob_ws.until_said(words).await;
    }
    let of = |welcome: &Value, room: i64| {
        let rooms = welcome["rooms"].as_array().unwrap();
        let mine = rooms.iter().find(|each| each["id"] == room);
        mine.unwrap()["epoch"].clone()
    };
    // As if the last two had not come to the server that took over, which is another one.
    let lose = format!(
        "BEGIN; DELETE FROM events WHERE room_id = {room} AND message_id IN (SELECT id FROM messages WHERE content LIKE 'lost%');
         DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE content LIKE 'lost%');
         DELETE FROM messages WHERE content LIKE 'lost%';
         UPDATE rooms SET head = head - 2, said = said - 2 WHERE id = {room};
         UPDATE house SET value = '7/00000002' WHERE name = 'history'; COMMIT"
    );
    postgres.sql(&database, &lose);
    postgres.hangs_up(&database);
    // Who writes next is the first to see it; everybody begins anew, with what is there.
    writer.post_in(room, "new").await;
    let is_reset = |frame: &Value| frame["type"] == kinds::RESET && frame["data"]["room"] == room;
    for ws in [&mut ada_ws, &mut bob_ws] {
        ws.expect("a reset", is_reset).await;
    }
    for who in [&ada, &bob] {
        let there = async || {
            let path = format!("/api/v1/rooms/{room}/messages");
            let page = who.clone().guest.get(&path).await.json();
            crate::expiry::contents(&page) == ["kept", "new"]
        };
        eventually("what is there, and nothing that is gone", there).await;
    }
    // And so does whoever comes back.
    let (_, welcome) = ada.hears(room).await;
    assert_ne!(of(&welcome, room), of(&before, room), "another epoch");
}

#[tokio::test]
async fn what_is_said_is_put_in_its_place_in_the_index_and_by_no_sender() {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let nodes = Server::start_nodes_on(&postgres.url(&database), 2, &[]);
    let (ada, _, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let runs = async || {
        let mut runs = 0;
        for node in &nodes {
            let of_job = "teahouse_job_runs_total{job=\"search_pending\"}";
            runs += Guest::of(node).metric(of_job).await;
        }
        runs
    };
    ws.post_in(room, "oolong").await;
    let before = runs().await;
    // One begins after it was said, and has ended when another begins.
    eventually("the job has run", async || runs().await >= before + 2).await;
    let left = "SELECT gin_clean_pending_list('search_by_word')";
    assert_eq!(postgres.sql(&database, left), "0", "pages that were left");
    let mut guest = ada.guest.clone();
    assert_eq!(crate::search::finds(&mut guest, "oolong").await, ["oolong"]);
}

#[tokio::test]
async fn rooms_come_and_go_at_the_other_node() {
    let Two {
        nodes: _nodes,
        mut ada,
        mut bob,
        room,
    } = two().await;
    let (mut bob_ws, _) = bob.hears(room).await;
    // One that is made at one node is joined at the other, and its owner knows.
    let tea = ada.makes("public", "Oolong").await;
    eventually("it is there", async || {
        let path = format!("/api/v1/rooms/{tea}");
        bob.clone().guest.get(&path).await.status == 200
    })
    .await;
    bob.joins(tea).await;
    sees(&ada, tea, "Bob has come", |view| view["members"] == 2).await;
    let patch = json!({"topic": "leaves"});
    ada.may("PATCH", &format!("rooms/{tea}"), &patch).await;
    sees(&bob, tea, "the topic", |view| view["topic"] == "leaves").await;
    // Who is banned has lost the room wherever they are.
    ada.gives_role(room, &bob, "banned").await;
    let lost = |frame: &Value| frame["data"]["room"] == room || frame["data"]["id"] == room;
    bob_ws.expect("the room is lost", lost).await;
    let gone = async |room: i64| {
        let path = format!("/api/v1/rooms/{room}");
        eventually("it is gone", async || {
            bob.clone().guest.get(&path).await.status != 200
        })
        .await;
    };
    gone(room).await;
    ada.may("DELETE", &format!("rooms/{tea}"), &Value::Null)
        .await;
    gone(tea).await;
    assert!(bob_ws.is_alive().await);
}

#[tokio::test]
async fn who_somebody_is_and_whether_they_are_known_at_the_other_node() {
    let Two {
        nodes,
        ada,
        mut bob,
        room,
    } = two().await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let (mut ada_ws, _) = ada.hears(room).await;
    // Another name.
    bob.may("PUT", "me/name", &json!({"name": "Robert"})).await;
    let people = format!("rooms/{room}/members");
    eventually("the new name", async || {
        let told = ada.clone().may("GET", &people, &Value::Null).await;
        told.to_string().contains("Robert")
    })
    .await;
    // A device that is signed out at one node has its socket at the other.
    let mut there = Guest::visiting(&nodes[0]).await;
    assert_eq!(there.sign_in("Robert", PASSWORD).await.status, 200);
    let ended = there.change("DELETE", "/api/v1/me/devices", &Value::Null);
    assert_eq!(ended.await.status, 200);
    assert_eq!(bob_ws.closed().await, Some(4500));
    // The operator's word reaches sockets at any node.
    let (code, _, err) = nodes[1].run(
        &["user", "passwd", "Ada", "--password-stdin"],
        "nine bowls 九碗茶\n",
    );
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(ada_ws.closed().await, Some(4500));
    // Whoever deletes their account is nobody at all nodes.
    let mut robert = Member {
        guest: there,
        id: bob.id.clone(),
    };
    robert
        .may("DELETE", "me", &json!({"password": PASSWORD}))
        .await;
    let mut guest = Guest::visiting(&nodes[1]).await;
    assert_eq!(guest.sign_in("Robert", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_node_has_the_key_of_the_others_or_does_not_start() {
    let mut nodes = Server::start_nodes(2, &[("cluster.node", "kettle")]);
    let key = |node: &Server| node.data().join("session.key");
    let right = fs::read(key(&nodes[0])).unwrap();
    nodes[1].stop();
    // None is made where the server has one, whether others live or not.
    fs::remove_file(key(&nodes[1])).unwrap();
    let words = "session.key is not there, and this server has a key";
    assert!(nodes[1].is_refused().contains(words));
    fs::write(key(&nodes[1]), [7; 64]).unwrap();
    let refused = nodes[1].is_refused();
    for words in ["another key, at kettle", "Copy session.key"] {
        assert!(refused.contains(words), "{refused}");
    }
    nodes[0].stop();
    fs::remove_file(key(&nodes[1])).unwrap();
    assert!(nodes[1].is_refused().contains(words));
    assert!(!key(&nodes[1]).exists());
    // One that the operator has put there signs everybody out, and the old one is another.
    fs::write(key(&nodes[1]), [7; 64]).unwrap();
    nodes[1].launch();
    assert!(nodes[0].is_refused().contains("another key, at kettle"));
    let stopped = nodes[1].stop();
    let words = "the server had another session.key when it ran last";
    assert!(stopped.log.contains(words), "{}", stopped.log);
    fs::write(key(&nodes[1]), right).unwrap();
    for node in &mut nodes {
        node.launch();
    }
    let me = Guest::visiting(&nodes[0]).await;
    assert!(me.cookie.is_some());
}

#[tokio::test]
async fn nodes_that_are_too_old_for_what_a_newer_one_made_of_the_database_go_down_in_order() {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let mut nodes = Server::start_nodes_on(&postgres.url(&database), 2, &[]);
    let (mut ada, _) = Guest::visiting(&nodes[1]).await.feed().await;
    let sql = "UPDATE house SET value = '999' WHERE name = 'oldest'";
    postgres.sql(&database, sql);
    assert_eq!(ada.data(29).await["reason"], "restart");
    assert_eq!(ada.closed().await, Some(4000));
    for node in &mut nodes {
        let stopped = node.wait(DEADLINE);
        assert_eq!(stopped.code, Some(1), "{}", stopped.log);
        let words = "this one is too old for it now: it needs version 999 of the tables at least";
        assert!(stopped.log.contains(words), "{}", stopped.log);
    }
    assert!(nodes[0].is_refused().contains("newer"));
}
