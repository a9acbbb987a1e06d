//! The typed messages that ChatServer understands.

use std::net::IpAddr;
use std::sync::Arc;

use actix::{Addr, Message};
use uuid::Uuid;

use super::message::Message as Said;
use crate::auth::identity::Identity;
use crate::protocol::feed::Presence;
use crate::protocol::request;
use crate::store::writer::Outcome;
use crate::ws::ConnId;
use crate::ws::hub::Hub;

/// A worker thread's hub is ready.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HubReady {
    /// The hub's number.
    pub number: u16,
    /// Its address.
    pub hub: Addr<Hub>,
    /// Set when its mailbox was found full.
    pub overrun: Arc<std::sync::atomic::AtomicBool>,
}

/// Somebody who comes in.
#[derive(Debug)]
pub struct Arrival {
    /// Who he is.
    pub identity: Identity,
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
pub struct Say {
    /// The connection.
    pub conn: ConnId,
    /// The sender's mark; without one there is no ack.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// As written; not yet checked.
    pub content: String,
    /// What a classic client says of itself; its content has emoji tags.
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
pub struct Amend {
    /// The connection.
    pub conn: ConnId,
    /// The sender's mark.
    pub nonce: Option<Uuid>,
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// What to do with it; words not yet checked.
    pub action: request::Action,
}

/// The store has committed (or given up) a group.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Committed(pub Vec<Outcome>);

/// Somebody looks otherwise now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Rename {
    /// His public id.
    pub id: String,
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
pub struct Forget {
    /// His public id.
    pub id: String,
    /// The marks of his cookie sessions.
    pub sids: Vec<String>,
}

/// Which of a person's cookie sessions have open sockets: their marks, each once.
#[derive(Debug, Message)]
#[rtype(result = "Vec<String>")]
pub struct OpenSessionsOf {
    /// His public id.
    pub id: String,
}

/// Whose sockets are open: the marks of their cookie sessions, each once.
#[derive(Debug, Message)]
#[rtype(result = "Vec<String>")]
pub struct OpenSessions;

/// A cookie session has ended: its sockets must end too.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct EndSession {
    /// The session's mark.
    pub sid: String,
}

/// What a page needs to draw the lobby, true at one moment.
#[derive(Debug, Message)]
#[rtype(result = "Lobby")]
pub struct LookIn;

/// The answer to [`LookIn`].
#[derive(Debug, actix::MessageResponse)]
pub struct Lobby {
    /// The newest messages, oldest first.
    pub messages: Vec<Arc<Said>>,
    /// The seq that they are true at.
    pub head: i64,
    /// What it counts in.
    pub epoch: String,
    /// Who is online.
    pub presence: Presence,
}

/// Who is here, up to a number of people.
#[derive(Debug, Message)]
#[rtype(result = "Presence")]
pub struct WhoIsHere {
    /// Most people to name.
    pub limit: usize,
}

/// The house closes.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Shutdown;
