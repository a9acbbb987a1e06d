//! Whether a node is a good one to come to: what `/readyz` says while the database is away for one, and for all.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::AsyncBufReadExt as _;

use crate::support::nats::Nats;
use crate::support::relay::Relay;
use crate::support::{DEADLINE, Guest, Member, Server, eventually, postgres, within};

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

/// A machine that takes connections and answers nothing, as one whose disk hangs.
fn silence() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_holds_up_neither_probes_nor_the_end() {
    let way = way().await;
    let postgres = postgres::server();
    let url = postgres.url_at(way.addr.port(), &postgres.create("template0"));
    let mut node = Server::start_nodes_on(&url, 1, &[]).remove(0);
    let mut visitor = Guest::visiting(&node).await;
    way.freeze();
    until(&node, "ready, and without a database", |status, told| {
        status == 200 && told["store"] == false
    })
    .await;
    let began = Instant::now();
    assert_eq!(visitor.get("/healthz").await.status, 200);
    assert_eq!(visitor.get("/readyz").await.status, 200);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "proxies wait for a second, and this machine is busy"
    );
    until(&node, "the sweeps to fail", |_, told| {
        told["sweep_ms"].as_u64().unwrap() > 9_000
    })
    .await;
    // A browser shows why, and asks again.
    for (accept, kind) in [
        ("text/html,*/*", "text/html; charset=utf-8"),
        ("*/*", "application/json"),
    ] {
        let answer = visitor.clone().with("accept", accept).get("/").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("content-type"), Some(kind));
        assert!(
            answer.text().contains("cannot be reached"),
            "{}",
            answer.text()
        );
        let asks_again = answer
            .text()
            .contains("http-equiv=\"refresh\" content=\"5\"");
        assert_eq!(asks_again, kind != "application/json");
    }
    node.signal("TERM");
    let stopped = node.wait(DEADLINE);
    for words in [
        "what other nodes do is not known",
        "the server ends without it, and nothing is lost that was acked",
    ] {
        assert!(stopped.log.contains(words), "{}", stopped.log);
    }
    assert_eq!(stopped.code, Some(1), "{}", stopped.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_waits_for_the_database_goes_down_when_it_is_told_to_also_as_the_first_process()
{
    let silent = silence();
    let url = format!("postgres://tea@{}/tea", silent.local_addr().unwrap());
    let home = tempfile::tempdir().unwrap();
    let mut starting = tokio::process::Command::new("unshare")
        .args([
            "--user",
            "-rpf",
            "--kill-child",
            env!("CARGO_BIN_EXE_teahouse"),
        ])
        .args(["serve", "--bind", "127.0.0.1:0"])
        .current_dir(home.path())
        .env("TEAHOUSE__STORAGE__URL", url)
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = tokio::io::BufReader::new(starting.stderr.take().unwrap()).lines();
    let waits = async {
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("waiting for the database") {
                assert!(line.contains("[storage] url"), "{line}");
                return;
            }
        }
        panic!("it ended");
    };
    within("it to wait", waits).await;
    let parent = starting.id().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let told = std::process::Command::new("kill")
        .args(["-s", "TERM", children.unwrap().trim()])
        .status();
    assert!(told.unwrap().success());
    let ended = within("it to end", starting.wait()).await.unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn another_node_does_what_one_has_to_do_when_that_stands_still() {
    let mut nodes = Server::start_nodes(2, &[]);
    let mut ada = Member::new(&nodes[0], "Ada").await;
    nodes[0].crown("Ada");
    let on_duty = async |of: &mut Member| {
        let told = of.may("GET", "nodes", &Value::Null).await;
        let mut nodes = told["nodes"].as_array().unwrap().iter();
        let found = nodes.find(|node| node["on_duty"] == true);
        found.map(|node| node["here"] == true)
    };
    let mut at = [ada.clone(), ada.follow(&nodes[1])];
    let first = async {
        loop {
            if let Some(here) = on_duty(&mut ada).await {
                return usize::from(!here);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let first = within("one of them on duty", first).await;
    let other = 1 - first;
    nodes[first].signal("STOP");
    let takes_over = async {
        while on_duty(&mut at[other]).await != Some(true) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within("the other one to take over", takes_over).await;
    nodes[first].signal("CONT");
    let gives_up = async {
        while on_duty(&mut at[first]).await != Some(false) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within("the first one to know", gives_up).await;
    let stopped = nodes[other].stop();
    for words in ["says no more that it lives", "is back"] {
        assert!(stopped.log.contains(words), "{}", stopped.log);
    }
}

#[tokio::test]
async fn a_node_that_was_forgotten_is_one_again_unless_the_others_have_another_key() {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let mut node = Server::start_nodes_on(&postgres.url(&database), 1, &[]).remove(0);
    let rows = || postgres.sql(&database, "SELECT count(*) FROM nodes");
    postgres.sql(&database, "DELETE FROM nodes");
    eventually("its row", async || rows().trim() == "1").await;
    let other = "UPDATE house SET value = 'other' WHERE name = 'key_print'";
    postgres.sql(&database, other);
    let stopped = node.wait(DEADLINE);
    assert_eq!(stopped.code, Some(1), "{}", stopped.log);
    let words = "another node has started with another session.key";
    assert!(stopped.log.contains(words), "{}", stopped.log);
}
