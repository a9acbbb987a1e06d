//! Nodes that tell each other over NATS what they do, and what becomes of it when NATS fails them: nothing but time.

use async_nats::{Client, HeaderMap};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::nats::Nats;
use crate::support::{Guest, Member, Server, Ws, eventually, within};

/// Events that a node heard of another as they happened. What sweeps find is read from the database and not counted here.
const LIVE: &str = "teahouse_cluster_events_total{passage=\"next\"}";

const CONNECTED: &str = "teahouse_cluster_bus_connected";
const HEARD: &str = "teahouse_cluster_bus_heard_total{what=\"events\"}";
const ATTEMPTS: &str = "teahouse_cluster_bus_heard_total{what=\"attempt\"}";
const NOTICED: &str = "teahouse_cluster_bus_heard_total{what=\"notice\"}";
const FORGED: &str = "teahouse_cluster_bus_refused_total{why=\"forged\"}";

const PASSWORD: &str = "correct horse battery";

fn two_nodes(nats: &str) -> Vec<Server> {
    Server::start_nodes(2, &[("cluster.nats", nats)])
}

/// What a metric of a node says, 0 where it has not been counted yet.
async fn metric(node: &Server, name: &str) -> u64 {
    let text = Guest::of(node).get("/metrics").await.text();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}

async fn connected(node: &Server, so: u64) {
    let what = format!("{CONNECTED} {so}");
    eventually(&what, || async { metric(node, CONNECTED).await == so }).await;
}

/// Says so much on one node, and waits each time until the other one's reader has it: in order, each once.
async fn talk(writer: &mut Ws, reader: &mut Ws, times: usize) {
    for _ in 0..times {
        let ack = writer.post("tea?").await;
        let event = within("the message on the other node", reader.data(17)).await;
        assert_eq!(event["seq"], ack["seq"]);
    }
}

async fn people(nodes: &[Server]) -> (Ws, Ws) {
    let (writer, _) = Guest::visiting(&nodes[0]).await.feed().await;
    let (reader, _) = Guest::visiting(&nodes[1]).await.feed().await;
    (writer, reader)
}

#[tokio::test]
async fn a_message_is_heard_by_another_node_as_it_happens() {
    let nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let (mut writer, mut reader) = people(&nodes).await;
    talk(&mut writer, &mut reader, 20).await;
    // On a busy machine a sweep may be first now and then.
    assert!(metric(&nodes[1], LIVE).await > 10);
    assert!(metric(&nodes[1], HEARD).await >= 20);
    assert_eq!(metric(&nodes[0], HEARD).await, 0, "a node hears itself");
    assert_eq!(metric(&nodes[1], FORGED).await, 0);
}

#[tokio::test]
async fn without_nats_the_database_alone_tells_the_other_node() {
    let mut nats = Nats::start();
    let url = nats.url();
    nats.kill();
    let mut nodes = two_nodes(&url);
    let (mut writer, mut reader) = people(&nodes).await;
    talk(&mut writer, &mut reader, 3).await;
    assert_eq!(metric(&nodes[1], LIVE).await, 0);
    assert_eq!(metric(&nodes[1], CONNECTED).await, 0);
    assert_eq!(Guest::of(&nodes[1]).get("/readyz").await.status, 200);
    // It comes later.
    nats.launch();
    for node in &nodes {
        connected(node, 1).await;
    }
    talk(&mut writer, &mut reader, 10).await;
    assert!(metric(&nodes[1], LIVE).await > 0);
    let log = nodes[0].stop().log;
    assert!(
        log.contains("is it running at the addresses of [cluster] nats?"),
        "{log}"
    );
}

#[tokio::test]
async fn messages_go_on_while_nats_is_killed_and_started_again() {
    let mut nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let (mut writer, mut reader) = people(&nodes).await;
    talk(&mut writer, &mut reader, 2).await;
    nats.kill();
    talk(&mut writer, &mut reader, 3).await;
    for node in &nodes {
        connected(node, 0).await;
    }
    talk(&mut writer, &mut reader, 2).await;
    nats.launch();
    for node in &nodes {
        connected(node, 1).await;
    }
    let before = metric(&nodes[1], HEARD).await;
    talk(&mut writer, &mut reader, 5).await;
    assert!(metric(&nodes[1], HEARD).await >= before + 5);
}

