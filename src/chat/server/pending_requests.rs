//! Where pages and the API ask: for snapshots of rooms, and for commands.
//!
//! A room command takes the path of a message: command, store, event. Its sender waits for the answer here, in
//! the place of a connection. Bounded by the requests under way.

use std::collections::HashMap;

use actix::{Context, Handler, MessageResult, ResponseFuture};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::chat::mailbox::{
    FindPerson, GetOnline, GetPersonPresence, GetPresence, GetRoomPresence, GetRoomPreview,
    GetRoomSnapshot, InheritLobbyRole, PostChange, PostMessage, PostRead, RunRoomCommand,
    SetRoomPreference, ViewRooms,
};
use crate::chat::requests::{
    Acked, Online, PersonPlace, PersonPresence, RoomPreview, RoomSnapshot,
};
use crate::chat::server::ChatServer;
use crate::chat::server::subscriptions::Waiting;
use crate::chat::server::views::picture_of;
use crate::delivery::ConnId;
use crate::error::Error;
use crate::model::command::Command;
use crate::model::message::LOBBY;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::view::{Presence, PresenceStatus, RoomView};
use crate::store::backend::RequestId;

/// The hub number of askers: no worker thread has it.
const DESK: u16 = u16::MAX;

/// Those who wait for the outcome of a command.
#[derive(Debug, Default)]
pub(super) struct PendingRequests {
    waiting: HashMap<ConnId, oneshot::Sender<Result<Acked, Error>>>,
    next: u64,
}

impl PendingRequests {
    /// A number for somebody who waits.
    fn take(&mut self, answer: oneshot::Sender<Result<Acked, Error>>) -> ConnId {
        self.next += 1;
        let id = ConnId::new(DESK, self.next);
        self.waiting.insert(id, answer);
        id
    }

    /// Answers whoever waits under `id`; gives the answer back when nobody does.
    pub(super) fn answer(
        &mut self,
        id: ConnId,
        answer: Result<Acked, Error>,
    ) -> Option<Result<Acked, Error>> {
        match self.waiting.remove(&id) {
            Some(waiting) => {
                let _nobody = waiting.send(answer);
                None
            }
            None => Some(answer),
        }
    }
}

impl ChatServer {
    /// A snapshot of a room that is in memory, as `principal` sees it; without one, or when they may not
    /// see it, the lobby as seen from outside.
    pub(super) fn snapshot(&self, room: RoomId, principal: &Principal) -> RoomSnapshot {
        let rooms = self.views(principal);
        match (self.view(room, principal), self.live_rooms.get(&room)) {
            (Some(view), Some(live_room)) => RoomSnapshot {
                found: true,
                room: view,
                rooms,
                messages: live_room.room.page().cloned().collect(),
                presence: self.presence_of(room),
            },
            _ => RoomSnapshot {
                found: false,
                room: self.lobby_from_outside(principal),
                rooms,
                messages: Vec::new(),
                presence: Presence {
                    room: LOBBY,
                    people: 0,
                    connections: 0,
                    who: Some(Vec::new()),
                    stale: false,
                },
            },
        }
    }

    /// Gives a command to the store; the outcome is answered when it is known.
    fn submit_and_wait(
        &mut self,
        nonce: Option<Uuid>,
        command: Command,
    ) -> ResponseFuture<Result<Acked, Error>> {
        let (answer, answered) = oneshot::channel();
        let asker = self.pending_requests.take(answer);
        let request = RequestId {
            connection: asker.to_raw(),
            nonce,
        };
        if let Err(error) = self.store.writer().submit(request, command) {
            let _answered = self.pending_requests.answer(asker, Err(error.into()));
        }
        Box::pin(async move { answered.await.unwrap_or(Err(Error::Busy)) })
    }

    /// Has a command of a page or the API done; a refused one may have been written before.
    fn submit_or_find(
        &mut self,
        by: PersonId,
        nonce: Option<Uuid>,
        command: Result<Command, Error>,
    ) -> ResponseFuture<Result<Acked, Error>> {
        match command {
            Ok(command) => self.submit_and_wait(nonce, command),
            Err(error) => {
                let store = self.store.clone();
                Box::pin(async move { Ok(store.written_or(by, nonce, error).await?.into()) })
            }
        }
    }

    /// Whether a page or the API waits for the outcome of a request, and no connection.
    pub(super) fn is_asked_for(&self, request: RequestId) -> bool {
        let asker = ConnId::from_raw(request.connection);
        self.pending_requests.waiting.contains_key(&asker)
    }

    /// Whether `principal` may read `room`.
    fn sees(&self, room: RoomId, principal: &Principal) -> Result<RoomView, Error> {
        self.view(room, principal).ok_or(Error::NotFound)
    }
}

impl Handler<RunRoomCommand> for ChatServer {
    type Result = ResponseFuture<Result<RoomId, Error>>;

    fn handle(&mut self, wanted: RunRoomCommand, _ctx: &mut Context<Self>) -> Self::Result {
        let done = self.submit_and_wait(wanted.nonce, Command::Room(wanted.command));
        Box::pin(async { Ok(done.await?.ack.room) })
    }
}

impl Handler<PostMessage> for ChatServer {
    type Result = ResponseFuture<Result<Acked, Error>>;

    fn handle(&mut self, post: PostMessage, _ctx: &mut Context<Self>) -> Self::Result {
        let PostMessage { sender, message } = post;
        let (by, nonce) = (sender.principal.id(), message.nonce);
        let command = self.new_message(sender, message);
        self.submit_or_find(by, nonce, command)
    }
}

