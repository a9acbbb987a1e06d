//! What the framework does by itself and the server must not: frames buffered before their length
//! is looked at, sessions that nothing ends, requests that never end, memory that a slow reader
//! keeps. Each test measures what an attacker would gain.

use std::time::{Duration, Instant};

use serde_json::json;
use teahouse::protocol::kinds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use crate::support::{
    DEADLINE, Guest, Server, arrive, eventually, frame, header, op, within, within_time,
};

#[tokio::test]
async fn a_frame_that_declares_a_gigabyte_costs_no_memory() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let mut first = guest.raw("/ws").await;
    first.send(&frame(op::TEXT, &[b' '; 65_536])).await;
    first.text_with("bad_frame").await;
    let before = server.peak_kib();
    for declared in [1 << 30, u64::MAX >> 1, u64::MAX] {
        let mut raw = guest.raw("/ws").await;
        raw.send(&header(op::TEXT, declared)).await;
        // As much as the server takes, up to 64 MiB.
        let chunk = vec![b'x'; 65_536];
        let mut sent = 0;
        while sent < 1_024 && raw.send_or_be_cut(&chunk).await {
            sent += 1;
        }
        let mut other = guest.raw("/ws").await;
        other.send(&header(op::TEXT, declared)).await;
        assert_eq!(other.close_code().await, Some(1009), "{declared}");
    }
    let more = server.peak_kib() - before;
    assert!(more < 1_024, "{more} KiB more");
}

#[tokio::test]
async fn a_reader_that_stays_away_costs_little_and_is_gone_after_15_seconds() {
    let server = Server::start(&[]);
    let (mut poster, _) = Guest::visiting(&server).await.feed().await;
    // Warm: what one round of messages costs without slow readers.
    flood(&mut poster, 40).await;
    let guest = Guest::of(&server).with("user-agent", "away");
    let mut away = Vec::new();
    for _ in 0..10 {
        away.push(guest.narrow("/ws").await);
    }
    poster
        .expect("they are in", |frame| frame["data"]["connections"] == 11)
        .await;
    let before = server.peak_kib();
    let began = Instant::now();
    flood(&mut poster, 40).await;
    let more = server.peak_kib() - before;
    // 480 KB wait for each of the ten, in one copy for all.
    assert!(more < 3 * 1_024, "ten slow readers cost {more} KiB");
    let ports: Vec<String> = away
        .iter()
        .map(|raw| format!(":{:04X}", raw.port()))
        .collect();
    let mut waiting = 0;
    for row in server.sockets() {
        if ports.iter().any(|port| row[2].ends_with(port)) {
            let queued = u64::from_str_radix(row[4].split(':').next().unwrap(), 16).unwrap();
            assert!(
                queued <= 256 * 1_024,
                "the kernel holds {queued} bytes for one"
            );
            waiting += 1;
        }
    }
    assert_eq!(waiting, 10, "all of them are still connected");
    let alone = async {
        let mut asker = Guest::of(&server);
        while asker.get("/api/v1/rooms/1/people").await.json()["connections"] != 1 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    within_time("slow readers are cut", 2 * DEADLINE, alone).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(14), "{took:?}");
    // And by that bound, not by what ends a connection later. On a busy machine the kernel, which gives up
    // after as long, may come first at some of them.
    let series = "teahouse_slow_readers_cut_total{bound=\"stall\"}";
    let cut = Guest::of(&server).metric(series).await;
    assert!((1..=10).contains(&cut), "{cut} of 10");
}

/// Says `count` messages of 12 kB.
async fn flood(poster: &mut crate::support::Ws, count: usize) {
    let long = "茶".repeat(4_000);
    let nonces: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
    for nonce in &nonces {
        poster.submit(*nonce, &long).await;
    }
    for nonce in nonces {
        poster.ack(nonce).await;
    }
}

