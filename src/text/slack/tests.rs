//! What tools post, and what becomes of it.

mod generated;
mod hostile;
mod parts;
mod tools;
mod written;

use serde_json::{Value, json};

use super::{Refusal, read};

/// The message of an object, from a bot that does not look after the room.
fn said(posted: &Value) -> Result<String, Refusal> {
    read(posted.to_string().as_bytes(), 4_000, false)
}

/// The same of a text alone.
fn said_by(text: &str) -> String {
    said(&json!({ "text": text })).unwrap()
}

/// The same of one attachment.
fn attached(attachment: &Value) -> Result<String, Refusal> {
    said(&json!({ "attachments": [attachment] }))
}
