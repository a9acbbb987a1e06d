//! The calls of the site's own server, where it has several nodes.

use serde_json::{Value, json};

use crate::house::Program;
use crate::site_sign_in::{enter, entered, feed, settings, with};
use crate::support::nats::Nats;
use crate::support::site::{claims, token, token_of};
use crate::support::{Guest, Member, Server, eventually};

#[tokio::test]
async fn whoever_is_online_at_one_node_is_seen_at_each() {
    let nats = Nats::start();
    let nodes = Server::start_nodes(2, &[("cluster.nats", &nats.url())]);
    let program = Program::new(&nodes[0]).await;
    let ada = Member::new(&nodes[0], "Ada").await;
    let bob = Member::new(&nodes[0], "Bob").await;
    let (_here, _) = ada.hears(1).await;
    let (_there, _) = ada.follow(&nodes[1]).hears(1).await;
    let (_bob, _) = bob.follow(&nodes[1]).hears(1).await;
    for node in &nodes {
        let program = program.follow(node);
        eventually("three sockets of two people", async || {
            let path = format!("online?ids={},{},{}", ada.id, bob.id, program.id);
            let told = program.may("GET", &path, &Value::Null).await;
            let asked = told["asked"].as_array().unwrap().iter();
            let here: Vec<_> = asked.map(|one| one["here"].clone()).collect();
            (&told["people"], &told["connections"], &told["stale"])
                == (&json!(2), &json!(3), &json!(false))
                && here == ["on", "on", "off"]
        })
        .await;
        let listed = program.may("GET", "online/people", &Value::Null).await;
        let at = |index: usize| listed["people"][index]["nodes"].as_array().unwrap().len();
        assert_eq!((&listed["people"][0]["id"], at(0)), (&json!(ada.id), 2));
        assert_eq!((&listed["people"][1]["id"], at(1)), (&json!(bob.id), 1));
        assert_eq!(listed["people"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn somebody_is_signed_out_and_disconnected_at_all_nodes() {
    let all = settings(&[]);
    let nodes = Server::start_nodes(2, &all);
    let program = Program::new(&nodes[0]).await;
    let (mut here, mut there) = (Guest::of(&nodes[0]), Guest::of(&nodes[1]));
    let (session, _) = entered(&mut here, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut one, _) = feed(&here, &session).await;
    let (mut other, _) = feed(&there, &session).await;
    program
        .may("POST", "people/site:4711/disconnect", &Value::Null)
        .await;
    for ws in [&mut one, &mut other] {
        assert_eq!(ws.closed().await, Some(4000));
    }
    let (mut one, _) = feed(&here, &session).await;
    let (mut other, _) = feed(&there, &session).await;
    let claims = claims("4711", "Ada");
    let unused = token(&with(&claims, "iat", claims["iat"].as_i64().unwrap() - 1));
    program
        .may("POST", "people/site:4711/sign-out", &Value::Null)
        .await;
    for ws in [&mut one, &mut other] {
        assert_eq!(ws.closed().await, Some(4500));
    }
    for guest in [&mut here, &mut there] {
        let answer = enter(guest, &json!(unused), &Value::Null).await;
        assert_eq!((answer.status, &*answer.error()), (401, "bad_token"));
    }
    // What one node is asked about, another one knows.
    let bob = program.follow(&nodes[1]).knows("4712", "Bob").await;
    let found = program
        .may("GET", "people?issuer=site&subject=4712", &Value::Null)
        .await;
    assert_eq!(found["person"]["id"], json!(bob));
    let (session, _) = entered(&mut there, &token_of("4712", "Bob"), &Value::Null).await;
    let (mut ws, _) = feed(&there, &session).await;
    program
        .may("DELETE", "people/site:4712", &Value::Null)
        .await;
    assert_eq!(ws.closed().await, Some(4500));
}
