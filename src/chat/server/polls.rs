//! Programs that wait for events by a call: each is told once that there may be something for it, and asks again.
//!
//! Nothing is kept for them here but that they wait: what they hear is read from the store, from where their cursor is.
//! Who waits for nothing costs nothing. Bound: [`WAITING`].

use std::collections::HashMap;

use actix::{Context, Handler};
use tokio::sync::oneshot;

use crate::chat::mailbox::WaitForEvents;
use crate::chat::requests::{HeardRoom, Wake};
use crate::chat::server::ChatServer;
use crate::error::Error;
use crate::model::event_cursor::epoch_mark;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRecord;

/// Programs that wait at this node at most. Each event looks whether it is for one of them.
const WAITING: usize = 500;

/// Those who wait, by what their calls are known by.
#[derive(Debug, Default)]
pub(super) struct Polls(HashMap<String, Poll>);

#[derive(Debug)]
struct Poll {
    principal: Principal,
    wake: oneshot::Sender<Wake>,
}

impl Polls {
    /// Somebody waits. Whoever waits under the same name is told that it has been taken over: a program that lost its
    /// line and comes again is not kept out by itself.
    fn wait(&mut self, by: String, poll: Poll) -> Result<(), Error> {
        if self.0.len() >= WAITING && !self.0.contains_key(&by) {
            self.forget_gone();
            if self.0.len() >= WAITING {
                return Err(Error::Busy);
            }
        }
        if let Some(before) = self.0.insert(by, poll) {
            let _gone = before.wake.send(Wake::TakenOver);
        }
        Ok(())
    }

    /// Something has happened in a room.
    pub(super) fn wake(&mut self, room: Option<&RoomRecord>) {
        let Some(room) = room.filter(|_| !self.0.is_empty()) else {
            return;
        };
        for (_, poll) in self.0.extract_if(|_, poll| hears(room, &poll.principal)) {
            let _gone = poll.wake.send(Wake::Happened);
        }
    }

    /// The server goes down: nobody waits any longer.
    pub(super) fn end(&mut self) {
        for (_, poll) in self.0.drain() {
            let _gone = poll.wake.send(Wake::GoingDown);
        }
    }

    /// Forgets those whose time is up.
    pub(super) fn forget_gone(&mut self) {
        self.0.retain(|_, poll| !poll.wake.is_closed());
    }
}

/// Whether a program hears a room: it may read it, and is in it or its token names it.
fn hears(room: &RoomRecord, principal: &Principal) -> bool {
    let is_in = room.kind == RoomKind::Lobby
        || room.role(principal.id()).is_some_and(RoomRole::is_in)
        || named(principal).contains(&room.id);
    is_in && room.authorize(principal, Action::Read).is_ok()
}

/// The rooms that a token names.
fn named(principal: &Principal) -> &[RoomId] {
    let grant = principal.grant.as_ref();
    let rooms = grant.and_then(|grant| grant.rooms.as_deref());
    rooms.unwrap_or_default()
}

impl ChatServer {
    fn heard_rooms(&self, principal: &Principal) -> Vec<HeardRoom> {
        let mut rooms = vec![LOBBY];
        rooms.extend(self.registry.of(principal.id()));
        rooms.extend(named(principal));
        rooms.sort_unstable();
        rooms.dedup();
        let rooms = rooms.into_iter().filter_map(|room| self.registry.get(room));
        let heard = rooms.filter(|room| hears(room, principal));
        heard.map(|room| self.heard_room(room, principal)).collect()
    }

    fn heard_room(&self, room: &RoomRecord, principal: &Principal) -> HeardRoom {
        let with: Vec<_> = self.company(room, principal.id()).collect();
        let settings = self.settings(room, &with, principal.lang);
        HeardRoom {
            id: room.id,
            kind: room.kind,
            name: settings.name.clone(),
            epoch: epoch_mark(&room.epoch).to_owned(),
            head: room.head.seq,
            begin: room.begin.seq,
        }
    }
}

impl Handler<WaitForEvents> for ChatServer {
    type Result = Result<Vec<HeardRoom>, Error>;

    fn handle(&mut self, ask: WaitForEvents, _ctx: &mut Context<Self>) -> Self::Result {
        let WaitForEvents {
            by,
            principal,
            wake,
        } = ask;
        let rooms = self.heard_rooms(&principal);
        self.polls.wait(by, Poll { principal, wake })?;
        Ok(rooms)
    }
}
