//! A node whose machine's clock is an hour off: all nodes have the database's.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::nats::Nats;
use crate::support::{CLOCK_SCRIPT, Guest, Member, Server, eventually, set_clock, within};

const HOUR: i64 = 3_600;

/// A minute, in ms: far more than anything takes here, and what envelopes may differ by.
const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_node_whose_clock_is_an_hour_off_has_the_time_of_the_others_and_says_so() {
    let nats = Nats::start();
    let one = Server::start_nodes(1, &[("cluster.nats", &nats.url())]).remove(0);
    for ahead in [HOUR, -HOUR] {
        let mut other = one.beside_by(CLOCK_SCRIPT);
        set_clock(&other, ahead);
        other.launch();
        let (mut here, _) = Guest::visiting(&one).await.feed().await;
        let (mut there, _) = Guest::visiting(&other).await.feed().await;
        for (from, to) in [(true, "at the other"), (false, "at the first")] {
            let (writer, reader) = match from {
                true => (&mut here, &mut there),
                false => (&mut there, &mut here),
            };
            let words = format!("{ahead} {to}");
            let ack = writer.post(&words).await;
            let is_it = |frame: &Value| frame["data"]["message"]["content"] == words;
            let heard = within(&words, reader.expect(&words, is_it)).await;
            assert_eq!(heard["data"]["seq"], ack["seq"]);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let at = heard["data"]["message"]["at"].as_i64().unwrap();
            let off = at - i64::try_from(now.as_millis()).unwrap();
            assert!(off.abs() < MINUTE, "{off} ms off");
        }
        for node in [&one, &other] {
            let metrics = Guest::of(node).get("/metrics").await.text();
            assert!(
                !metrics.contains("cluster_bus_refused_total{why=\"stale\"}"),
                "{metrics}"
            );
        }
        let log = other.stop().log;
        assert!(log.contains("clock of this machine is ahead"), "{log}");
    }
}

#[tokio::test]
async fn admins_see_how_far_off_the_clock_of_a_node_is() {
    let one = Server::start_nodes(1, &[]).remove(0);
    let mut other = one.beside_by(CLOCK_SCRIPT);
    set_clock(&other, HOUR);
    other.launch();
    let ada = Member::new(&one, "Ada").await;
    one.crown("Ada");
    eventually("the clock of the other node", || async {
        let told = ada.clone().may("GET", "nodes", &Value::Null).await;
        let nodes = told["nodes"].as_array().unwrap();
        nodes.iter().any(|node| {
            let ms = node["clock_ms"].as_i64();
            node["here"] == false && ms.is_some_and(|ms| (ms + HOUR * 1_000).abs() < MINUTE)
        })
    })
    .await;
}
