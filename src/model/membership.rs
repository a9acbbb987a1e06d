//! What a person is in one room.

use serde::{Deserialize, Serialize};

/// The five standings. Who has none is not in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoomRole {
    /// The room is his.
    Owner,
    /// Looks after it.
    Admin,
    /// Talks.
    Member,
    /// Reads.
    Muted,
    /// Is kept out.
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

    /// The word in the protocol.
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

    /// The standing of a number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.code() == code)
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

    /// Whether he is in the room at all.
    #[must_use]
    pub fn is_in(self) -> bool {
        self != Self::Banned
    }
}
