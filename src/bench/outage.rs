//! The server's absence in a restart, as its people live through it: who was cut off, and who is back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::acks::Acks;
use super::hearing::{Hearing, STUCK};
use super::measure::kind;
use super::options::Protocol;
use super::progress::Progress;
use super::said::Says;

/// What everybody who lives through a restart shares.
#[derive(Debug)]
pub struct Outage {
    /// Where it is, before and after.
    pub address: SocketAddr,
    /// What they hear.
    pub hearing: Hearing,
    /// What the one who talks was promised.
    pub acks: Acks,
    /// Messages that the one who talks may say by now.
    pub may_say: Cell<usize>,
    /// Who was cut off, by number.
    pub(super) blackouts: RefCell<BTreeMap<usize, Blackout>>,
    /// How many of these are back.
    inside: Cell<usize>,
    /// How often somebody who was back lost their line again.
    pub(super) again: Cell<usize>,
    /// Messages that came with a resume.
    pub resumed: Cell<usize>,
    changed: Notify,
}

/// How somebody was cut off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blackout {
    /// When their line ended, the first time.
    pub(super) lost: Instant,
    /// When their resume had been answered, the last time.
    pub(super) back: Option<Instant>,
}

impl Outage {
    /// Before a restart of the server at `address`, of which so many messages may be said.
    ///
    /// # Errors
    /// When the tool has no memory for what it measures.
    pub fn new(address: SocketAddr, may_say: usize) -> anyhow::Result<Self> {
        Ok(Self {
            address,
            hearing: Hearing::new(Says::Words(kind(Protocol::Feed)), 0)?,
            acks: Acks::new()?,
            may_say: Cell::new(may_say),
            blackouts: RefCell::default(),
            inside: Cell::new(0),
            again: Cell::new(0),
            resumed: Cell::new(0),
            changed: Notify::new(),
        })
    }

    /// Somebody's line has ended: by the restart, or by a server to which too many came back.
    pub fn lost(&self, number: usize) {
        let mut blackouts = self.blackouts.borrow_mut();
        let lost = Instant::now();
        let blackout = blackouts.entry(number);
        let blackout = blackout.or_insert(Blackout { lost, back: None });
        if blackout.back.take().is_some() {
            self.inside.set(self.inside.get().saturating_sub(1));
            self.again.set(self.again.get() + 1);
        }
    }

    /// Somebody has come back and caught up.
    pub fn back(&self, number: usize) {
        if let Some(blackout) = self.blackouts.borrow_mut().get_mut(&number) {
            blackout.back = Some(Instant::now());
            self.inside.set(self.inside.get() + 1);
        }
        self.changed.notify_waiters();
    }

    /// When so many are back; sooner when nobody comes back any more.
    pub async fn all_back(&self, count: usize) {
        let mut progress = Progress::new("people back", count);
        while self.inside.get() < count {
            if timeout(STUCK, self.changed.notified()).await.is_err() {
                // Whoever is not back misses messages, which is counted.
                return;
            }
            progress.at(self.inside.get());
        }
    }
}
