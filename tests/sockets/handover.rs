//! From a request to a WebSocket: what a client sends too early, and what an open socket costs.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Guest, Raw, Server, arrive, eventually, frame, op, within};

const HELLO: &str = r#"{"type":10,"data":{"v":1}}"#;

/// Sends a handshake and `more` in one piece.
async fn hasty(guest: &Guest, more: &[u8]) -> TcpStream {
    let mut stream = guest.dial().await;
    let mut bytes =
        b"GET /ws?feed HTTP/1.1\r\nhost: teahouse\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
          sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .to_vec();
    bytes.extend_from_slice(more);
    stream.write_all(&bytes).await.unwrap();
    stream
}

#[tokio::test]
async fn what_comes_with_the_handshake_is_heard() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let hello = frame(op::TEXT, HELLO.as_bytes());
    // The end of the hello comes when the connection has changed hands.
    for cut in [0, 1, 5, hello.len() - 1, hello.len()] {
        let (early, late) = hello.split_at(cut);
        let mut stream = hasty(&guest, early).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("the 101", stream.read_u8()).await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "));
        stream.write_all(late).await.unwrap();
        let mut raw = Raw::past_handshake(stream);
        within("the welcome", raw.text_with(r#""type":11"#)).await;
    }
}

#[tokio::test]
async fn who_sends_much_before_the_answer_is_not_let_in() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let mut flood = frame(op::TEXT, HELLO.as_bytes());
    for _ in 0..40 {
        flood.extend(frame(op::PONG, &[b'x'; 100]).repeat(10));
    }
    let mut stream = hasty(&guest, &flood).await;
    let mut answer = Vec::new();
    // What is unread when a connection is dropped resets it: both are an end.
    let _reset = within("the end", stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains(r#""type":11"#), "{answer}");
    let (_ws, _) = arrive(&server, "after them").await;
    let people = Guest::of(&server).get("/api/v1/rooms/1/people").await;
    assert_eq!(people.json()["connections"], 1);
}

#[tokio::test]
async fn an_open_websocket_takes_one_descriptor() {
    let server = Server::start(&[]);
    let (_first, _) = arrive(&server, "first").await;
    let before = server.descriptors().len();
    let guest = Guest::of(&server);
    let mut open = Vec::new();
    for _ in 0..30 {
        open.push(guest.raw("/ws").await);
    }
    eventually("30 more", || async {
        server.descriptors().len() == before + 30
    })
    .await;
    drop(open);
    eventually("none left", || async {
        server.descriptors().len() <= before
    })
    .await;
}

#[tokio::test]
async fn a_long_frame_leaves_no_memory_behind() {
    let server = Server::start(&[("limits.connections_per_address", "0")]);
    let guest = Guest::of(&server);
    let long = frame(op::TEXT, &[b' '; 100_000]);
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(guest.raw("/ws").await);
    }
    for raw in &mut open {
        raw.send(&long).await;
        raw.text_with("bad_frame").await;
    }
    let before = server.peak_kib();
    for _ in 0..100 {
        let mut raw = guest.raw("/ws").await;
        raw.send(&long).await;
        raw.text_with("bad_frame").await;
        open.push(raw);
    }
    let more = server.peak_kib() - before;
    assert!(more < 4_096, "100 connections keep {more} KiB");
}

/// The first line of the answer to a handshake with these parts.
async fn shakes(guest: &Guest, version: &str, key: &str) -> String {
    let mut stream = guest.dial().await;
    let head = format!(
        "GET /ws?feed HTTP/{version}\r\nhost: teahouse\r\nupgrade: websocket\r\n\
         connection: upgrade\r\nsec-websocket-version: 13\r\n{key}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(within("an answer", stream.read_u8()).await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

#[tokio::test]
async fn a_handshake_has_a_version_and_a_key_as_the_protocol_wants_them() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let good = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assert!(shakes(&guest, "1.1", good).await.contains(" 101 "));
    assert!(shakes(&guest, "1.0", good).await.contains(" 400 "));
    for key in [
        "",
        "x",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZQEB",
        "dGhlIHNhbXBsZSBub25jZQAAAA==",
        "dGhlIHNhb BsZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZ\u{e9}==",
        "===============-------==",
    ] {
        let key = format!("sec-websocket-key: {key}\r\n");
        let line = shakes(&guest, "1.1", &key).await;
        assert!(line.contains(" 400 "), "{key:?}: {line}");
    }
    let twice = format!("{good}{good}");
    assert!(shakes(&guest, "1.1", &twice).await.contains(" 400 "));
}
