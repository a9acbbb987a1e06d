//! Where people have read up to.
//!
//! Known here at once, sent to a person's other connections at once, and written to the store in
//! groups: a crash can take the read markers of the last [`EVERY`], never a message. Bounded by the
//! memberships that changed in that time.

mod foreign;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use crate::chat::server::ChatServer;
use crate::delivery::{AfterSend, Unicast};
use crate::model::membership::{FeedPosition, RoomPreference};
use crate::model::message::LOBBY;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::feed;
use crate::protocol::request::Read;
use crate::protocol::view::OwnPart;
use crate::store::db::{Db, StoreError};
use crate::store::read_markers::{self, Marked};

/// How often read markers are written.
const EVERY: Duration = Duration::from_secs(2);

/// A read marker so many events away from the reader's last one, or from the head, is counted exactly: it
/// costs the store a look at each of them, 1 ms in all.
const COUNTED: i64 = 10_000;

/// Read markers that are not in the store yet.
#[derive(Debug, Default)]
pub(super) struct ReadMarkers {
    timed: bool,
    moved: HashSet<(RoomId, PersonId)>,
    /// The seqs up to which the store counts now: a person's later read marker of a room replaces
    /// the earlier one.
    counting: HashMap<(RoomId, PersonId), Seq>,
    /// Those that other nodes are to be told of, and whether they soon will be.
    untold: HashSet<(RoomId, PersonId)>,
    told_soon: bool,
    /// When those were set that were lately, here or at another node, ms since 1970.
    lately: HashMap<(RoomId, PersonId), i64>,
}

impl ReadMarkers {
    /// The people whose read markers of a room are not in the store yet.
    pub(super) fn moved_in(&self, room: RoomId) -> HashSet<PersonId> {
        let moved = self.moved.iter().filter(|(of, _)| *of == room);
        moved.map(|(_, id)| *id).collect()
    }

    /// Drops the read markers of a room that was deleted.
    pub(super) fn remove_room(&mut self, room: RoomId) {
        self.moved.retain(|(of, _)| *of != room);
        self.counting.retain(|(of, _), _| *of != room);
        self.untold.retain(|(of, _)| *of != room);
        self.lately.retain(|(of, _), _| *of != room);
    }
}

/// Where a read marker is to be put, and what must be known for that.
#[derive(Debug, Clone)]
struct Place {
    room: RoomId,
    /// The reader.
    id: PersonId,
    seq: Seq,
    /// How many messages had been sent by then, where that is known.
    known: Option<i64>,
    /// A read marker from which it can be counted.
    nearer: FeedPosition,
    /// Whether it is set at this node, which then stores it.
    own: bool,
}

impl Place {
    /// How many messages had been sent by then, and which after it mention the person.
    fn load(&self, db: &mut dyn Db) -> Result<(i64, Vec<Seq>), StoreError> {
        let said = match self.known {
            Some(said) => said,
            None => {
                // Messages from before the room's beginning are not there to be counted.
                let nearer = self.nearer.or_later(read_markers::begin(db, self.room)?);
                let (low, high) = (nearer.seq.min(self.seq), nearer.seq.max(self.seq));
                let between = read_markers::said_between(db, self.room, low, high)?;
                let way = if self.seq < nearer.seq { -1 } else { 1 };
                (nearer.said + way * between).max(0)
            }
        };
        let mentions = read_markers::mentions_after(db, self.room, self.id, self.seq)?;
        Ok((said, mentions))
    }
}

