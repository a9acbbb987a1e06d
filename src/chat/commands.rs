//! The typed messages that ChatServer understands.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use actix::{Message, Recipient};
use serde::Serialize;
use uuid::Uuid;

use crate::delivery::{CloseAll, ConnId, Deliver};
use crate::error::Error;
use crate::model::command::{RoomCommand, RoomDeleted};
use crate::model::membership::{RoomRole, Wish};
use crate::model::person::{Person, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::protocol::request;
use crate::protocol::view::{Presence, PresenceStatus, RoomView};
use crate::store::writer::WriteResult;
use crate::text::body::DraftBody;

/// A worker thread's hub is ready.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HubReady {
    /// The hub's number.
    pub number: u16,
    /// Where it takes what is to be delivered.
    pub deliver: Recipient<Deliver>,
    /// Where it is told that everybody goes.
    pub close_all: Recipient<CloseAll>,
    /// Set when its mailbox was found full.
    pub overrun: Arc<std::sync::atomic::AtomicBool>,
}

/// Whether ChatServer answers.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Ping;

/// Somebody who comes in.
#[derive(Debug)]
pub struct Arrival {
    /// Who comes.
    pub principal: Principal,
    /// Whether their name is their own, by account or choice, so that no claim replaces it.
    pub named: bool,
    /// What classic clients see as their `ipAddress`.
    pub address: String,
    /// The mark of their cookie session, if they have one.
    pub sid: Option<String>,
    /// Whether he wants the classic greeting: history and count.
    pub greet: bool,
    /// The subscriber's part of his address, kept in memory only.
    pub prefix: IpAddr,
}

/// A connection has begun.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Connect {
    /// The connection.
    pub conn: ConnId,
    /// Who comes.
    pub arrival: Box<Arrival>,
}

/// A connection has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    /// The connection.
    pub conn: ConnId,
}

/// A client speaks feed from now on, and wants what it has missed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Hello {
    /// The connection.
    pub conn: ConnId,
    /// What it said.
    pub hello: request::Hello,
}

/// A classic client asks for the count.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AskOnline {
    /// The connection.
    pub conn: ConnId,
}

/// A classic client asks for the history.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AskHistory {
    /// The connection.
    pub conn: ConnId,
}

/// Somebody says something.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SendMessage {
    /// The connection.
    pub conn: ConnId,
    /// The sender's mark; without one there is no ack.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// What he says, or why he cannot.
    pub words: Result<Box<DraftBody>, Error>,
    /// The message that it answers.
    pub reply: Option<i64>,
    /// What a classic client says of itself.
    pub claim: Option<Claim>,
}

/// What a nameless visitor of a classic client wants to be seen as.
#[derive(Debug)]
pub struct Claim {
    /// Name.
    pub nickname: Option<String>,
    /// Picture.
    pub avatar: Option<String>,
}

/// Somebody changes a message: other words, or none.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ChangeMessage {
    /// The connection.
    pub conn: ConnId,
    /// The sender's mark.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// What is to become of it.
    pub wish: MessageAction,
}

/// What is to become of a message.
#[derive(Debug)]
pub enum MessageAction {
    /// Other words, or why they cannot be.
    Edit(Result<Box<DraftBody>, Error>),
    /// None.
    Recall,
    /// An emoji of his on it, or not.
    React {
        /// As the client sent it.
        emoji: String,
        /// Whether it is to be there.
        on: bool,
    },
    /// Among those that the room keeps at hand, or not.
    Pin {
        /// Whether it is to be there.
        on: bool,
    },
}

/// The store has committed (or given up) a group.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Committed(pub Vec<WriteResult>);

/// Somebody looks otherwise now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Rename {
    /// His public id.
    pub id: PersonId,
    /// The name that he has now.
    pub name: String,
    /// The address of the picture that he has now.
    pub avatar: String,
}

/// Somebody's account was deleted: his sockets end, and nothing in memory names him any more. It is
/// said twice: when he is out, and when the store has forgotten him too, for what was on its way to
/// the store meanwhile.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct DisconnectPerson {
    /// His public id.
    pub id: PersonId,
    /// The marks of his cookie sessions.
    pub sids: Vec<String>,
}

/// Which of a person's cookie sessions have open sockets: their marks, each once.
#[derive(Debug, Message)]
#[rtype(result = "Vec<String>")]
pub struct OpenSessionsOf {
    /// His public id.
    pub id: PersonId,
}

