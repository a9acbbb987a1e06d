//! Who is here, who types: over several nodes that tell each other over NATS, and what is left of it without.

use std::time::Duration;

use async_nats::HeaderMap;
use futures_util::StreamExt;
use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::nats::Nats;
use crate::support::{Guest, Member, Server, Ws, arrive, eventually, within};

fn nodes(number: usize, nats: &Nats) -> Vec<Server> {
    Server::start_nodes(number, &[("cluster.nats", &nats.url())])
}

/// A visitor's socket at a node, and their id.
async fn comes(guest: &Guest) -> (Ws, String) {
    let (ws, welcome) = guest.feed().await;
    (ws, welcome["me"]["id"].as_str().unwrap().to_owned())
}

fn has(frame: &Value, id: &str) -> bool {
    let who = frame["data"]["who"].as_array();
    who.is_some_and(|who| who.iter().any(|person| person["id"] == id))
}

/// The next count of who is here that is as wanted, and those before it.
async fn counts(ws: &mut Ws, what: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let is_it = |frame: &Value| frame["type"] == kinds::PRESENCE && wanted(&frame["data"]);
    let mut frames = ws.until(what, is_it).await;
    frames.retain(|frame| frame["type"] == kinds::PRESENCE);
    frames
}

async fn people(node: &Server) -> Value {
    Guest::of(node).get("/api/v1/rooms/1/people").await.json()
}

/// Waits until a node says so of how many are here.
async fn counted(node: &Server, what: &str, wanted: impl Fn(&Value) -> bool) {
    eventually(what, async || wanted(&people(node).await)).await;
}

