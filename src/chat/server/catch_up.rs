//! Reading what this node has not heard: holes in the events of a room, and rooms that are too far behind.
//!
//! The [resequencer](crate::chat::resequencer) says what is to be read and when. A room that is read anew is what
//! the store has: everybody who has it open gets one `reset`, as a client does that missed too much.

use std::collections::HashMap;
use std::time::Instant;

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use crate::chat::resequencer::{Brought, Read};
use crate::chat::ring;
use crate::chat::server::ChatServer;
use crate::chat::server::apply::{Answers, Committed};
use crate::delivery::{EncodedFrames, RoomBroadcast};
use crate::error::Error;
use crate::model::event::Event;
use crate::model::membership::{GoneReason, RoomRole};
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRecord;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError};
use crate::store::queries::catch_up;
use crate::telemetry;

/// The timer of the reads, and what happens to rooms while they are read.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// When the next timer runs out.
    timer: Option<Instant>,
    /// Rooms that are being read anew: up to which id messages, and up to which time changes, have expired meanwhile.
    expired: HashMap<RoomId, Option<(MessageId, i64)>>,
}

impl CatchUp {
    /// Messages up to the id `last` and changes before `since` are gone from a room.
    pub(super) fn expire(&mut self, room: RoomId, last: MessageId, since: i64) {
        if let Some(expired) = self.expired.get_mut(&room) {
            let (before, time) = expired.unwrap_or_default();
            *expired = Some((before.max(last), time.max(since)));
        }
    }
}

impl ChatServer {
    /// Has what is missing read when its time has come.
    pub(super) fn catch_up_soon(&mut self, ctx: &mut Context<Self>) {
        let Some(wake) = self.resequencer.wake() else {
            return;
        };
        if self.catch_up.timer.is_some_and(|timer| timer <= wake) {
            return;
        }
        self.catch_up.timer = Some(wake);
        let wait = wake.saturating_duration_since(Instant::now());
        ctx.run_later(wait, |server, ctx| server.catch_up(ctx));
    }

    fn catch_up(&mut self, ctx: &mut Context<Self>) {
        self.catch_up.timer = None;
        for read in self.resequencer.due(Instant::now()) {
            match read {
                Read::Hole(room, after, to) => self.read_hole(room, after, to, ctx),
                Read::Room(room) => self.read_room(room, ctx),
            }
        }
        self.catch_up_soon(ctx);
    }

    fn read_hole(&self, room: RoomId, after: Seq, to: Seq, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let epoch = self.registry.get(room).map(|record| record.epoch.clone());
        let reading = async move {
            let read = move |db: &mut dyn Db| catch_up::events_between(db, room, after, to);
            store.read(read).await
        };
        ctx.spawn(
            wrap_future(reading).map(move |read, server: &mut Self, ctx| {
                let mut answers = Answers::default();
                let brought = match read {
                    Ok(events) => {
                        telemetry::cluster::hole("store");
                        server.fill(epoch.as_deref(), events, &mut answers, ctx);
                        Brought::Events(to)
                    }
                    Err(error) => unread(room, &error),
                };
                server.have_caught_up(room, brought, answers, ctx);
            }),
        );
    }

    fn fill(
        &mut self,
        epoch: Option<&str>,
        events: Vec<Event>,
        answers: &mut Answers,
        ctx: &mut Context<Self>,
    ) {
        for event in events {
            let passage = self.offer(epoch, Committed::foreign(event));
            self.pass(passage, answers, ctx);
        }
    }

    fn read_room(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let before = self.registry.get(room);
        let epoch = before.map_or_else(String::new, |record| record.epoch.clone());
        let before = before.map(|record| record.memberships.clone());
        let before = before.unwrap_or_default();
        let moved = self.read_markers.moved_in(room);
        let kept = self.live_rooms.get(&room).map(|live_room| {
            let kept = [live_room.room.capacity(), ring::EVENTS];
            let [messages, events] = kept.map(|kept| i64::try_from(kept).unwrap_or(i64::MAX));
            (messages, events)
        });
        self.catch_up.expired.insert(room, None);
        let reading = async move {
            let read = move |db: &mut dyn Db| {
                let amend = |record: &mut RoomRecord| {
                    if record.epoch == epoch {
                        record.keep_marks(&before, |id| moved.contains(&id));
                    }
                };
                catch_up::room(db, room, amend, kept)
            };
            store.read(read).await
        };
        ctx.spawn(
            wrap_future(reading).map(move |read, server: &mut Self, ctx| {
                let expired = server.catch_up.expired.remove(&room).flatten();
                let mut answers = Answers::default();
                let brought = match read {
                    // It has been opened meanwhile.
                    Ok(Some(read))
                        if read.newest.is_none() && server.live_rooms.contains_key(&room) =>
                    {
                        return server.read_room(room, ctx);
                    }
                    Ok(Some(read)) => {
                        server.renew(room, read, expired, &mut answers, ctx);
                        Brought::Room
                    }
                    Ok(None) => return server.is_gone(room, ctx),
                    Err(error) => unread(room, &error),
                };
                server.have_caught_up(room, brought, answers, ctx);
            }),
        );
    }

