//! What goes on in a room beside messages: presence, typing and read markers.
//!
//! Sent to those who have the room open, coalesced: at most one write for each connection in
//! [`EVERY`], however much happens. It is the first thing to be left out under load.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use actix::{AsyncContext, Context};
use bytes::{Bytes, BytesMut};

use crate::chat::live_room::LiveRoom;
use crate::chat::presence::LISTED;
use crate::chat::server::ChatServer;
use crate::chat::shedding::Workload;
use crate::delivery::{EncodedFrames, RoomBroadcast};
use crate::model::message::LOBBY;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::view::{PersonHere, Presence};
use crate::protocol::{classic, feed};

/// At most one write goes out in this time for each connection that has the room open …
const EACH: Duration = Duration::from_millis(1);

/// … but no more often than this in a small room, and no less often in a large one. So a burst of
/// joins costs frames in proportion to the joins, not to their square.
const EVERY: RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_secs(1);

/// The same when ChatServer is behind.
const WHEN_BUSY: Duration = Duration::from_secs(5);

/// How long after a change a room's head is broadcast, so that a client that lost something on the
/// way notices; half of the 10 s in which a silent loss must be repaired.
const HEAD_AFTER: Duration = Duration::from_secs(5);

/// In rooms of at most so many people everybody is sent how far the others have read.
const SEEN: usize = 20;

impl ChatServer {
    /// A person has come, gone, fallen idle or changed their profile: their rooms are notified.
    pub(super) fn person_changed(&mut self, id: PersonId, ctx: &mut Context<Self>) {
        self.schedule_presence(LOBBY, ctx);
        for room in self.registry.of(id).to_vec() {
            if self.live_rooms.contains_key(&room) {
                self.schedule_presence(room, ctx);
            }
            if self
                .registry
                .get(room)
                .is_some_and(|record| record.kind == RoomKind::Direct)
            {
                self.unread.company(room);
                self.count_soon(ctx);
            }
        }
    }

    /// The presence of the room has changed.
    pub(super) fn schedule_presence(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        if let Some(live_room) = self.live_rooms.get_mut(&room) {
            live_room.due.presence = true;
            self.send_presence_soon(room, ctx);
        }
    }

    /// The list of people who are typing has changed.
    pub(super) fn schedule_typing(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        if let Some(live_room) = self.live_rooms.get_mut(&room) {
            live_room.due.typing = true;
            self.send_presence_soon(room, ctx);
        }
    }

    /// Who has read how far has changed.
    pub(super) fn stir_seen(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let small = self.registry.get(room).is_some_and(|record| {
            record.kind != RoomKind::Lobby && record.memberships.len() <= SEEN
        });
        if self.settings.seen_by
            && small
            && let Some(live_room) = self.live_rooms.get_mut(&room)
        {
            live_room.due.seen = true;
            self.send_presence_soon(room, ctx);
        }
    }

    /// Broadcasts it now, or soon when something has just been broadcast.
    fn send_presence_soon(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let connections = match room {
            LOBBY => self.presence.own_connections(),
            _ => self
                .live_rooms
                .get(&room)
                .map_or(0, |live_room| live_room.ids_in),
        };
        let every = if self.shedding.admits(Workload::Presence) {
            let fair = EACH.saturating_mul(u32::try_from(connections).unwrap_or(u32::MAX));
            fair.clamp(*EVERY.start(), *EVERY.end())
        } else {
            WHEN_BUSY
        };
        let Some(live_room) = self.live_rooms.get_mut(&room) else {
            return;
        };
        if std::mem::replace(&mut live_room.due.timed, true) {
            return;
        }
        let since = live_room.due.sent.map(|sent| sent.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| every.saturating_sub(since));
        // Even at once means after what is waiting in the mailbox: a burst of joins is one frame.
        ctx.run_later(wait, move |server, ctx| server.send_presence_now(room, ctx));
    }

    fn send_presence_now(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let Some(live_room) = self.live_rooms.get_mut(&room) else {
            return;
        };
        live_room.due.timed = false;
        live_room.due.sent = Some(now);
        let presence = std::mem::take(&mut live_room.due.presence);
        let seen = std::mem::take(&mut live_room.due.seen);
        let mut frames = BytesMut::new();
        if std::mem::take(&mut live_room.due.typing) {
            if let Some((who, more)) = live_room.typing.news(now) {
                frames.extend_from_slice(&feed::typing(room, &who, more));
            }
            if live_room.typing.is_going_on() {
                live_room.due.typing = true;
                live_room.due.timed = true;
                ctx.run_later(*EVERY.end(), move |server, ctx| {
                    server.send_presence_now(room, ctx)
                });
            }
        }
        if seen {
            frames.extend_from_slice(&self.seen(room));
        }
        let mut classic = Bytes::new();
        // A person who falls idle in a room that lists no names changes nothing that is sent.
        if presence && let Some(broadcasts) = self.presence_frame(room) {
            if room == LOBBY {
                classic = classic::online(self.presence.people());
            }
            frames.extend_from_slice(&broadcasts);
        }
        let frames = EncodedFrames {
            bare: classic.clone(),
            classic,
            feed: frames.freeze(),
        };
        self.fanout
            .send(&[RoomBroadcast { room, frames }], Vec::new());
    }

