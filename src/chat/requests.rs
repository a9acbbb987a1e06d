//! What is asked of ChatServer by way of its [handle](super::handle), and what it answers: plain types.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix::Recipient;
use serde::Serialize;
use uuid::Uuid;

use crate::delivery::{CloseAll, Deliver};
use crate::error::Error;
use crate::model::command::Ack;
use crate::model::file::Attachment;
use crate::model::file_id::FileId;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::view::{PersonHere, Presence, PresenceStatus, RoomView};
use crate::text::body::RenderedBody;

/// A worker thread's hub.
#[derive(Debug)]
pub struct HubLink {
    /// The hub's number, below the number of worker threads.
    pub number: u16,
    /// Where it takes what is to be delivered.
    pub deliver: Recipient<Deliver>,
    /// Receives the command to close all of the hub's connections.
    pub close_all: Recipient<CloseAll>,
    /// Set when its mailbox was found full.
    pub overrun: Arc<AtomicBool>,
}

/// A new connection.
#[derive(Debug)]
pub struct Arrival {
    /// The person whose connection it is.
    pub principal: Principal,
    /// Whether their name is their own, by account or choice, so that no claim replaces it.
    pub named: bool,
    /// What classic clients see as their `ipAddress`.
    pub address: String,
    /// The id of their cookie session, if they have one.
    pub sid: Option<String>,
    /// Whether they want the classic greeting: history and count.
    pub greet: bool,
    /// The subscriber's prefix of their IP address, kept in memory only.
    pub prefix: IpAddr,
}

/// Who sends or changes a message, as they are at the moment.
#[derive(Debug)]
pub struct Sender {
    /// The person.
    pub principal: Principal,
    /// Whether their name is their own, by account or choice, so that no claim replaces it.
    pub named: bool,
    /// What classic clients see as their `ipAddress`.
    pub address: String,
    /// The subscriber's prefix of their IP address, kept in memory only.
    pub prefix: IpAddr,
}

/// What came of a message or a change that somebody without a connection has sent.
#[derive(Debug, Clone)]
pub struct Acked {
    /// What a connection would be told: it is stored.
    pub ack: Ack,
    /// The message, when it was sent now and not before.
    pub sent: Option<Arc<Message>>,
}

impl From<Ack> for Acked {
    fn from(ack: Ack) -> Self {
        Self { ack, sent: None }
    }
}

/// A message that a client sends.
#[derive(Debug)]
pub struct NewMessage {
    /// The nonce chosen by the sender; without one there is no ack.
    pub nonce: Option<Uuid>,
    /// The room's id.
    pub room: RoomId,
    /// The body, or why it cannot be accepted.
    pub body: Result<Box<RenderedBody>, Error>,
    /// The message that it answers.
    pub reply: Option<MessageId>,
    /// Its files, or why it cannot have them.
    pub files: Result<Vec<Attachment>, Error>,
    /// The name and picture that a classic client claims.
    pub claim: Option<Claim>,
}

/// What a nameless visitor of a classic client wants to be seen as.
#[derive(Debug)]
pub struct Claim {
    /// The display name.
    pub nickname: Option<String>,
    /// The URL of a picture.
    pub avatar: Option<String>,
}

/// A change of a message.
#[derive(Debug)]
pub struct MessageChange {
    /// The nonce chosen by the sender.
    pub nonce: Option<Uuid>,
    /// The room's id.
    pub room: RoomId,
    /// The message's id.
    pub id: MessageId,
    /// What is to become of it.
    pub action: MessageAction,
}

/// What is to become of a message.
#[derive(Debug)]
pub enum MessageAction {
    /// Another body, or why it cannot be.
    Edit(Result<Box<RenderedBody>, Error>),
    /// Recalls the message.
    Recall,
    /// An emoji of theirs on it, or not.
    React {
        /// As the client sent it.
        emoji: String,
        /// Whether it is to be there.
        on: bool,
    },
    /// Pins the message, or takes the pin off.
    Pin {
        /// Whether it is to be there.
        on: bool,
    },
    /// Takes a file out of the message.
    TakeFile(FileId),
}

/// A room as a page draws it, true at one moment.
#[derive(Debug)]
pub struct RoomSnapshot {
    /// Whether the person may see the room; if not, `room` is the lobby as seen from outside.
    pub found: bool,
    /// The room as this person sees it.
    pub room: RoomView,
    /// All rooms of this person, the lobby first if they may see it.
    pub rooms: Vec<RoomView>,
    /// The newest messages, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// The people who are online in the room.
    pub presence: Presence,
}

/// Why a program that waited for events does not wait any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something has happened in a room that it hears.
    Happened,
    /// Another call of the same program waits instead.
    TakenOver,
    /// The server goes down.
    GoingDown,
}

/// A room that a program hears.
#[derive(Debug, Clone)]
pub struct HeardRoom {
    /// The room's id.
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// Its name, as the program's language has it.
    pub name: String,
    /// The short name of its epoch.
    pub epoch: String,
    /// The seq of its newest event.
    pub head: Seq,
    /// Where it begins: messages up to there have been deleted.
    pub begin: Seq,
}

/// Where a person is online.
#[derive(Debug)]
pub struct PersonPresence {
    /// Whether they are.
    pub here: PresenceStatus,
    /// The nodes that they are at.
    pub places: Vec<PersonPlace>,
    /// Whether some of it may be old, or not known.
    pub stale: bool,
}

/// Who is online, on all nodes.
#[derive(Debug)]
pub struct Online {
    /// How many people.
    pub people: usize,
    /// How many connections.
    pub connections: usize,
    /// Whether some of it may be old, or a number alone.
    pub stale: bool,
    /// Some of them, and the nodes that they are at.
    pub some: Vec<(PersonHere, Vec<PersonPlace>)>,
}

/// A person at one node.
#[derive(Debug, PartialEq, Eq)]
pub struct PersonPlace {
    /// What the node is known by.
    pub boot: Uuid,
    /// Their connections there.
    pub connections: usize,
    /// How many of these have been left alone for minutes.
    pub idle: usize,
}

/// What a person with an invitation may know of a room.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = RoomGlimpse)]
pub struct RoomPreview {
    /// The room's name.
    pub name: String,
    /// The URL of the room's picture.
    pub avatar: String,
    /// Number of members.
    pub members: usize,
}
