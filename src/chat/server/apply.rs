//! Committed events, own and foreign ones alike: what each changes here, and who is sent what of it.

use std::time::{Duration, Instant};

use actix::Context;

use crate::chat::resequencer::{Here, Passage};
use crate::chat::server::ChatServer;
use crate::delivery::{AfterSend, ConnId, RoomBroadcast, Unicast};
use crate::model::command::RoomDeleted;
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::GoneReason;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRegistry;
use crate::protocol::feed;
use crate::text::clock;

/// What has been committed, and to whom it is to be sent.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) broadcasts: Vec<RoomBroadcast>,
    pub(super) unicasts: Vec<Unicast>,
    /// People whose connections lose the room, if they have it open, and why.
    pub(super) removed: Vec<(PersonId, RoomId, GoneReason)>,
    /// Rooms that were deleted.
    pub(super) deleted: Vec<RoomDeleted>,
}

/// A committed event.
#[derive(Debug)]
pub(super) struct Committed {
    event: Event,
    /// Whether this node has written it: what goes with it into the store is this node's to write.
    own: bool,
}

impl Committed {
    pub(super) fn own(event: Event) -> Self {
        Self { event, own: true }
    }

    pub(super) fn foreign(event: Event) -> Self {
        Self { event, own: false }
    }
}

impl ChatServer {
    /// Where a room is here.
    pub(super) fn here(registry: &RoomRegistry, room: RoomId) -> Here<'_> {
        let record = registry.get(room);
        Here {
            room,
            known: record.map(|record| (record.epoch.as_str(), record.head.seq)),
        }
    }

    /// Asks what is to become of an event. `epoch` is that of its seq, `None` for the one that the room has here.
    pub(super) fn offer(
        &mut self,
        epoch: Option<&str>,
        committed: Committed,
    ) -> Passage<Committed> {
        let (room, seq) = (committed.event.room, committed.event.seq);
        let here = Self::here(&self.registry, room);
        let epoch = epoch.or(here.known.map(|(epoch, _)| epoch));
        let bytes = committed.event.change.weight();
        self.resequencer.offer(
            here,
            epoch.unwrap_or_default(),
            seq,
            committed,
            bytes,
            Instant::now(),
        )
    }

    /// Applies an event that is the next one of its room, and those that waited for it.
    pub(super) fn pass(
        &mut self,
        passage: Passage<Committed>,
        answers: &mut Answers,
        ctx: &mut Context<Self>,
    ) -> Passage<()> {
        match passage {
            Passage::Next(committed) => {
                let room = committed.event.room;
                self.apply(committed, answers, ctx);
                if !self.resequencer.is_empty() {
                    self.drain(room, answers, ctx);
                }
                Passage::Next(())
            }
            Passage::Old => Passage::Old,
            Passage::Held => Passage::Held,
        }
    }

    /// Applies what has waited for the newest event of a room, and answers those whose acks have.
    pub(super) fn drain(&mut self, room: RoomId, answers: &mut Answers, ctx: &mut Context<Self>) {
        while let Some(next) = self.resequencer.next(Self::here(&self.registry, room)) {
            self.apply(next, answers, ctx);
        }
        let here = Self::here(&self.registry, room);
        for (request, ack) in self.resequencer.settle(here, Instant::now()) {
            self.answer(request, Ok(ack), answers);
        }
    }

    /// Sends what is to be sent.
    pub(super) fn deliver(&mut self, answers: Answers, ctx: &mut Context<Self>) {
        self.fanout.send(&answers.broadcasts, answers.unicasts);
        for (id, room, reason) in answers.removed {
            let hears = |conn: &&ConnId| {
                let connection = self.connections.get(conn);
                connection.is_some_and(|connection| connection.principal.reaches(room))
            };
            let conns = self.presence.connections_of(id).iter();
            for conn in conns.filter(hears).copied().collect::<Vec<_>>() {
                self.unsubscribe(conn, room, reason, ctx);
            }
        }
        for deleted in answers.deleted {
            self.remove_room(&deleted, ctx);
        }
    }

    /// Applies one event, wherever it matters.
    fn apply(&mut self, committed: Committed, answers: &mut Answers, ctx: &mut Context<Self>) {
        let Committed { event, own } = committed;
        let less = self.registry.apply(&event);
        let room = event.room;
        match &event.change {
            EventContent::Message(message) => {
                if !own {
                    let age = clock::now_ms().saturating_sub(message.at);
                    let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
                    self.rates_of(message.by.bot).charge(message.by.id, age);
                }
                if let Some(live_room) = self.live_rooms.get_mut(&room) {
                    live_room.typing.remove(message.by.id);
                }
                self.count_said(message, ctx);
                answers.unicasts.extend(self.mark_author_read(
                    room,
                    message.by.id,
                    message.at,
                    own,
                    ctx,
                ));
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
        self.polls.wake(self.registry.get(room));
        if let Some(live_room) = self.live_rooms.get_mut(&room) {
            // A room that was read from the store meanwhile holds it already.
            if event.seq > live_room.room.head() {
                let frames = live_room.room.apply(event);
                // A hub that has nobody in the room would be woken for nothing.
                if live_room.ids_in > 0 {
                    answers.broadcasts.push(RoomBroadcast { room, frames });
                }
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
        for to in self.feeds_of(id, room) {
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
    pub(super) fn send_view_to_all(&self, room: RoomId, answers: &mut Answers) {
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
