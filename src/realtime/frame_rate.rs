//! How often one connection does something.

use std::time::{Duration, Instant};

/// Seconds over which a rate is averaged.
const BURST: u32 = 5;

/// Counts events of one connection second by second, with five seconds' worth to spare for a
/// burst.
#[derive(Debug)]
pub(super) struct FrameRateLimit {
    since: Instant,
    count: u32,
}

impl FrameRateLimit {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            count: 0,
        }
    }

    /// Counts one, and returns whether it is one of no more than `per_second` for long.
    pub(super) fn admits(&mut self, now: Instant, per_second: u32) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(u64::from(BURST)) {
            *self = Self::new(now);
        }
        self.count += 1;
        self.count <= per_second.saturating_mul(BURST)
    }

    /// How long until everything is admitted again.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        let over = self.since + Duration::from_secs(u64::from(BURST));
        over.saturating_duration_since(now)
    }
}
