//! Read markers of people who are at several nodes, or go from one to another.
//!
//! Over the bus a node tells the others of each that is set at it; of two that cross the later one is right, everywhere. What
//! was lost, or where there is no bus, is read when somebody comes. Bounded by the memberships that change in
//! [`LATELY`].

use std::mem;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use super::Place;
use crate::chat::server::ChatServer;
use crate::chat::word::{Mark, Word};
use crate::delivery::AfterSend;
use crate::model::membership::Membership;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::protocol::feed;
use crate::protocol::view::OwnPart;
use crate::store::read_markers;
use crate::text::clock;

/// How often the others are told.
const EVERY: Duration = Duration::from_millis(250);

/// Read markers that are told at a time, some 150 bytes each.
const TOGETHER: usize = 500;

/// How long it is remembered when one was set, in ms: until every node has heard of it and the store has it.
const LATELY: i64 = 60_000;

/// What was set so long ago is in the store, in ms: it is handed over after 2 s at most. What was set later may not be.
const STORED: i64 = 5_000;

/// Without a bus the store is asked once more after somebody has come, when what was set before is in it.
const ASK_AGAIN: Duration = Duration::from_secs(6);

impl ChatServer {
    /// It is remembered that a read marker was set at `at`, ms since 1970.
    pub(in crate::chat::server) fn note_mark(&mut self, room: RoomId, id: PersonId, at: i64) {
        if self.settings.clustered && id.is_user() {
            let lately = self.read_markers.lately.entry((room, id)).or_default();
            *lately = at.max(*lately);
        }
    }

    /// Forgets when those were set that are known everywhere.
    pub(in crate::chat::server) fn forget_marks(&mut self) {
        let since = clock::now_ms() - LATELY;
        self.read_markers.lately.retain(|_, at| *at > since);
    }

    /// Has the other nodes told of a read marker soon, as it is then.
    pub(super) fn tell_mark(&mut self, room: RoomId, id: PersonId, ctx: &mut Context<Self>) {
        // After what is known to have been set before, whatever the clocks of other nodes say.
        let before = self.read_markers.lately.get(&(room, id));
        let at = before.map_or(i64::MIN, |at| at + 1).max(clock::now_ms());
        self.note_mark(room, id, at);
        if !id.is_user() || !self.tells_others() {
            return;
        }
        self.read_markers.untold.insert((room, id));
        if !mem::replace(&mut self.read_markers.told_soon, true) {
            ctx.run_later(EVERY, |server, _| server.tell_marks());
        }
    }

    fn tell_marks(&mut self) {
        self.read_markers.told_soon = false;
        let untold = mem::take(&mut self.read_markers.untold);
        let marks = untold.into_iter().filter_map(|(room, id)| {
            let membership = self.registry.get(room)?.memberships.get(&id)?;
            Some(Mark {
                room,
                id,
                read: membership.read_marker,
                notify: membership.notify,
                favourite: membership.favourite,
                at: *self.read_markers.lately.get(&(room, id))?,
            })
        });
        let marks: Vec<Mark> = marks.collect();
        let words = marks
            .chunks(TOGETHER)
            .map(|some| Word::Marks(some.to_vec()));
        self.tell_words(words.collect());
    }

    /// A read marker was set at another node.
    pub(in crate::chat::server) fn hear_mark(&mut self, mark: &Mark, ctx: &mut Context<Self>) {
        let key = (mark.room, mark.id);
        let Some(record) = self.registry.get(mark.room) else {
            return;
        };
        let here = record.memberships.get(&mark.id);
        let here = here.map(|membership| membership.read_marker.seq);
        let before = self.read_markers.lately.get(&key);
        // At the same moment the further one is right: for both nodes the same.
        if before.is_some_and(|at| (*at, here) > (mark.at, Some(mark.read.seq))) {
            return;
        }
        self.read_markers.lately.insert(key, mark.at);
        let Mark {
            read,
            notify,
            favourite,
            ..
        } = *mark;
        self.take_mark(mark.room, mark.id, ctx, |membership| Membership {
            read_marker: read,
            notify,
            favourite,
            ..membership
        });
    }

    /// A person has come to this node: what they have set at others is read.
    pub(in crate::chat::server) fn read_marks(&mut self, id: PersonId, ctx: &mut Context<Self>) {
        if !self.settings.clustered || !id.is_user() {
            return;
        }
        self.ask_for_marks(id, ctx);
        if !self.tells_others() {
            ctx.run_later(ASK_AGAIN, move |server, ctx| server.ask_for_marks(id, ctx));
        }
    }

    fn ask_for_marks(&self, id: PersonId, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let asking = async move { store.read(move |db| read_markers::of_person(db, id)).await };
        ctx.spawn(
            wrap_future(asking).map(move |stored, server: &mut Self, ctx| match stored {
                Ok(stored) => {
                    let since = clock::now_ms() - STORED;
                    for (room, membership) in stored {
                        // What was set here or heard lately may not be in the store yet.
                        let lately = server.read_markers.lately.get(&(room, id));
                        if lately.is_none_or(|at| *at < since) {
                            server.take_mark(room, id, ctx, |here| Membership {
                                room_role: here.room_role,
                                ..membership
                            });
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "read marks of other nodes were not read"),
            }),
        );
    }

    /// Somebody's membership is as other nodes have it. Nothing is stored: they have.
    fn take_mark(
        &mut self,
        room: RoomId,
        id: PersonId,
        ctx: &mut Context<Self>,
        change: impl FnOnce(Membership) -> Membership,
    ) {
        let Some(membership) = self.registry.membership_mut(room, id) else {
            return;
        };
        let before = *membership;
        let after = change(before);
        (membership.notify, membership.favourite) = (after.notify, after.favourite);
        if (before.notify, before.favourite) != (after.notify, after.favourite) {
            let frames = feed::rooms(&[OwnPart::of(room, membership)]);
            for to in self.feeds_of(id, room) {
                self.fanout.unicast(to, frames.clone(), AfterSend::Nothing);
            }
        }
        let read = after.read_marker;
        if read.seq < before.read_marker.seq {
            // What mentions them after it is not known here any more.
            let place = Place {
                room,
                id,
                seq: read.seq,
                known: Some(read.said),
                nearer: read,
                own: false,
            };
            self.load(place, ctx);
        } else if read != before.read_marker {
            self.put_read_marker(room, id, read, ctx);
        }
    }
}
