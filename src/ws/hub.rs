//! The fan-out of one worker thread.
//!
//! Owns the thread's wires in the order they came: walking them in that order keeps the kernel's
//! memory of their sockets warm. ChatServer sends each hub what everybody hears, encoded once,
//! and what single connections hear; the hub writes it straight to the sockets. Bounded by the
//! connections that the house admits and by [`MAILBOX`]; a hub that falls behind so far that its
//! mailbox is full cuts its wires, whose clients come back and resume.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::{Actor, Context, Handler, Message};
use bytes::Bytes;

use super::wire::Wire;
use super::{ConnId, Dialect, Frames};
use crate::protocol::close::Close;
use crate::protocol::{feed, frame};
use crate::telemetry;

/// Deliveries that may wait for a hub. Each holds a group of up to 256 messages, so this is far
/// beyond what a live hub ever has waiting.
pub const MAILBOX: usize = 1024;

/// Holes tolerated among the slots before they are closed: at least this many, and a quarter.
const MIN_HOLES: usize = 64;

/// This thread's wires.
#[derive(Debug)]
pub struct Wires {
    hub: u16,
    slots: RefCell<Vec<Slot>>,
    holes: Cell<usize>,
    next: Cell<u64>,
}

/// Ids grow in the order of the slots, so a slot is found by binary search.
#[derive(Debug)]
struct Slot {
    id: ConnId,
    hears: Option<Dialect>,
    wire: Option<Rc<Wire>>,
}

impl Wires {
    /// The empty table of hub number `hub`.
    #[must_use]
    pub fn new(hub: u16) -> Rc<Self> {
        Rc::new(Self {
            hub,
            slots: RefCell::default(),
            holes: Cell::new(0),
            next: Cell::new(1),
        })
    }

    /// Adds a wire, which hears nothing until it is greeted, and names the connection.
    pub fn add(&self, wire: Rc<Wire>) -> ConnId {
        let id = ConnId::new(self.hub, self.next.replace(self.next.get() + 1));
        self.slots.borrow_mut().push(Slot {
            id,
            hears: None,
            wire: Some(wire),
        });
        id
    }

    /// Removes a connection's wire.
    pub fn remove(&self, id: ConnId) {
        let mut slots = self.slots.borrow_mut();
        let Some(slot) = find(&mut slots, id) else {
            return;
        };
        if slot.wire.take().is_none() {
            return;
        }
        let holes = self.holes.get() + 1;
        if holes >= MIN_HOLES && holes * 4 > slots.len() {
            slots.retain(|slot| slot.wire.is_some());
            let kept = slots.len();
            slots.shrink_to(kept + kept / 4 + MIN_HOLES);
            self.holes.set(0);
        } else {
            self.holes.set(holes);
        }
    }

    fn each(&self, mut visit: impl FnMut(Dialect, &Rc<Wire>)) {
        for slot in self.slots.borrow().iter() {
            if let (Some(hears), Some(wire)) = (slot.hears, &slot.wire) {
                visit(hears, wire);
            }
        }
    }

    /// Lets a connection hear the second classic dialect from now on.
    pub fn hear_bare(&self, id: ConnId) {
        let mut slots = self.slots.borrow_mut();
        if let Some(slot) = find(&mut slots, id)
            && slot.hears == Some(Dialect::Classic)
        {
            slot.hears = Some(Dialect::Bare);
        }
    }

    fn broadcast(&self, news: &Frames) {
        self.each(|hears, wire| {
            let frames = news.of(hears);
            if !frames.is_empty() {
                wire.send(frames);
            }
        });
    }

    fn tell(&self, tell: &Tell) {
        let mut slots = self.slots.borrow_mut();
        let Some(slot) = find(&mut slots, tell.to) else {
            return;
        };
        let Some(wire) = &slot.wire else { return };
        if !tell.frames.is_empty() {
            wire.send(&tell.frames);
        }
        match tell.then {
            Then::Nothing => {}
            Then::Hear(dialect) => slot.hears = Some(dialect),
            Then::Close(close) => {
                telemetry::closed(close);
                wire.close(&frame::close(close));
            }
        }
    }

    fn cut_all(&self) {
        for slot in self.slots.borrow().iter() {
            if let Some(wire) = &slot.wire {
                wire.cut();
            }
        }
    }
}

fn find(slots: &mut [Slot], id: ConnId) -> Option<&mut Slot> {
    let at = slots.binary_search_by_key(&id, |slot| slot.id).ok()?;
    slots.get_mut(at)
}

/// What one connection hears.
#[derive(Debug)]
pub struct Tell {
    /// The connection.
    pub to: ConnId,
    /// Whole frames, possibly none.
    pub frames: Bytes,
    /// What happens after them.
    pub then: Then,
}

/// What a [`Tell`] does after its frames.
#[derive(Debug, Clone, Copy)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// From now on the connection hears what everybody hears, in this dialect.
    Hear(Dialect),
    /// The connection ends with this code.
    Close(Close),
}

/// Frames for everybody on this thread, then for single connections.
#[derive(Debug, Default, Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// For everybody.
    pub news: Frames,
    /// For single connections, in order.
    pub tells: Vec<Tell>,
}

/// The server goes down: everybody is told, with his own time to come back.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseAll {
    /// Clients are asked to come back after this long …
    pub after_ms: u64,
    /// … and up to this much more, so that they do not come all at once.
    pub spread_ms: u64,
}

/// The actor that owns a thread's fan-out.
#[derive(Debug)]
pub struct Hub {
    wires: Rc<Wires>,
    overrun: Arc<AtomicBool>,
}

impl Hub {
    /// The hub of `wires`. Whoever finds its mailbox full sets `overrun`.
    #[must_use]
    pub fn new(wires: Rc<Wires>, overrun: Arc<AtomicBool>) -> Self {
        Self { wires, overrun }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Deliver> for Hub {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, _ctx: &mut Self::Context) {
        if self.overrun.swap(false, Ordering::AcqRel) {
            self.wires.cut_all();
            return;
        }
        if !deliver.news.is_empty() {
            self.wires.broadcast(&deliver.news);
        }
        for tell in &deliver.tells {
            self.wires.tell(tell);
        }
    }
}

impl Handler<CloseAll> for Hub {
    type Result = ();

    fn handle(&mut self, all: CloseAll, _ctx: &mut Self::Context) {
        let close = frame::close(Close::Restart);
        self.wires.each(|hears, wire| {
            if hears == Dialect::Feed {
                let wait = all.after_ms + rand::random_range(0..=all.spread_ms);
                let seconds = std::time::Duration::from_millis(wait).as_secs_f64();
                wire.send(&feed::bye(Close::Restart.reason(), Some(seconds)));
            }
            telemetry::closed(Close::Restart);
            wire.close(&close);
        });
    }
}
