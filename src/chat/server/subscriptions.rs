//! Which room a connection has open, and the reading of rooms that have not been live for a while.
//!
//! A room is subscribed to and its head read in one step, so that nothing falls between. While it
//! is being read from the store, what is committed meanwhile waits and is applied on top.

use std::time::{Duration, Instant};

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};
use bytes::{Bytes, BytesMut};
use tokio::sync::oneshot;

use crate::chat::live_room::LiveRoom;
use crate::chat::requests::RoomSnapshot;
use crate::chat::ring;
use crate::chat::room_history::{self, Missed, RoomHistory};
use crate::chat::server::{ChatServer, Connection};
use crate::delivery::{AfterSend, ConnId, Dialect, Unicast};
use crate::error::Error;
use crate::model::event::Event;
use crate::model::membership::GoneReason;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::feed;
use crate::protocol::request::Position;
use crate::store::db::StoreError;
use crate::store::queries::messages::{self, Newest};

/// Live rooms that no connection has open and that stay in memory for clients that resume; some 100 KiB each.
pub const IDLE_ROOMS: usize = 64;

/// How long such a room stays at most.
const IDLE_FOR: Duration = Duration::from_secs(5 * 60);

/// A room that is being read from the store.
#[derive(Debug, Default)]
pub(super) struct Loading {
    pub(super) waiting: Vec<Waiting>,
    /// What has been committed since it was asked for.
    events: Vec<Event>,
    /// Whether it is read once more, because the room was read anew meanwhile.
    again: bool,
    /// Up to which id messages, and up to which time changes, are gone since then.
    pub(super) expired: Option<(MessageId, i64)>,
}

/// Who waits until a room has been read.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A connection that opens it.
    Open(ConnId, Option<Position>),
    /// A page or the API.
    Snapshot(Principal, oneshot::Sender<Result<RoomSnapshot, Error>>),
}

impl ChatServer {
    /// Opens `room` for a connection, if it may, with what it has missed there.
    pub(super) fn open(
        &mut self,
        conn: ConnId,
        room: RoomId,
        position: Option<Position>,
        ctx: &mut Context<Self>,
    ) {
        let Some(connection) = self.connections.get_mut(&conn) else {
            return;
        };
        connection.opening = Some(room);
        let waiting = Waiting::Open(conn, position);
        if self.may_be_behind(room, &waiting) {
            return self.look_again(room, waiting, ctx);
        }
        self.open_known(room, waiting, ctx);
    }

    /// The same, with what is known of the room here.
    pub(super) fn open_known(&mut self, room: RoomId, waiting: Waiting, ctx: &mut Context<Self>) {
        let Waiting::Open(conn, position) = waiting else {
            return;
        };
        match self.may_read(conn, room) {
            Ok(()) => {}
            Err(Error::Banned) => return self.unsubscribe(conn, room, GoneReason::Banned, ctx),
            Err(_) => return self.unsubscribe(conn, room, GoneReason::NotFound, ctx),
        }
        if self.live_rooms.contains_key(&room) {
            return self.enter(conn, room, position.as_ref(), ctx);
        }
        self.load_room(room, Waiting::Open(conn, position), ctx);
    }

    pub(super) fn may_read(&self, conn: ConnId, room: RoomId) -> Result<(), Error> {
        let connection = self.connections.get(&conn).ok_or(Error::NotFound)?;
        self.permitted(connection, room, Action::Read)
    }

    /// Takes a room away from a connection that has it open or waits for it.
    pub(super) fn unsubscribe(
        &mut self,
        conn: ConnId,
        room: RoomId,
        reason: GoneReason,
        ctx: &mut Context<Self>,
    ) {
        if let Some(unicast) = self.unsubscribed(conn, room, reason, ctx) {
            self.fanout
                .unicast(unicast.to, unicast.frames, unicast.after);
        }
    }

