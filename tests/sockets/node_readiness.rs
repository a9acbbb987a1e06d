//! Whether a node is a good one to come to: what `/readyz` says while the database is away for one, and for all.

use serde_json::Value;

use crate::support::nats::Nats;
use crate::support::relay::Relay;
use crate::support::{Guest, Server, eventually, postgres, within};

/// The way to the database.
async fn way() -> Relay {
    Relay::to(postgres::server().addr()).await
}

/// Two nodes of one server, each with a way of its own to the database.
fn two_nodes(settings: &[(&str, &str)], ways: &[Relay; 2]) -> [Server; 2] {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let url = |way: &Relay| postgres.url_at(way.addr.port(), &database);
    let one = Server::start_nodes_on(&url(&ways[0]), 1, settings).remove(0);
    let mut other = one.beside();
    other.set("storage.url", &url(&ways[1]));
    other.launch();
    [one, other]
}

async fn readiness(of: &Server) -> (u16, Value) {
    let answer = Guest::of(of).get("/readyz").await;
    let told = answer.json();
    assert_eq!(told["ready"], answer.status == 200, "{told}");
    (answer.status, told)
}

async fn until(node: &Server, what: &str, wanted: impl Fn(u16, &Value) -> bool) {
    eventually(what, || async {
        let (status, told) = readiness(node).await;
        wanted(status, &told)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_leave_a_node_that_alone_does_not_reach_the_database() {
    let nats = Nats::start();
    let ways = [way().await, way().await];
    let [one, other] = two_nodes(&[("cluster.nats", &nats.url())], &ways);
    let (mut here, _) = Guest::visiting(&other).await.feed().await;
    let (mut there, _) = Guest::visiting(&one).await.feed().await;
    until(&other, "ready with everything", |status, told| {
        status == 200 && told["nats"] == true && told["store"] == true
    })
    .await;
    ways[1].cut();
    until(&other, "not ready, without a database", |status, told| {
        status == 503 && told["store"] == false && told["open"] == true
    })
    .await;
    let bye = within("to be sent to another node", here.data(29)).await;
    assert!(bye["retry_after"].as_f64().unwrap() < 1.0, "{bye}");
    assert_eq!(here.closed().await, Some(4000));
    let refused = Guest::of(&other).open("/ws", &[]).await.unwrap_err();
    assert_eq!(refused.status, 502);
    // The other one is as it was.
    assert_eq!(readiness(&one).await.0, 200);
    there.post("still here").await;
    ways[1].mend();
    until(&other, "ready again", |status, told| {
        status == 200 && told["store"] == true
    })
    .await;
    let (mut back, _) = Guest::visiting(&other).await.feed().await;
    back.post("and back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_database_is_away_for_all_nobody_is_sent_away_and_all_stay_ready() {
    let nats = Nats::start();
    let ways = [way().await, way().await];
    let nodes = two_nodes(&[("cluster.nats", &nats.url())], &ways);
    let (mut here, _) = Guest::visiting(&nodes[0]).await.feed().await;
    for way in &ways {
        way.cut();
    }
    let swept_long_ago = |told: &Value| told["sweep_ms"].as_u64().unwrap() > 12_000;
    for node in &nodes {
        until(node, "ready without a database", |status, told| {
            status == 200 && told["store"] == false && swept_long_ago(told)
        })
        .await;
    }
    for way in &ways {
        way.mend();
    }
    let whole = |status, told: &Value| status == 200 && told["store"] == true;
    until(&nodes[0], "the database again", whole).await;
    // On the same connection.
    here.post("never gone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_a_node_that_does_not_reach_the_database_may_be_the_only_one() {
    let ways = [way().await, way().await];
    let postgres = postgres::server();
    let url = postgres.url_at(ways[0].addr.port(), &postgres.create("template0"));
    let alone = Server::start_nodes_on(&url, 1, &[]).remove(0);
    ways[0].cut();
    until(&alone, "ready: there is no other", |status, told| {
        status == 200 && told["store"] == false && told["sweep_ms"].as_u64().unwrap() > 4_000
    })
    .await;
    ways[0].mend();
    let [one, other] = two_nodes(&[], &ways);
    let (mut here, _) = Guest::visiting(&one).await.feed().await;
    let (mut there, _) = Guest::visiting(&other).await.feed().await;
    here.post("they know of each other").await;
    within("the message at the other node", there.data(17)).await;
    ways[1].cut();
    until(
        &other,
        "not ready: there may be a better one",
        |status, told| status == 503 && told["nats"].is_null(),
    )
    .await;
}
