//! WebSocket frames as bytes that can go to any number of sockets.
//!
//! Owns the encoding of outbound frames (RFC 6455 §5.2, server to client, never masked). A
//! message is encoded once here and then shared: [`Bytes`] clones share one buffer. Reading
//! frames is actix-http's job.

use actix_http::ws::{CloseReason, OpCode, Parser};
use bytes::{Bytes, BytesMut};

use super::close::Close;

/// The longest header a server frame can have, in bytes (RFC 6455 §5.2: 2 + 8, no mask).
const HEADER_MAX: usize = 10;

/// A text frame around `json`, which must be UTF-8.
#[must_use]
pub fn text(json: &[u8]) -> Bytes {
    encode(json, OpCode::Text)
}

/// A ping without payload.
#[must_use]
pub fn ping() -> Bytes {
    Bytes::from_static(&[0x89, 0x00])
}

/// The answer to a ping, with the ping's own payload (RFC 6455 §5.5.3).
#[must_use]
pub fn pong(payload: &[u8]) -> Bytes {
    encode(payload, OpCode::Pong)
}

/// A close frame with its code and English reason.
#[must_use]
pub fn close(close: Close) -> Bytes {
    close_with(Some(CloseReason {
        code: close.code().into(),
        description: Some(close.reason().to_owned()),
    }))
}

/// The answer to a peer's close frame: its own code back, or none when it gave none.
#[must_use]
pub fn close_echo(code: Option<u16>) -> Bytes {
    close_with(code.map(|code| CloseReason {
        code: code.into(),
        description: None,
    }))
}

fn close_with(reason: Option<CloseReason>) -> Bytes {
    let mut out = BytesMut::with_capacity(64);
    Parser::write_close(&mut out, reason, false);
    out.freeze()
}

fn encode(payload: &[u8], op: OpCode) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + HEADER_MAX);
    Parser::write_message(&mut out, payload, op, true, false);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_frame_has_a_two_byte_header() {
        assert_eq!(&text(b"{}")[..], &[0x81, 0x02, b'{', b'}']);
    }

    #[test]
    fn a_long_text_frame_says_its_length_in_sixteen_bits() {
        let frame = text(&[b'x'; 300]);
        assert_eq!(&frame[..4], &[0x81, 126, 1, 44]);
        assert_eq!(frame.len(), 304);
    }

    #[test]
    fn a_close_frame_carries_code_and_reason() {
        let frame = close(Close::Restart);
        assert_eq!(frame[0], 0x88);
        assert_eq!(&frame[2..4], &4000u16.to_be_bytes());
        assert_eq!(&frame[4..], b"restart");
    }
}