#[tokio::test]
async fn people_at_two_nodes_see_each_other_and_somebody_at_both_is_one() {
    let nats = Nats::start();
    let nodes = nodes(2, &nats);
    let here = Guest::visiting(&nodes[0]).await;
    let (mut ada, ada_id) = comes(&here).await;
    let (mut bob, bob_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    for ws in [&mut ada, &mut bob] {
        let both = counts(ws, "two people", |data| data["people"] == 2).await;
        let both = both.last().unwrap();
        assert!(has(both, &ada_id) && has(both, &bob_id), "{both}");
        assert_eq!(both["data"]["connections"], 2);
        assert_eq!(both["data"].get("stale"), None);
    }
    // A third socket, of Ada, at Bob's node.
    let (second, _) = comes(&here.clone().follow(&nodes[1])).await;
    for ws in [&mut ada, &mut bob] {
        let three = counts(ws, "three sockets", |data| data["connections"] == 3).await;
        assert_eq!(three.last().unwrap()["data"]["people"], 2);
    }
    // She is idle when both of her sockets are.
    let idle = json!({"type": kinds::IDLE, "data": {"idle": true}});
    ada.send(&idle).await;
    second.leave().await;
    let is_idle = |data: &Value| data["who"].to_string().contains("\"idle\"");
    counts(&mut bob, "she is idle", is_idle).await;
    // Those who only count.
    let (mut classic, _) = arrive(&nodes[1], "classic").await;
    let all = json!({"type": kinds::ONLINE, "data": 3});
    classic.send(&json!({"type": kinds::ONLINE})).await;
    classic.expect("all three", |frame| *frame == all).await;
    ada.leave().await;
    let gone = counts(&mut bob, "she has gone", |data| data["people"] == 2).await;
    assert!(!has(gone.last().unwrap(), &ada_id));
}

#[tokio::test]
async fn a_room_and_a_conversation_are_of_people_at_all_nodes() {
    let nats = Nats::start();
    let nodes = nodes(2, &nats);
    let (mut ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let mut bob = bob.follow(&nodes[1]);
    let (mut ada_ws, _) = ada.hears(room).await;
    let (bob_ws, _) = bob.hears(room).await;
    let both = counts(&mut ada_ws, "both are in the room", |data| {
        data["room"] == room && data["people"] == 2 && data["connections"] == 2
    })
    .await;
    assert!(has(both.last().unwrap(), &bob.id));
    let two = ada
        .may("POST", "direct", &json!({"people": [bob.id]}))
        .await;
    let two = two["room"]["id"].as_i64().unwrap();
    // A node may not have heard of the room yet.
    let path = format!("/api/v1/rooms/{two}");
    let here = async |of: &Member| {
        let answer = of.clone().guest.get(&path).await;
        match answer.status {
            200 => answer.json()["room"]["with"][0]["here"].clone(),
            _ => Value::Null,
        }
    };
    eventually("Bob is online", async || here(&ada).await == "on").await;
    eventually("Ada is online", async || here(&bob).await == "on").await;
    // Another name is seen at once by who sees them.
    bob.may("PUT", "me/name", &json!({"name": "Robert"})).await;
    counts(&mut ada_ws, "the new name", |data| {
        data["who"].to_string().contains("Robert")
    })
    .await;
    bob_ws.leave().await;
    let with = |frame: &Value| {
        let parts = frame["data"]["rooms"].as_array();
        parts.is_some_and(|parts| parts.iter().any(|part| part["with"][0]["here"] == "off"))
    };
    ada_ws.expect("Bob has gone", with).await;
}

#[tokio::test]
async fn who_types_at_one_node_is_seen_at_the_other() {
    let nats = Nats::start();
    let nodes = nodes(2, &nats);
    let (ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let bob = bob.follow(&nodes[1]);
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    counts(&mut ada_ws, "both", |data| data["connections"] == 2).await;
    let types = json!({"type": kinds::TYPING, "data": {"room": room}});
    // He goes on until it is seen: a node that is behind leaves it out.
    let goes_on = async {
        loop {
            bob_ws.send(&types).await;
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let shown = tokio::select! {
        shown = ada_ws.data(kinds::TYPERS.into()) => shown,
        () = goes_on => unreachable!(),
    };
    assert_eq!(shown["who"], json!([{"id": bob.id, "name": "Bob"}]));
    bob_ws.post_in(room, "tea?").await;
    let nobody =
        |frame: &Value| frame["type"] == kinds::TYPERS && frame["data"]["who"] == json!([]);
    ada_ws.expect("nobody types any more", nobody).await;
}

#[tokio::test]
async fn a_node_that_comes_later_learns_who_is_here() {
    let nats = Nats::start();
    let mut nodes = nodes(2, &nats);
    let (_ada, ada_id) = comes(&Guest::visiting(&nodes[0]).await).await;
    nodes[1].stop();
    nodes[1].launch();
    counted(&nodes[1], "Ada is here", |people| {
        people["who"][0]["id"] == ada_id.as_str()
    })
    .await;
}

/// How often a node has asked the database: it does so twice a second, or less where the machine is busy.
async fn sweeps(node: &Server) -> u64 {
    let name = "teahouse_cluster_sweeps_total{state=\"answered\"}";
    Guest::of(node).metric(name).await
}

#[tokio::test]
async fn who_was_at_a_node_that_was_killed_is_gone_in_eight_seconds_and_who_comes_back_never_was() {
    let nats = Nats::start();
    let mut nodes = nodes(3, &nats);
    let (mut watcher, _) = comes(&Guest::visiting(&nodes[0]).await).await;
    let coming_back = Guest::visiting(&nodes[2]).await;
    let (_lost, cy) = comes(&coming_back).await;
    let (_lost_too, dee) = comes(&Guest::visiting(&nodes[2]).await).await;
    counts(&mut watcher, "all", |data| data["people"] == 3).await;
    nodes[2].kill();
    let before = sweeps(&nodes[0]).await;
    let (_back, again) = comes(&coming_back.follow(&nodes[1])).await;
    assert_eq!(again, cy);
    let frames = counts(&mut watcher, "Dee has gone", |data| data["people"] == 2).await;
    let swept = sweeps(&nodes[0]).await - before;
    assert!(swept <= 17, "{swept} times half a second");
    assert!(frames.iter().all(|frame| has(frame, &cy)), "{frames:?}");
    let last = frames.last().unwrap();
    assert!(!has(last, &dee));
    assert_eq!(last["data"]["connections"], 2);
    counted(&nodes[1], "the same there", |people| people["people"] == 2).await;
}

#[tokio::test]
async fn who_was_at_a_node_that_stops_in_order_does_not_blink() {
    let nats = Nats::start();
    let nodes = nodes(2, &nats);
    let (mut watcher, _) = comes(&Guest::visiting(&nodes[0]).await).await;
    let coming_back = Guest::visiting(&nodes[1]).await;
    let (mut lost, cy) = comes(&coming_back).await;
    let (_dee, _) = comes(&Guest::visiting(&nodes[1]).await).await;
    counts(&mut watcher, "all", |data| data["people"] == 3).await;
    nodes[1].signal("TERM");
    lost.data(kinds::BYE.into()).await;
    let (_back, again) = comes(&coming_back.follow(&nodes[0])).await;
    assert_eq!(again, cy);
    let frames = counts(&mut watcher, "Dee has gone", |data| data["people"] == 2).await;
    assert!(frames.iter().all(|frame| has(frame, &cy)), "{frames:?}");
}

#[tokio::test]
async fn while_nats_stands_still_who_is_here_stays_and_is_said_to_be_old() {
    let nats = Nats::start();
    let mut nodes = nodes(2, &nats);
    let (mut ada, _) = comes(&Guest::visiting(&nodes[0]).await).await;
    let (bob, bob_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    counts(&mut ada, "both", |data| data["people"] == 2).await;
    nats.signal("STOP");
    let frames = counts(&mut ada, "it is old", |data| data["stale"] == true).await;
    assert!(frames.iter().all(|frame| has(frame, &bob_id)));
    // What happens there meanwhile is known when it goes on.
    bob.leave().await;
    let (_cy, cy_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    assert_eq!(people(&nodes[0]).await["who"][1]["id"], bob_id.as_str());
    nats.signal("CONT");
    let frames = counts(&mut ada, "all is known", |data| {
        data.get("stale").is_none() && !data["who"].to_string().contains(&bob_id)
    })
    .await;
    assert!(has(frames.last().unwrap(), &cy_id));
    // A node that dies while nothing is heard is gone by the word of the database.
    nats.signal("STOP");
    counts(&mut ada, "it is old again", |data| data["stale"] == true).await;
    nodes[1].kill();
    counts(&mut ada, "nobody else", |data| {
        data["people"] == 1 && data.get("stale").is_none()
    })
    .await;
    nats.signal("CONT");
}

#[tokio::test]
async fn what_was_lost_while_nats_was_away_is_made_up_for() {
    let mut nats = Nats::start();
    let nodes = nodes(2, &nats);
    let (mut ada, _) = comes(&Guest::visiting(&nodes[0]).await).await;
    let (bob, _) = comes(&Guest::visiting(&nodes[1]).await).await;
    counts(&mut ada, "both", |data| data["people"] == 2).await;
    nats.kill();
    bob.leave().await;
    let (_cy, cy_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    nats.launch();
    let right = |data: &Value| data["people"] == 2 && data["who"].to_string().contains(&cy_id);
    counts(&mut ada, "Cy and nobody else", right).await;
}

#[tokio::test]
async fn without_nats_people_at_other_nodes_are_a_number() {
    let mut nodes = Server::start_nodes(2, &[]);
    let (mut ada, ada_id) = comes(&Guest::visiting(&nodes[0]).await).await;
    let (_bob, bob_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    let frames = counts(&mut ada, "one more", |data| data["people"] == 2).await;
    let last = frames.last().unwrap();
    assert_eq!(last["data"]["stale"], true);
    assert!(has(last, &ada_id) && !has(last, &bob_id), "{last}");
    nodes[1].kill();
    counts(&mut ada, "alone again", |data| {
        data["people"] == 1 && data.get("stale").is_none()
    })
    .await;
}

#[tokio::test]
async fn what_a_stranger_says_of_who_is_here_changes_nothing_and_is_counted() {
    let nats = Nats::start();
    let nodes = nodes(2, &nats);
    let client = async_nats::connect(nats.url()).await.unwrap();
    let mut heard = client.subscribe("th.*.here").await.unwrap();
    client.flush().await.unwrap();
    let (mut ada, _) = comes(&Guest::visiting(&nodes[0]).await).await;
    let (bob, bob_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    counts(&mut ada, "both", |data| data["people"] == 2).await;
    // What Bob's node has told of him.
    let real = async {
        loop {
            let said = heard.next().await.unwrap();
            if String::from_utf8_lossy(&said.payload).contains(&bob_id) {
                return said;
            }
        }
    };
    let real = within("Bob's node tells of him", real).await;
    bob.leave().await;
    counts(&mut ada, "Bob has gone", |data| data["people"] == 1).await;
    let mut envelope: Value = serde_json::from_slice(&real.payload).unwrap();
    let headers = real.headers.clone().unwrap_or_default();
    let say = |headers: HeaderMap, payload: Vec<u8>| {
        client.publish_with_headers(real.subject.clone(), headers, payload.into())
    };
    // The same once more; then as whoever reads along would go on.
    say(headers.clone(), real.payload.to_vec()).await.unwrap();
    envelope["n"] = json!(1_000_000);
    envelope["d"]["from"] = Value::Null;
    envelope["d"]["to"] = json!(1_000_000);
    envelope["d"]["part"] = json!([0, 1]);
    let forged = serde_json::to_vec(&envelope).unwrap();
    say(headers, forged.clone()).await.unwrap();
    say(HeaderMap::new(), forged).await.unwrap();
    client.flush().await.unwrap();
    for (why, times) in [("forged", 2), ("old", 1)] {
        let name = format!("teahouse_cluster_bus_refused_total{{why=\"{why}\"}}");
        let line = format!("{name} {times}");
        let refused = async || {
            Guest::of(&nodes[0])
                .get("/metrics")
                .await
                .text()
                .contains(&line)
        };
        eventually("what was refused is counted", refused).await;
    }
    assert_eq!(people(&nodes[0]).await["people"], 1);
    let (_cy, cy_id) = comes(&Guest::visiting(&nodes[1]).await).await;
    let frames = counts(&mut ada, "Cy", |data| data["people"] == 2).await;
    assert!(has(frames.last().unwrap(), &cy_id));
    assert!(frames.iter().all(|frame| !has(frame, &bob_id)));
}