/// Whose sockets are open: the marks of their cookie sessions, each once.
#[derive(Debug, Message)]
#[rtype(result = "Vec<String>")]
pub struct OpenSessions;

/// Who is more than a member of the house now, by public id; everybody else is not.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SetServerRoles(pub HashMap<PersonId, ServerRole>);

/// Rooms that were deleted, by the command line too; those that are not here any more are known.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RoomsDeleted(pub Vec<RoomDeleted>);

/// A cookie session has ended: its sockets must end too.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct EndSession {
    /// The session's mark.
    pub sid: String,
}

/// What a page needs to draw a room, true at one moment.
#[derive(Debug, Message)]
#[rtype(result = "Result<RoomSnapshot, Error>")]
pub struct GetRoomSnapshot {
    /// The room.
    pub room: i64,
    /// For whom.
    pub principal: Principal,
}

/// A room as a page draws it, true at one moment.
#[derive(Debug)]
pub struct RoomSnapshot {
    /// Whether the room is there for the one who looks; if not, `room` is the lobby's door.
    pub found: bool,
    /// The room.
    pub room: RoomView,
    /// All rooms of the one who looks, the lobby first if he may see it.
    pub rooms: Vec<RoomView>,
    /// The newest messages, oldest first.
    pub messages: Vec<Arc<crate::model::message::Message>>,
    /// Who is online.
    pub presence: Presence,
}

/// Rooms as somebody sees them; those that he may not see are left out.
#[derive(Debug, Message)]
#[rtype(result = "Vec<RoomView>")]
pub struct ViewRooms {
    /// Which.
    pub rooms: Vec<i64>,
    /// Who.
    pub principal: Principal,
}

/// A deed; the answer is the room that it was done to.
#[derive(Debug, Message)]
#[rtype(result = "Result<i64, Error>")]
pub struct RunRoomCommand {
    /// What.
    pub deed: Box<RoomCommand>,
    /// The asker's mark, so that the same deed asked again is one.
    pub nonce: Option<Uuid>,
}

/// What somebody wants of a room for themselves.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), Error>")]
pub struct SetWish {
    /// Which room.
    pub room: i64,
    /// Who.
    pub principal: Principal,
    /// What.
    pub wish: Wish,
}

/// Somebody who was muted or kept out of the lobby has made an account, and is the same there under it:
/// the store has it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Succeeds {
    /// The account's public id.
    pub person: PersonId,
    /// What they are in the lobby.
    pub standing: RoomRole,
}

/// Whether these people are in the house, in their order.
#[derive(Debug, Message)]
#[rtype(result = "Vec<PresenceStatus>")]
pub struct GetPresence(pub Vec<PersonId>);

/// Somebody who is in the house.
#[derive(Debug, Message)]
#[rtype(result = "Option<Person>")]
pub struct FindPerson(pub PersonId);

/// What somebody with an invitation may know of a room.
#[derive(Debug, Message)]
#[rtype(result = "Option<RoomPreview>")]
pub struct GetRoomPreview(pub i64);

/// The answer to [`GetRoomPreview`].
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = RoomGlimpse)]
pub struct RoomPreview {
    /// Its name.
    pub name: String,
    /// Its picture.
    pub avatar: String,
    /// How many are in it.
    pub members: usize,
}

/// Who is in a room, up to a number of people.
#[derive(Debug, Message)]
#[rtype(result = "Result<Presence, Error>")]
pub struct GetRoomPresence {
    /// The room.
    pub room: i64,
    /// Who asks.
    pub principal: Principal,
    /// Most people to name.
    pub limit: usize,
}

/// A feed client wants to hear another room.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct OpenRoom {
    /// The connection.
    pub conn: ConnId,
    /// Which, and where it is in it.
    pub open: request::Open,
}

/// Somebody types.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Typing {
    /// The connection.
    pub conn: ConnId,
    /// The room.
    pub room: i64,
}

/// Somebody has read.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MarkRead {
    /// The connection.
    pub conn: ConnId,
    /// What.
    pub read: request::Read,
}

/// Somebody has left his client alone for minutes, or is back at it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Idle {
    /// The connection.
    pub conn: ConnId,
    /// Which of the two.
    pub idle: bool,
}

/// The house closes.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Shutdown;
