//! The way out: from what the store has committed to the broadcast for everybody and the answer for the
//! sender.

use actix::Context;

use crate::chat::server::ChatServer;
use crate::delivery::{AfterSend, ConnId, RoomBroadcast, Unicast};
use crate::error::Error;
use crate::model::command::{Ack, Outcome, RoomDeleted};
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::GoneReason;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::feed;
use crate::store::writer::WriteResult;
use crate::{audit, telemetry};

/// What the store has answered, and to whom it is to be sent.
#[derive(Default)]
struct Answers {
    broadcasts: Vec<RoomBroadcast>,
    unicasts: Vec<Unicast>,
    /// People whose connections lose the room, if they have it open, and why.
    removed: Vec<(PersonId, RoomId, GoneReason)>,
    /// Rooms that were deleted.
    deleted: Vec<RoomDeleted>,
}

impl ChatServer {
    /// Applies what the store has committed, and sends broadcasts to the rooms and an ack to each sender.
    pub(super) fn commit(&mut self, outcomes: Vec<WriteResult>, ctx: &mut Context<Self>) {
        let mut answers = Answers::default();
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
                    self.apply_event(event, &mut answers, ctx);
                    Ok(ack)
                }
                Ok(Outcome::Events {
                    room,
                    created,
                    events,
                }) => {
                    if let Some(created) = created {
                        self.registry.add_created(created);
                    }
                    let last = events.last();
                    let ack = Ack {
                        room,
                        id: MessageId(0),
                        seq: last.map_or(Seq(0), |event| event.seq),
                        at: last.map_or(0, |event| event.change.at()),
                    };
                    for event in events {
                        self.apply_event(event, &mut answers, ctx);
                    }
                    Ok(ack)
                }
                Ok(Outcome::Deleted(deleted)) => {
                    let ack = Ack {
                        room: deleted.room,
                        ..Ack::default()
                    };
                    answers.deleted.push(deleted);
                    Ok(ack)
                }
                Ok(Outcome::Repeated(ack)) => Ok(ack),
                Ok(Outcome::Refused(error)) => Err(error),
                Err(_store) => Err(Error::NotSaved),
            };
            let room = acked.as_ref().map(|ack| ack.room).map_err(Error::clone);
            if self.pending_requests.answer(to, room) {
                continue;
            }
            match acked {
                Ok(ack) => answers.unicasts.extend(request.nonce.map(|nonce| Unicast {
                    to,
                    frames: feed::ack(nonce, &ack),
                    after: AfterSend::Nothing,
                })),
                Err(error) => answers
                    .unicasts
                    .extend(self.refusal(to, &error, request.nonce)),
            }
        }
        self.fanout.send(&answers.broadcasts, answers.unicasts);
        for (id, room, reason) in answers.removed {
            for conn in self.presence.connections_of(id).to_vec() {
                self.unsubscribe(conn, room, reason, ctx);
            }
        }
        for deleted in answers.deleted {
            self.remove_room(&deleted, ctx);
        }
    }

    /// Applies one event, wherever it matters.
    fn apply_event(&mut self, event: Event, answers: &mut Answers, ctx: &mut Context<Self>) {
        telemetry::event();
        audit::happened(&event);
        if self.registry.get(event.room).is_none() {
            // The command line has deleted the room since.
            return;
        }
        let less = self.registry.apply(&event);
        let room = event.room;
        match &event.change {
            EventContent::Message(message) => {
                if let Some(live_room) = self.live_rooms.get_mut(&room) {
                    live_room.typing.remove(message.by.id);
                }
                self.count_said(message, ctx);
                answers
                    .unicasts
                    .extend(self.mark_own_read(room, message.by.id, ctx));
            }
            EventContent::Membership {
                change,
                who,
                room_role,
                by,
                ..
            } => {
                self.membership_changed(room, *change, who, *room_role, answers);
                if *change == MembershipChange::Transfer {
                    self.send_view(room, by.id, answers);
                }
                self.schedule_presence(room, ctx);
            }
            EventContent::Settings { .. } => self.send_view_to_all(room, answers),
            EventContent::Recalled { .. }
            | EventContent::Edited { .. }
            | EventContent::FileTaken { .. } => {
                self.count_changed(&event, less, ctx);
            }
            EventContent::Reacted { .. } | EventContent::Pinned { .. } => {}
        }
        if let Some(live_room) = self.live_rooms.get_mut(&room) {
            // A room that was read from the store meanwhile holds it already.
            if event.seq > live_room.room.head() {
                let frames = live_room.room.apply(event);
                answers.broadcasts.push(RoomBroadcast { room, frames });
                self.head_changed(room, ctx);
            }
        } else {
            self.buffer_while_loading(&event);
        }
    }

    /// A person's membership has changed: all of their connections are notified.
    fn membership_changed(
        &self,
        room: RoomId,
        change: MembershipChange,
        who: &Person,
        room_role: Option<RoomRole>,
        answers: &mut Answers,
    ) {
        let reason = match change {
            MembershipChange::Ban => GoneReason::Banned,
            MembershipChange::Remove => GoneReason::Removed,
            _ => GoneReason::Left,
        };
        match room_role {
            // The others see this person in a direct room's name.
            Some(_) if self.is_direct(room) => self.send_view_to_all(room, answers),
            Some(room_role) if room_role.is_in() => self.send_view(room, who.id, answers),
            Some(_) => answers.removed.push((who.id, room, reason)),
            // Whoever is no longer banned was not in the room, and loses nothing.
            None if change != MembershipChange::Unban => {
                answers.removed.push((who.id, room, reason))
            }
            None => {}
        }
    }

    fn is_direct(&self, room: RoomId) -> bool {
        let record = self.registry.get(room);
        record.is_some_and(|record| record.kind == RoomKind::Direct)
    }

    /// Sends one person a room as it is for them now.
    fn send_view(&self, room: RoomId, id: PersonId, answers: &mut Answers) {
        for to in self.feeds_of(id) {
            let connection = self.connections.get(&to);
            let view = connection.and_then(|connection| self.view(room, &connection.principal));
            answers.unicasts.extend(view.map(|view| Unicast {
                to,
                frames: feed::rooms(&[view]),
                after: AfterSend::Nothing,
            }));
        }
    }

    /// Shows connections all of their rooms, and the one that is open, as they are for them now.
    pub(super) fn send_views(&self, conns: &[ConnId]) {
        let mut unicasts = Vec::with_capacity(conns.len());
        for to in conns {
            let Some(connection) = self
                .connections
                .get(to)
                .filter(|connection| connection.feed)
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
            unicasts.push(Unicast {
                to: *to,
                frames: feed::rooms(&views),
                after: AfterSend::Nothing,
            });
        }
        self.fanout.send(&[], unicasts);
    }

    /// Sends everybody in a room the room as it is for them now.
    fn send_view_to_all(&self, room: RoomId, answers: &mut Answers) {
        let Some(record) = self.registry.get(room) else {
            return;
        };
        if room == LOBBY {
            let ids: std::collections::HashSet<PersonId> = self
                .connections
                .values()
                .map(|connection| connection.principal.id())
                .collect();
            for id in ids {
                self.send_view(room, id, answers);
            }
            return;
        }
        let non_members = self.live_rooms.get(&room).into_iter();
        let non_members = non_members.flat_map(|live_room| live_room.non_members.keys());
        for id in record.memberships.keys().chain(non_members) {
            self.send_view(room, *id, answers);
        }
    }
}
