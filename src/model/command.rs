//! Commands: what can be asked of a room, and their outcomes. Complete but for what the store assigns.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::event::Event;
use crate::model::file::{Attachment, FILE_WEIGHT};
use crate::model::file_id::FileId;
use crate::model::membership::RoomRole;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::text::body::RenderedBody;

/// A change that somebody asks for, complete but for id and seq.
#[derive(Debug, Clone)]
pub enum Command {
    /// A new message.
    Send {
        /// Everything but `id`, `seq`, `rev`, `body`, `mentions` and `files`, which are empty here.
        message: Box<Message>,
        /// Its body, rendered.
        body: Box<RenderedBody>,
        /// The files that it is to have.
        attachments: Vec<Attachment>,
        /// The name to fall back to when `message.by.name` belongs to an account.
        fallback_name: Option<String>,
        /// Its author.
        principal: Principal,
    },
    /// Replaces the body of a message.
    Edit {
        /// The message, and who edits it.
        target: Box<Target>,
        /// The new body.
        body: Box<RenderedBody>,
    },
    /// Recalls a message.
    Recall {
        /// The message, and who recalls it.
        target: Box<Target>,
        /// Messages older than this (ms since 1970) are too old for their authors.
        not_before: i64,
    },
    /// Put an emoji on a message, or take it away.
    React {
        /// The message, and who reacts.
        target: Box<Target>,
        /// The emoji in its canonical form.
        emoji: &'static str,
        /// Whether it is to be there afterwards.
        on: bool,
    },
    /// Pins a message, or takes the pin off.
    Pin {
        /// The message, and who pins it.
        target: Box<Target>,
        /// Whether it is to be pinned.
        on: bool,
    },
    /// Takes a file out of a message.
    TakeFile {
        /// The message, and who does it.
        target: Box<Target>,
        /// The file's id.
        file: FileId,
    },
    /// Something that is not about a message.
    Room(Box<RoomCommand>),
}

/// The message that a command is about, and who asks.
#[derive(Debug, Clone)]
pub struct Target {
    /// The room's id.
    pub room: RoomId,
    /// The message's id.
    pub id: MessageId,
    /// The person whose command it is.
    pub principal: Principal,
    /// Now, ms since 1970.
    pub at: i64,
}

impl Command {
    /// The person whose command it is.
    #[must_use]
    pub fn by(&self) -> &Person {
        match self {
            Self::Send { message, .. } => &message.by,
            Self::Edit { target, .. }
            | Self::Recall { target, .. }
            | Self::React { target, .. }
            | Self::Pin { target, .. }
            | Self::TakeFile { target, .. } => &target.principal.person,
            Self::Room(command) => &command.principal.person,
        }
    }

    /// The room that it changes.
    #[must_use]
    pub fn room(&self) -> RoomId {
        match self {
            Self::Send { message, .. } => message.room,
            Self::Edit { target, .. }
            | Self::Recall { target, .. }
            | Self::React { target, .. }
            | Self::Pin { target, .. }
            | Self::TakeFile { target, .. } => target.room,
            Self::Room(command) => command.room,
        }
    }

    /// Bytes of content that it brings.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Send {
                body, attachments, ..
            } => body.weight() + attachments.len() * FILE_WEIGHT,
            Self::Edit { body, .. } => body.weight(),
            Self::Recall { .. }
            | Self::React { .. }
            | Self::Pin { .. }
            | Self::TakeFile { .. }
            | Self::Room(_) => 0,
        }
    }
}

/// A room that has just been made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCreated {
    /// The room's id.
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// The epoch: the numbering that its seqs belong to.
    pub epoch: String,
}

/// Events of one room that were committed, as other nodes of the server hear of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedEvents {
    /// The room's id.
    pub room: RoomId,
    /// The epoch: the numbering that their seqs belong to; `None` when whoever tells does not know it.
    #[serde(default)]
    pub epoch: Option<String>,
    /// The room as it was made, with its first events.
    #[serde(default)]
    pub created: Option<RoomCreated>,
    /// The events, in order. They may be left out where they are too much to be told.
    #[serde(default)]
    pub events: Vec<Event>,
    /// The seq of the newest one, left out or not.
    pub head: Seq,
}