impl ChatServer {
    /// A person has read a room, which they may, up to a seq, or marks it as unread from there.
    pub(super) fn read(&mut self, id: PersonId, read: &Read, ctx: &mut Context<Self>) {
        let Some(record) = self.registry.get(read.room) else {
            return;
        };
        let head = record.head;
        let seq = read.seq.clamp(Seq(0), head.seq);
        let before = record
            .memberships
            .get(&id)
            .map_or(head, |membership| membership.read_marker);
        if !read.unread && seq <= before.seq {
            return;
        }
        if seq == head.seq {
            return self.set_read_marker(read.room, id, head, ctx);
        }
        let live_room = self.live_rooms.get(&read.room);
        let (after, all) = live_room.map_or((0, false), |live_room| live_room.room.said_after(seq));
        let far = |read_marker: &FeedPosition| (read_marker.seq.0 - seq.0).abs();
        let nearer = if far(&before) < far(&head) {
            before
        } else {
            head
        };
        // Further away than is counted, the number of those in memory is the least there can be.
        let known = (all || far(&nearer) > COUNTED).then(|| (head.said - after).max(0));
        match known {
            Some(said) if seq >= before.seq => {
                self.set_read_marker(read.room, id, FeedPosition { seq, said }, ctx)
            }
            _ => self.load(
                Place {
                    room: read.room,
                    id,
                    seq,
                    known,
                    nearer,
                    own: true,
                },
                ctx,
            ),
        }
    }

    /// Counts what a person has unread from their read marker on, which is earlier than the one in the store.
    pub(super) fn count_again(
        &mut self,
        room: RoomId,
        id: PersonId,
        read_marker: FeedPosition,
        ctx: &mut Context<Self>,
    ) {
        let place = Place {
            room,
            id,
            seq: read_marker.seq,
            known: Some(read_marker.said),
            nearer: read_marker,
            own: true,
        };
        self.load(place, ctx);
    }

    /// Asks the store what it takes to put a read marker somewhere, then puts it there.
    fn load(&mut self, place: Place, ctx: &mut Context<Self>) {
        let Some(record) = self.registry.get(place.room) else {
            return;
        };
        let revision = record.tally.revision();
        let key = (place.room, place.id);
        self.read_markers.counting.insert(key, place.seq);
        let store = self.store.clone();
        let asked = place.clone();
        let looking = async move { store.read(move |db| asked.load(db)).await };
        ctx.spawn(
            wrap_future(looking).map(move |found, server: &mut Self, ctx| {
                if server.read_markers.counting.get(&key) != Some(&place.seq) {
                    return;
                }
                server.read_markers.counting.remove(&key);
                let (said, mentions) = match found {
                    Ok(found) => found,
                    Err(error) => return tracing::warn!(%error, "a read mark was not counted"),
                };
                let Place {
                    room, id, seq, own, ..
                } = &place;
                let Some(record) = server.registry.get_mut(*room) else {
                    return;
                };
                if record.tally.revision() != revision {
                    // Something that it counted may have been taken back meanwhile.
                    return server.load(place, ctx);
                }
                record.tally.set_mentions(*id, mentions);
                let read_marker = FeedPosition { seq: *seq, said };
                match own {
                    true => server.set_read_marker(*room, *id, read_marker, ctx),
                    false => server.put_read_marker(*room, *id, read_marker, ctx),
                }
            }),
        );
    }

    /// A read marker is set at this node.
    fn set_read_marker(
        &mut self,
        room: RoomId,
        id: PersonId,
        read_marker: FeedPosition,
        ctx: &mut Context<Self>,
    ) {
        self.put_read_marker(room, id, read_marker, ctx);
        self.schedule_read_marker(room, id, ctx);
        self.tell_mark(room, id, ctx);
    }

    fn put_read_marker(
        &mut self,
        room: RoomId,
        id: PersonId,
        read_marker: FeedPosition,
        ctx: &mut Context<Self>,
    ) {
        self.read_markers.counting.remove(&(room, id));
        let Some(membership) = self.registry.membership_mut(room, id) else {
            return;
        };
        membership.read_marker = read_marker;
        if let Some(record) = self.registry.get_mut(room) {
            record.tally.read(id, read_marker.seq);
        }
        let unicasts = self.moved(room, id);
        self.fanout.send(&[], unicasts);
        self.stir_seen(room, ctx);
    }

