//! A message.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::model::file::{File, FileKind};
use crate::model::mention::Mentions;
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::reaction::Reaction;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::text::body::MessageBody;

/// The lobby: the room that every connection is in.
pub const LOBBY: RoomId = RoomId(1);

/// The classic record type of a text.
pub const KIND_TEXT: i64 = 3;

/// The classic record type of a voice.
pub const KIND_VOICE: i64 = 5;

/// One message as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Unique on the server, growing.
    pub id: MessageId,
    /// The room's id.
    pub room: RoomId,
    /// The seq of the event that brought it.
    pub seq: Seq,
    /// The seq of its newest change, `seq` when it never changed: of two views of a message the
    /// one with the greater `rev` is true.
    pub rev: Seq,
    /// When the server took it, ms since 1970.
    pub at: i64,
    /// Classic record type: 3 text, 5 voice.
    pub kind: i64,
    /// Its author, as they were then.
    pub by: Person,
    /// What classic clients see as `ipAddress`: the public id, or the address if the operator
    /// wants that.
    #[serde(default)]
    pub address: String,
    /// The body; empty once recalled.
    pub body: MessageBody,
    /// When its author last edited it, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<i64>,
    /// Whether it has been recalled.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub recalled: bool,
    /// Whom it mentions.
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Box<Quote>>,
    /// Its files, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// What people think of it, in the order in which the emoji came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Whether it is pinned.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub pinned: bool,
}

impl Message {
    /// A text as its author sends it, `at` ms since 1970: its ids and its body come when it is stored.
    #[must_use]
    pub fn new(room: RoomId, by: Person, at: i64) -> Self {
        Self {
            id: MessageId(0),
            room,
            seq: Seq(0),
            rev: Seq(0),
            at,
            kind: KIND_TEXT,
            by,
            address: String::new(),
            body: MessageBody::default(),
            edited: None,
            recalled: false,
            mentions: Mentions::default(),
            reply: None,
            files: Vec::new(),
            reactions: Vec::new(),
            pinned: false,
        }
    }

    /// Whether it is a voice.
    #[must_use]
    pub fn is_voice(&self) -> bool {
        self.kind == KIND_VOICE
    }
}

/// A message as one that answers it shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quote {
    /// The message's id.
    #[schema(value_type = i64)]
    pub id: MessageId,
    /// Its author, without a name once it is recalled or their account deleted.
    pub by: PersonRef,
    /// The beginning of its body, on one line; empty once it is recalled.
    pub text: String,
    /// What the first of its files is that is still there, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileKind>,
    /// Whether it has been recalled.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub gone: bool,
}

impl Quote {
    /// What only an answer to message `id` knows: the store fills it in.
    #[must_use]
    pub fn of(id: MessageId) -> Box<Self> {
        Box::new(Self {
            id,
            by: PersonRef {
                id: PersonId::Nobody,
                name: String::new(),
            },
            text: String::new(),
            file: None,
            gone: false,
        })
    }

    /// The quoted message has been recalled.
    pub fn withdraw(&mut self) {
        self.text.clear();
        self.by.name.clear();
        self.file = None;
        self.gone = true;
    }
}

impl Message {
    /// The message after the account of person `id` was deleted; `None` when it does not name them.
    #[must_use]
    pub fn without(&self, id: PersonId) -> Option<Self> {
        let quotes = self.reply.as_ref().is_some_and(|reply| reply.by.id == id);
        let mut named = self.reactions.iter().flat_map(|reaction| &reaction.who);
        if self.by.id != id && !quotes && !named.any(|by| by.id == id) {
            return None;
        }
        let mut next = self.clone();
        if next.by.id == id {
            next.by.anonymise();
            next.address.clear();
        }
        let reply = next.reply.as_mut().map(|reply| &mut reply.by);
        let named = next.reactions.iter_mut().flat_map(|one| &mut one.who);
        for by in named.chain(reply).filter(|by| by.id == id) {
            by.name.clear();
        }
        Some(next)
    }
}
