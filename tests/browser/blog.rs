//! A site of somebody else, with pages that show the room: `http://localhost:<port>`, which is another site than the server's
//! `http://127.0.0.1:<port>` to a browser.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Keeps what the room's script tells a page, from the first thing on.
const TOLD: &str = "window.told = [];
    (window.Teahouse ??= []).push((teahouse) => {
        for (const name of ['ready', 'open', 'close', 'unread', 'message', 'identity', 'error']) {
            teahouse.on(name, (detail) => told.push([name, detail]));
        }
    });";

/// What stands at an address.
#[derive(Clone)]
struct Content {
    kind: &'static str,
    body: String,
    /// A Content-Security-Policy.
    policy: Option<String>,
}

type Contents = Arc<Mutex<HashMap<String, Content>>>;

/// The site. It ends with this value.
pub struct Blog {
    port: u16,
    contents: Contents,
    serving: JoinHandle<()>,
}

impl Blog {
    /// A site at a free port, with nothing but the script [`TOLD`] at `/told.js`.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let contents = Contents::default();
        let known = Arc::clone(&contents);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&known)));
            }
        });
        let blog = Self {
            port,
            contents,
            serving,
        };
        blog.put("/told.js", "text/javascript", TOLD, None);
        blog
    }

    /// As browsers name it.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The same site under another name: that of the server's own address, to which it belongs in a browser's eyes.
    pub fn near_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Puts a page at a path.
    pub fn page(&self, path: &str, html: &str) {
        self.put(path, "text/html; charset=utf-8", html, None);
    }

    /// The same with a Content-Security-Policy.
    pub fn strict_page(&self, path: &str, html: &str, policy: &str) {
        self.put(path, "text/html; charset=utf-8", html, Some(policy));
    }

    /// Puts JSON at a path.
    pub fn json(&self, path: &str, json: &str) {
        self.put(path, "application/json", json, None);
    }

    fn put(&self, path: &str, kind: &'static str, body: &str, policy: Option<&str>) {
        let content = Content {
            kind,
            body: body.to_owned(),
            policy: policy.map(str::to_owned),
        };
        let mut contents = self.contents.lock().unwrap();
        contents.insert(path.to_owned(), content);
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers one request; a browser that opens a connection in advance may send none.
async fn answer(mut stream: TcpStream, contents: Contents) -> Option<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4_096];
        let length = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
        head.extend_from_slice(&part[..length]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?;
    let path = path.split('?').next()?;
    let found = contents.lock().unwrap().get(path).cloned();
    let text = match found {
        Some(Content { kind, body, policy }) => {
            let policy = policy.map(|policy| format!("content-security-policy: {policy}\r\n"));
            let policy = policy.unwrap_or_default();
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{policy}connection: close\r\n\r\n{body}"
            )
        }
        // A browser asks for an icon by itself.
        None => "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(text.as_bytes()).await.ok()
}
