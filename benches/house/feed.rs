//! A feed client that costs little: frames are cut out of the stream and told apart by their
//! first bytes, nothing is parsed that a bench does not ask for.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for what one read brings.
const READ: usize = 64 * 1024;

/// An open socket of a feed client.
pub struct Feed {
    stream: TcpStream,
    read: BytesMut,
}

/// A frame, or its end.
pub struct Frame(pub Bytes);

impl Feed {
    /// Opens a socket as `who`, a header line (`Cookie: …` or `User-Agent: …`).
    pub async fn open(address: SocketAddr, who: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let head = format!(
            "GET /ws?feed HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{who}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut feed = Self {
            stream,
            read: BytesMut::new(),
        };
        let end = loop {
            match feed.read.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => feed.more().await?,
            }
        };
        if !feed.read.starts_with(b"HTTP/1.1 101") {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        feed.read.advance(end);
        Ok(feed)
    }

    /// Sends a text frame (mask 0).
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(&super::support::masked(text)).await
    }

    /// The next text frame; `Err` once the connection is over.
    pub async fn next(&mut self) -> io::Result<Frame> {
        loop {
            while let Some(frame) = self.cut() {
                match frame.first {
                    0x81 => return Ok(Frame(frame.payload)),
                    0x88 => return Err(io::ErrorKind::ConnectionAborted.into()),
                    0x89 => self.stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?,
                    _ => {}
                }
            }
            self.more().await?;
        }
    }

    /// The next frame of this type.
    pub async fn expect(&mut self, kind: u32) -> io::Result<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.is(kind) {
                return Ok(frame);
            }
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        self.read.reserve(READ);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn cut(&mut self) -> Option<Cut> {
        let (header, length) = match *self.read.get(1)? {
            126 => (
                4,
                u16::from_be_bytes(self.read.get(2..4)?.try_into().ok()?).into(),
            ),
            127 => (
                10,
                usize::try_from(u64::from_be_bytes(self.read.get(2..10)?.try_into().ok()?)).ok()?,
            ),
            short => (2, usize::from(short)),
        };
        if self.read.len() < header + length {
            return None;
        }
        let first = self.read[0];
        self.read.advance(header);
        let payload = self.read.split_to(length).freeze();
        Some(Cut { first, payload })
    }
}

struct Cut {
    first: u8,
    payload: Bytes,
}

impl Frame {
    /// Whether it is of this type.
    pub fn is(&self, kind: u32) -> bool {
        let prefix = format!("{{\"type\":{kind},");
        self.0.starts_with(prefix.as_bytes())
    }

    /// The text after `"name":`, up to the next comma or brace, without quotes.
    pub fn field(&self, name: &str) -> Option<&str> {
        let text = std::str::from_utf8(&self.0).ok()?;
        let at = text.find(&format!("\"{name}\":"))? + name.len() + 3;
        let rest = text.get(at..)?;
        let end = rest.find([',', '}'])?;
        Some(rest.get(..end)?.trim_matches('"'))
    }
}
