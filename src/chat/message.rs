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
    /// What was said; empty once recalled.
    pub content: String,
    /// How `content` is read.
    pub format: Format,
    /// When its author changed the words, ms since 1970.
    pub edited: Option<i64>,
    /// Whether it has been withdrawn.
    pub recalled: bool,
}

impl Message {
    /// The message after `event`, which is about it and newer than it.
    #[must_use]
    pub fn after(&self, event: &Event) -> Self {
        let mut next = self.clone();
        next.rev = event.seq;
        match &event.change {
            Change::Said(_) => {}
            Change::Edited {
                at,
                content,
                format,
                ..
            } => {
                next.edited = Some(*at);
                next.content.clone_from(content);
                next.format = *format;
            }
            Change::Recalled { .. } => {
                next.recalled = true;
                next.content.clear();
            }
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

/// Who changed something, as he was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Public id.
    pub id: String,
    /// Name.
    pub name: String,
}

impl From<Person> for By {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            name: person.name,
        }
    }
}

/// The kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody said something.
    Said(Arc<Message>),
    /// The author of a message changed its words.
    Edited {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: By,
        /// The new words; empty when they have been withdrawn meanwhile.
        content: String,
        /// How `content` is read.
        format: Format,
    },
    /// A message was withdrawn.
    Recalled {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: By,
    },
}

impl Change {
    /// The words for the kinds in the protocol.
    pub const KINDS: [&'static str; 3] = ["message", "edit", "recall"];

    /// The word for this kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        let [message, edit, recall] = Self::KINDS;
        match self {
            Self::Said(_) => message,
            Self::Edited { .. } => edit,
            Self::Recalled { .. } => recall,
        }
    }

    /// The id of the message that it is about.
    #[must_use]
    pub fn message(&self) -> i64 {
        match self {
            Self::Said(message) => message.id,
            Self::Edited { id, .. } | Self::Recalled { id, .. } => *id,
        }
    }

    /// When it happened, ms since 1970.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self {
            Self::Said(message) => message.at,
            Self::Edited { at, .. } | Self::Recalled { at, .. } => *at,
        }
    }
}
