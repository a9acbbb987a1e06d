//! A WebSocket client that speaks the server's JSON. It answers pings as browsers do. Whatever it
//! hears is held to what classic clients rely on: every frame is JSON with a number as `type`.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use teahouse::protocol::kinds;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

use super::within;

/// An open socket.
#[derive(Debug)]
pub struct Ws {
    stream: WebSocketStream<TcpStream>,
    /// Every text that was heard, for tests that look for what must not be in any.
    pub heard: String,
}

/// A handshake that was answered with something else than 101.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub retry_after: Option<u64>,
    pub body: Value,
}

impl Ws {
    pub(super) async fn open(stream: TcpStream, request: Request) -> Result<Self, Refusal> {
        let shaken = tokio_tungstenite::client_async(request, stream);
        match within("the handshake", shaken).await {
            Ok((stream, _)) => Ok(Self {
                stream,
                heard: String::new(),
            }),
            Err(Error::Http(answer)) => {
                let retry_after = answer.headers().get("retry-after");
                Err(Refusal {
                    status: answer.status().as_u16(),
                    retry_after: retry_after.map(|value| value.to_str().unwrap().parse().unwrap()),
                    body: answer
                        .body()
                        .as_ref()
                        .and_then(|body| serde_json::from_slice(body).ok())
                        .unwrap_or_default(),
                })
            }
            Err(other) => panic!("the handshake failed: {other}"),
        }
    }

    pub async fn send(&mut self, frame: &Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        within("room to send", self.stream.send(message))
            .await
            .unwrap();
    }

    /// Says something as a classic client.
    pub async fn say(&mut self, content: &str) {
        self.send(&json!({"type": kinds::TEXT, "data": {"content": content, "type": kinds::TEXT}}))
            .await;
    }

    /// Says something as the page, and gives the ack's data.
    pub async fn post(&mut self, content: &str) -> Value {
        let nonce = Uuid::new_v4();
        self.submit(nonce, content).await;
        self.ack(nonce).await
    }

    /// Says something in `room`, open or not, and gives the ack's data.
    pub async fn post_in(&mut self, room: i64, content: &str) -> Value {
        let nonce = Uuid::new_v4();
        let data = json!({"nonce": nonce, "room": room, "content": content});
        self.send(&json!({"type": kinds::SEND, "data": data})).await;
        self.ack(nonce).await
    }

    /// Says `contents`, in order, without a pause, and gives their ids once all acks are there.
    pub async fn post_all(&mut self, contents: &[String]) -> Vec<Value> {
        let mut ids = Vec::new();
        for group in contents.chunks(50) {
            let nonces: Vec<Uuid> = group.iter().map(|_| Uuid::new_v4()).collect();
            for (nonce, content) in nonces.iter().zip(group) {
                self.submit(*nonce, content).await;
            }
            for nonce in nonces {
                ids.push(self.ack(nonce).await["id"].clone());
            }
        }
        ids
    }

    /// Sends a message as the page, without waiting for what becomes of it.
    pub async fn submit(&mut self, nonce: Uuid, content: &str) {
        let data = json!({"nonce": nonce, "room": 1, "content": content});
        self.send(&json!({"type": kinds::SEND, "data": data})).await;
    }

    /// Changes a message as the page: `what` is `{"do": …}` and what goes with it. Gives the
    /// ack's data.
    pub async fn change(&mut self, id: &Value, what: &Value) -> Value {
        let nonce = Uuid::new_v4();
        self.submit_change(nonce, id, what).await;
        self.ack(nonce).await
    }

    /// The same, without waiting for what becomes of it.
    pub async fn submit_change(&mut self, nonce: Uuid, id: &Value, what: &Value) {
        let mut data = what.clone();
        data["nonce"] = json!(nonce);
        data["room"] = 1.into();
        data["id"] = id.clone();
        self.send(&json!({"type": kinds::CHANGE, "data": data}))
            .await;
    }

