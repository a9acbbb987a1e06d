//! The way out: from what the store has committed to the broadcast for everybody and the answer for the
//! sender.

use crate::chat::server::ChatServer;
use crate::delivery::{AfterSend, ConnId, RoomBroadcast, Unicast};
use crate::error::Error;
use crate::model::command::{Ack, Outcome, RoomDeleted};
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::GoneReason;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::protocol::feed;
use crate::store::writer::WriteResult;
use crate::{audit, telemetry};
use actix::Context;

/// What the store has said, and whom it is to be told.
#[derive(Default)]
struct Told {
    news: Vec<RoomBroadcast>,
    tells: Vec<Unicast>,
    /// Connections that lose the room that they hear.
    losers: Vec<(PersonId, i64, GoneReason)>,
    /// Rooms that are no more.
    deleted: Vec<RoomDeleted>,
}

impl ChatServer {
    /// Applies what the store has committed, and tells everybody and each sender.
    pub(super) fn commit(&mut self, outcomes: Vec<WriteResult>, ctx: &mut Context<Self>) {
        let mut told = Told::default();
        for (request, result) in outcomes {
            let to = ConnId::from_raw(request.connection);
            let acked = match result {
                Ok(Outcome::Event(event)) => {
                    let ack = Ack {
                        room: event.room,
                        id: event.change.message().unwrap_or_default(),
                        seq: event.seq,
                        at: event.change.at(),
                    };
                    self.take_in(event, &mut told, ctx);
                    Ok(ack)
                }
                Ok(Outcome::Events { room, made, events }) => {
                    if let Some(made) = made {
                        self.directory.make(made);
                    }
                    let last = events.last();
                    let ack = Ack {
                        room,
                        id: 0,
                        seq: last.map_or(0, |event| event.seq),
                        at: last.map_or(0, |event| event.change.at()),
                    };
                    for event in events {
                        self.take_in(event, &mut told, ctx);
                    }
                    Ok(ack)
                }
                Ok(Outcome::Deleted(deleted)) => {
                    let ack = Ack {
                        room: deleted.room,
                        ..Ack::default()
                    };
                    told.deleted.push(deleted);
                    Ok(ack)
                }
                Ok(Outcome::Repeated(ack)) => Ok(ack),
                Ok(Outcome::Refused(error)) => Err(error),
                Err(_store) => Err(Error::NotSaved),
            };
            let room = acked.as_ref().map(|ack| ack.room).map_err(Error::clone);
            if self.desk.answer(to, room) {
                continue;
            }
            match acked {
                Ok(ack) => told.tells.extend(request.nonce.map(|nonce| Unicast {
                    to,
                    frames: feed::ack(nonce, &ack),
                    then: AfterSend::Nothing,
                })),
                Err(error) => told.tells.extend(self.refusal(to, &error, request.nonce)),
            }
        }
        self.fanout.send(&told.news, told.tells);
        for (id, room, reason) in told.losers {
            for conn in self.presence.connections_of(id).to_vec() {
                self.hush(conn, room, reason, ctx);
            }
        }
        for deleted in told.deleted {
            self.take_away(&deleted, ctx);
        }
    }

    /// Takes in one event, wherever it matters.
    fn take_in(&mut self, event: Event, told: &mut Told, ctx: &mut Context<Self>) {
        telemetry::event();
        audit::happened(&event);
        if self.directory.get(event.room).is_none() {
            // The command line has deleted the room since.
            return;
        }
        let less = self.directory.apply(&event);
        let room = event.room;
        match &event.change {
            EventContent::Said(message) => {
                if let Some(hall) = self.halls.get_mut(&room) {
                    hall.typing.remove(message.by.id);
                }
                self.count_said(message, ctx);
                told.tells.extend(self.spoke(room, message.by.id, ctx));
            }
            EventContent::Member {
                turn,
                who,
                standing,
                by,
                ..
            } => {
                self.turned(room, *turn, who, *standing, told);
                if *turn == MembershipChange::Transfer {
                    self.show_again(room, by.id, told);
                }
                self.stir_presence(room, ctx);
            }
            EventContent::About { .. } => self.show_all(room, told),
            EventContent::Recalled { .. } | EventContent::Edited { .. } => {
                self.count_changed(&event, less, ctx);
            }
            EventContent::Reacted { .. } | EventContent::Pinned { .. } => {}
        }
        if let Some(hall) = self.halls.get_mut(&room) {
            // What was committed while it was read from the store is in it already.
            if event.seq > hall.room.head() {
                let frames = hall.room.apply(event);
                told.news.push(RoomBroadcast { room, frames });
                self.head_changed(room, ctx);
            }
        } else {
            self.keep_for_reading(&event);
        }
    }

    /// Somebody's standing has changed: he is told, wherever he is.
    fn turned(
        &self,
        room: i64,
        turn: MembershipChange,
        who: &Person,
        standing: Option<RoomRole>,
        told: &mut Told,
    ) {
        let reason = match turn {
            MembershipChange::Ban => GoneReason::Banned,
            MembershipChange::Remove => GoneReason::Removed,
            _ => GoneReason::Left,
        };
        match standing {
            // The others see him in a direct room's name.
            Some(_) if self.is_direct(room) => self.show_all(room, told),
            Some(standing) if standing.is_in() => self.show_again(room, who.id, told),
            Some(_) => told.losers.push((who.id, room, reason)),
            // Whoever was banned and is not any more has lost nothing.
            None if turn != MembershipChange::Unban => told.losers.push((who.id, room, reason)),
            None => {}
        }
    }

    fn is_direct(&self, room: i64) -> bool {
        let entry = self.directory.get(room);
        entry.is_some_and(|entry| entry.kind == RoomKind::Direct)
    }

    /// Shows a room to one person as it is for him now.
    fn show_again(&self, room: i64, id: PersonId, told: &mut Told) {
        for to in self.feeds_of(id) {
            let connection = self.sessions.get(&to);
            let view = connection.and_then(|connection| self.view(room, &connection.principal));
            told.tells.extend(view.map(|view| Unicast {
                to,
                frames: feed::rooms(&[view]),
                then: AfterSend::Nothing,
            }));
        }
    }

    /// Shows connections all of their rooms, and the one that is open, as they are for them now.
    pub(super) fn show_rooms(&self, conns: &[ConnId]) {
        let mut tells = Vec::with_capacity(conns.len());
        for to in conns {
            let Some(connection) = self.sessions.get(to).filter(|connection| connection.feed)
            else {
                continue;
            };
            let viewer = &connection.principal;
            let mut views = self.views(viewer);
            if let Some(open) = connection.open
                && !views.iter().any(|view| view.id == open)
            {
                views.extend(self.view(open, viewer));
            }
            tells.push(Unicast {
                to: *to,
                frames: feed::rooms(&views),
                then: AfterSend::Nothing,
            });
        }
        self.fanout.send(&[], tells);
    }

    /// Shows a room to everybody who is in it, as it is for him now.
    fn show_all(&self, room: i64, told: &mut Told) {
        let Some(entry) = self.directory.get(room) else {
            return;
        };
        if room == LOBBY {
            let ids: std::collections::HashSet<PersonId> = self
                .sessions
                .values()
                .map(|connection| connection.principal.id())
                .collect();
            for id in ids {
                self.show_again(room, id, told);
            }
            return;
        }
        let lookers = self.halls.get(&room).into_iter();
        let lookers = lookers.flat_map(|hall| hall.lookers.keys());
        for id in entry.seats.keys().chain(lookers) {
            self.show_again(room, *id, told);
        }
    }
}
