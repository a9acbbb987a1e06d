//! What the tool itself used of its core: a tool at its limit measures itself, not the server.

use std::fs;
use std::time::{Duration, Instant};

/// The share of its core from which on the tool may be the limit.
pub const FULL: f64 = 0.95;

/// A period in which the tool works.
#[derive(Debug)]
pub struct Effort {
    began: Instant,
    cpu: Option<Duration>,
}

impl Effort {
    /// Begins a period now.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            cpu: own_cpu(),
        }
    }

    /// Duration so far.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// The share of its core that the tool has used so far, 1.0 = all of it; `None` when the kernel does not say.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let used = own_cpu()?.checked_sub(self.cpu?)?;
        Some(used.as_secs_f64() / self.took().as_secs_f64())
    }
}

/// CPU time of this thread so far.
fn own_cpu() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}
