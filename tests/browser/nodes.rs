//! Several nodes behind a proxy: whoever has the page open does not notice that there are some, nor that they end.

use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::phone::nothing_sticks_out;
use super::{Browsers, Person, site};
use crate::support::nats::Nats;
use crate::support::proxy::Proxy;
use crate::support::{Guest, Server, eventually, postgres};

const NGINX: &str = include_str!("../../deploy/cluster/nginx.conf");

/// Where the nodes are in the file.
const THERE: [&str; 3] = ["10.0.0.11:8080", "10.0.0.12:8080", "10.0.0.13:8080"];

/// What one says the other hears, both ways; neither has it twice.
async fn they_talk(ann: &Person, lin: &Person, when: &str) {
    for (who, other) in [(ann, lin), (lin, ann)] {
        who.is_live().await;
        let words = format!("{} {when}", who.text("#me-name").await);
        who.write(&words).await;
        who.press(Key::Enter).await;
        other.hears(&words).await;
    }
}

#[tokio::test]
async fn two_people_talk_while_their_nodes_are_killed_and_nats_stands_still() {
    let nats = Nats::start();
    let mut nodes = Server::start_nodes(
        3,
        &[
            ("server.trusted_proxies", "127.0.0.1"),
            ("cluster.nats", &nats.url()),
        ],
    );
    let places: Vec<_> = THERE
        .into_iter()
        .zip(nodes.iter().map(Server::addr))
        .collect();
    let Some(nginx) = Proxy::nginx(NGINX, &places).await else {
        return eprintln!("no nginx here: pages at several nodes were not tried");
    };
    let site = format!("http://{}", nginx.addr);
    let browsers = Browsers::start();
    let ann = member(&browsers, &nodes[0], &site, "Ann").await;
    let lin = member(&browsers, &nodes[1], &site, "Lin").await;
    for person in [&ann, &lin] {
        person.expects_cuts();
        person.reads("#online-people", "2").await;
    }
    lin.write("I am").await;
    ann.reads("#typing", "Lin is typing…").await;
    lin.press(Key::Enter).await;
    ann.hears("I am").await;
    they_talk(&ann, &lin, "with three").await;

    nodes[0].kill();
    they_talk(&ann, &lin, "with two").await;
    nats.signal("STOP");
    they_talk(&ann, &lin, "without NATS").await;
    nats.signal("CONT");
    nodes[1].kill();
    they_talk(&ann, &lin, "with one").await;
    ann.picture("nodes").await;

    let said = ann.texts().await;
    assert_eq!(said.len(), 9, "{said:?}");
    assert_eq!(said, lin.texts().await);
    ann.leave().await;
    lin.leave().await;
}

/// The number in the head and the list beside the talk, as they are read out and as they are seen.
async fn is_said_to_be_old(person: &Person, old: bool) {
    let seen = format!(
        "(() => {{
            const pill = document.querySelector('#online'), hint = document.querySelector('#people-stale');
            const [spoken, marked] = [pill.ariaLabel.includes('out of date'), getComputedStyle(pill.querySelector('b'), '::before').content.includes('≈')];
            return spoken === {old} && marked === {old} && hint.hidden === {}
        }})()",
        !old
    );
    person.until(&format!("it may be old: {old}"), &seen).await;
}

#[tokio::test]
async fn who_is_here_is_said_to_be_old_while_nats_stands_still() {
    const LONG: &str = "Wolfeschlegelsteinhausenbergerdorff 茶会";
    let nats = Nats::start();
    let nodes = Server::start_nodes(2, &[("cluster.nats", &nats.url())]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &nodes[0], &site(&nodes[0]), "Ann").await;
    let mut lin = Companion::named(&nodes[1], "林夏").await;
    let room = lin.makes("public", LONG).await;
    ann.reads("#online-people", "2").await;
    is_said_to_be_old(&ann, false).await;

    nats.signal("STOP");
    is_said_to_be_old(&ann, true).await;
    ann.reads("#online-people", "2").await;
    ann.reads("#people-stale", "Who is here may be out of date.")
        .await;
    ann.picture("stale-lobby-1440").await;
    // Who comes while it is so is told with the page, and in a room with members beside their list.
    ann.goto(&format!("/rooms/{room}")).await;
    ann.is_live().await;
    is_said_to_be_old(&ann, true).await;
    ann.picture("stale-room-1440").await;
    ann.resize(390, 844).await;
    nothing_sticks_out(&ann).await;
    ann.picture("stale-room-390").await;
    ann.click("#online").await;
    ann.reads("#people-stale", "Who is here may be out of date.")
        .await;
    ann.picture("stale-people-390").await;

    nats.signal("CONT");
    is_said_to_be_old(&ann, false).await;
    ann.picture("stale-no-more-390").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_said_while_the_database_is_away_is_kept_and_comes_once() {
    let database = postgres::Server::start();
    let url = database.url(&database.create("template0"));
    let nats = Nats::start();
    let nodes = Server::start_nodes_on(&url, 2, &[("cluster.nats", &nats.url())]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &nodes[0], &site(&nodes[0]), "Ann").await;
    let lin = member(&browsers, &nodes[1], &site(&nodes[1]), "Lin").await;
    they_talk(&ann, &lin, "before").await;

    let fallen = database.falls();
    for person in [&ann, &lin] {
        for number in ["one", "two"] {
            let words = format!("{} {number}", person.text("#me-name").await);
            person.write(&words).await;
            person.press(Key::Enter).await;
        }
        let waits = "document.querySelectorAll('#messages > .waiting .clock').length === 2";
        person.until("both wait", waits).await;
        let why = "document.querySelector('#messages > .waiting')?.innerText.includes('Not saved yet. It is sent again by itself.')";
        person.until("it says why", why).await;
        person.picture("database-away").await;
    }
    // It stays away for longer than the page tries what the database itself does not take.
    for node in &nodes {
        let refused = async || {
            let metrics = Guest::of(node).get("/metrics").await.text();
            metrics.lines().any(|line| {
                let count = line.strip_prefix("teahouse_refused_total{code=\"store_away\"} ");
                count.is_some_and(|count| count.parse::<u32>().unwrap() > 4)
            })
        };
        eventually("it was tried often", refused).await;
    }
    for person in [&ann, &lin] {
        let waits = "document.querySelectorAll('#messages > .waiting').length === 2";
        person.until("both wait still", waits).await;
    }
    drop(fallen);
    for (who, other) in [(&ann, "Lin"), (&lin, "Ann")] {
        who.hears(&format!("{other} two")).await;
        let none = "!document.querySelector('#messages > :is(.waiting, .failed), #messages .why')";
        who.until("nothing waits", none).await;
    }
    let said = ann.texts().await;
    assert_eq!(said, lin.texts().await);
    let mut sorted = said.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "Ann before",
            "Ann one",
            "Ann two",
            "Lin before",
            "Lin one",
            "Lin two"
        ]
    );
    they_talk(&ann, &lin, "after").await;
    ann.leave().await;
    lin.leave().await;
}