impl Handler<PostChange> for ChatServer {
    type Result = ResponseFuture<Result<Acked, Error>>;

    fn handle(&mut self, post: PostChange, _ctx: &mut Context<Self>) -> Self::Result {
        let PostChange { sender, change } = post;
        let (by, nonce) = (sender.principal.id(), change.nonce);
        let command = self.new_change(sender, change);
        self.submit_or_find(by, nonce, command)
    }
}

impl Handler<PostRead> for ChatServer {
    type Result = Result<(), Error>;

    fn handle(&mut self, post: PostRead, ctx: &mut Context<Self>) -> Self::Result {
        let PostRead { principal, read } = post;
        self.authorize(&principal, read.room, Action::MarkRead)?;
        let id = principal.id();
        // A visitor's is known while they are here, and nowhere kept.
        if id.is_user() || self.presence.here(id) != PresenceStatus::Off {
            self.read(id, &read, ctx);
        }
        Ok(())
    }
}

impl Handler<GetRoomSnapshot> for ChatServer {
    type Result = ResponseFuture<Result<RoomSnapshot, Error>>;

    fn handle(&mut self, look: GetRoomSnapshot, ctx: &mut Context<Self>) -> Self::Result {
        let GetRoomSnapshot { room, principal } = look;
        let is_seen = self.sees(room, &principal).is_ok();
        if self.live_rooms.contains_key(&room) && is_seen || !is_seen && !self.settings.clustered {
            let snapshot = self.snapshot(room, &principal);
            return Box::pin(async { Ok(snapshot) });
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting::Snapshot(principal, answer);
        if is_seen {
            self.load_room(room, waiting, ctx);
        } else {
            self.look_again(room, waiting, ctx);
        }
        Box::pin(async move { answered.await.unwrap_or(Err(Error::Busy)) })
    }
}

impl Handler<ViewRooms> for ChatServer {
    type Result = MessageResult<ViewRooms>;

    fn handle(&mut self, ask: ViewRooms, _ctx: &mut Context<Self>) -> Self::Result {
        let rooms = ask.rooms.iter();
        let views = rooms.filter_map(|room| self.view(*room, &ask.principal));
        MessageResult(views.collect())
    }
}

impl Handler<GetRoomPresence> for ChatServer {
    type Result = Result<Presence, Error>;

    fn handle(&mut self, who: GetRoomPresence, _ctx: &mut Context<Self>) -> Self::Result {
        self.sees(who.room, &who.principal)?;
        Ok(self.presence_with(who.room, who.limit))
    }
}

impl Handler<FindPerson> for ChatServer {
    type Result = Option<Person>;

    fn handle(&mut self, find: FindPerson, _ctx: &mut Context<Self>) -> Self::Result {
        self.presence
            .get(find.0)
            .map(|person| Person::clone(person))
    }
}

impl Handler<GetRoomPreview> for ChatServer {
    type Result = Option<RoomPreview>;

    fn handle(&mut self, glance: GetRoomPreview, _ctx: &mut Context<Self>) -> Self::Result {
        let record = self.registry.get(glance.0)?;
        Some(RoomPreview {
            name: record.settings.name.clone(),
            avatar: picture_of(glance.0),
            members: record.members(),
        })
    }
}

impl Handler<GetPresence> for ChatServer {
    type Result = MessageResult<GetPresence>;

    fn handle(&mut self, ask: GetPresence, _ctx: &mut Context<Self>) -> Self::Result {
        let here = ask.0.iter().map(|id| self.presence.here(*id));
        MessageResult(here.collect())
    }
}

impl ChatServer {
    fn places_of(&self, person: PersonId) -> Vec<PersonPlace> {
        let places = self.presence.places_of(person, self.settings.boot);
        let places = places.map(|(boot, connections, idle)| PersonPlace {
            boot,
            connections,
            idle,
        });
        places.collect()
    }
}

impl Handler<GetPersonPresence> for ChatServer {
    type Result = MessageResult<GetPersonPresence>;

    fn handle(&mut self, ask: GetPersonPresence, _ctx: &mut Context<Self>) -> Self::Result {
        MessageResult(PersonPresence {
            here: self.presence.here(ask.0),
            places: self.places_of(ask.0),
            stale: self.presence.is_stale(),
        })
    }
}

impl Handler<GetOnline> for ChatServer {
    type Result = MessageResult<GetOnline>;

    fn handle(&mut self, ask: GetOnline, _ctx: &mut Context<Self>) -> Self::Result {
        let some = self.presence.page(ask.after, ask.limit).into_iter();
        MessageResult(Online {
            people: self.presence.people(),
            connections: self.presence.connections(),
            stale: self.presence.is_stale(),
            some: some
                .map(|here| {
                    let places = self.places_of(here.person.id);
                    (here, places)
                })
                .collect(),
        })
    }
}

impl Handler<SetRoomPreference> for ChatServer {
    type Result = Result<(), Error>;

    fn handle(&mut self, set: SetRoomPreference, ctx: &mut Context<Self>) -> Self::Result {
        self.sees(set.room, &set.principal)?;
        let done = self.set_preference(set.room, set.principal.id(), set.preference, ctx);
        done.then_some(()).ok_or(Error::NotMember)
    }
}

impl Handler<InheritLobbyRole> for ChatServer {
    type Result = ();

    fn handle(
        &mut self,
        InheritLobbyRole { person, role }: InheritLobbyRole,
        _ctx: &mut Context<Self>,
    ) {
        if let Some(membership) = self.registry.membership_mut(LOBBY, person) {
            membership.room_role = role;
        }
    }
}
