//! The files for proxies before several nodes, as they are given to operators: nobody sees that a node ends.

use std::net::SocketAddr;

use futures_util::future::join_all;

use crate::support::nats::Nats;
use crate::support::proxy::Proxy;
use crate::support::relay::Relay;
use crate::support::{Guest, Member, Server, eventually, postgres};

pub const NGINX: &str = include_str!("../../deploy/cluster/nginx.conf");
const HAPROXY: &str = include_str!("../../deploy/cluster/haproxy.cfg");
const CADDY: &str = include_str!("../../deploy/cluster/Caddyfile");

/// Where the nodes are in the files.
pub const THERE: [&str; 3] = ["10.0.0.11:8080", "10.0.0.12:8080", "10.0.0.13:8080"];

/// Pages that are asked for while a node is away: more than there are tries before a proxy leaves it out.
const PAGES: usize = 30;

fn nodes() -> Vec<Server> {
    Server::start_nodes(3, &[("server.trusted_proxies", "127.0.0.1")])
}

fn places(nodes: &[Server]) -> Vec<(&'static str, SocketAddr)> {
    let addresses = nodes.iter().map(Server::addr);
    THERE.into_iter().zip(addresses).collect()
}

/// Every page comes, at the first try.
async fn all_pages_come(visitor: &mut Guest, when: &str) {
    for page in 0..PAGES {
        let answer = visitor.get("/").await;
        assert_eq!(answer.status, 200, "page {page} {when}: {answer:?}");
    }
}

/// What one says by way of the proxy, the other hears, whichever nodes they are at.
async fn they_talk(ada: &Member, bob: &Member, room: i64, words: &str) {
    let ((mut ada, _), (mut bob, _)) = (ada.hears(room).await, bob.hears(room).await);
    ada.post_in(room, words).await;
    bob.until_said(words).await;
}

/// One node says goodbye, one is killed, and all pages come, people get in and talk.
async fn nobody_sees_that_nodes_end(mut nodes: Vec<Server>, proxy: &Proxy) {
    let (mut ada, mut bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    for who in [&mut ada, &mut bob] {
        who.guest = who.guest.clone().by_way_of(proxy.addr);
    }
    let mut visitor = Guest::of(&nodes[0]).by_way_of(proxy.addr);
    all_pages_come(&mut visitor, "with three nodes").await;
    they_talk(&ada, &bob, room, "three").await;

    // As in a restart: it ends while people come.
    let mut first = nodes.remove(0);
    let stopping = tokio::task::spawn_blocking(move || first.stop());
    all_pages_come(&mut visitor, "while one ends").await;
    they_talk(&ada, &bob, room, "while one ends").await;
    let stopped = stopping.await.unwrap();
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    all_pages_come(&mut visitor, "with two nodes").await;

    nodes[0].kill();
    all_pages_come(&mut visitor, "after one was killed").await;
    they_talk(&ada, &bob, room, "one").await;
    let all = ada.clone().sees(room).await;
    assert_eq!(all["head"], bob.clone().sees(room).await["head"]);
}

#[tokio::test]
async fn behind_nginx_nobody_sees_that_nodes_end() {
    let nodes = nodes();
    let Some(nginx) = Proxy::nginx(NGINX, &places(&nodes)).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    nobody_sees_that_nodes_end(nodes, &nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_a_node_that_does_not_get_to_the_database_or_stands_still_is_left_out() {
    let postgres = postgres::server();
    let way = Relay::to(postgres.addr()).await;
    let nats = Nats::start();
    let settings = [
        ("server.trusted_proxies", "127.0.0.1"),
        ("cluster.nats", &nats.url()),
    ];
    let database = postgres.create("template0");
    let mut nodes = Server::start_nodes_on(&postgres.url(&database), 2, &settings);
    let mut last = nodes[0].beside();
    last.set("storage.url", &postgres.url_at(way.addr.port(), &database));
    last.launch();
    nodes.push(last);
    let Some(nginx) = Proxy::nginx(NGINX, &places(&nodes)).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    let at_last = Guest::visiting(&nodes[2]).await;
    let mut visitor = at_last.clone().by_way_of(nginx.addr);
    way.cut();
    eventually("the last one to know that it is behind", || async {
        at_last.clone().get("/").await.status == 502
    })
    .await;
    all_pages_come(&mut visitor, "while one has no database").await;
    way.mend();
    eventually("the last one to be well", || async {
        at_last.clone().get("/").await.status == 200
    })
    .await;
    nodes[1].signal("STOP");
    let visitors = (0..6).map(|_| visitor.clone());
    let answers = join_all(visitors.map(|mut visitor| async move { visitor.get("/").await })).await;
    for answer in answers {
        assert_eq!(answer.status, 200, "while one stands still: {answer:?}");
    }
    nodes[1].signal("CONT");
}

#[tokio::test]
async fn behind_haproxy_nobody_sees_that_nodes_end() {
    let nodes = nodes();
    let Some(haproxy) = Proxy::haproxy(HAPROXY, &places(&nodes)).await else {
        return eprintln!("no HAProxy here: its file was not tried");
    };
    nobody_sees_that_nodes_end(nodes, &haproxy).await;
}

#[tokio::test]
async fn behind_caddy_nobody_sees_that_nodes_end() {
    let nodes = nodes();
    let Some(caddy) = Proxy::caddy(CADDY, &places(&nodes)).await else {
        return eprintln!("no Caddy here: its file was not tried");
    };
    nobody_sees_that_nodes_end(nodes, &caddy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_sockets_open_at_the_first_try_after_every_node_was_away_once() {
    let nodes = nodes();
    let mut ways = Vec::new();
    for node in &nodes {
        ways.push(Relay::to(node.addr()).await);
    }
    let places: Vec<_> = THERE
        .into_iter()
        .zip(ways.iter().map(|way| way.addr))
        .collect();
    let Some(nginx) = Proxy::nginx(NGINX, &places).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    let visitor = Guest::visiting(&nodes[0]).await.by_way_of(nginx.addr);
    let mut open = Vec::new();
    for way in &ways {
        way.cut();
        for _ in 0..5 {
            open.push(visitor.feed().await);
        }
        way.mend();
    }
    // Nothing but sockets went through it, of which those have not ended that came last.
    for _ in 0..10 {
        open.push(visitor.feed().await);
    }
    let (last, _) = open.last_mut().unwrap();
    last.post("here at the first try").await;
}
