//! The typed messages in ChatServer's mailbox. Only [`super::handle`] sends them; what each means is
//! documented there.

use std::collections::HashMap;
use std::fmt;

use actix::Message;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::chat::requests::{
    Acked, Arrival, HeardRoom, HubLink, MessageChange, NewMessage, Online, PersonPresence,
    RoomPreview, RoomSnapshot, Sender, Wake,
};
use crate::chat::swept::Sweeps;
use crate::chat::word::{Teller, Word};
use crate::delivery::ConnId;
use crate::error::Error;
use crate::model::command::{CommittedEvents, RoomCommand, RoomDeleted};
use crate::model::expiry::Expired;
use crate::model::membership::{RoomPreference, RoomRole};
use crate::model::person::{Person, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::request;
use crate::protocol::view::{Presence, PresenceStatus, RoomView};
use crate::store::backend::WriteResult;

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HubReady(pub HubLink);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Ping;

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Connect {
    pub conn: ConnId,
    pub arrival: Box<Arrival>,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    pub conn: ConnId,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Hello {
    pub conn: ConnId,
    pub hello: request::Hello,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AskOnline {
    pub conn: ConnId,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AskHistory {
    pub conn: ConnId,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SendMessage {
    pub conn: ConnId,
    pub message: NewMessage,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<Acked, Error>")]
pub struct PostMessage {
    pub sender: Sender,
    pub message: NewMessage,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<Acked, Error>")]
pub struct PostChange {
    pub sender: Sender,
    pub change: MessageChange,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<(), Error>")]
pub struct PostRead {
    pub principal: Principal,
    pub read: request::Read,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ChangeMessage {
    pub conn: ConnId,
    pub change: MessageChange,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct OpenRoom {
    pub conn: ConnId,
    pub open: request::Open,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Typing {
    pub conn: ConnId,
    pub room: RoomId,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MarkRead {
    pub conn: ConnId,
    pub read: request::Read,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Idle {
    pub conn: ConnId,
    pub idle: bool,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Committed(pub Vec<WriteResult>);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Heard {
    pub committed: Vec<CommittedEvents>,
    pub then: Then,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct TellThrough(pub Teller);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Words {
    pub words: Vec<(Uuid, Word)>,
    pub then: Then,
}

/// What happens once a message has been handled: unlike an answer it wakes nobody by itself.
pub struct Then(Box<dyn FnOnce() + Send>);

impl Then {
    pub fn new(then: impl FnOnce() + Send + 'static) -> Self {
        Self(Box::new(then))
    }

    pub fn call(self) {
        (self.0)();
    }
}

impl fmt::Debug for Then {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Then")
    }
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SweepThrough(pub Sweeps);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HaveSwept;

#[derive(Debug, Message)]
#[rtype(result = "Result<RoomSnapshot, Error>")]
pub struct GetRoomSnapshot {
    pub room: RoomId,
    pub principal: Principal,
}

#[derive(Debug, Message)]
#[rtype(result = "Vec<RoomView>")]
pub struct ViewRooms {
    pub rooms: Vec<RoomId>,
    pub principal: Principal,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<RoomId, Error>")]
pub struct RunRoomCommand {
    pub command: Box<RoomCommand>,
    pub nonce: Option<Uuid>,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<(), Error>")]
pub struct SetRoomPreference {
    pub room: RoomId,
    pub principal: Principal,
    pub preference: RoomPreference,
}

#[derive(Debug, Message)]
#[rtype(result = "Vec<PresenceStatus>")]
pub struct GetPresence(pub Vec<PersonId>);

#[derive(Debug, Message)]
#[rtype(result = "PersonPresence")]
pub struct GetPersonPresence(pub PersonId);

#[derive(Debug, Message)]
#[rtype(result = "Online")]
pub struct GetOnline {
    pub after: PersonId,
    pub limit: usize,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<HeardRoom>, Error>")]
pub struct WaitForEvents {
    pub by: String,
    pub principal: Principal,
    pub wake: oneshot::Sender<Wake>,
}

#[derive(Debug, Message)]
#[rtype(result = "Result<Presence, Error>")]
pub struct GetRoomPresence {
    pub room: RoomId,
    pub principal: Principal,
    pub limit: usize,
}

#[derive(Debug, Message)]
#[rtype(result = "Option<Person>")]
pub struct FindPerson(pub PersonId);

#[derive(Debug, Message)]
#[rtype(result = "Option<RoomPreview>")]
pub struct GetRoomPreview(pub RoomId);

#[derive(Debug, Message)]
#[rtype(result = "Vec<String>")]
pub struct OpenSessions {
    pub of: Option<PersonId>,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct EndSession {
    pub sid: String,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CloseConnections {
    pub of: PersonId,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct DisconnectPerson {
    pub id: PersonId,
    pub sids: Vec<String>,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SetProfile {
    pub id: PersonId,
    pub name: String,
    pub avatar: String,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SetServerRoles(pub HashMap<PersonId, ServerRole>);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct InheritLobbyRole {
    pub person: PersonId,
    pub role: RoomRole,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RoomsDeleted(pub Vec<RoomDeleted>);

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HaveExpired {
    pub since: i64,
    pub rooms: Vec<Expired>,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Shutdown;

/// Everybody is to come back, to another node.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SendAway;

/// Read markers that have moved are handed to the store.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct StoreReadMarkers;
