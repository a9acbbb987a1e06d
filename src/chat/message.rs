//! A message, and what can happen to a room.

use std::sync::Arc;

use super::person::Person;
use crate::text::content::Format;

/// The lobby: the room that every connection is in.
pub const LOBBY: i64 = 1;

/// The classic record type of a text.
pub const KIND_TEXT: i64 = 3;

/// One message as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Unique in the house, growing.
    pub id: i64,
    /// The room.
    pub room: i64,
    /// The seq of the event that brought it.
    pub seq: i64,
    /// When the server took it, ms since 1970.
    pub at: i64,
    /// Classic record type: 3 text, 5 voice.
    pub kind: i64,
    /// Who said it, as he was then.
    pub by: Person,
    /// What classic clients see as `ipAddress`: the public id, or the address if the operator
    /// wants that.
    pub address: String,
    /// What was said; empty once recalled.
    pub content: String,
    /// How `content` is read.
    pub format: Format,
    /// Whether it has been withdrawn.
    pub recalled: bool,
}

/// One change of a room: what the store commits, the feed tells and the room applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The room.
    pub room: i64,
    /// Dense per room, from 1.
    pub seq: i64,
    /// What happened.
    pub change: Change,
}

/// The kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody said something.
    Said(Arc<Message>),
    /// A message was withdrawn.
    Recalled {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Public id of who did it.
        by_id: String,
        /// His name then.
        by_name: String,
    },
}

impl Change {
    /// The message that it is about, and when it happened (ms since 1970).
    #[must_use]
    pub fn id_and_time(&self) -> (i64, i64) {
        match self {
            Self::Said(message) => (message.id, message.at),
            Self::Recalled { id, at, .. } => (*id, *at),
        }
    }
}
