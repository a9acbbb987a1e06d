//! What a person is in one room.

use crate::model::seq::Seq;
use serde::{Deserialize, Serialize};

/// The five room roles. A person without one is not in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoomRole {
    /// Owns the room.
    Owner,
    /// Moderates it.
    Admin,
    /// Reads and writes.
    Member,
    /// Reads only.
    Muted,
    /// Neither reads nor writes, and cannot join.
    Banned,
}

impl RoomRole {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Member,
        Self::Muted,
        Self::Banned,
    ];

    /// The number in the store; lists of members are in its order.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Owner => 1,
            Self::Admin => 2,
            Self::Member => 3,
            Self::Muted => 4,
            Self::Banned => 5,
        }
    }

    /// The role's name in the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Muted => "muted",
            Self::Banned => "banned",
        }
    }

    /// The role of a number, as the store keeps it.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|room_role| room_role.code() == code)
    }

    /// How much it weighs: one acts on those who weigh less.
    #[must_use]
    pub fn weight(self) -> u8 {
        match self {
            Self::Owner => 2,
            Self::Admin => 1,
            Self::Member | Self::Muted | Self::Banned => 0,
        }
    }

    /// Whether the person is in the room at all.
    #[must_use]
    pub fn is_in(self) -> bool {
        self != Self::Banned
    }
}

/// Which messages of a room a person is notified of while they are elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// Every message.
    All,
    /// Those that mention them, and those of direct rooms.
    Mentions,
    /// No message.
    None,
}

impl Notify {
    /// The number in the store; 0 there is no level of its own.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::All => 1,
            Self::Mentions => 2,
            Self::None => 3,
        }
    }

    /// The level of a number, if it is one.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        [Self::All, Self::Mentions, Self::None]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// One person's membership in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Their room role.
    pub room_role: RoomRole,
    /// Where they have read up to.
    pub read_marker: FeedPosition,
    /// What they are notified of, when it differs from their default.
    pub notify: Option<Notify>,
    /// Whether it stands above their other rooms.
    pub favourite: bool,
}

/// A preference of one person for one room.
#[derive(Debug, Clone, Copy)]
pub enum RoomPreference {
    /// What they are notified of in this room; `None` = their default.
    Notify(Option<Notify>),
    /// Whether it stands above their other rooms.
    Favourite(bool),
}

impl Membership {
    /// Applies one preference.
    pub fn set(&mut self, preference: RoomPreference) {
        match preference {
            RoomPreference::Notify(level) => self.notify = level,
            RoomPreference::Favourite(on) => self.favourite = on,
        }
    }
}

/// Why a room is not a client's any more, or never was. The names are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoneReason {
    /// The person left it.
    Left,
    /// The person was removed from it.
    Removed,
    /// The person is banned from it.
    Banned,
    /// The room was deleted.
    Deleted,
    /// It is not there, or not for them to know of.
    NotFound,
}

/// A point in a room's feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    /// The seq of the last event before it.
    pub seq: Seq,
    /// How many messages had been sent by then, ever.
    pub said: i64,
}

impl FeedPosition {
    /// The later one of two in the same room.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        if other.seq > self.seq { other } else { self }
    }
}
