//! HTTP/1.1 by hand: one request, one answer, read to the end of the connection. Every answer is
//! checked for the headers that no answer may lack, whatever the test is about.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::within;

/// An HTTP answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
    }

    /// The code of an API error.
    pub fn error(&self) -> String {
        let json = self.json();
        let message = json["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "an error without a message: {json}");
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// A connection to `to` from a chosen address of this machine.
pub async fn dial(from: IpAddr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    within("a connection", socket.connect(to)).await.unwrap()
}

/// The same with a receive buffer of a few KiB.
pub async fn narrow(from: IpAddr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.bind((from, 0).into()).unwrap();
    within("a connection", socket.connect(to)).await.unwrap()
}

/// Sends one request and reads the answer.
pub async fn exchange(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Answer {
    let request = written(method, path, headers, body);
    stream.write_all(&request).await.unwrap();
    let mut bytes = Vec::new();
    within("an answer", stream.read_to_end(&mut bytes))
        .await
        .unwrap();
    let answer = parse(&bytes);
    check(path, &answer);
    answer
}

/// The same over a line that may break: an answer that has arrived whole, or nothing.
pub async fn try_exchange(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Option<Answer> {
    let request = written(method, path, headers, body);
    stream.write_all(&request).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let answer = parse(&bytes);
    let length = answer.header("content-length").map(|text| text.parse());
    let is_whole = method == "HEAD" || length.is_none_or(|length| length == Ok(answer.body.len()));
    is_whole.then_some(answer)
}

fn written(method: &str, path: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    request
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let rest = &bytes[end + 4..];
    Answer {
        status: status.parse().unwrap(),
        headers,
        body: if chunked {
            unchunk(rest)
        } else {
            rest.to_vec()
        },
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = rest
            .windows(2)
            .position(|window| window == b"\r\n")
            .unwrap();
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        let from = line + 2;
        body.extend_from_slice(&rest[from..from + size]);
        rest = &rest[from + size + 2..];
    }
}

/// What holds for every answer of every route: the protecting headers, and the cookie's flags.
fn check(path: &str, answer: &Answer) {
    let kind = answer.header("content-type").unwrap_or("");
    let mut parts = ["text/javascript", "text/css", "image/"].into_iter();
    // Of a document alone, in which a browser reads them.
    let document = !parts.any(|part| kind.starts_with(part));
    // Pages of other sites show this document, and load this script; its policy says which.
    let framed = path.starts_with("/embed/rooms/")
        && !path.contains("/page")
        && kind.starts_with("text/html");
    let window = path.starts_with("/embed/connect") && answer.status == 200;
    let expected = [
        ("x-content-type-options", Some("nosniff")),
        (
            "referrer-policy",
            Some(if framed { "no-referrer" } else { "same-origin" }),
        ),
        ("x-frame-options", (document && !framed).then_some("DENY")),
        (
            "cross-origin-opener-policy",
            (document && !framed).then_some(if window { "unsafe-none" } else { "same-origin" }),
        ),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), value, "{path}: {name} of {answer:?}");
    }
    if path.starts_with("/api/v1/") {
        // What is told to one is kept for nobody.
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let vary = answer.headers.iter().filter(|(name, _)| name == "vary");
        let mut parts = vary.flat_map(|(_, value)| value.split(','));
        let by_cookie = parts.any(|part| part.trim().eq_ignore_ascii_case("cookie"));
        assert!(by_cookie, "{path}: {answer:?}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    // What is a part of a page and no page may do nothing at all.
    let inert = "default-src 'none'; frame-ancestors 'none'";
    let is_script = ["/embed.js", "/embed/1.0.js"].contains(&path);
    let is_part = path.starts_with("/static/") || path.starts_with("/avatar/") || is_script;
    let sandboxed = "default-src 'none'; sandbox; frame-ancestors 'none'";
    let is_file = path.starts_with("/files/") || path.starts_with("/voice/");
    let unlisted = framed && answer.status == 403;
    let told = "default-src 'none'; frame-ancestors *";
    let rules: &[&str] = if is_part && policy == inert
        || is_file && policy == sandboxed
        || unlisted && policy == told
    {
        &[]
    } else {
        &[
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            if framed {
                "form-action 'self'"
            } else {
                "frame-ancestors 'none'"
            },
        ]
    };
    for &rule in rules {
        assert!(
            policy.split("; ").any(|part| part.trim() == rule),
            "{policy}"
        );
    }
    assert!(
        !policy.contains("unsafe") && (!policy.contains('*') || unlisted),
        "{policy}"
    );
    for (_, cookie) in answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
    {
        let mut parts = cookie.split("; ");
        let name = parts.next().unwrap().split_once('=').unwrap().0;
        let flags: Vec<&str> = parts.collect();
        for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(flags.contains(&flag), "{path}: {cookie}");
        }
        assert_eq!(
            name.starts_with("__Host-"),
            flags.contains(&"Secure"),
            "{cookie}"
        );
        assert!(
            !flags.iter().any(|flag| flag.starts_with("Domain")),
            "{cookie}"
        );
    }
}
