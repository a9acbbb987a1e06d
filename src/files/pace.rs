//! How fast uploads may come in: so fast that nobody waits, and so slow that the server has time for others.
//!
//! One upload may take a third of what all together may, so that a fast line leaves room for a second one.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// What is counted: bytes by this many, so that a second of any disk fits the numbers of the limiter.
const UNIT: usize = 1024;

/// Of all bytes that may come in, one upload may have this part.
const PART_OF_ONE: u32 = 3;

/// How fast uploads may come in.
#[derive(Debug)]
pub struct Pace {
    units: Option<NonZeroU32>,
    all: Option<DefaultDirectRateLimiter>,
}

/// How fast one upload may come in.
#[derive(Debug)]
pub struct PaceOfOne<'a> {
    all: Option<&'a DefaultDirectRateLimiter>,
    own: Option<DefaultDirectRateLimiter>,
}

impl Pace {
    /// So many bytes a second together; 0 = no limit.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> Self {
        let units = bytes_per_second / UNIT as u64;
        let units = NonZeroU32::new(u32::try_from(units).unwrap_or(u32::MAX));
        Self {
            units,
            all: units.map(|units| RateLimiter::direct(Quota::per_second(units))),
        }
    }

    /// For one upload.
    #[must_use]
    pub fn of_one(&self) -> PaceOfOne<'_> {
        let part = self.units.map(|units| {
            let part = NonZeroU32::new(units.get() / PART_OF_ONE).unwrap_or(NonZeroU32::MIN);
            RateLimiter::direct(Quota::per_second(part))
        });
        PaceOfOne {
            all: self.all.as_ref(),
            own: part,
        }
    }
}

impl PaceOfOne<'_> {
    /// Waits until `bytes` more may have come in.
    pub async fn pass(&self, bytes: usize) {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        for limiter in self.own.iter().chain(self.all) {
            while let Some(wait) = wait(limiter, units) {
                tokio::time::sleep(wait).await;
            }
        }
    }
}

/// How long until `units` fit; `None` when they do, or when they never would.
fn wait(limiter: &DefaultDirectRateLimiter, units: u32) -> Option<Duration> {
    let units = NonZeroU32::new(units)?;
    match limiter.check_n(units) {
        Ok(Err(later)) => Some(later.wait_time_from(DefaultClock::default().now())),
        Ok(Ok(())) | Err(_) => None,
    }
}
