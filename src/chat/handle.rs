//! The only way to ChatServer: cheap to clone, usable from any thread.
//!
//! What connections ask is a message that is dropped when ChatServer has too much to do
//! ([`Error::Busy`]); what pages and the API ask is awaited; what must arrive goes past the mailbox's
//! capacity, and is bounded by what it reports.

mod events;
mod nodes;
mod online;

use std::collections::HashMap;

use actix::dev::ToEnvelope;
use actix::{Addr, Handler, Message};
use uuid::Uuid;

use crate::chat::mailbox;
use crate::chat::requests::{
    Acked, Arrival, HubLink, MessageChange, NewMessage, RoomPreview, RoomSnapshot, Sender,
};
use crate::chat::server::ChatServer;
use crate::delivery::ConnId;
use crate::error::Error;
use crate::model::command::{RoomCommand, RoomDeleted};
use crate::model::expiry::Expired;
use crate::model::membership::{RoomPreference, RoomRole};
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::request;
use crate::protocol::view::RoomView;
use crate::store::writer::OnCommit;

/// The handle of ChatServer; see the [module](self).
#[derive(Debug, Clone)]
pub struct ChatHandle(Addr<ChatServer>);

/// Connections. Each of these is [`Error::Busy`] when ChatServer has too much to do.
impl ChatHandle {
    /// A connection has begun.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn connect(&self, conn: ConnId, arrival: Box<Arrival>) -> Result<(), Error> {
        self.offer(mailbox::Connect { conn, arrival })
    }

    /// A connection has ended. It always arrives: there is one for each connection.
    pub fn disconnect(&self, conn: ConnId) {
        self.notify(mailbox::Disconnect { conn });
    }

    /// A client switches to feed, and asks for what it has missed.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn hello(&self, conn: ConnId, hello: request::Hello) -> Result<(), Error> {
        self.offer(mailbox::Hello { conn, hello })
    }

    /// A classic client asks how many are online.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn ask_online(&self, conn: ConnId) -> Result<(), Error> {
        self.offer(mailbox::AskOnline { conn })
    }

    /// A classic client asks for the history.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn ask_history(&self, conn: ConnId) -> Result<(), Error> {
        self.offer(mailbox::AskHistory { conn })
    }

    /// A person sends a message.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn send_message(&self, conn: ConnId, message: NewMessage) -> Result<(), Error> {
        self.offer(mailbox::SendMessage { conn, message })
    }

    /// A person changes a message: another body, none, an emoji, a pin.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn change_message(&self, conn: ConnId, change: MessageChange) -> Result<(), Error> {
        self.offer(mailbox::ChangeMessage { conn, change })
    }

    /// A feed client opens another room.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn open_room(&self, conn: ConnId, open: request::Open) -> Result<(), Error> {
        self.offer(mailbox::OpenRoom { conn, open })
    }

    /// A person is typing.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn typing(&self, conn: ConnId, room: RoomId) -> Result<(), Error> {
        self.offer(mailbox::Typing { conn, room })
    }

    /// A person has read a room up to a seq.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn mark_read(&self, conn: ConnId, read: request::Read) -> Result<(), Error> {
        self.offer(mailbox::MarkRead { conn, read })
    }

    /// A person has become idle, or active again.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn set_idle(&self, conn: ConnId, idle: bool) -> Result<(), Error> {
        self.offer(mailbox::Idle { conn, idle })
    }
}

/// Pages and the API. Each of these is [`Error::Busy`] when ChatServer does not answer any more.
impl ChatHandle {
    /// Whether it answers: returns once it has taken everything that was asked before.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.ask(mailbox::Ping).await
    }

    /// Hands to the store what it does not have yet of what was asked before: it has it with what it is asked next.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn store_read_markers(&self) -> Result<(), Error> {
        self.ask(mailbox::StoreReadMarkers).await
    }

    /// What a page needs to draw `room`, true at one moment.
    ///
    /// # Errors
    /// [`Error::Busy`]; when the room cannot be read from the store.
    pub async fn room_snapshot(
        &self,
        room: RoomId,
        principal: Principal,
    ) -> Result<RoomSnapshot, Error> {
        self.ask(mailbox::GetRoomSnapshot { room, principal })
            .await?
    }

    /// Rooms as a person sees them; those that they may not see are left out.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn view_rooms(
        &self,
        rooms: Vec<RoomId>,
        principal: Principal,
    ) -> Result<Vec<RoomView>, Error> {
        self.ask(mailbox::ViewRooms { rooms, principal }).await
    }

    /// Does something to a room, once for each `nonce`; the answer is the room that it was done to.
    ///
    /// # Errors
    /// Why it is not done.
    pub async fn run(
        &self,
        command: Box<RoomCommand>,
        nonce: Option<Uuid>,
    ) -> Result<RoomId, Error> {
        self.ask(mailbox::RunRoomCommand { command, nonce }).await?
    }

    /// Sends a message of somebody who need not have a connection. It is stored when this returns; under a nonce that
    /// was written before the answer is the first one's.
    ///
    /// # Errors
    /// Why it is not sent.
    pub async fn post_message(&self, sender: Sender, message: NewMessage) -> Result<Acked, Error> {
        self.ask(mailbox::PostMessage { sender, message }).await?
    }

    /// As [`Self::post_message`], for a change of a message.
    ///
    /// # Errors
    /// Why it is not changed.
    pub async fn post_change(&self, sender: Sender, change: MessageChange) -> Result<Acked, Error> {
        self.ask(mailbox::PostChange { sender, change }).await?
    }

    /// Somebody who need not have a connection has read a room up to a seq.
    ///
    /// # Errors
    /// Why they may not read the room; [`Error::Busy`].
    pub async fn post_read(&self, principal: Principal, read: request::Read) -> Result<(), Error> {
        self.ask(mailbox::PostRead { principal, read }).await?
    }

    /// Stores a person's preference of a room.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotMember`], [`Error::Busy`].
    pub async fn set_preference(
        &self,
        room: RoomId,
        principal: Principal,
        preference: RoomPreference,
    ) -> Result<(), Error> {
        let set = mailbox::SetRoomPreference {
            room,
            principal,
            preference,
        };
        self.ask(set).await?
    }

    /// What a person with an invitation may know of a room.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn room_preview(&self, room: RoomId) -> Result<Option<RoomPreview>, Error> {
        self.ask(mailbox::GetRoomPreview(room)).await
    }
}

