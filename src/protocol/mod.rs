//! Frames in and out: how they are encoded, and nothing of what they mean.
//!
//! Two generations share the envelope `{"type": n, "data": …}`: [`classic`] (types 1 to 6) and
//! [`feed`] (types 10 and up). [`request`] reads what clients send,
//! [`view`] is what they see, [`frame`] makes bytes.
//! `docs/protocol.md` is the whole table.

pub mod classic;
pub mod close;
pub mod escapes;
pub mod feed;
pub mod frame;
pub mod kinds;
pub mod request;
pub mod view;

use bytes::Bytes;
use serde::Serialize;

/// The longest frame and the longest message a client may send, in bytes. Room for 20,000
/// characters, the largest `chat.max_message_chars`, of four bytes each with their JSON.
pub const MAX_FRAME: usize = 128 * 1024;

/// A text frame of type `kind` around `data`.
fn envelope(kind: u8, data: &impl Serialize) -> Bytes {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        r#type: u8,
        data: &'a T,
    }
    frame::text(&json(&Envelope { r#type: kind, data }))
}

/// JSON of our own types, which always can be written.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|error| {
        tracing::error!(%error, "a frame could not be written");
        b"null".to_vec()
    })
}
