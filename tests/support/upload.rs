//! Uploads as a program that speaks tus 1.0.0 makes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use teahouse::protocol::kinds;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{Answer, Guest, Member, Ws};

const SAME_SITE: (&str, &str) = ("sec-fetch-site", "same-origin");
const TUS: (&str, &str) = ("tus-resumable", "1.0.0");
const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

/// `Upload-Metadata` of these pairs.
pub fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}

impl Guest {
    /// Announces a file of so many bytes.
    pub async fn announce(&mut self, length: usize, pairs: &[(&str, &str)]) -> Answer {
        let (length, metadata) = (length.to_string(), metadata(pairs));
        let headers = [
            SAME_SITE,
            TUS,
            ("upload-length", &length),
            ("upload-metadata", &metadata),
        ];
        self.request("POST", "/api/v1/uploads", &headers, b"").await
    }

    /// The next bytes of an upload.
    pub async fn continues(&mut self, location: &str, offset: usize, bytes: &[u8]) -> Answer {
        let offset = offset.to_string();
        let headers = [SAME_SITE, TUS, BYTES, ("upload-offset", &offset)];
        self.request("PATCH", location, &headers, bytes).await
    }

    /// A connection on which the next `length` bytes of an upload are expected.
    pub async fn begins_piece(&self, location: &str, offset: usize, length: usize) -> TcpStream {
        let (offset, length) = (offset.to_string(), length.to_string());
        let more = [
            SAME_SITE,
            TUS,
            BYTES,
            ("upload-offset", &*offset),
            ("content-length", &*length),
        ];
        let headers = self.all_headers(&more);
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!(
            "PATCH {location} HTTP/1.1\r\n{}\r\n",
            lines.collect::<String>()
        );
        let mut stream = self.dial().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Where an upload is.
    pub async fn asks_offset(&mut self, location: &str) -> Answer {
        self.request("HEAD", location, &[TUS], b"").await
    }

    /// An upload when it is ready or refused.
    pub async fn awaits(&mut self, location: &str) -> Value {
        let answer = self.get(&format!("{location}?wait=20")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

impl Member {
    /// Uploads a file; gives its id when it can be sent.
    pub async fn uploads(&mut self, name: &str, bytes: &[u8]) -> String {
        let created = self
            .guest
            .announce(bytes.len(), &[("filename", name)])
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        let location = created.header("location").unwrap().to_owned();
        let sent = self.guest.continues(&location, 0, bytes).await;
        assert_eq!(sent.status, 204, "{sent:?}");
        let upload = self.guest.awaits(&location).await;
        assert_eq!(upload["state"], "ready", "{upload}");
        upload["id"].as_str().unwrap().to_owned()
    }
}

impl Ws {
    /// Sends a message with files; the ack's data, or the code of the refusal.
    pub async fn sends_files(&mut self, room: i64, content: &str, files: &Value) -> Value {
        let nonce = json!(Uuid::new_v4());
        let data = json!({"nonce": nonce, "room": room, "content": content, "files": files});
        self.send(&json!({"type": kinds::SEND, "data": data})).await;
        let mine = |frame: &Value| frame["data"]["nonce"] == nonce && frame["type"] != kinds::EVENT;
        let answer = self.expect("an answer", mine).await;
        match answer["type"].as_u64() {
            Some(13) => answer["data"].clone(),
            _ => answer["data"]["code"].clone(),
        }
    }
}
