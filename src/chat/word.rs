//! What nodes tell each other of people, over the bus: who is at a node, who types, how far somebody has read.
//!
//! Any of it may be lost, come twice or late. Numbers are those of now, not changes, so that to hear something again changes
//! nothing; versions say whether something was lost. The types are what goes over the bus, as JSON.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::membership::{FeedPosition, Notify};
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;

/// Something that a node tells the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Who is there.
    Here(Here),
    /// What somebody wants to hear who is there.
    Ask(Ask),
    /// Somebody types.
    Types(Types),
    /// How far people have read.
    Marks(Vec<Mark>),
}

/// Who is at a node: what has changed, or a part of everything. Without people and rooms it says that the node lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// The version that this is a change of; none where it is a part of everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The version that this leads to. A node begins with 0 and nobody.
    pub to: u64,
    /// Which part of everything this is, from 0, and how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<(u32, u32)>,
    /// People as they are there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonThere>,
    /// Rooms as they are heard there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomThere>,
    /// Whether the node goes down: it will tell nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draining: bool,
}

/// A person as they are at a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonThere {
    /// Their id.
    pub id: PersonId,
    /// Their connections there; none when they have gone.
    pub n: u32,
    /// How many of these have been left alone for minutes.
    #[serde(default)]
    pub idle: u32,
    /// What they look like, when that is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Arc<Person>>,
}

/// A room as it is heard at a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomThere {
    /// The room's id.
    pub id: RoomId,
    /// Connections there that have it open.
    pub heard: u32,
    /// People there who have it open without a membership.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookers: Vec<PersonId>,
}

/// Asks a node, or all, to tell everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The boot of the node that is asked; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Uuid>,
}

/// Somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Types {
    /// In which room.
    pub room: RoomId,
    /// Who.
    pub id: PersonId,
}

/// How far somebody has read a room, and what else they have set for themselves there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The room.
    pub room: RoomId,
    /// Who.
    pub id: PersonId,
    /// Where they have read up to.
    pub read: FeedPosition,
    /// What they are notified of, when it differs from their default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
    /// Whether it stands above their other rooms.
    #[serde(default)]
    pub favourite: bool,
    /// When they set that, ms since 1970.
    pub at: i64,
}

/// The way to the other nodes. It never waits, and promises nothing.
#[derive(Clone)]
pub struct Teller(Arc<dyn Fn(Vec<Word>) + Send + Sync>);

impl Teller {
    /// A way that these words go.
    pub fn new(tell: impl Fn(Vec<Word>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells the other nodes.
    pub fn tell(&self, words: Vec<Word>) {
        (self.0)(words);
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Teller")
    }
}