    /// The same, with the frames to be sent.
    pub(super) fn unsubscribed(
        &mut self,
        conn: ConnId,
        room: RoomId,
        reason: GoneReason,
        ctx: &mut Context<Self>,
    ) -> Option<Unicast> {
        let mut connection = self.connections.remove(&conn)?;
        let after = if connection.open == Some(room) || connection.opening == Some(room) {
            self.leave_live_room(&connection, ctx);
            connection.open = None;
            connection.opening = None;
            AfterSend::Subscribe(connection.dialect(), None)
        } else {
            AfterSend::Nothing
        };
        let frames = if connection.feed {
            feed::gone(room, reason)
        } else {
            Bytes::new()
        };
        self.connections.insert(conn, connection);
        let to = conn;
        Some(Unicast { to, frames, after })
    }

    /// The room is in memory: the connection gets what it has missed, and has it open from now on.
    pub(super) fn enter(
        &mut self,
        conn: ConnId,
        room: RoomId,
        position: Option<&Position>,
        ctx: &mut Context<Self>,
    ) {
        let Some(frames) = self.arrival(conn, room, position, ctx) else {
            return;
        };
        self.fanout.unicast(
            conn,
            frames,
            AfterSend::Subscribe(Dialect::Feed, Some(room)),
        );
    }

    /// Subscribes a connection to a room that is in memory; returns what it is sent first.
    pub(super) fn arrival(
        &mut self,
        conn: ConnId,
        room: RoomId,
        position: Option<&Position>,
        ctx: &mut Context<Self>,
    ) -> Option<Bytes> {
        let record = self.registry.get(room)?;
        if !self.live_rooms.contains_key(&room) {
            return None;
        }
        let looks = |id: PersonId| room != LOBBY && record.role(id).is_none();
        let looks = looks(self.connections.get(&conn)?.principal.id());
        let connection = self.connections.remove(&conn)?;
        self.leave_live_room(&connection, ctx);
        let live_room = self.live_rooms.get_mut(&room)?;
        live_room.enter(&connection.principal.person, looks);
        let mut frames = BytesMut::new();
        if let Some(position) = position {
            match live_room.room.since(position) {
                Missed::Batch(frame) | Missed::Reset(frame) => frames.extend_from_slice(&frame),
            }
        }
        let connection = Connection {
            open: Some(room),
            opening: None,
            ..connection
        };
        // Of a room in the background it knows the counters only, and what it has missed may have
        // changed the rest.
        if room != LOBBY
            && let Some(view) = self.view(room, &connection.principal)
        {
            frames.extend_from_slice(&feed::rooms(&[view]));
        }
        if looks {
            self.schedule_presence(room, ctx);
        }
        self.tell_audience(room, ctx);
        self.connections.insert(conn, connection);
        frames.extend_from_slice(&self.presence_for_one(room));
        Some(frames.freeze())
    }

    /// The position of a client that has just been sent the head of `room`.
    pub(super) fn head_of(&self, room: RoomId) -> Option<Position> {
        self.registry.get(room).map(|record| Position {
            epoch: record.epoch.clone(),
            seq: record.head.seq,
        })
    }

    /// What a client gets that asks for a room without saying where it is in it.
    pub(super) fn fresh_position(&self, room: RoomId) -> Option<Position> {
        // No room has this epoch: the client is sent everything anew.
        self.registry.get(room).map(|_| Position {
            epoch: String::new(),
            seq: Seq(0),
        })
    }

    /// Takes a connection out of the room that it has open.
    pub(super) fn leave_live_room(&mut self, connection: &Connection, ctx: &mut Context<Self>) {
        let Some(room) = connection.open else { return };
        let Some(live_room) = self.live_rooms.get_mut(&room) else {
            return;
        };
        live_room.leave(&connection.principal.person);
        live_room.typing.remove(connection.principal.id());
        if room != LOBBY && live_room.ids_in > 0 {
            self.schedule_presence(room, ctx);
        }
        self.tell_audience(room, ctx);
    }

    /// Makes sure that a room is in memory, then serves `waiting`.
    pub(super) fn load_room(&mut self, room: RoomId, waiting: Waiting, ctx: &mut Context<Self>) {
        if let Some(loading) = self.loading.get_mut(&room) {
            return loading.waiting.push(waiting);
        }
        let loading = Loading {
            waiting: vec![waiting],
            ..Loading::default()
        };
        self.loading.insert(room, loading);
        self.read_newest(room, ctx);
    }

