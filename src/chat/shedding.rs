//! Shedding: how far ChatServer is behind, and what is left out because of it.
//!
//! ChatServer notes a tick whenever it gets around to its timers; the age of the newest one is how
//! late everything else is. Under overload the least important goes first: who types, then
//! counts of who is online, then searching, then reading of history, then new connections.
//! A new message is never left out here: it is refused with an error when a queue is full, and kept once
//! it was acked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::telemetry;

/// How often ChatServer notes that it lives.
pub const TICK: Duration = Duration::from_millis(100);

/// What can be left out, the first to go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Broadcasting who types.
    Typing,
    /// Broadcasting who is online.
    Presence,
    /// Searching messages, and looking through a room's files.
    Searching,
    /// Reading history and lists over HTTP.
    Reading,
    /// New connections and pages.
    Arrival,
}

impl Workload {
    /// The lag from which on it is left undone: people notice a second, and by then what makes
    /// it longer must have stopped.
    #[must_use]
    pub fn max_lag(self) -> Duration {
        match self {
            Self::Typing => Duration::from_millis(200),
            Self::Presence => Duration::from_millis(250),
            Self::Searching => Duration::from_millis(500),
            Self::Reading => Duration::from_secs(1),
            Self::Arrival => Duration::from_secs(2),
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Presence => "presence",
            Self::Searching => "searching",
            Self::Reading => "reading",
            Self::Arrival => "arrival",
        }
    }
}

/// ChatServer's lag: cheap to clone, usable from any thread.
#[derive(Debug, Clone)]
pub struct Shedding {
    began: Instant,
    /// Of the newest tick, in ms since `began`.
    ticked: Arc<AtomicU64>,
}

impl Default for Shedding {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            ticked: Arc::default(),
        }
    }
}

impl Shedding {
    /// ChatServer has got around to its timers.
    pub fn tick(&self) {
        self.tick_at(Instant::now());
    }

    /// Whether there is time for `work`; counted when there is not.
    #[must_use]
    pub fn admits(&self, work: Workload) -> bool {
        let admitted = self.lag_at(Instant::now()) < work.max_lag();
        if !admitted {
            telemetry::shed(work.label());
        }
        admitted
    }

    /// The same for a request.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn admit(&self, work: Workload) -> Result<(), Error> {
        self.admits(work).then_some(()).ok_or(Error::Busy)
    }

    fn tick_at(&self, now: Instant) {
        let ms = now.saturating_duration_since(self.began).as_millis();
        let ms = u64::try_from(ms).unwrap_or(u64::MAX);
        self.ticked.store(ms, Ordering::Release);
    }

    /// How much later than it should the next tick is.
    fn lag_at(&self, now: Instant) -> Duration {
        let ticked = Duration::from_millis(self.ticked.load(Ordering::Acquire));
        now.saturating_duration_since(self.began)
            .saturating_sub(ticked)
            .saturating_sub(TICK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_goes_first_and_all_comes_back() {
        let load = Shedding::default();
        let all = [
            Workload::Presence,
            Workload::Searching,
            Workload::Reading,
            Workload::Arrival,
        ];
        let left_undone = |after_ms: u64| {
            let lag = load.lag_at(load.began + Duration::from_millis(after_ms));
            all.iter().filter(|work| lag >= work.max_lag()).count()
        };
        let undone: Vec<usize> = [0, 200, 400, 650, 1_050, 1_200, 2_200]
            .map(left_undone)
            .into();
        assert_eq!(undone, [0, 0, 1, 2, 2, 3, 4]);
        load.tick_at(load.began + Duration::from_millis(2_200));
        assert_eq!(left_undone(2_250), 0, "it has caught up");
    }
}
