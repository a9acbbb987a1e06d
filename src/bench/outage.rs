//! A restart as the clients see it: who was disconnected, and who is back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use super::acks::Acks;
use super::deliveries::{Deliveries, STUCK};
use super::measure::kind;
use super::options::Protocol;
use super::progress::Progress;
use super::said::Says;

/// State that all clients share through a restart.
#[derive(Debug)]
pub struct Outage {
    /// The server's address, the same before and after.
    pub address: SocketAddr,
    /// What the clients receive.
    pub deliveries: Deliveries,
    /// The acks of the sender.
    pub acks: Acks,
    /// Messages that the sender may have sent by now.
    pub may_say: Cell<usize>,
    /// Those who were disconnected, by number.
    pub(super) blackouts: RefCell<BTreeMap<usize, Blackout>>,
    /// How many of them are back.
    inside: Cell<usize>,
    /// How often somebody who was back lost their connection again.
    pub(super) again: Cell<usize>,
    /// Messages that were delivered by a resume.
    pub resumed: Cell<usize>,
    changed: Notify,
}

/// One client's time without a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blackout {
    /// When their connection ended, the first time.
    pub(super) lost: Instant,
    /// When their resume was answered, the last time; `None` before that.
    pub(super) back: Option<Instant>,
    /// When their connection ended, the last time.
    cut: Instant,
    /// How often it did.
    pub(super) cuts: u32,
    /// How long they were without one at most.
    pub(super) longest: Duration,
}

impl Outage {
    /// State before a restart of the server at `address`; the sender may send `may_say` messages.
    ///
    /// # Errors
    /// When the histograms cannot be allocated.
    pub fn new(address: SocketAddr, may_say: usize) -> anyhow::Result<Self> {
        Ok(Self {
            address,
            deliveries: Deliveries::new(Says::Words(kind(Protocol::Feed)), 0)?,
            acks: Acks::new()?,
            may_say: Cell::new(may_say),
            blackouts: RefCell::default(),
            inside: Cell::new(0),
            again: Cell::new(0),
            resumed: Cell::new(0),
            changed: Notify::new(),
        })
    }

    /// Notes that a connection has ended: by the restart, or by a server to which too many came back.
    pub fn lost(&self, number: usize) {
        let mut blackouts = self.blackouts.borrow_mut();
        let lost = Instant::now();
        let blackout = blackouts.entry(number);
        let blackout = blackout.or_insert(Blackout {
            lost,
            back: None,
            cut: lost,
            cuts: 0,
            longest: Duration::ZERO,
        });
        blackout.cut = lost;
        blackout.cuts += 1;
        if blackout.back.take().is_some() {
            self.inside.set(self.inside.get().saturating_sub(1));
            self.again.set(self.again.get() + 1);
        }
    }

    /// Notes that a client has reconnected and caught up.
    pub fn back(&self, number: usize) {
        if let Some(blackout) = self.blackouts.borrow_mut().get_mut(&number) {
            let now = Instant::now();
            blackout.back = Some(now);
            blackout.longest = blackout.longest.max(now - blackout.cut);
            self.inside.set(self.inside.get() + 1);
        }
        self.changed.notify_waiters();
    }

    /// How many were disconnected.
    pub fn lost_ones(&self) -> usize {
        self.blackouts.borrow().len()
    }

    /// Waits until `count` clients are back; shorter when nobody comes back any more.
    pub async fn all_back(&self, count: usize) {
        let mut progress = Progress::new("people back", count);
        while self.inside.get() < count {
            if timeout(STUCK, self.changed.notified()).await.is_err() {
                // Whoever is not back misses messages, which are counted as lost.
                return;
            }
            progress.at(self.inside.get());
        }
    }
}
