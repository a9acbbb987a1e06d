//! One worker thread's wires, in the order in which they came.
//!
//! Walking them in that order keeps the kernel's memory of their sockets warm. Ids grow in the same
//! order, so a wire is found by binary search and a walk can be left and taken up again, whoever
//! came or went meanwhile. Bounded by the connections that the house admits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::hub::{Tell, Then};
use super::wire::Wire;
use super::{ConnId, Dialect, Frames};
use crate::protocol::frame;
use crate::telemetry;

/// Holes tolerated among the slots before they are closed: at least this many, and a quarter.
const MIN_HOLES: usize = 64;

/// The table.
#[derive(Debug)]
pub struct Wires {
    hub: u16,
    slots: RefCell<Vec<Slot>>,
    holes: Cell<usize>,
    next: Cell<u64>,
}

#[derive(Debug)]
struct Slot {
    id: ConnId,
    hears: Option<Dialect>,
    wire: Option<Rc<Wire>>,
}

impl Slot {
    fn hear(&self, news: &Frames) {
        if let (Some(hears), Some(wire)) = (self.hears, &self.wire) {
            let frames = news.of(hears);
            if !frames.is_empty() {
                wire.send(frames);
            }
        }
    }
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

    /// Lets a connection hear the second classic dialect from now on.
    pub fn hear_bare(&self, id: ConnId) {
        let mut slots = self.slots.borrow_mut();
        if let Some(slot) = find(&mut slots, id)
            && slot.hears == Some(Dialect::Classic)
        {
            slot.hears = Some(Dialect::Bare);
        }
    }

    /// Visits every wire that hears something.
    pub fn each(&self, mut visit: impl FnMut(Dialect, &Rc<Wire>)) {
        for slot in self.slots.borrow().iter() {
            if let (Some(hears), Some(wire)) = (slot.hears, &slot.wire) {
                visit(hears, wire);
            }
        }
    }

    /// Lets the next `count` connections after `after` hear `news`, but for those in `but`, whose
    /// ids ascend. The last one that was passed; `None` when that was the last of all.
    pub fn walk(
        &self,
        news: &Frames,
        after: Option<ConnId>,
        but: &[ConnId],
        count: usize,
    ) -> Option<ConnId> {
        let slots = self.slots.borrow();
        let from = after.map_or(0, |after| slots.partition_point(|slot| slot.id <= after));
        let mut rest = slots.get(from..).unwrap_or_default().iter();
        let mut but = but.iter().peekable();
        let mut last = None;
        for slot in rest.by_ref().take(count) {
            while but.next_if(|id| **id < slot.id).is_some() {}
            if but.peek() != Some(&&slot.id) {
                slot.hear(news);
            }
            last = Some(slot.id);
        }
        last.filter(|_| rest.len() > 0)
    }

    /// Tells connection `id` what is its own in one write with all `news`, each of `tells` after
    /// as many of them as its number says.
    pub fn tell(&self, id: ConnId, news: &[Frames], tells: &[(usize, Tell)]) {
        let mut slots = self.slots.borrow_mut();
        let Some(slot) = find(&mut slots, id) else {
            return;
        };
        let Some(wire) = &slot.wire else { return };
        let mut news = news.iter();
        let mut passed = 0;
        let mut pieces = Vec::new();
        for (after, tell) in tells {
            let before = news.by_ref().take(after - passed);
            pieces.extend(before.filter_map(|news| Some(news.of(slot.hears?).clone())));
            passed = *after;
            pieces.push(tell.frames.clone());
            match tell.then {
                Then::Nothing => {}
                Then::Hear(dialect) => slot.hears = Some(dialect),
                Then::Close(close) => {
                    telemetry::closed(close);
                    wire.send_all(&pieces);
                    return wire.close(&frame::close(close));
                }
            }
        }
        pieces.extend(news.filter_map(|news| Some(news.of(slot.hears?).clone())));
        wire.send_all(&pieces);
    }

    /// Cuts every wire.
    pub fn cut_all(&self) {
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