    fn read_newest(&self, room: RoomId, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let kept = i64::try_from(room_history::kept_messages(0)).unwrap_or(i64::MAX);
        let events = i64::try_from(ring::EVENTS).unwrap_or(i64::MAX);
        let reading = async move {
            let read =
                move |db: &mut dyn crate::store::db::Db| messages::newest(db, room, kept, events);
            store.read(read).await
        };
        ctx.spawn(
            wrap_future(reading).map(move |read, server: &mut Self, ctx| {
                server.have_read(room, read, ctx);
            }),
        );
    }

    fn have_read(
        &mut self,
        id: RoomId,
        read: Result<Option<Newest>, StoreError>,
        ctx: &mut Context<Self>,
    ) {
        let Some(mut loading) = self.loading.remove(&id) else {
            return;
        };
        let newest = match read {
            Ok(Some(newest)) => newest,
            Ok(None) => return self.refuse_waiting(id, loading, &Error::NotFound),
            Err(error) => return self.refuse_waiting(id, loading, &Error::from(error)),
        };
        let mut room = RoomHistory::new(
            id,
            newest.epoch,
            newest.head,
            newest.messages,
            newest.events,
            0,
            String::new(),
        );
        for event in loading.events.drain(..) {
            if event.seq > room.head() {
                room.apply(event);
            }
        }
        if let Some(record) = self.registry.get(id)
            && (record.epoch != room.epoch() || record.head.seq > room.head())
            && !loading.again
        {
            // What other nodes have written was read between this and now.
            loading.again = true;
            self.loading.insert(id, loading);
            return self.read_newest(id, ctx);
        }
        if let Some((last, since)) = loading.expired {
            room.expire(last, since);
        }
        let here = Self::here(&self.registry, id);
        if here.known.is_some_and(|(epoch, _)| epoch != room.epoch()) {
            self.resequencer.read_anew(here, Instant::now());
            self.catch_up_soon(ctx);
        }
        self.live_rooms.insert(id, LiveRoom::new(room));
        for waiting in loading.waiting {
            match waiting {
                Waiting::Open(conn, position) => {
                    let opening = self
                        .connections
                        .get(&conn)
                        .and_then(|connection| connection.opening);
                    if opening == Some(id) {
                        self.open_known(id, Waiting::Open(conn, position), ctx);
                    }
                }
                Waiting::Snapshot(principal, answer) => {
                    let _nobody = answer.send(Ok(self.snapshot(id, &principal)));
                }
            }
        }
    }

    fn refuse_waiting(&self, room: RoomId, loading: Loading, error: &Error) {
        for waiting in loading.waiting {
            match waiting {
                Waiting::Open(conn, _) => self.not_opened(conn, room, error),
                Waiting::Snapshot(_, answer) => {
                    let _nobody = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// An event of a room that is being read waits for it.
    pub(super) fn buffer_while_loading(&mut self, event: &Event) {
        if let Some(loading) = self.loading.get_mut(&event.room) {
            loading.events.push(event.clone());
        }
    }

    /// Drops live rooms that no connection has open.
    pub(super) fn unload_quiet_rooms(&mut self) {
        let is_idle = |id: RoomId, live_room: &LiveRoom| id != LOBBY && live_room.ids_in == 0;
        let mut idle: Vec<_> = self
            .live_rooms
            .iter()
            .filter(|(id, live_room)| is_idle(**id, live_room))
            .map(|(id, live_room)| (live_room.unused_since, *id))
            .collect();
        idle.sort_unstable();
        let many = idle.len().saturating_sub(IDLE_ROOMS);
        for (place, (since, id)) in idle.into_iter().enumerate() {
            if place < many || since.elapsed() >= IDLE_FOR {
                self.live_rooms.remove(&id);
            }
        }
    }
}

impl Connection {
    /// The dialect of the connection, as far as ChatServer knows.
    pub(super) fn dialect(&self) -> Dialect {
        if self.feed {
            Dialect::Feed
        } else {
            Dialect::Classic
        }
    }
}
