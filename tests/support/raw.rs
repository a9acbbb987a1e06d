//! A socket past its 101 on which any bytes can be sent, and on which nothing is read that the
//! test does not read: clients that break the protocol, stop reading, or never answer.

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::within;

/// Opcodes, with the bit that ends a message.
pub mod op {
    pub const TEXT: u8 = 0x81;
    pub const BINARY: u8 = 0x82;
    pub const CLOSE: u8 = 0x88;
    pub const PING: u8 = 0x89;
    pub const PONG: u8 = 0x8a;
    /// The beginning of a text in pieces.
    pub const FIRST: u8 = 0x01;
    /// A piece in the middle.
    pub const NEXT: u8 = 0x00;
    /// The last piece.
    pub const LAST: u8 = 0x80;
}

/// A socket that may break every rule.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    read: BytesMut,
}

/// A client's frame, masked with zeros.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = header(first, payload.len() as u64);
    out.extend_from_slice(payload);
    out
}

/// The header of a client's frame that declares `length` bytes.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut out = vec![first];
    match length {
        0..126 => out.push(0x80 | u8::try_from(length).unwrap()),
        126..65_536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out
}

impl Raw {
    pub(super) async fn upgrade(
        stream: TcpStream,
        path: &str,
        headers: &[(String, String)],
    ) -> Self {
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut raw = Self::past_handshake(stream);
        raw.send(head.as_bytes()).await;
        let end = loop {
            match raw.read.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => assert!(raw.more().await, "the connection ended before the 101"),
            }
        };
        let head = String::from_utf8(raw.read.split_to(end).to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// A socket on which nothing has been read since the 101.
    pub fn past_handshake(stream: TcpStream) -> Self {
        Self {
            stream,
            read: BytesMut::new(),
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        within("room to send", self.stream.write_all(bytes))
            .await
            .unwrap();
    }

    /// Sends what the server may not want to read to the end.
    pub async fn send_or_be_cut(&mut self, bytes: &[u8]) -> bool {
        within("room to send", self.stream.write_all(bytes))
            .await
            .is_ok()
    }

    pub async fn text(&mut self, text: &str) {
        self.send(&frame(op::TEXT, text.as_bytes())).await;
    }

    /// The next frame: its first byte and its payload; `None` at the end of the stream.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some(frame) = self.take_frame() {
                return Some(frame);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads until the close frame; gives its code (`None` without one) and whether the stream
    /// ended without any.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.frame().await {
                Some((op::CLOSE, payload)) => {
                    return payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                }
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
    }

    /// Reads until the server ends its side.
    pub async fn end(&mut self) {
        while self.frame().await.is_some() {}
    }

    /// The next text frame that contains `part`; others are passed over.
    pub async fn text_with(&mut self, part: &str) -> String {
        loop {
            match self.frame().await {
                Some((op::TEXT, payload)) => {
                    let text = String::from_utf8(payload).unwrap();
                    if text.contains(part) {
                        return text;
                    }
                }
                Some(_) => {}
                None => panic!("the connection ended before {part:?}"),
            }
        }
    }

    /// The client's port.
    pub fn port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }

    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (&[first, second], rest) = self.read.split_first_chunk()?;
        let (length, used) = match second {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
            127 => (
                usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).unwrap(),
                10,
            ),
            short => {
                assert!(short < 126, "a server's frame must not be masked");
                (usize::from(short), 2)
            }
        };
        if self.read.len() < used + length {
            return None;
        }
        self.read.advance(used);
        Some((first, self.read.split_to(length).to_vec()))
    }

    async fn more(&mut self) -> bool {
        let read = within(
            "bytes from the server",
            self.stream.read_buf(&mut self.read),
        )
        .await;
        read.is_ok_and(|bytes| bytes > 0)
    }
}
