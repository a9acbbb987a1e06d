//! What is asked of ChatServer by way of its [handle](super::handle), and what it answers: plain types.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix::Recipient;
use serde::Serialize;
use uuid::Uuid;

use crate::delivery::{CloseAll, Deliver};
use crate::error::Error;
use crate::model::message::Message;
use crate::model::principal::Principal;
use crate::protocol::view::{Presence, RoomView};
use crate::text::body::DraftBody;

/// A worker thread's hub.
#[derive(Debug)]
pub struct HubLink {
    /// The hub's number.
    pub number: u16,
    /// Where it takes what is to be delivered.
    pub deliver: Recipient<Deliver>,
    /// Where it is told that everybody goes.
    pub close_all: Recipient<CloseAll>,
    /// Set when its mailbox was found full.
    pub overrun: Arc<AtomicBool>,
}

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
    /// Whether they want the classic greeting: history and count.
    pub greet: bool,
    /// The subscriber's part of their address, kept in memory only.
    pub prefix: IpAddr,
}

/// Something that somebody says.
#[derive(Debug)]
pub struct NewMessage {
    /// The sender's mark; without one there is no ack.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// What it says, or why it cannot.
    pub body: Result<Box<DraftBody>, Error>,
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
    /// Address of a picture.
    pub avatar: Option<String>,
}

/// A change of a message.
#[derive(Debug)]
pub struct MessageChange {
    /// The sender's mark.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// What is to become of it.
    pub action: MessageAction,
}

/// What is to become of a message.
#[derive(Debug)]
pub enum MessageAction {
    /// Another body, or why it cannot be.
    Edit(Result<Box<DraftBody>, Error>),
    /// None.
    Recall,
    /// An emoji of theirs on it, or not.
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

/// A room as a page draws it, true at one moment.
#[derive(Debug)]
pub struct RoomSnapshot {
    /// Whether the room is there for the one who looks; if not, `room` is the lobby from outside.
    pub found: bool,
    /// The room.
    pub room: RoomView,
    /// All rooms of the one who looks, the lobby first if they may see it.
    pub rooms: Vec<RoomView>,
    /// The newest messages, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// Who is online.
    pub presence: Presence,
}

/// What somebody with an invitation may know of a room.
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
