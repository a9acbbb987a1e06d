//! A connection that expects the worst: whatever goes wrong, it is gone, and that is all.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::Guest;

/// How long the way to the server may take.
const OPEN: Duration = Duration::from_secs(2);

/// An open socket.
pub struct Line(WebSocketStream<TcpStream>);

/// What a line brings.
pub enum Heard {
    Text(String),
    /// Nothing for the time that one was ready to wait.
    Quiet,
    Gone,
}

impl Line {
    /// Opens a socket, if there is a way.
    pub async fn open(guest: &Guest, path: &str) -> Option<Self> {
        let opened = timeout(OPEN, async {
            let stream = TcpStream::connect(guest.server).await.ok()?;
            let (stream, _) = client_async(guest.handshake(path, &[]), stream)
                .await
                .ok()?;
            Some(Self(stream))
        });
        opened.await.ok()?
    }

    /// False when the line is gone.
    pub async fn say(&mut self, frame: &Value) -> bool {
        let sent = self.0.send(Message::text(frame.to_string()));
        matches!(timeout(OPEN, sent).await, Ok(Ok(())))
    }

    /// The next text, within `wait`.
    pub async fn hear(&mut self, wait: Duration) -> Heard {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Text(text.to_string()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return Heard::Gone,
                }
            }
        };
        timeout(wait, next).await.unwrap_or(Heard::Quiet)
    }
}
