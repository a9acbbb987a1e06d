//! What can be asked of a room, and what becomes of it: complete but for what the store hands out.

use serde::Serialize;

use crate::error::Error;
use crate::model::event::Event;
use crate::model::membership::RoomRole;
use crate::model::message::Message;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomPatch, RoomSettings};
use crate::text::body::DraftBody;

/// A change that somebody asks for, complete but for id and seq.
#[derive(Debug, Clone)]
pub enum Command {
    /// A new message.
    Send {
        /// Everything but `id`, `seq`, `rev`, `words` and `mentions`, which are empty here.
        message: Box<Message>,
        /// What it says.
        body: Box<DraftBody>,
        /// The name to fall back to when `message.by.name` belongs to an account.
        fallback_name: Option<String>,
        /// Who says it.
        principal: Principal,
    },
    /// Other words for a message.
    Edit {
        /// Which.
        target: Box<Target>,
        /// The new words.
        body: Box<DraftBody>,
    },
    /// Withdraw a message.
    Recall {
        /// Which.
        target: Box<Target>,
        /// Messages older than this (ms since 1970) are too old for their authors.
        not_before: i64,
    },
    /// Put an emoji on a message, or take it away.
    React {
        /// Which.
        target: Box<Target>,
        /// The emoji, as it is kept.
        emoji: &'static str,
        /// Whether it is to be there.
        on: bool,
    },
    /// Keep a message at hand, or no longer.
    Pin {
        /// Which.
        target: Box<Target>,
        /// Whether it is to be.
        on: bool,
    },
    /// Something that is not about a message.
    Room(Box<RoomCommand>),
}

/// The message that somebody wants changed.
#[derive(Debug, Clone)]
pub struct Target {
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// Who asks.
    pub principal: Principal,
    /// Now, ms since 1970.
    pub at: i64,
}

impl Command {
    /// Who asks.
    #[must_use]
    pub fn by(&self) -> &Person {
        match self {
            Self::Send { message, .. } => &message.by,
            Self::Edit { target, .. }
            | Self::Recall { target, .. }
            | Self::React { target, .. }
            | Self::Pin { target, .. } => &target.principal.person,
            Self::Room(command) => &command.principal.person,
        }
    }

    /// Bytes of content that it brings.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Send { body, .. } | Self::Edit { body, .. } => body.weight(),
            Self::Recall { .. } | Self::React { .. } | Self::Pin { .. } | Self::Room(_) => 0,
        }
    }
}

/// A room that has just been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomCreated {
    /// Its id.
    pub id: i64,
    /// Its kind.
    pub kind: RoomKind,
    /// What its seqs count in.
    pub epoch: String,
}

/// Where something stands in the feed of a room: what its sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Ack {
    /// The room.
    pub room: i64,
    /// The message's id, 0 when it is about none.
    pub id: i64,
    /// The seq of its event; 0 when nothing had to be changed.
    pub seq: i64,
    /// When it was taken, ms since 1970.
    pub at: i64,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the store; tell everybody.
    Event(Event),
    /// The same, for a change that is several events of one room, which may be new.
    Events {
        /// The room.
        room: i64,
        /// The room as it was made.
        created: Option<RoomCreated>,
        /// What happened in it, in order; nothing when nothing had to be changed.
        events: Vec<Event>,
    },
    /// The room is no more.
    Deleted(RoomDeleted),
    /// It was there already, under this id, seq and time (ms); tell the sender only.
    Repeated(Ack),
    /// It is not allowed; nothing was written.
    Refused(Error),
}

/// Something that somebody does to a room.
#[derive(Debug, Clone)]
pub struct RoomCommand {
    /// Who.
    pub principal: Principal,
    /// Now, ms since 1970.
    pub at: i64,
    /// The room; for one that is made, the id that it gets.
    pub room: i64,
    /// RoomAction.
    pub action: RoomAction,
    /// How much there may be.
    pub bounds: RoomBounds,
}

/// RoomAction somebody does.
#[derive(Debug, Clone)]
pub enum RoomAction {
    /// Makes the room.
    Create {
        /// Its kind.
        kind: RoomKind,
        /// RoomAction is settled about it.
        settings: RoomSettings,
        /// Who else is in it from the beginning: the others of a direct room.
        company: Vec<Person>,
    },
    /// Settles something otherwise.
    Update(RoomPatch),
    /// Takes the room out of the house for good, with all that is in it.
    Delete,
    /// Comes in.
    Join {
        /// The code of the invitation that he has.
        invitation: Option<String>,
    },
    /// Comes in by an invitation that was counted when it made their account.
    Admit,
    /// Goes.
    Leave,
    /// Is no more: his account has been deleted. A room that was his goes to whoever has looked
    /// after it or been in it longest, or is archived.
    DeleteAccount,
    /// Gives somebody another standing, or none.
    SetRole {
        /// Whom.
        who: Person,
        /// RoomAction he is to be.
        to: Option<RoomRole>,
    },
}

/// How much there may be, from `[rooms]`.
#[derive(Debug, Clone, Copy)]
pub struct RoomBounds {
    /// Rooms in the house.
    pub rooms: usize,
    /// Rooms that one person owns.
    pub owned: usize,
    /// Rooms that one person is in.
    pub joined: usize,
    /// People in one room.
    pub members: usize,
}

/// A room that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomDeleted {
    /// Its id.
    pub room: i64,
    /// Who did it: a public id, empty for the operator.
    pub by: PersonId,
}
