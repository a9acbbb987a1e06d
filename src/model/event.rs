//! What can happen to a room.
//!
//! As JSON these types, and the [`Message`] in them, are what nodes of one server tell each other. Two releases
//! run side by side: what is unknown is ignored, what may be missing has a default, and
//! `event/released/` has events of earlier releases, which must still be read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::file::{FILE_WEIGHT, FileKind};
use crate::model::file_id::FileId;
use crate::model::membership::RoomRole;
use crate::model::mention::Mentions;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::reaction::Reaction;
use crate::model::room::RoomSettings;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::text::body::MessageBody;

/// One committed change of a room: what the store writes, the feed sends and the room history applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The room's id.
    pub room: RoomId,
    /// Dense per room, from 1.
    pub seq: Seq,
    /// What was changed.
    pub change: EventContent,
}

/// The kinds of change, with what each carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventContent {
    /// A message was sent.
    Message(Arc<Message>),
    /// The author of a message edited it.
    Edited {
        /// The message's id.
        id: MessageId,
        /// When it was edited, ms since 1970.
        at: i64,
        /// The editor.
        by: PersonRef,
        /// The new body; empty when the message has been recalled meanwhile.
        body: MessageBody,
        /// Those whom the message mentioned before and still mentions.
        #[serde(default)]
        mentions: Mentions,
        /// The seq of the event that brought the message.
        said: Seq,
    },
    /// A message was recalled.
    Recalled {
        /// The message's id.
        id: MessageId,
        /// When it was recalled, ms since 1970.
        at: i64,
        /// The person who recalled it: the author or a moderator.
        by: PersonRef,
        /// Whether it was a voice.
        #[serde(default)]
        voice: bool,
        /// The seq of the event that brought the message.
        said: Seq,
    },
    /// A person put a reaction on a message, or took it away.
    Reacted {
        /// The message's id.
        id: MessageId,
        /// When, ms since 1970.
        at: i64,
        /// The person who reacted.
        by: PersonRef,
        /// The emoji as it stands there now.
        reaction: Reaction,
        /// Whether they added it; false when they took it off.
        on: bool,
    },
    /// A message was pinned, or its pin taken off.
    Pinned {
        /// The message's id.
        id: MessageId,
        /// When, ms since 1970.
        at: i64,
        /// The person who pinned it or took the pin off.
        by: PersonRef,
        /// Whether it is pinned now.
        on: bool,
    },
    /// A file was taken out of a message.
    FileTaken {
        /// The message's id.
        id: MessageId,
        /// When, ms since 1970.
        at: i64,
        /// The person who took it: the author or a moderator.
        by: PersonRef,
        /// The file's id.
        file: FileId,
        /// What the first file is that the message has now.
        #[serde(default)]
        first: Option<FileKind>,
    },
    /// The room is another: name, topic, notice, rules.
    Settings {
        /// When, ms since 1970.
        at: i64,
        /// The person who changed the settings.
        by: PersonRef,
        /// All of it, as it is now.
        settings: Arc<RoomSettings>,
    },
    /// A person's membership has changed.
    Membership {
        /// When, ms since 1970.
        at: i64,
        /// The person who made the change: the member or a moderator.
        by: PersonRef,
        /// The kind of change.
        change: MembershipChange,
        /// The person whose membership it is.
        who: Arc<Person>,
        /// Their room role now; `None` when they are not in the room any more.
        #[serde(default)]
        room_role: Option<RoomRole>,
    },
}

/// How a membership changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipChange {
    /// They joined.
    Join,
    /// They left.
    Leave,
    /// They were removed.
    Remove,
    /// They were banned …
    Ban,
    /// … or no longer are.
    Unban,
    /// They were muted …
    Mute,
    /// … or no longer are.
    Unmute,
    /// They became an admin, or a member again.
    Role,
    /// They own the room now; its former owner is an admin.
    Transfer,
}

impl MembershipChange {
    /// All kinds of membership change.
    pub const ALL: [Self; 9] = [
        Self::Join,
        Self::Leave,
        Self::Remove,
        Self::Ban,
        Self::Unban,
        Self::Mute,
        Self::Unmute,
        Self::Role,
        Self::Transfer,
    ];

    /// Its name in the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Remove => "remove",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Role => "role",
            Self::Transfer => "transfer",
        }
    }
}

impl EventContent {
    /// The names of the kinds in the protocol.
    pub const KINDS: [&'static str; 17] = [
        "message", "edit", "recall", "react", "pin", "unpin", "file", "about", "join", "leave",
        "remove", "ban", "unban", "mute", "unmute", "role", "transfer",
    ];

    /// The name of this kind in the protocol.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Edited { .. } => "edit",
            Self::Recalled { .. } => "recall",
            Self::Reacted { .. } => "react",
            Self::Pinned { on: true, .. } => "pin",
            Self::Pinned { on: false, .. } => "unpin",
            Self::FileTaken { .. } => "file",
            Self::Settings { .. } => "about",
            Self::Membership { change, .. } => change.as_str(),
        }
    }

    /// The id of the message that it is about, if it is about one.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Message(message) => Some(message.id),
            Self::Edited { id, .. }
            | Self::Recalled { id, .. }
            | Self::Reacted { id, .. }
            | Self::Pinned { id, .. }
            | Self::FileTaken { id, .. } => Some(*id),
            Self::Settings { .. } | Self::Membership { .. } => None,
        }
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let own = match self {
            Self::Message(message) => {
                let files = message.files.len() * FILE_WEIGHT;
                let reactions = message.reactions.len() * size_of::<Reaction>();
                size_of::<Message>() + message.body.weight() + files + reactions
            }
            Self::Edited { body, .. } => body.weight(),
            Self::Settings { settings, .. } => {
                settings.name.len() + settings.topic.len() + settings.notice.len()
            }
            Self::Recalled { .. }
            | Self::Reacted { .. }
            | Self::Pinned { .. }
            | Self::FileTaken { .. }
            | Self::Membership { .. } => 0,
        };
        size_of::<Event>() + own
    }

    /// Whose doing it is.
    #[must_use]
    pub fn by(&self) -> PersonId {
        match self {
            Self::Message(message) => message.by.id,
            Self::Edited { by, .. }
            | Self::Recalled { by, .. }
            | Self::Reacted { by, .. }
            | Self::Pinned { by, .. }
            | Self::FileTaken { by, .. }
            | Self::Settings { by, .. }
            | Self::Membership { by, .. } => by.id,
        }
    }

    /// When it happened, ms since 1970.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self {
            Self::Message(message) => message.at,
            Self::Edited { at, .. }
            | Self::Recalled { at, .. }
            | Self::Reacted { at, .. }
            | Self::Pinned { at, .. }
            | Self::FileTaken { at, .. }
            | Self::Settings { at, .. }
            | Self::Membership { at, .. } => *at,
        }
    }
}

#[cfg(test)]
mod tests;
