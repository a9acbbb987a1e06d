//! How fast people may talk.
//!
//! One bucket per person over all of his connections, and a wider one per address, so that
//! throwing the cookie away gains nothing. GCRA by the governor crate. Bounded by
//! [`Buckets::forget_idle`]: a bucket that is full again is forgotten.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::error::Error;

/// An address may talk this many times as fast as a person: a household or a classroom behind
/// one address.
const PEOPLE_PER_ADDRESS: u32 = 10;

/// One bucket per key; a number of 0 a minute is no limit.
#[derive(Debug)]
pub struct Buckets<K: Hash + Eq + Clone>(
    Option<RateLimiter<K, HashMapStateStore<K>, DefaultClock>>,
);

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Buckets of `per_minute`, which may all be taken at once and then come back evenly.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self(
            NonZeroU32::new(per_minute)
                .map(|per_minute| RateLimiter::hashmap(Quota::per_minute(per_minute))),
        )
    }

    /// Takes one from the bucket of `key`.
    ///
    /// # Errors
    /// The time to wait for the next one.
    pub fn take(&self, key: &K) -> Result<(), Duration> {
        match &self.0 {
            Some(limiter) => limiter
                .check_key(key)
                .map_err(|early| early.wait_time_from(DefaultClock::default().now())),
            None => Ok(()),
        }
    }

    /// Forgets buckets that are full again.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.0 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// The pace of talking.
#[derive(Debug)]
pub struct Pace {
    people: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

impl Pace {
    /// `per_minute` messages a person, 0 = no limit.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            people: Buckets::new(per_minute),
            addresses: Buckets::new(per_minute.saturating_mul(PEOPLE_PER_ADDRESS)),
        }
    }

    /// Counts one message of `person` from `address`.
    ///
    /// # Errors
    /// [`Error::TooFast`] with the time to wait.
    pub fn count(&self, person: &str, address: IpAddr) -> Result<(), Error> {
        self.people
            .take(&person.to_owned())
            .and_then(|()| self.addresses.take(&address))
            .map_err(|retry_after| Error::TooFast { retry_after })
    }

    /// Forgets those who have been quiet for a while.
    pub fn forget_idle(&self) {
        self.people.forget_idle();
        self.addresses.forget_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_allowed_number_is_admitted_over_all_connections() {
        let pace = Pace::new(60);
        let address = "10.0.0.1".parse().unwrap();
        let admitted = (0..1_000)
            .filter(|_| pace.count("u1", address).is_ok())
            .count();
        assert!((60..=61).contains(&admitted), "{admitted}");
        assert!(matches!(
            pace.count("u1", address),
            Err(Error::TooFast { .. })
        ));
        assert!(pace.count("u2", address).is_ok(), "others are not held up");
    }

    #[test]
    fn new_cookies_from_one_address_do_not_help_for_ever() {
        let pace = Pace::new(60);
        let address = "10.0.0.1".parse().unwrap();
        let admitted = (0..1_000)
            .filter(|n| pace.count(&format!("v{n}"), address).is_ok())
            .count();
        assert!((600..=610).contains(&admitted), "{admitted}");
    }

    #[test]
    fn no_limit_is_no_limit() {
        let pace = Pace::new(0);
        let address = "10.0.0.1".parse().unwrap();
        assert!((0..10_000).all(|_| pace.count("u1", address).is_ok()));
    }
}
