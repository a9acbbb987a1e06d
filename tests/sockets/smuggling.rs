//! Requests whose end two programs would see in different places: refused, with the connection, so that
//! what follows them is nobody's request.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Guest, Server, within};

const BODY: &str = r#"{"content":"a"}"#;

/// The answers on one connection to a preview with these headers and this body, and to the request
/// after it.
async fn answers(guest: &Guest, head: &str, body: &str) -> Vec<u16> {
    let next = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut stream = guest.dial().await;
    let whole = format!("POST /api/v1/preview {head}\r\n\r\n{body}{next}");
    // Nothing here may be cut off by an answer that comes early.
    let _early = stream.write_all(whole.as_bytes()).await;
    let mut told = Vec::new();
    let _reset = within("the end", stream.read_to_end(&mut told)).await;
    let told = String::from_utf8_lossy(&told);
    let heads = told.split("HTTP/1.1 ").skip(1);
    heads
        .map(|head| head.split_once(' ').unwrap().0.parse().unwrap())
        .collect()
}

#[tokio::test]
async fn whatever_leaves_a_doubt_about_its_end_is_refused_and_nothing_after_it_is_done() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let chunks = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    for (headers, body) in [
        ("content-length: 15", BODY),
        ("transfer-encoding: chunked", &chunks),
        ("Transfer-Encoding: CHUNKED", &chunks),
    ] {
        let head = format!("HTTP/1.1\r\nhost: x\r\n{headers}");
        assert_eq!(answers(&guest, &head, body).await, [200, 200], "{headers}");
    }
    for lengths in [
        "content-length: 15\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 15",
        "content-length: 0\r\ntransfer-encoding: chunked",
        "content-length: 15\r\ncontent-length: 16",
        "content-length: 15\r\ncontent-length: 15",
        "content-length: 15, 15",
        "content-length: +15",
        "content-length: -15",
        "content-length: 0x0f",
        "content-length: ",
        "content-length: 1 5",
        "content-length: 15.0",
        "content-length: 99999999999999999999",
        "content-length: \u{b}15",
        "content-length : 15",
        "content-length:\r\n 15",
        "x: a\rcontent-length: 3\r\ncontent-length: 15",
        "x: a\0b\r\ncontent-length: 15",
        "colonless\r\ncontent-length: 15",
        "host: y\r\ncontent-length: 15",
    ] {
        let head = format!("HTTP/1.1\r\nhost: x\r\n{lengths}");
        assert_eq!(answers(&guest, &head, BODY).await, [400], "{lengths:?}");
    }
    for coding in [
        "transfer-encoding: identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: chunked, chunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: \"chunked\"",
        "transfer-encoding: \u{b}chunked",
        "transfer-encoding: chunked\0",
        "transfer-encoding : chunked\r\ncontent-length: 26",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "transfer-encoding: identity\r\ntransfer-encoding: chunked",
        "transfer-encoding: x\r\ntransfer-encoding: chunked\r\ncontent-length: 4",
    ] {
        let head = format!("HTTP/1.1\r\nhost: x\r\n{coding}");
        assert_eq!(answers(&guest, &head, &chunks).await, [400], "{coding:?}");
    }
    let chunked = "HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked";
    for size in [
        "0xf",
        "+f",
        "-f",
        " f",
        "",
        "g",
        "fffffffffffffffff",
        "1000000000000000f",
        "f;a\nb",
    ] {
        let body = format!("{size}\r\n{BODY}\r\n0\r\n\r\n");
        assert_eq!(answers(&guest, chunked, &body).await, [400], "{size:?}");
    }
    for body in [
        format!("f\n{BODY}\n0\n\n"),
        format!("f\r\n{BODY}XX0\r\n\r\n"),
    ] {
        assert_eq!(answers(&guest, chunked, &body).await, [400], "{body:?}");
    }
    let old = "HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked";
    let told = answers(&guest, old, &chunks).await;
    assert!(!told.contains(&200), "{told:?}");
}
