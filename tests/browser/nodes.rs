//! Several nodes behind a proxy: whoever has the page open does not notice that there are some, nor that they end.

use thirtyfour::prelude::*;

use super::company::member;
use super::{Browsers, Person};
use crate::support::Server;
use crate::support::nats::Nats;
use crate::support::proxy::Proxy;

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
