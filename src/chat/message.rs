//! A message.

use super::event::{Change, Event};
use super::mention::Mentions;
use super::person::Person;
use crate::text::words::Words;

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
    /// The seq of its newest change, `seq` when it never changed: of two views of a message the
    /// one with the greater `rev` is true.
    pub rev: i64,
    /// When the server took it, ms since 1970.
    pub at: i64,
    /// Classic record type: 3 text, 5 voice.
    pub kind: i64,
    /// Who said it, as he was then.
    pub by: Person,
    /// What classic clients see as `ipAddress`: the public id, or the address if the operator
    /// wants that.
    pub address: String,
    /// What was said; nothing once recalled.
    pub words: Words,
    /// When its author changed the words, ms since 1970.
    pub edited: Option<i64>,
    /// Whether it has been withdrawn.
    pub recalled: bool,
    /// Whom it calls by name.
    pub mentions: Mentions,
}

impl Message {
    /// The message after `event`, which is about it and newer than it.
    #[must_use]
    pub fn after(&self, event: &Event) -> Self {
        let mut next = self.clone();
        next.rev = event.seq;
        match &event.change {
            Change::Edited { at, words, .. } => {
                next.edited = Some(*at);
                next.words = words.clone();
            }
            Change::Recalled { .. } => {
                next.recalled = true;
                next.words = Words::default();
            }
            Change::Said(_) | Change::About { .. } | Change::Member { .. } => {}
        }
        next
    }
}

impl Message {
    /// The message of an author whose account was deleted.
    #[must_use]
    pub fn nameless(&self) -> Self {
        let mut next = self.clone();
        next.by.forget();
        next.address.clear();
        next
    }
}
