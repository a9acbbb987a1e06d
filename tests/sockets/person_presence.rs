//! Where somebody is online, as those are told who look after the server.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::nats::Nats;
use crate::support::{Guest, Member, Server, eventually};

/// Waits until whoever looks after the server is told so of somebody.
async fn told(admin: &Member, id: &str, what: &str, is_it: impl Fn(&Value) -> bool) {
    let path = format!("people/{id}/presence");
    eventually(what, async || {
        let mut admin = admin.clone();
        is_it(&admin.may("GET", &path, &Value::Null).await)
    })
    .await;
}

#[tokio::test]
async fn admins_see_where_somebody_is_and_nobody_else_does() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let mut bob = Member::new(&server, "Bob").await;
    let path = format!("people/{}/presence", bob.id);
    let off = json!({"here": "off", "nodes": [], "stale": false});
    assert_eq!(ada.may("GET", &path, &Value::Null).await, off);
    let (first, _) = bob.hears(1).await;
    let (mut second, _) = bob.hears(1).await;
    second
        .send(&json!({"type": kinds::IDLE, "data": {"idle": true}}))
        .await;
    told(&ada, &bob.id, "one of two is idle", |told| {
        let node = &told["nodes"][0];
        told["here"] == "on" && (&node["connections"], &node["idle"]) == (&json!(2), &json!(1))
    })
    .await;
    let nodes = ada.may("GET", "nodes", &Value::Null).await["nodes"].take();
    let there = ada.may("GET", &path, &Value::Null).await["nodes"].take();
    for field in ["node", "boot"] {
        assert_eq!(there[0][field], nodes[0][field]);
    }
    first.leave().await;
    told(&ada, &bob.id, "they are idle", |told| {
        told["here"] == "idle"
    })
    .await;
    second.leave().await;
    told(&ada, &bob.id, "they have gone", |told| *told == off).await;
    let refused = bob.may_not("GET", &path, &Value::Null).await;
    assert_eq!(refused, (403, "house_only".into()));
    let refused = ada
        .may_not("GET", "people/u4711/presence", &Value::Null)
        .await;
    assert_eq!(refused, (404, "not_found".into()));
    let answer = Guest::visiting(&server)
        .await
        .get(&format!("/api/v1/{path}"))
        .await;
    assert_eq!(
        (answer.status, answer.error()),
        (401, "account_needed".into())
    );
}

#[tokio::test]
async fn who_is_at_two_nodes_is_seen_at_both_from_each() {
    let nats = Nats::start();
    let nodes = Server::start_nodes(2, &[("cluster.nats", &nats.url())]);
    let ada = Member::new(&nodes[0], "Ada").await;
    nodes[0].crown("Ada");
    let bob = Member::new(&nodes[0], "Bob").await;
    let (_here, _) = bob.hears(1).await;
    let (_there, _) = bob.follow(&nodes[1]).hears(1).await;
    let boots_of = |nodes: &Value| -> BTreeSet<String> {
        let nodes = nodes.as_array().unwrap().iter();
        nodes.map(|node| node["boot"].to_string()).collect()
    };
    let known = async || boots_of(&ada.clone().may("GET", "nodes", &Value::Null).await["nodes"]);
    eventually("both nodes are known", async || known().await.len() == 2).await;
    let boots = known().await;
    for node in &nodes {
        told(&ada.follow(node), &bob.id, "they are at both", |told| {
            let all = told["nodes"].as_array().unwrap();
            let is_one = |node: &Value| node["connections"] == 1 && node["idle"] == 0;
            boots_of(&told["nodes"]) == boots && all.iter().all(is_one)
        })
        .await;
    }
}

#[tokio::test]
async fn admins_end_the_connections_of_one_person_at_every_node_and_they_come_back() {
    for number in [1, 2] {
        let nodes = match number {
            1 => vec![Server::start(&[])],
            _ => Server::start_nodes(number, &[]),
        };
        let mut ada = Member::new(&nodes[0], "Ada").await;
        nodes[0].crown("Ada");
        let mut bob = Member::new(&nodes[0], "Bob").await;
        let (mut ada_ws, _) = ada.hears(1).await;
        let mut sockets = Vec::new();
        for node in &nodes {
            sockets.push(bob.follow(node).hears(1).await.0);
        }
        let path = format!("people/{}/connections", bob.id);
        let refused = bob.may_not("DELETE", &path, &Value::Null).await;
        assert_eq!(refused, (403, "house_only".into()));
        assert_eq!(ada.may("DELETE", &path, &Value::Null).await, json!({}));
        for ws in &mut sockets {
            assert_eq!(ws.closed().await, Some(4000));
        }
        assert!(ada_ws.is_alive().await, "and nobody else's");
        // They may come back, and are still signed in.
        let (_back, welcome) = bob.knocks(1).await;
        assert_eq!(welcome["me"]["id"], bob.id);
    }
}