#[tokio::test]
async fn requests_that_do_not_get_on_are_ended() {
    let server = Server::start(&[]);
    let host = server.addr().to_string();
    let whole = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let partial = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nx-slow: ");
    let body = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: 4000\r\n\r\n{{"
    );
    let heads = async {
        tokio::join!(
            ended(&server, "a silent socket", "", ""),
            ended(&server, "a slow first head", "", &partial),
            ended(&server, "a slow second head", &whole, &partial),
        )
    };
    let mut bodies = std::pin::pin!(ended(&server, "a slow body", "", &body));
    // A good client is served while they are at it, and a body has longer than a head.
    tokio::select! {
        _ = heads => {}
        () = &mut bodies => panic!("a body was ended before a head"),
    }
    assert_eq!(Guest::of(&server).get("/healthz").await.status, 200);
    bodies.await;
}

/// Sends a whole request, takes its answer, then begins another and goes on byte by byte.
async fn ended(server: &Server, what: &str, whole: &str, begun: &str) {
    let began = Instant::now();
    let mut stream = Guest::of(server).dial().await;
    let mut buffer = [0; 4_096];
    if !whole.is_empty() {
        stream.write_all(whole.as_bytes()).await.unwrap();
        let read = within("an answer", stream.read(&mut buffer)).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200"), "{what}");
    }
    stream.write_all(begun.as_bytes()).await.unwrap();
    let (mut read, mut write) = stream.split();
    let trickle = async {
        while !begun.is_empty() && write.write_all(b"x").await.is_ok() {
            // Slower than a request may be.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        std::future::pending::<()>().await;
    };
    let end = async { while read.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {} };
    let ended = async {
        tokio::select! {
            () = trickle => {}
            () = end => {}
        }
    };
    within_time(what, 3 * DEADLINE, ended).await;
    assert!(
        began.elapsed() >= Duration::from_secs(3),
        "{what} was ended too early"
    );
}

#[tokio::test]
async fn the_connection_ends_as_soon_as_both_have_said_goodbye() {
    let server = Server::start(&[]);
    // A second each time is what the framework would wait. On a busy machine it takes many tries until
    // one is free of other things; of those that wait none is.
    eventually("a WebSocket is at its end", || async {
        let mut raw = Guest::of(&server).raw("/ws").await;
        raw.text_with("chatRecordList").await;
        let began = Instant::now();
        raw.send(&frame(op::CLOSE, &1000u16.to_be_bytes())).await;
        assert_eq!(raw.close_code().await, Some(1000));
        raw.end().await;
        began.elapsed() < WAIT
    })
    .await;
    eventually("a request's connection is at its end", || async {
        let began = Instant::now();
        // Reads to the end of the connection.
        assert_eq!(Guest::of(&server).get("/healthz").await.status, 200);
        began.elapsed() < WAIT
    })
    .await;
}

/// Less than the framework waits for the end of a connection.
const WAIT: Duration = Duration::from_millis(900);

#[tokio::test]
async fn a_handshake_that_is_none_is_refused_and_leaves_nothing_open() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    assert_eq!(guest.get("/ws").await.error(), "not_websocket");
    let before = server.descriptors().len();
    for _ in 0..50 {
        let upgrade = [("upgrade", "websocket"), ("sec-websocket-version", "13")];
        let answer = guest.request("GET", "/ws", &upgrade, b"").await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "not_websocket")
        );
    }
    eventually("the descriptors are closed", || async {
        server.descriptors().len() <= before + 5
    })
    .await;
    let (_ws, history) = arrive(&server, "after them").await;
    assert_eq!(history["chatRecordList"], json!([]));
    let presence = guest.get("/api/v1/rooms/1/people").await.json();
    assert_eq!(presence["connections"], 1);
}

#[tokio::test]
async fn a_client_that_vanishes_is_gone_and_uncounted_after_ping_and_grace() {
    let server = Server::start(&[("heartbeat.interval", "1s"), ("heartbeat.grace", "300ms")]);
    let (mut watcher, _) = arrive(&server, "watcher").await;
    let mut vanishing = Guest::of(&server)
        .with("user-agent", "vanishing")
        .raw("/ws")
        .await;
    watcher
        .expect("two", |frame| {
            *frame == json!({"type": kinds::ONLINE, "data": 2})
        })
        .await;
    // It answers one ping, as browsers do, and then none.
    while vanishing.frame().await.unwrap().0 != op::PING {}
    let answered = Instant::now();
    vanishing.send(&frame(op::PONG, b"")).await;
    let gone = watcher.expect("one", |frame| {
        *frame == json!({"type": kinds::ONLINE, "data": 1})
    });
    within("the vanished to be uncounted", gone).await;
    // Interval and grace are 1.3 s; what else ends the silent takes 90 s.
    let took = answered.elapsed();
    assert!(took >= Duration::from_millis(1_200), "{took:?}");
}
