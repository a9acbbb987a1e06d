//! A person's program: a browser with a cookie jar, or a classic client without one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use teahouse::protocol::kinds;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderName;

use super::http::{Answer, dial, exchange, narrow, try_exchange};
use super::raw::Raw;
use super::server::Server;
use super::ws::{Refusal, Ws};

/// The headers of one request.
type Headers = Vec<(String, String)>;

/// A program of somebody.
#[derive(Debug, Clone)]
pub struct Guest {
    pub server: SocketAddr,
    from: IpAddr,
    headers: Headers,
    /// `name=value` of the session cookie.
    pub cookie: Option<String>,
}

impl Guest {
    /// A program without a cookie: what a classic client is.
    pub fn of(server: &Server) -> Self {
        Self::at_address(server.addr())
    }

    /// The same of the server that listens there.
    pub fn at_address(server: SocketAddr) -> Self {
        Self {
            server,
            from: Ipv4Addr::LOCALHOST.into(),
            headers: vec![("accept-language".into(), "en".into())],
            cookie: None,
        }
    }

    /// A browser that has opened the page, and has a cookie of its own.
    pub async fn visiting(server: &Server) -> Self {
        let mut guest = Self::of(server);
        guest.visit().await;
        guest
    }

    /// The same program at another address of this machine.
    pub fn at(mut self, from: &str) -> Self {
        self.from = from.parse().unwrap();
        self
    }

    /// The same program with one more header, or with another value of it.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same program after the server has come back at another port.
    pub fn follow(self, server: &Server) -> Self {
        self.by_way_of(server.addr())
    }

    /// The same program, on its way through a relay at `addr`.
    pub fn by_way_of(mut self, addr: SocketAddr) -> Self {
        self.server = addr;
        self
    }

    /// Opens the page.
    pub async fn visit(&mut self) -> Answer {
        let page = self.get("/").await;
        assert_eq!(page.status, 200, "{page:?}");
        page
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path, &[], b"").await
    }

    /// The value of a counter or gauge of `/metrics`: of one set of labels, or the sum over all.
    pub async fn metric(&mut self, name: &str) -> u64 {
        let metrics = self.get("/metrics").await.text();
        let values = metrics.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let is_it = rest.starts_with([' ', '{']);
            is_it.then(|| rest.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        });
        values
            .reduce(|sum, more| sum + more)
            .unwrap_or_else(|| panic!("no {name} in {metrics}"))
    }

    /// A change by the page's own script.
    pub async fn change(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.request(method, path, &headers, body.as_bytes()).await
    }

    pub async fn register(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password});
        self.change("POST", "/api/v1/register", &body).await
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password});
        self.change("POST", "/api/v1/session", &body).await
    }

    pub async fn sign_out(&mut self) -> Answer {
        self.change("DELETE", "/api/v1/session", &Value::Null).await
    }

    /// Any request; a cookie that is set goes into the jar.
    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let headers = self.all_headers(more);
        let mut stream = dial(self.from, self.server).await;
        let answer = exchange(&mut stream, method, path, &headers, body).await;
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let pair = value.split(';').next().unwrap();
                self.cookie = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
            }
        }
        answer
    }

    /// A request over a line that may break; `None` when no whole answer has come in time.
    pub async fn try_request(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
        patience: Duration,
    ) -> Option<Answer> {
        let headers = self.all_headers(more);
        let exchange = async {
            let mut stream = dial(self.from, self.server).await;
            try_exchange(&mut stream, method, path, &headers, body).await
        };
        tokio::time::timeout(patience, exchange).await.ok()?
    }

    /// A classic client's socket, greeted: its history frame's data comes with it.
    pub async fn classic(&self) -> (Ws, Value) {
        let mut ws = self.open("/ws", &[]).await.unwrap();
        let history = ws.frame().await;
        assert_eq!(
            history["type"],
            kinds::HISTORY,
            "the first frame is the history: {history}"
        );
        (ws, history["data"].clone())
    }

    /// The page's socket after hello, and its welcome's data.
    pub async fn feed(&self) -> (Ws, Value) {
        self.resume(&Value::Null).await
    }

    /// The page's socket after hello with what it has seen, and its welcome's data.
    pub async fn resume(&self, resume: &Value) -> (Ws, Value) {
        let mut ws = self.open("/ws?feed", &[]).await.unwrap();
        let mut hello = json!({"v": 1});
        if !resume.is_null() {
            hello["resume"] = resume.clone();
        }
        ws.send(&json!({"type": kinds::HELLO, "data": hello})).await;
        let welcome = ws.data(11).await;
        (ws, welcome)
    }

    /// Opens a socket, or says how it was refused.
    pub async fn open(&self, path: &str, more: &[(&str, &str)]) -> Result<Ws, Refusal> {
        let stream = dial(self.from, self.server).await;
        Ws::open(stream, self.handshake(path, more)).await
    }

    /// The request for a socket.
    pub fn handshake(&self, path: &str, more: &[(&str, &str)]) -> Request {
        let mut request = format!("ws://{}{path}", self.server)
            .into_client_request()
            .unwrap();
        for (name, value) in self.all_headers(more) {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    }

    /// A socket on which anything can be sent, past the 101.
    pub async fn raw(&self, path: &str) -> Raw {
        let stream = dial(self.from, self.server).await;
        Raw::upgrade(stream, path, &self.all_headers(&[])).await
    }

    /// The same, for a program whose own receive buffer is small, so that what it does not read
    /// stays with the server.
    pub async fn narrow(&self, path: &str) -> Raw {
        let stream = narrow(self.from, self.server).await;
        Raw::upgrade(stream, path, &self.all_headers(&[])).await
    }

    /// A connection on which nothing has been sent.
    pub async fn dial(&self) -> tokio::net::TcpStream {
        dial(self.from, self.server).await
    }

    pub(super) fn all_headers(&self, more: &[(&str, &str)]) -> Headers {
        let mut all: Headers = vec![("host".into(), self.server.to_string())];
        all.extend(self.headers.iter().cloned());
        all.extend(
            self.cookie
                .iter()
                .map(|pair| ("cookie".into(), pair.clone())),
        );
        for (name, value) in more {
            all.retain(|(other, _)| other != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        all
    }
}