    /// A person sent a message at `at`, here or (unless it is this node's `own`) elsewhere: they have read everything until
    /// then. Returns what they are sent; the store hears of it from the node that wrote the message.
    pub(super) fn mark_author_read(
        &mut self,
        room: RoomId,
        id: PersonId,
        at: i64,
        own: bool,
        ctx: &mut Context<Self>,
    ) -> Vec<Unicast> {
        let Some(head) = self.registry.get(room).map(|record| record.head) else {
            return Vec::new();
        };
        // In the lobby a read marker is kept only of those who have a membership there.
        let known = room != LOBBY
            || self
                .registry
                .get(room)
                .is_some_and(|record| record.memberships.contains_key(&id));
        if known && let Some(membership) = self.registry.membership_mut(room, id) {
            membership.read_marker = head;
            if let Some(record) = self.registry.get_mut(room) {
                record.tally.read(id, head.seq);
            }
            self.read_markers.counting.remove(&(room, id));
            self.note_mark(room, id, at);
            self.stir_seen(room, ctx);
            if own {
                self.schedule_read_marker(room, id, ctx);
            }
            return self.moved(room, id);
        }
        Vec::new()
    }

    /// What a person's connections are sent about a read marker that has moved.
    fn moved(&self, room: RoomId, id: PersonId) -> Vec<Unicast> {
        let Some(record) = self.registry.get(room) else {
            return Vec::new();
        };
        let Some(membership) = record.memberships.get(&id) else {
            return Vec::new();
        };
        let unread = record.unread(membership.read_marker);
        let mentions = record.mentions(id, membership.read_marker);
        let frames = feed::read(room, membership.read_marker, unread, mentions);
        let conns = self.feeds_of(id, room).into_iter();
        let unicasts = conns.map(|to| Unicast {
            to,
            frames: frames.clone(),
            after: AfterSend::Nothing,
        });
        unicasts.collect()
    }

    /// A person changes a preference of a room: all of their connections are notified.
    pub(super) fn set_preference(
        &mut self,
        room: RoomId,
        id: PersonId,
        preference: RoomPreference,
        ctx: &mut Context<Self>,
    ) -> bool {
        let Some(membership) = self.registry.membership_mut(room, id) else {
            return false;
        };
        membership.set(preference);
        let frames = feed::rooms(&[OwnPart::of(room, membership)]);
        self.schedule_read_marker(room, id, ctx);
        self.tell_mark(room, id, ctx);
        for to in self.feeds_of(id, room) {
            self.fanout.unicast(to, frames.clone(), AfterSend::Nothing);
        }
        true
    }

    /// Has a read marker stored soon, as it is then.
    pub(super) fn schedule_read_marker(
        &mut self,
        room: RoomId,
        id: PersonId,
        ctx: &mut Context<Self>,
    ) {
        if !id.is_user() {
            return;
        }
        self.read_markers.moved.insert((room, id));
        if !std::mem::replace(&mut self.read_markers.timed, true) {
            ctx.run_later(EVERY, |server, _| server.store_read_markers());
        }
    }

    /// Hands the read markers that have moved to the store.
    pub(super) fn store_read_markers(&mut self) {
        self.read_markers.timed = false;
        let moved = std::mem::take(&mut self.read_markers.moved);
        let marked = moved.into_iter().filter_map(|(room, person)| {
            let membership = *self.registry.get(room)?.memberships.get(&person)?;
            Some(Marked {
                room,
                person,
                membership,
            })
        });
        let marked: Vec<Marked> = marked.collect();
        if marked.is_empty() {
            return;
        }
        let kept = self
            .store
            .writer()
            .later(move |db| read_markers::keep(db, &marked));
        if let Err(error) = kept {
            tracing::warn!(%error, "read marks were not kept");
        }
    }
}