/// A position in the feed of a room, as its sender is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Ack {
    /// The room's id.
    pub room: RoomId,
    /// The message's id, 0 when it is about none.
    pub id: MessageId,
    /// The seq of its event; 0 when nothing had to be changed.
    pub seq: Seq,
    /// When it was taken, ms since 1970.
    pub at: i64,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the store; broadcast it.
    Event(Event),
    /// The same, for a change that is several events of one room, which may be new.
    Events {
        /// The room's id.
        room: RoomId,
        /// The room as it was made.
        created: Option<RoomCreated>,
        /// What happened in it, in order; nothing when nothing had to be changed.
        events: Vec<Event>,
    },
    /// The room was deleted.
    Deleted(RoomDeleted),
    /// It was there already, under this id, seq and time (ms): only the sender gets an ack.
    Repeated(Ack),
    /// It is not allowed; nothing was written.
    Refused(Error),
}

impl Outcome {
    /// What other nodes of the server are told of it.
    #[must_use]
    pub fn committed(&self) -> Option<CommittedEvents> {
        let (room, created, events) = match self {
            Self::Event(event) => (event.room, None, vec![event.clone()]),
            Self::Events {
                room,
                created,
                events,
            } => (*room, created.clone(), events.clone()),
            Self::Deleted(_) | Self::Repeated(_) | Self::Refused(_) => return None,
        };
        Some(CommittedEvents {
            room,
            epoch: created.as_ref().map(|created| created.epoch.clone()),
            created,
            head: events.last()?.seq,
            events,
        })
    }
}

/// A command about a room or its members.
#[derive(Debug, Clone)]
pub struct RoomCommand {
    /// The person whose command it is.
    pub principal: Principal,
    /// Now, ms since 1970.
    pub at: i64,
    /// The room; for one that is made, the id that it gets.
    pub room: RoomId,
    /// What is to be done.
    pub action: RoomAction,
    /// The limits on rooms and members.
    pub bounds: RoomBounds,
}

/// What a person does to a room or to its members.
#[derive(Debug, Clone)]
pub enum RoomAction {
    /// Creates the room.
    Create {
        /// The kind of the new room.
        kind: RoomKind,
        /// What is settled about it.
        settings: RoomSettings,
        /// Who else is in it from the beginning: the others of a direct room.
        company: Vec<Person>,
    },
    /// Changes some of the settings.
    Update(RoomPatch),
    /// Deletes the room for good, with all that is in it.
    Delete,
    /// Joins the room.
    Join {
        /// The code of the invitation that the person has.
        invitation: Option<String>,
    },
    /// Joins by the word of the site that this server is part of.
    JoinBySite,
    /// Joins by an invitation that was counted when it made their account.
    Admit,
    /// Makes somebody else a member, who need not be asked.
    Bring {
        /// Whom.
        who: Person,
    },
    /// Leaves the room.
    Leave,
    /// The person's account has been deleted. A room that they own goes to whoever has been its admin
    /// or its member for longest, or is archived.
    DeleteAccount,
    /// Takes a file of the person's own out of its message, whether they are in the room still or not.
    TakeFile(FileId),
    /// The person's account has been deleted, and some of their files of this room are to go with it, a step.
    EraseFiles {
        /// Whether only voices are.
        voices: bool,
    },
    /// Gives a person another room role, or none.
    SetRole {
        /// The person whose role it is.
        who: Person,
        /// What they are to be; `None` = not in the room.
        to: Option<RoomRole>,
    },
}

/// How much there may be, from `[rooms]`.
#[derive(Debug, Clone, Copy)]
pub struct RoomBounds {
    /// The most rooms on the server.
    pub rooms: usize,
    /// The most rooms that one person owns.
    pub owned: usize,
    /// The most rooms that one person is in.
    pub joined: usize,
    /// The most people in one room.
    pub members: usize,
}

/// A room that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomDeleted {
    /// The room's id.
    pub room: RoomId,
    /// Who did it: a public id, empty for the operator.
    pub by: PersonId,
}