#[tokio::test]
async fn messages_go_on_while_nats_stands_still() {
    let nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let (mut writer, mut reader) = people(&nodes).await;
    talk(&mut writer, &mut reader, 2).await;
    nats.signal("STOP");
    talk(&mut writer, &mut reader, 3).await;
    // It takes what is sent to it, and says nothing.
    for node in &nodes {
        connected(node, 0).await;
    }
    talk(&mut writer, &mut reader, 2).await;
    nats.signal("CONT");
    for node in &nodes {
        connected(node, 1).await;
    }
    let before = metric(&nodes[1], HEARD).await;
    talk(&mut writer, &mut reader, 5).await;
    assert!(metric(&nodes[1], HEARD).await >= before + 5);
}

#[tokio::test]
async fn who_signs_out_on_one_node_is_out_on_all() {
    let nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let mut ada = Member::new(&nodes[0], "Ada").await;
    let (mut elsewhere, _) = ada.follow(&nodes[1]).guest.feed().await;
    let before = metric(&nodes[1], NOTICED).await;
    assert_eq!(ada.guest.sign_out().await.status, 200);
    let closed = within(
        "the end of the socket on the other node",
        elsewhere.closed(),
    )
    .await;
    assert!(closed.is_some());
    let told = || async { metric(&nodes[1], NOTICED).await > before };
    eventually("the other node is told that there is a notice", told).await;
}

/// A stranger who can reach NATS, and what they hear there.
async fn stranger(nats: &Nats) -> (Client, async_nats::Subscriber) {
    let client = async_nats::connect(nats.url()).await.unwrap();
    let heard = client.subscribe("th.*.ev.>").await.unwrap();
    client.flush().await.unwrap();
    (client, heard)
}

#[tokio::test]
async fn what_a_stranger_says_on_nats_changes_nothing_and_is_counted() {
    let nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let (mut writer, mut reader) = people(&nodes).await;
    let (client, mut heard) = stranger(&nats).await;
    talk(&mut writer, &mut reader, 1).await;
    let real = within("an envelope", heard.next()).await.unwrap();
    let mut envelope: Value = serde_json::from_slice(&real.payload).unwrap();
    assert_eq!(envelope["v"], 1);
    // The next event of the room, as whoever reads along would make it.
    let event = &mut envelope["d"]["events"][0];
    event["seq"] = json!(event["seq"].as_i64().unwrap() + 1);
    envelope["d"]["head"] = event["seq"].clone();
    let forged = serde_json::to_vec(&envelope).unwrap();
    let headers = real.headers.clone().unwrap_or_default();
    let publish = |headers: HeaderMap, payload: Vec<u8>| {
        client.publish_with_headers(real.subject.clone(), headers, payload.into())
    };
    publish(headers.clone(), forged.clone()).await.unwrap();
    publish(HeaderMap::new(), forged).await.unwrap();
    publish(headers.clone(), b"\xff\0nonsense".to_vec())
        .await
        .unwrap();
    publish(HeaderMap::new(), vec![b'{'; 600_000])
        .await
        .unwrap();
    // What was said before, once more.
    publish(headers, real.payload.to_vec()).await.unwrap();
    client.flush().await.unwrap();
    for node in &nodes {
        for (why, times) in [("forged", 3), ("long", 1)] {
            let name = format!("teahouse_cluster_bus_refused_total{{why=\"{why}\"}}");
            let counted = || async { metric(node, &name).await == times };
            eventually("what was refused is counted", counted).await;
        }
    }
    talk(&mut writer, &mut reader, 3).await;
}