    fn have_caught_up(
        &mut self,
        room: RoomId,
        brought: Brought,
        mut answers: Answers,
        ctx: &mut Context<Self>,
    ) {
        let here = Self::here(&self.registry, room);
        self.resequencer.have_read(here, brought, Instant::now());
        self.drain(room, &mut answers, ctx);
        self.deliver(answers, ctx);
        self.catch_up_soon(ctx);
    }

    /// There is no such room in the store: what waited for it does so in vain.
    fn is_gone(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let mut answers = Answers::default();
        for (request, ack) in self.resequencer.forget(room) {
            self.answer(request, Ok(ack), &mut answers);
        }
        self.deliver(answers, ctx);
        self.catch_up_soon(ctx);
    }

    /// Puts a room as the store has it in the place of what is known of it, unless that is as new.
    fn renew(
        &mut self,
        room: RoomId,
        read: catch_up::Room,
        expired: Option<(MessageId, i64)>,
        answers: &mut Answers,
        ctx: &mut Context<Self>,
    ) {
        let catch_up::Room { mut record, newest } = read;
        let before = self.registry.get(room);
        let renumbered = before.is_some_and(|before| before.epoch != record.epoch);
        let mut moved_back = Vec::new();
        if let Some(before) = before.filter(|_| !renumbered) {
            if record.head.seq <= before.head.seq {
                return;
            }
            // A fresh page is only for who has missed too much; the rest is read as a hole.
            let here = Self::here(&self.registry, room);
            if self.resequencer.has_come_near(here, record.head.seq) {
                let (epoch, head) = (record.epoch.as_str(), record.head.seq);
                self.resequencer.exists(here, epoch, head, Instant::now());
                return;
            }
            // What has moved while it was read.
            let moved = self.read_markers.moved_in(room);
            let stored = |id: &PersonId| {
                record
                    .memberships
                    .get(id)
                    .map(|stored| stored.read_marker.seq)
            };
            let back = before.memberships.iter().filter(|(id, here)| {
                moved.contains(id) && stored(id).is_some_and(|stored| here.read_marker.seq < stored)
            });
            moved_back.extend(back.map(|(id, here)| (*id, here.read_marker)));
            record.keep_marks(&before.memberships, |id| moved.contains(&id));
            record.expired(before.begin);
            let marks: Vec<_> = record
                .memberships
                .iter()
                .map(|(id, mark)| (*id, mark.read_marker.seq))
                .collect();
            for (id, seq) in marks {
                record.tally.read(id, seq);
            }
        }
        if renumbered {
            self.read_markers.remove_room(room);
            // Whether they are in the store still nobody knows: whoever sends them again finds out.
            for (request, _) in self.resequencer.take_acks(room) {
                self.answer(request, Err(Error::NotSaved), answers);
            }
        }
        let before = self.registry.replace(room, record);
        if let Some(before) = &before {
            telemetry::cluster::leap(if renumbered { "epoch" } else { "far" });
            self.lose_members(room, before, answers);
        }
        if let (Some(live_room), Some(newest)) = (self.live_rooms.get_mut(&room), newest) {
            let (epoch, head) = (newest.epoch, newest.head);
            live_room
                .room
                .renew(epoch, head, newest.messages, newest.events);
            if let Some((last, since)) = expired {
                live_room.room.expire(last, since);
            }
            let frames = EncodedFrames {
                feed: live_room.room.reset(),
                ..EncodedFrames::default()
            };
            answers.broadcasts.push(RoomBroadcast { room, frames });
            self.head_changed(room, ctx);
        }
        self.polls.wake(self.registry.get(room));
        self.send_view_to_all(room, answers);
        self.count_less(room, ctx);
        self.schedule_presence(room, ctx);
        for (id, read_marker) in moved_back {
            self.count_again(room, id, read_marker, ctx);
        }
    }

    /// Those who were in a room before it was read anew, and are not any more, lose it.
    fn lose_members(&self, room: RoomId, before: &RoomRecord, answers: &mut Answers) {
        let Some(record) = self.registry.get(room) else {
            return;
        };
        for (id, membership) in &before.memberships {
            let reason = match record.role(*id) {
                Some(RoomRole::Banned) => GoneReason::Banned,
                None if record.kind != RoomKind::Lobby => GoneReason::Left,
                _ => continue,
            };
            if membership.room_role.is_in() {
                answers.removed.push((*id, room, reason));
            }
        }
    }
}

fn unread(room: RoomId, error: &StoreError) -> Brought {
    tracing::warn!(room = room.0, %error, "what other nodes have written was not read");
    Brought::Nothing
}