/// Changes of people and their sessions.
impl ChatHandle {
    /// The ids of the cookie sessions whose sockets are open, each once.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn open_sessions(&self) -> Result<Vec<String>, Error> {
        self.ask(mailbox::OpenSessions { of: None }).await
    }

    /// The same of one person.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn open_sessions_of(&self, person: PersonId) -> Result<Vec<String>, Error> {
        self.ask(mailbox::OpenSessions { of: Some(person) }).await
    }

    /// A person's connections at this node end, and may come back.
    pub fn close_connections(&self, of: PersonId) {
        self.notify(mailbox::CloseConnections { of });
    }

    /// A cookie session has ended: its sockets end too.
    pub fn end_session(&self, sid: String) {
        self.notify(mailbox::EndSession { sid });
    }

    /// An account was deleted: the sockets of the sessions `sids` end, and nothing in memory
    /// names them any more. It is sent twice: when they are out, and when the store has forgotten them
    /// too, for what was on its way to the store meanwhile.
    pub fn disconnect_person(&self, id: PersonId, sids: Vec<String>) {
        self.notify(mailbox::DisconnectPerson { id, sids });
    }

    /// A person has changed their name or picture.
    pub fn set_profile(&self, id: PersonId, name: String, avatar: String) {
        self.notify(mailbox::SetProfile { id, name, avatar });
    }

    /// Who is more than a member of this server now; everybody else is not.
    pub fn set_server_roles(&self, roles: HashMap<PersonId, ServerRole>) {
        self.notify(mailbox::SetServerRoles(roles));
    }

    /// A visitor who was muted in or banned from the lobby has registered an account, and has the same
    /// room role under it: the store has it already.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn inherit_lobby_role(&self, person: PersonId, role: RoomRole) -> Result<(), Error> {
        self.ask(mailbox::InheritLobbyRole { person, role }).await
    }

    /// Rooms that were deleted, by the command line too; unknown ones are ignored.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn rooms_deleted(&self, rooms: Vec<RoomDeleted>) -> Result<(), Error> {
        self.ask(mailbox::RoomsDeleted(rooms)).await
    }

    /// Messages and events before `since` (ms since 1970) have been deleted from the store in these rooms.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn have_expired(&self, since: i64, rooms: Vec<Expired>) -> Result<(), Error> {
        self.ask(mailbox::HaveExpired { since, rooms }).await
    }
}

/// The life of the process.
impl ChatHandle {
    pub(super) fn new(address: Addr<ChatServer>) -> Self {
        Self(address)
    }

    /// A worker thread's hub is ready.
    pub fn add_hub(&self, hub: HubLink) {
        self.notify(mailbox::HubReady(hub));
    }

    /// Every connection is asked to come back later, and is closed.
    pub fn shut_down(&self) {
        self.notify(mailbox::Shutdown);
    }

    /// What the store's writer calls after each commit: there are never more outcomes under way than
    /// the writer's queue admits.
    #[must_use]
    pub fn on_commit(&self) -> OnCommit {
        let chat = self.clone();
        Box::new(move |results| chat.notify(mailbox::Committed(results)))
    }

    /// Asks unless the mailbox is full.
    fn offer<M>(&self, message: M) -> Result<(), Error>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        ChatServer: Handler<M>,
    {
        self.0.try_send(message).map_err(|_full| Error::Busy)
    }

    /// Sends a message that must arrive.
    fn notify<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        ChatServer: Handler<M>,
    {
        self.0.do_send(message);
    }

    async fn ask<M>(&self, message: M) -> Result<M::Result, Error>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        ChatServer: Handler<M>,
        <ChatServer as actix::Actor>::Context: ToEnvelope<ChatServer, M>,
    {
        self.0.send(message).await.map_err(|_gone| Error::Busy)
    }
}
