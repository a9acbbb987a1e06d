//! One worker thread's wires: all of them, and those of each room, in the order in which they came.
//!
//! Walking them in that order keeps the kernel's memory of their sockets warm. A connection hears
//! one room at a time, or none. Bounded by the connections that the house admits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;

use crate::delivery::{AfterSend, ConnId, Dialect, EncodedFrames, RoomBroadcast, Unicast};
use crate::protocol::frame;
use crate::realtime::client_writer::ClientWriter;
use crate::realtime::slot_list::SlotList;
use crate::{shrink, telemetry};

/// The table.
#[derive(Debug)]
pub struct Subscriptions {
    hub: u16,
    inner: RefCell<Inner>,
    next: Cell<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    all: SlotList<Connection>,
    rooms: HashMap<i64, SlotList<Listener>>,
}

/// A wire, and what it is told beside what is its own.
#[derive(Debug)]
struct Connection {
    wire: Rc<ClientWriter>,
    hears: Hears,
}

/// What a connection speaks, once it has been greeted, and which room it hears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Hears {
    dialect: Option<Dialect>,
    room: Option<i64>,
}

impl Hears {
    /// What it is told of `news`.
    fn of(self, news: &RoomBroadcast) -> Option<Bytes> {
        let heard = self.room == Some(news.room);
        Some(news.frames.of(self.dialect.filter(|_| heard)?).clone())
    }
}

/// A wire as one of a room's.
#[derive(Debug)]
struct Listener {
    wire: Rc<ClientWriter>,
    dialect: Dialect,
}

impl Inner {
    fn hear(&mut self, id: ConnId, hears: Hears) {
        let Some(connection) = self.all.get_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut connection.hears, hears);
        let wire = Rc::clone(&connection.wire);
        if before.room != hears.room {
            self.leave(id, before);
        }
        if let Hears {
            dialect: Some(dialect),
            room: Some(room),
        } = hears
        {
            let listeners = self.rooms.entry(room).or_default();
            listeners.insert(id, Listener { wire, dialect });
        }
    }

    fn leave(&mut self, id: ConnId, heard: Hears) {
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

    /// Adds a wire, which hears nothing until it is greeted, and names the connection.
    pub fn add(&self, wire: Rc<ClientWriter>) -> ConnId {
        let id = ConnId::new(self.hub, self.next.replace(self.next.get() + 1));
        let hears = Hears::default();
        let connection = Connection { wire, hears };
        self.inner.borrow_mut().all.insert(id, connection);
        id
    }

    /// Removes a connection's wire.
    pub fn remove(&self, id: ConnId) {
        let mut inner = self.inner.borrow_mut();
        if let Some(gone) = inner.all.remove(id) {
            inner.leave(id, gone.hears);
        }
    }

    /// Lets a connection hear the second classic dialect from now on.
    pub fn hear_bare(&self, id: ConnId) {
        let mut inner = self.inner.borrow_mut();
        let Some(connection) = inner.all.get_mut(id) else {
            return;
        };
        let mut hears = connection.hears;
        if hears.dialect == Some(Dialect::Classic) {
            hears.dialect = Some(Dialect::Bare);
            inner.hear(id, hears);
        }
    }

    /// Visits every wire that has been greeted.
    pub fn each(&self, mut visit: impl FnMut(Dialect, &Rc<ClientWriter>)) {
        for connection in self.inner.borrow().all.iter() {
            if let Some(dialect) = connection.hears.dialect {
                visit(dialect, &connection.wire);
            }
        }
    }

    /// Lets the next `count` connections of `room` after `after` hear `news`, but for those in
    /// `but`, whose ids ascend. Gives how many were passed, and the last one of them; `None` when
    /// that was the last of all.
    pub fn walk(
        &self,
        room: i64,
        news: &EncodedFrames,
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
            while but.next_if(|told| **told < id).is_some() {}
            if but.peek() != Some(&&id) {
                let frames = news.of(listener.dialect);
                if !frames.is_empty() {
                    listener.wire.send(frames);
                }
            }
        })
    }

    /// Tells connection `id` what is its own in one write with all `news` of the room that it
    /// hears, each of `tells` after as many of them as its number says.
    pub fn tell(&self, id: ConnId, news: &[RoomBroadcast], tells: &[(usize, Unicast)]) {
        let mut inner = self.inner.borrow_mut();
        let Some(connection) = inner.all.get_mut(id) else {
            return;
        };
        let wire = Rc::clone(&connection.wire);
        let before = connection.hears;
        let mut hears = before;
        let mut news = news.iter();
        let mut passed = 0;
        let mut pieces = Vec::new();
        for (after, tell) in tells {
            let earlier = news.by_ref().take(after - passed);
            pieces.extend(earlier.filter_map(|news| hears.of(news)));
            passed = *after;
            pieces.push(tell.frames.clone());
            match tell.then {
                AfterSend::Nothing => {}
                AfterSend::Hear(dialect, room) => {
                    hears = Hears {
                        dialect: Some(dialect),
                        room,
                    }
                }
                AfterSend::Close(close) => {
                    telemetry::closed(close.reason());
                    wire.send_all(&pieces);
                    return wire.close(&frame::close(close));
                }
            }
        }
        pieces.extend(news.filter_map(|news| hears.of(news)));
        wire.send_all(&pieces);
        if hears != before {
            inner.hear(id, hears);
        }
    }

    /// Cuts every wire.
    pub fn cut_all(&self) {
        for connection in self.inner.borrow().all.iter() {
            connection.wire.cut();
        }
    }
}