    /// Asks for a change under a new nonce: the ack's data, or the code of the refusal.
    pub async fn try_change(&mut self, mut data: Value) -> Value {
        let nonce = json!(Uuid::new_v4());
        data["nonce"] = nonce.clone();
        self.send(&json!({"type": kinds::CHANGE, "data": data}))
            .await;
        let mine = |frame: &Value| frame["data"]["nonce"] == nonce && frame["type"] != kinds::EVENT;
        let answer = self.expect("an answer", mine).await;
        match answer["type"].as_u64() {
            Some(13) => answer["data"].clone(),
            _ => answer["data"]["code"].clone(),
        }
    }

    /// The ack of `nonce`; an error for it fails the test.
    pub async fn ack(&mut self, nonce: Uuid) -> Value {
        let nonce = json!(nonce);
        let mine = |frame: &Value| {
            frame["data"]["nonce"] == nonce
                && (frame["type"] == kinds::ACK || frame["type"] == kinds::ERROR)
        };
        let frame = self.expect("an ack", mine).await;
        assert_eq!(frame["type"], kinds::ACK, "not acked: {frame}");
        frame["data"].clone()
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Ok(frame) => frame,
            Err(closed) => panic!("the connection ended instead of a frame: {closed:?}"),
        }
    }

    /// The data of the next frame of type `kind`; others are passed over.
    pub async fn data(&mut self, kind: u64) -> Value {
        let what = format!("a frame of type {kind}");
        self.expect(&what, |frame| frame["type"] == kind).await["data"].clone()
    }

    /// The next frame that `is_it`; others are passed over.
    pub async fn expect(&mut self, what: &str, is_it: impl FnMut(&Value) -> bool) -> Value {
        self.until(what, is_it).await.pop().unwrap()
    }

    /// All frames up to and with the first that `is_it`.
    pub async fn until(&mut self, what: &str, mut is_it: impl FnMut(&Value) -> bool) -> Vec<Value> {
        let mut frames = Vec::new();
        let wait = async {
            loop {
                let frame = self.frame().await;
                frames.push(frame);
                if frames.last().is_some_and(&mut is_it) {
                    return;
                }
            }
        };
        within(what, wait).await;
        frames
    }

    /// All frames up to and with the record or event whose content is `content`.
    pub async fn until_said(&mut self, content: &str) -> Vec<Value> {
        let what = format!("the message {content:?}");
        self.until(&what, |frame| said(frame) == Some(content))
            .await
    }

    /// The typed error that answers what was sent last.
    pub async fn error(&mut self) -> String {
        let data = self.data(15).await;
        assert!(
            data["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{data}"
        );
        data["code"].as_str().unwrap().to_owned()
    }

    /// Whether the server still answers.
    pub async fn is_alive(&mut self) -> bool {
        self.send(&json!({"type": kinds::PING, "data": "ping"}))
            .await;
        self.data(6).await == "pong"
    }

    /// Reads until the server ends the connection; gives the close code, `None` when there was
    /// no close frame.
    pub async fn closed(&mut self) -> Option<u16> {
        within("the end of the connection", async {
            loop {
                if let Err(code) = self.next().await {
                    return code;
                }
            }
        })
        .await
    }

    /// Closes from this side, and waits until the server has agreed.
    pub async fn leave(mut self) {
        let _gone_already = self.stream.close(None).await;
        self.closed().await;
    }

    pub async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let message = within("a frame", self.stream.next()).await;
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.heard.push_str(&text);
                    let frame: Value = serde_json::from_str(&text)
                        .unwrap_or_else(|error| panic!("{error}: not JSON: {text}"));
                    assert!(frame["type"].is_u64(), "type is not a number: {text}");
                    return Ok(frame);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(reason))) => {
                    return Err(reason.map(|reason| reason.code.into()));
                }
                Some(Ok(other)) => panic!("no client knows this frame: {other:?}"),
                Some(Err(_)) | None => return Err(None),
            }
        }
    }
}

/// What a record (classic) or an event (feed) says.
fn said(frame: &Value) -> Option<&str> {
    match frame["type"].as_u64()? {
        3 => frame["data"]["content"].as_str(),
        17 => frame["data"]["message"]["content"].as_str(),
        _ => None,
    }
}
