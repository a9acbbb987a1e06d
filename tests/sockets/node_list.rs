//! `GET /api/v1/nodes`: who serves, for whoever looks after the server.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Guest, Member, Server, within};

async fn nodes(of: &mut Member) -> Vec<Value> {
    let answer = of.may("GET", "nodes", &Value::Null).await;
    answer["nodes"].as_array().unwrap().clone()
}

/// The nodes, as soon as they are as `wanted` says.
async fn until(of: &mut Member, what: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let asking = async {
        loop {
            let all = nodes(of).await;
            if wanted(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within(what, asking).await
}

/// How many nodes are so.
fn count(nodes: &[Value], what: &str, is: bool) -> usize {
    nodes.iter().filter(|node| node[what] == is).count()
}

#[tokio::test]
async fn a_server_alone_is_one_node_and_only_admins_see_it() {
    let server = Server::start(&[]);
    let visitor = Guest::of(&server).get("/api/v1/nodes").await;
    assert_eq!(visitor.status, 401, "{visitor:?}");
    let mut ada = Member::new(&server, "Ada").await;
    let (status, _) = ada.may_not("GET", "nodes", &Value::Null).await;
    assert_eq!(status, 403);
    server.crown("Ada");
    let _here = [ada.guest.feed().await, ada.guest.feed().await];
    let nodes = until(&mut ada, "her two sockets", |all| {
        all[0]["connections"] == 2
    })
    .await;
    assert_eq!(nodes.len(), 1);
    assert_eq!(nodes[0]["people"], 1);
    assert_eq!(nodes[0]["here"], true);
    assert_eq!(nodes[0]["alive"], true);
    assert_eq!(nodes[0]["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn nodes_know_of_each_other_and_of_one_that_is_gone() {
    let mut servers = Server::start_nodes(2, &[]);
    let mut ada = Member::new(&servers[0], "Ada").await;
    servers[0].crown("Ada");
    let all = until(&mut ada, "both nodes, one of them on duty", |all| {
        all.len() == 2 && count(all, "alive", true) == 2 && count(all, "on_duty", true) == 1
    })
    .await;
    assert_eq!(count(&all, "here", true), 1, "{all:?}");
    let _there = ada.follow(&servers[1]).guest.feed().await;
    until(&mut ada, "somebody at the other one", |all| {
        all.iter()
            .any(|node| node["here"] == false && node["people"] == 1)
    })
    .await;
    servers[1].kill();
    until(&mut ada, "the one that was killed is gone", |all| {
        count(all, "alive", false) == 1
    })
    .await;
    until(&mut ada, "and the one that lives is on duty", |all| {
        all.iter().all(|node| node["on_duty"] == node["alive"])
    })
    .await;
    let stopped = servers[0].stop();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
}

#[tokio::test]
async fn a_start_that_fails_leaves_no_node_behind_and_says_why() {
    let servers = Server::start_nodes(1, &[]);
    let mut ada = Member::new(&servers[0], "Ada").await;
    servers[0].crown("Ada");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failing = servers[0].beside();
    let (code, _, err) = failing.run(&["serve", "--bind", &address], "");
    assert!(code == Some(1) && err.contains("cannot listen on"), "{err}");
    let mut failing = servers[0].beside();
    failing.set("geo.database", "/nowhere/places.mmdb");
    let words = failing.is_refused();
    assert!(words.contains("/nowhere/places.mmdb"), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    let _here = ada.guest.feed().await;
    let seen = until(&mut ada, "a sweep after that", |all| all[0]["people"] == 1).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test]
async fn a_node_with_other_settings_or_the_name_of_another_is_told_of() {
    let mut servers = Server::start_nodes(1, &[("cluster.node", "kettle")]);
    let mut ada = Member::new(&servers[0], "Ada").await;
    servers[0].crown("Ada");
    let mut other = servers[0].beside();
    other.set("chat.keep_days", "30");
    other.launch();
    let others = |all: &[Value]| all.iter().find(|node| node["here"] == false).cloned();
    until(&mut ada, "the other one, with other settings", |all| {
        others(all)
            .is_some_and(|node| node["other_settings"] == serde_json::json!(["chat", "keep"]))
    })
    .await;
    // Within ten seconds it may be one that was killed and has started again.
    until(&mut ada, "both for longer than that", |all| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = i64::try_from(now.unwrap().as_millis()).unwrap();
        all.iter()
            .all(|node| now - node["since"].as_i64().unwrap() > 11_000)
    })
    .await;
    for server in [&mut servers[0], &mut other] {
        let stopped = server.stop();
        assert_eq!(stopped.code, Some(0), "{}", stopped.log);
        for words in [
            "another node is called kettle too",
            "the node kettle has other settings than this one in [chat]: give all the same. Nothing is deleted",
        ] {
            assert!(stopped.log.contains(words), "{}", stopped.log);
        }
        assert!(!stopped.log.contains("a job failed"), "{}", stopped.log);
    }
}
