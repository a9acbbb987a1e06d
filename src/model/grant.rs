//! What a token lets its account do: never more than the account may.

use serde::{Deserialize, Serialize};

use crate::model::room_id::RoomId;

/// One kind of thing that a token may be good for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reads what the account may read.
    Read,
    /// Says, changes, recalls, reacts, pins, marks as read.
    Write,
    /// Makes and configures rooms, joins, invites, moderates.
    Rooms,
    /// Asks and tells the server as the site's own program: who is online, accounts, sessions.
    House,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Rooms, Self::House];

    /// Its name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Rooms => "rooms",
            Self::House => "house",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// What a token lets its account do, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What for.
    pub scopes: Vec<Scope>,
    /// The only rooms that it is good in; `None` is all that the account may be in.
    pub rooms: Option<Vec<RoomId>>,
}

impl Grant {
    /// Whether it is good for this.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it is good for everything that another one is good for, wherever that is.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        other.scopes.iter().all(|scope| self.has(*scope))
            && match (&self.rooms, &other.rooms) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(own), Some(others)) => others.iter().all(|room| own.contains(room)),
            }
    }

    /// Whether it is the site's own server's, everywhere: the only kind with which other tokens are made.
    #[must_use]
    pub fn is_of_house(&self) -> bool {
        self.has(Scope::House) && self.rooms.is_none()
    }

    /// Whether it is good in this room.
    #[must_use]
    pub fn is_for(&self, room: RoomId) -> bool {
        self.rooms
            .as_ref()
            .is_none_or(|rooms| rooms.contains(&room))
    }
}
