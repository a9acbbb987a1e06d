//! One client's WebSocket, as bytes: with thousands of them a library's checks of each frame would cost too much.
//! Frames are cut out of the stream; whoever needs their content parses it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use bytes::{Buf, Bytes, BytesMut};
use tokio::net::{TcpSocket, TcpStream};

use super::options::Protocol;

/// Bytes reserved for one read; given back when they have been used up.
const READ: usize = 16 * 1024;

/// The mask bit; the key is all zeros, which leaves the payload as it is (RFC 6455 §5.3).
const MASK: u8 = 0x80;
const KEY: [u8; 4] = [0; 4];

/// The receive buffer of a client that takes little, in bytes.
const NARROW: u32 = 4_096;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// An open WebSocket.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    read: BytesMut,
}

/// The person that a connection belongs to.
#[derive(Debug, Clone)]
pub struct Who {
    /// The address to connect from, on a machine with several.
    pub source: Option<IpAddr>,
    /// `Cookie: …`, or a `User-Agent: …` of its own.
    pub header: String,
}

impl Line {
    /// Opens a WebSocket. With the feed protocol nothing arrives before hello.
    ///
    /// # Errors
    /// When the server does not accept it: [`ErrorKind::ConnectionRefused`] when it said so.
    pub async fn open(address: SocketAddr, who: &Who, protocol: Protocol) -> io::Result<Self> {
        let mut line = Self::bare(dial(address, who.source).await?);
        line.shake_hands(address, who, protocol).await?;
        Ok(line)
    }

    /// Opens one for a client that takes little and does not read: the socket after the handshake
    /// and its hello.
    ///
    /// # Errors
    /// As [`Line::open`].
    pub async fn open_narrow(address: SocketAddr, who: &Who) -> io::Result<TcpStream> {
        let socket = socket(address, who.source)?;
        socket.set_recv_buffer_size(NARROW)?;
        let mut line = Self::bare(socket.connect(address).await?);
        line.shake_hands(address, who, Protocol::Feed).await?;
        line.send(r#"{"type":10,"data":{"v":1}}"#).await?;
        Ok(line.stream)
    }

    async fn shake_hands(
        &mut self,
        address: SocketAddr,
        who: &Who,
        protocol: Protocol,
    ) -> io::Result<()> {
        let path = match protocol {
            Protocol::Classic => "/ws",
            Protocol::Feed => "/ws?feed",
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n\r\n",
            who.header
        );
        self.write(request.as_bytes()).await?;
        let end = loop {
            match self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.more().await?,
            }
        };
        if !self.read.starts_with(b"HTTP/1.1 101") {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        self.read.advance(end);
        Ok(())
    }

    /// A connection on which frames come without a handshake.
    #[must_use]
    pub fn bare(stream: TcpStream) -> Self {
        Self {
            stream,
            read: BytesMut::new(),
        }
    }

    /// Sends a text frame.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        self.write(&masked(text)).await
    }

    /// The next text frame's payload.
    ///
    /// # Errors
    /// When the connection is gone, by a close frame or without.
    pub async fn next(&mut self) -> io::Result<Bytes> {
        loop {
            while let Some((first, payload)) = self.cut() {
                match first {
                    TEXT => return Ok(payload),
                    PING => self.write(&[&[PONG, MASK], &KEY[..]].concat()).await?,
                    CLOSE => return Err(ErrorKind::ConnectionAborted.into()),
                    _ => {}
                }
            }
            self.more().await?;
        }
    }

    /// The next frame of type `kind`; others are skipped.
    ///
    /// # Errors
    /// As [`Line::next`].
    pub async fn expect(&mut self, kind: u8) -> io::Result<Bytes> {
        loop {
            let payload = self.next().await?;
            if kind_of(&payload) == Some(kind) {
                return Ok(payload);
            }
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// All bytes until the other side closes.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn rest(mut self) -> io::Result<BytesMut> {
        loop {
            match self.more().await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(self.read),
                Err(error) => return Err(error),
            }
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        loop {
            self.stream.readable().await?;
            self.read.reserve(READ);
            match self.stream.try_read_buf(&mut self.read) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // A connection that waits keeps no buffer.
                    if self.read.is_empty() {
                        self.read = BytesMut::new();
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn cut(&mut self) -> Option<(u8, Bytes)> {
        let &[first, short, ..] = self.read.get(..)? else {
            return None;
        };
        let (header, length) = match short {
            126 => (
                4,
                u16::from_be_bytes(self.read.get(2..4)?.try_into().ok()?).into(),
            ),
            127 => {
                let length = u64::from_be_bytes(self.read.get(2..10)?.try_into().ok()?);
                (10, usize::try_from(length).ok()?)
            }
            short => (2, usize::from(short)),
        };
        if self.read.len() < header + length {
            return None;
        }
        self.read.advance(header);
        Some((first, self.read.split_to(length).freeze()))
    }
}

/// Connects, from `source` if there is one.
///
/// # Errors
/// When the server cannot be reached.
pub async fn dial(address: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpStream> {
    let stream = socket(address, source)?.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn socket(address: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if let Some(source) = source {
        socket.bind((source, 0).into())?;
    }
    Ok(socket)
}

/// A masked text frame.
#[must_use]
pub fn masked(text: &str) -> Vec<u8> {
    let mut frame = vec![TEXT];
    match text.len() {
        short @ 0..126 => frame.push(MASK | short as u8),
        middle @ 126..65_536 => {
            frame.push(MASK | 126);
            frame.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            frame.push(MASK | 127);
            frame.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&KEY);
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// The frame type in `{"type":…`, as the server writes it.
#[must_use]
pub fn kind_of(payload: &[u8]) -> Option<u8> {
    let rest = payload.strip_prefix(b"{\"type\":")?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

/// The text after `"name":`, up to the next comma or brace, without quotes.
#[must_use]
pub fn field<'a>(payload: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(payload).ok()?;
    let (_, rest) = text.split_once(&format!("\"{name}\":"))?;
    let end = rest.find([',', '}'])?;
    Some(rest.get(..end)?.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_frame_says_its_length_in_each_of_the_three_ways() {
        assert_eq!(masked("hi")[..2], [0x81, 0x82]);
        assert_eq!(masked(&"x".repeat(300))[..4], [0x81, 0xfe, 1, 44]);
        assert_eq!(masked(&"x".repeat(70_000))[..4], [0x81, 0xff, 0, 0]);
    }

    #[test]
    fn a_frame_is_known_by_its_first_bytes_and_its_fields_by_name() {
        let payload = br#"{"type":13,"data":{"nonce":"n-1","room":1,"id":3,"seq":4}}"#;
        assert_eq!(kind_of(payload), Some(13));
        assert_eq!(field(payload, "nonce"), Some("n-1"));
        assert_eq!(field(payload, "seq"), Some("4"));
        assert_eq!(field(payload, "at"), None);
        assert_eq!(kind_of(b"{}"), None);
    }
}