    /// The presence frame, when it differs from the last one.
    fn presence_frame(&mut self, room: RoomId) -> Option<Bytes> {
        let now = feed::presence(&self.presence_of(room));
        let live_room = self.live_rooms.get_mut(&room)?;
        if live_room.due.presence_sent == now {
            return None;
        }
        live_room.due.presence_sent.clone_from(&now);
        Some(now)
    }

    /// The same for one connection that opens the room: what it gets before the others is not kept
    /// from them.
    pub(super) fn presence_for_one(&mut self, room: RoomId) -> Bytes {
        let now = feed::presence(&self.presence_of(room));
        if let Some(live_room) = self.live_rooms.get_mut(&room)
            && live_room.due.presence_sent != now
        {
            live_room.due.presence_sent.clear();
        }
        now
    }

    fn seen(&self, room: RoomId) -> Bytes {
        let Some(record) = self.registry.get(room) else {
            return Bytes::new();
        };
        let memberships = record
            .memberships
            .iter()
            .filter(|(_, membership)| membership.room_role.is_in());
        let read_markers: Vec<(PersonId, Seq)> = memberships
            .map(|(id, membership)| (*id, membership.read_marker.seq))
            .collect();
        feed::seen(room, &read_markers)
    }

    /// Who is online in a room: the counts, and the people while they are few.
    pub(super) fn presence_of(&self, room: RoomId) -> Presence {
        self.presence_with(room, LISTED)
    }

    /// The same; the people are named when they are no more than `most`, or always when it is more
    /// than are named to everybody.
    pub(super) fn presence_with(&self, room: RoomId, most: usize) -> Presence {
        let named = |people: usize| people <= most || most > LISTED;
        if room == LOBBY {
            let people = self.presence.people();
            return Presence {
                room,
                people,
                connections: self.presence.connections(),
                who: named(people).then(|| self.presence.list(most)),
                stale: self.presence.is_stale(),
            };
        }
        let here = self.here_in(room);
        let who: Option<Vec<PersonHere>> =
            named(here.len()).then(|| self.presence.list_of(here.iter().copied(), most));
        let live_room = self.live_rooms.get(&room);
        let heard = live_room.map_or(0, LiveRoom::heard);
        Presence {
            room,
            people: here.len(),
            connections: heard + self.presence.heard_elsewhere(room),
            who,
            stale: self.presence.is_stale(),
        }
    }

    /// The members of a room who are online, and those who have it open without a membership.
    fn here_in(&self, room: RoomId) -> Vec<PersonId> {
        let record = self.registry.get(room);
        let memberships = record.iter().flat_map(|record| record.memberships.iter());
        let members = memberships
            .filter(|(id, membership)| {
                membership.room_role.is_in() && self.presence.get(**id).is_some()
            })
            .map(|(id, _)| *id);
        let mut non_members = self.presence.lookers_elsewhere(room);
        if let Some(live_room) = self.live_rooms.get(&room) {
            non_members.extend(live_room.non_members.keys());
        }
        let non_members = non_members
            .into_iter()
            .filter(|id| self.presence.get(*id).is_some());
        // Who looked on and has joined since is a connection.
        let joined =
            |id: &PersonId| record.is_some_and(|record| record.memberships.contains_key(id));
        members
            .chain(non_members.filter(|id| !joined(id)))
            .collect()
    }

    /// Broadcasts the room's head soon, so that a last event that was lost is noticed too.
    pub(super) fn head_changed(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        let Some(live_room) = self.live_rooms.get_mut(&room) else {
            return;
        };
        if std::mem::replace(&mut live_room.due.head, true) {
            return;
        }
        ctx.run_later(HEAD_AFTER, move |server, _| {
            let Some(live_room) = server.live_rooms.get_mut(&room) else {
                return;
            };
            live_room.due.head = false;
            let feed = feed::head(room, live_room.room.epoch(), live_room.room.head());
            let frames = EncodedFrames {
                feed,
                ..EncodedFrames::default()
            };
            server
                .fanout
                .send(&[RoomBroadcast { room, frames }], Vec::new());
        });
    }
}
