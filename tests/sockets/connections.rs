//! How many connections one address and the whole server may have, and what those are told who come
//! after them.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{Guest, Server, eventually, within};

#[tokio::test]
async fn an_address_has_so_many_connections_and_a_free_one_can_be_had_again() {
    let server = Server::start_strict(&[("limits.connections_per_address", "2")]);
    let guest = Guest::of(&server);
    let (first, _) = guest.classic().await;
    let (_second, _) = guest.classic().await;
    for path in ["/ws", "/ws?feed"] {
        let refusal = guest.open(path, &[]).await.unwrap_err();
        assert_eq!(
            (refusal.status, &refusal.body["error"]["code"]),
            (429, &json!("address_full"))
        );
        assert!(refusal.retry_after.is_some(), "{refusal:?}");
    }
    let elsewhere = guest.clone().at("127.0.0.2");
    assert!(
        elsewhere.open("/ws", &[]).await.is_ok(),
        "others have their own"
    );
    first.leave().await;
    eventually("the permit is free", || async {
        guest.open("/ws", &[]).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_full_server_says_so_before_the_upgrade() {
    let server = Server::start(&[("limits.connections", "3")]);
    let mut inside = Vec::new();
    for number in 1..=3 {
        let guest = Guest::of(&server).at(&format!("127.0.0.{number}"));
        inside.push(guest.classic().await.0);
    }
    let refusal = Guest::of(&server).open("/ws", &[]).await.unwrap_err();
    assert_eq!(
        (refusal.status, &refusal.body["error"]["code"]),
        (503, &json!("house_full"))
    );
    assert_eq!(
        refusal.body["error"]["retry_after"],
        refusal.retry_after.unwrap()
    );
    let mut guest = Guest::of(&server);
    assert_eq!(
        guest.get("/").await.status,
        200,
        "the page still shows the room"
    );
    inside[0].say("undisturbed").await;
    inside[2].until_said("undisturbed").await;
}

#[tokio::test]
async fn an_address_counts_as_the_trusted_proxy_reports_it() {
    let server = Server::start_strict(&[
        ("limits.connections_per_address", "2"),
        ("server.trusted_proxies", "127.0.0.1"),
    ]);
    let proxied = |forwarded: &str| Guest::of(&server).with("x-forwarded-for", forwarded);
    let mut inside = Vec::new();
    let mut opens = async |guest: &Guest| match guest.open("/ws", &[]).await {
        Ok(ws) => {
            inside.push(ws);
            true
        }
        Err(refusal) => {
            assert_eq!(refusal.status, 429);
            false
        }
    };
    // What the client wrote itself stands to the left, and does not help them.
    for (forwarded, admitted) in [
        ("203.0.113.1", true),
        ("198.51.100.1, 203.0.113.1", true),
        ("198.51.100.2, 203.0.113.1", false),
        ("203.0.113.2", true),
        ("2001:db8:1:2::1", true),
        ("2001:db8:1:2:ffff::2", true),
        ("2001:db8:1:2::3", false),
        ("2001:db8:1:3::3", true),
    ] {
        assert_eq!(opens(&proxied(forwarded)).await, admitted, "{forwarded}");
    }
    // From anywhere else the header is a claim.
    for (number, admitted) in [(1, true), (2, true), (3, false)] {
        let liar = proxied(&format!("192.0.2.{number}")).at("127.0.0.2");
        assert_eq!(opens(&liar).await, admitted, "{number}");
    }
}

/// Opens `count` connections on which nothing is said, and gives what each is told until it is ended.
async fn idle(guest: &Guest, count: usize) -> JoinSet<String> {
    let mut all = JoinSet::new();
    for _ in 0..count {
        let mut stream = guest.dial().await;
        all.spawn(async move {
            let mut told = Vec::new();
            let _reset = stream.read_to_end(&mut told).await;
            String::from_utf8(told).unwrap()
        });
    }
    all
}

/// Asks something on a connection that stays open, and gives the first line of the answer.
async fn asks_and_stays(guest: &Guest) -> (TcpStream, String) {
    let mut stream = guest.dial().await;
    let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: teahouse\r\n\r\n");
    let _refused = asked.await;
    let mut told = [0; 15];
    let read = within("an answer", stream.read_exact(&mut told)).await;
    let line = read.map_or(String::new(), |_| String::from_utf8_lossy(&told).into());
    (stream, line)
}

#[tokio::test]
async fn connections_of_one_address_on_which_nothing_is_said_cost_the_others_nothing() {
    let server = Server::start_strict_by(
        "ulimit -n 1300 && exec \"$@\"",
        &[
            ("limits.connections", "100"),
            ("server.trusted_proxies", "127.0.0.9"),
        ],
    );
    let greedy = Guest::of(&server);
    let mut idle = idle(&greedy, 1_500).await;
    let mut others = Guest::of(&server).at("127.0.0.2");
    for _ in 0..40 {
        assert_eq!(others.get("/healthz").await.status, 200);
    }
    let metrics = others.get("/metrics").await.text();
    let counter = "teahouse_refused_total{code=\"address_full\"}";
    assert!(metrics.contains(counter), "{metrics}");
    let refused = loop {
        let told = within("the end of one", idle.join_next()).await;
        let told = told.unwrap().unwrap();
        if told.starts_with("HTTP/1.1 429 ") {
            break told;
        }
    };
    assert!(refused.contains("retry-after: "), "{refused}");
    assert!(refused.contains("address_full"), "{refused}");
    idle.shutdown().await;
    eventually("there is room for that address again", || async {
        asks_and_stays(&greedy).await.1 == "HTTP/1.1 200 OK"
    })
    .await;
    // What a proxy holds for its clients is its own business.
    let proxy = Guest::of(&server).at("127.0.0.9");
    let mut held = Vec::new();
    for _ in 0..300 {
        let (stream, line) = asks_and_stays(&proxy).await;
        assert_eq!(line, "HTTP/1.1 200 OK");
        held.push(stream);
    }
}