#[tokio::test]
async fn a_nats_that_does_not_know_the_node_is_said_with_what_to_do() {
    let nats = Nats::start_with(&["--user", "tea", "--pass", "shibboleth"]);
    let settings: [&[(&str, &str)]; 2] = [
        &[("cluster.nats", &nats.url())],
        &[
            ("cluster.nats", &nats.url_of("tea")),
            ("cluster.nats_password", "wrong"),
        ],
    ];
    let words = "check the user in [cluster] nats and nats_password, or credentials";
    for settings in settings {
        let mut node = Server::start_nodes(1, settings).remove(0);
        let (mut writer, _) = Guest::visiting(&node).await.feed().await;
        writer.post("tea?").await;
        assert_eq!(Guest::of(&node).get("/readyz").await.status, 200);
        let log = node.stop().log;
        assert!(log.contains(words) && !log.contains("shibboleth"), "{log}");
    }
    let known = [
        ("cluster.nats", nats.url_of("tea")),
        ("cluster.nats_password", "shibboleth".to_owned()),
    ];
    let known = known.each_ref().map(|(key, value)| (*key, value.as_str()));
    let node = Server::start_nodes(1, &known).remove(0);
    connected(&node, 1).await;
}

#[tokio::test]
async fn a_nats_with_a_certificate_is_believed_by_its_authority_alone() {
    let authority = tempfile::tempdir().unwrap();
    let file = |name: &str| authority.path().join(name).display().to_string();
    let make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    let script = format!(
        "{make} -keyout ca.key -out ca.pem -subj /CN=authority && \
         {make} -CA ca.pem -CAkey ca.key -keyout nats.key -out nats.pem -subj /CN=nats \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
    );
    let made = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(authority.path())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "openssl: {words}");
    let (cert, key) = (file("nats.pem"), file("nats.key"));
    let nats = Nats::start_with(&["--tls", "--tlscert", &cert, "--tlskey", &key]);
    let url = nats.url().replace("nats://", "tls://");
    let mut stranger = Server::start_nodes(1, &[("cluster.nats", &url)]).remove(0);
    let log = stranger.stop().log;
    assert!(log.contains("check [cluster] nats_ca"), "{log}");
    let settings = [
        ("cluster.nats", &*url),
        ("cluster.nats_ca", &file("ca.pem")),
    ];
    let node = Server::start_nodes(1, &settings).remove(0);
    connected(&node, 1).await;
}

#[tokio::test]
async fn guesses_of_a_password_count_wherever_they_are_made() {
    let nats = Nats::start();
    let nodes = two_nodes(&nats.url());
    let mut owner = Guest::visiting(&nodes[0]).await.at("127.0.0.9");
    assert_eq!(owner.register("Ada", PASSWORD).await.status, 200);
    let mut guessers = Vec::new();
    for node in &nodes {
        guessers.push(Guest::visiting(node).await.at("127.0.0.5"));
    }
    // Each node alone would let ten of them pass; some more than five do where a machine takes seconds for one.
    let mut wrong = 0;
    let refused = 'guessing: loop {
        for (at, other) in [(0, 1), (1, 0)] {
            let heard = metric(&nodes[other], ATTEMPTS).await;
            let answer = guessers[at].sign_in("Ada", "a guess of mine").await;
            if answer.status != 401 {
                break 'guessing answer;
            }
            wrong += 1;
            assert!(wrong < 9, "nobody minds");
            let told = || async { metric(&nodes[other], ATTEMPTS).await > heard };
            eventually("the other node has heard of it", told).await;
        }
    };
    assert_eq!(refused.error(), "sign_in_throttled");
    assert!(wrong >= 5, "{wrong} were free");
    // Whoever has the password gets in from elsewhere, at both.
    for node in &nodes {
        let mut elsewhere = Guest::visiting(node).await.at("127.0.0.6");
        assert_eq!(elsewhere.sign_in("Ada", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_node_whose_files_of_nats_are_not_there_does_not_start_and_names_their_settings() {
    let node = Server::start_nodes(1, &[("cluster.nats", "nats://tea@127.0.0.1:4222")]).remove(0);
    for setting in ["nats_password_file", "credentials", "nats_ca"] {
        let mut other = node.beside();
        other.set(&format!("cluster.{setting}"), "/nowhere/it");
        let words = other.is_refused();
        let wanted = format!("[cluster] {setting} /nowhere/it: No such file");
        assert!(
            words.contains(&wanted) && !words.contains("panicked"),
            "{words}"
        );
    }
}
