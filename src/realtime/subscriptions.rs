//! One worker thread's client writers: all of them, and those of each room, in the order in which they came.
//!
//! Walking them in that order keeps the kernel's memory of their sockets warm. A connection has
//! one room open at a time, or none. Bounded by the connections that the server admits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;

use crate::delivery::{AfterSend, ConnId, Dialect, EncodedFrames, RoomBroadcast, Unicast};
use crate::model::room_id::RoomId;
use crate::protocol::frame;
use crate::realtime::client_writer::ClientWriter;
use crate::realtime::slot_list::SlotList;
use crate::{shrink, telemetry};

/// The client writers of one worker thread.
#[derive(Debug)]
pub struct Subscriptions {
    hub: u16,
    inner: RefCell<Inner>,
    next: Cell<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    all: SlotList<Connection>,
    rooms: HashMap<RoomId, SlotList<Listener>>,
}

/// A client writer, and its subscription.
#[derive(Debug)]
struct Connection {
    writer: Rc<ClientWriter>,
    subscription: Subscription,
}

/// The dialect of a connection, once it has been greeted, and the room that it has open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Subscription {
    dialect: Option<Dialect>,
    room: Option<RoomId>,
}

impl Subscription {
    /// The frames of `broadcasts` that it gets, if it has that room open.
    fn of(self, broadcasts: &RoomBroadcast) -> Option<Bytes> {
        let heard = self.room == Some(broadcasts.room);
        Some(
            broadcasts
                .frames
                .of(self.dialect.filter(|_| heard)?)
                .clone(),
        )
    }
}

/// A client writer as one of a room's.
#[derive(Debug)]
struct Listener {
    writer: Rc<ClientWriter>,
    dialect: Dialect,
}

impl Inner {
    fn subscribe(&mut self, id: ConnId, subscription: Subscription) {
        let Some(connection) = self.all.get_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut connection.subscription, subscription);
        let writer = Rc::clone(&connection.writer);
        if before.room != subscription.room {
            self.leave(id, before);
        }
        if let Subscription {
            dialect: Some(dialect),
            room: Some(room),
        } = subscription
        {
            let listeners = self.rooms.entry(room).or_default();
            listeners.insert(id, Listener { writer, dialect });
        }
    }

    fn leave(&mut self, id: ConnId, heard: Subscription) {
        let Some(room) = heard.room else { return };
        if let Some(listeners) = self.rooms.get_mut(&room) {
            listeners.remove(id);
            if listeners.is_empty() {
                self.rooms.remove(&room);
                shrink::give_back(&mut self.rooms);
            }
        }
    }
}

impl Subscriptions {
    /// The empty table of hub number `hub`.
    #[must_use]
    pub fn new(hub: u16) -> Rc<Self> {
        Rc::new(Self {
            hub,
            inner: RefCell::default(),
            next: Cell::new(1),
        })
    }

    /// Adds a client writer, which gets nothing until it is greeted, and names the connection.
    pub fn add(&self, writer: Rc<ClientWriter>) -> ConnId {
        let id = ConnId::new(self.hub, self.next.replace(self.next.get() + 1));
        let subscription = Subscription::default();
        let connection = Connection {
            writer,
            subscription,
        };
        self.inner.borrow_mut().all.insert(id, connection);
        id
    }

    /// Removes a connection's client writer.
    pub fn remove(&self, id: ConnId) {
        let mut inner = self.inner.borrow_mut();
        if let Some(gone) = inner.all.remove(id) {
            inner.leave(id, gone.subscription);
        }
    }

    /// Switches a connection to the second classic dialect.
    pub fn subscribe_bare(&self, id: ConnId) {
        let mut inner = self.inner.borrow_mut();
        let Some(connection) = inner.all.get_mut(id) else {
            return;
        };
        let mut subscription = connection.subscription;
        if subscription.dialect == Some(Dialect::Classic) {
            subscription.dialect = Some(Dialect::Bare);
            inner.subscribe(id, subscription);
        }
    }

    /// Visits every client writer that has been greeted.
    pub fn each(&self, mut visit: impl FnMut(Dialect, &Rc<ClientWriter>)) {
        for connection in self.inner.borrow().all.iter() {
            if let Some(dialect) = connection.subscription.dialect {
                visit(dialect, &connection.writer);
            }
        }
    }

    /// Sends `broadcasts` to the next `count` connections of `room` after `after`, but for those in
    /// `but`, whose ids ascend. Returns how many were passed, and the last one of them; `None` when
    /// that was the last of all.
    pub fn walk(
        &self,
        room: RoomId,
        broadcasts: &EncodedFrames,
        after: Option<ConnId>,
        but: &[ConnId],
        count: usize,
    ) -> (usize, Option<ConnId>) {
        let inner = self.inner.borrow();
        let Some(listeners) = inner.rooms.get(&room) else {
            return (0, None);
        };
        let from = after.map_or(0, |after| but.partition_point(|id| *id <= after));
        let mut but = but.get(from..).unwrap_or_default().iter().peekable();
        listeners.walk(after, count, |id, listener| {
            while but.next_if(|recipient| **recipient < id).is_some() {}
            if but.peek() != Some(&&id) {
                let frames = broadcasts.of(listener.dialect);
                if !frames.is_empty() {
                    listener.writer.send(frames);
                }
            }
        })
    }

    /// Sends connection `id` its `unicasts` in one write with all `broadcasts` of the room that it
    /// has open, each unicast after as many of them as its number says.
    pub fn tell(&self, id: ConnId, broadcasts: &[RoomBroadcast], unicasts: &[(usize, Unicast)]) {
        let mut inner = self.inner.borrow_mut();
        let Some(connection) = inner.all.get_mut(id) else {
            return;
        };
        let writer = Rc::clone(&connection.writer);
        let before = connection.subscription;
        let mut subscription = before;
        let mut broadcasts = broadcasts.iter();
        let mut passed = 0;
        let mut pieces = Vec::new();
        for (after, unicast) in unicasts {
            let earlier = broadcasts.by_ref().take(after - passed);
            pieces.extend(earlier.filter_map(|broadcasts| subscription.of(broadcasts)));
            passed = *after;
            pieces.push(unicast.frames.clone());
            match unicast.after {
                AfterSend::Nothing => {}
                AfterSend::Subscribe(dialect, room) => {
                    subscription = Subscription {
                        dialect: Some(dialect),
                        room,
                    }
                }
                AfterSend::Close(close) => {
                    telemetry::closed(close.reason());
                    writer.send_all(&pieces);
                    return writer.close(&frame::close(close));
                }
            }
        }
        pieces.extend(broadcasts.filter_map(|broadcasts| subscription.of(broadcasts)));
        writer.send_all(&pieces);
        if subscription != before {
            inner.subscribe(id, subscription);
        }
    }

    /// Cuts every connection.
    pub fn cut_all(&self) {
        for connection in self.inner.borrow().all.iter() {
            connection.writer.cut();
        }
    }
}
