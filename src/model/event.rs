//! What can happen to a room.

use std::sync::Arc;

use crate::model::membership::RoomRole;
use crate::model::mention::Mentions;
use crate::model::message::Message;
use crate::model::person::{Person, PersonRef};
use crate::model::reaction::Reaction;
use crate::model::room::RoomSettings;
use crate::text::body::MessageBody;

/// One change of a room: what the store commits, the feed tells and the room applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The room.
    pub room: i64,
    /// Dense per room, from 1.
    pub seq: i64,
    /// What happened.
    pub change: EventContent,
}

/// The kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventContent {
    /// Somebody said something.
    Message(Arc<Message>),
    /// The author of a message changed its words.
    Edited {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// The new words; none when they have been withdrawn meanwhile.
        body: MessageBody,
        /// Those whom the message called before and calls still.
        mentions: Mentions,
        /// The seq of the event that brought the message.
        said: i64,
    },
    /// A message was withdrawn.
    Recalled {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// The seq of the event that brought the message.
        said: i64,
    },
    /// Somebody put an emoji on a message, or took it away.
    Reacted {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// The emoji as it stands there now.
        reaction: Reaction,
        /// Whether he put it there.
        on: bool,
    },
    /// A message is kept at hand, or no longer.
    Pinned {
        /// The message's id.
        id: i64,
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// Whether it is.
        on: bool,
    },
    /// The room is another: name, topic, notice, rules.
    Settings {
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// All of it, as it is now.
        settings: Arc<RoomSettings>,
    },
    /// Somebody's standing in the room is another.
    Membership {
        /// When, ms since 1970.
        at: i64,
        /// Who did it.
        by: PersonRef,
        /// How.
        change: MembershipChange,
        /// Whose.
        who: Arc<Person>,
        /// What he is now; `None` when he is not in the room any more.
        room_role: Option<RoomRole>,
    },
}

/// How somebody's standing in a room changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipChange {
    /// He came in.
    Join,
    /// He went.
    Leave,
    /// He was asked to go.
    Remove,
    /// He is kept out …
    Ban,
    /// … or no longer.
    Unban,
    /// He may not talk …
    Mute,
    /// … or may again.
    Unmute,
    /// He became an admin, or a member again.
    Role,
    /// The room is his; the one it was before is an admin now.
    Transfer,
}

impl MembershipChange {
    /// All of them.
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

    /// The word in the protocol.
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
    /// The words for the kinds in the protocol.
    pub const KINDS: [&'static str; 16] = [
        "message", "edit", "recall", "react", "pin", "unpin", "about", "join", "leave", "remove",
        "ban", "unban", "mute", "unmute", "role", "transfer",
    ];

    /// The word for this kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Edited { .. } => "edit",
            Self::Recalled { .. } => "recall",
            Self::Reacted { .. } => "react",
            Self::Pinned { on: true, .. } => "pin",
            Self::Pinned { on: false, .. } => "unpin",
            Self::Settings { .. } => "about",
            Self::Membership { change, .. } => change.as_str(),
        }
    }

    /// The id of the message that it is about, if it is about one.
    #[must_use]
    pub fn message(&self) -> Option<i64> {
        match self {
            Self::Message(message) => Some(message.id),
            Self::Edited { id, .. }
            | Self::Recalled { id, .. }
            | Self::Reacted { id, .. }
            | Self::Pinned { id, .. } => Some(*id),
            Self::Settings { .. } | Self::Membership { .. } => None,
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
            | Self::Settings { at, .. }
            | Self::Membership { at, .. } => *at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turn_is_among_the_kinds() {
        let (messages, turns) = EventContent::KINDS.split_at(7);
        assert_eq!(messages.len() + turns.len(), EventContent::KINDS.len());
        assert_eq!(turns, MembershipChange::ALL.map(MembershipChange::as_str));
    }
}
