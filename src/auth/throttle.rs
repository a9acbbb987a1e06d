//! Slows down password guessing.
//!
//! Failures are counted per account from one address, and per address over all accounts; past a
//! few free ones each next attempt waits twice as long. Somebody who fails elsewhere does not lock
//! the owner out: their address has its own count. Bounded by [`KEPT`] counts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;

/// Failures without a wait, for one account from one address.
const FREE_PER_ACCOUNT: u32 = 5;

/// Failures without a wait, from one address over all accounts.
const FREE_PER_ADDRESS: u32 = 20;

/// The first wait; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// The longest wait, after which a failure is also forgotten.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// Most counts kept; the oldest are dropped first.
const KEPT: usize = 50_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String, IpAddr),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Failures and waits, by account and address.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Failures>>);

impl Throttle {
    /// Whether an attempt on `account` from `address` may be made now.
    ///
    /// # Errors
    /// [`Error::SignInThrottled`] with the time to wait.
    pub fn admit(&self, account: &str, address: IpAddr, now: Instant) -> Result<(), Error> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys(account, address)
            .into_iter()
            .filter_map(|(key, free)| counts.get(&key).map(|failures| failures.wait(free, now)))
            .max()
            .unwrap_or_default();
        if wait.is_zero() {
            Ok(())
        } else {
            Err(Error::SignInThrottled { retry_after: wait })
        }
    }

    /// Counts a failed attempt.
    pub fn failed(&self, account: &str, address: IpAddr, now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= KEPT {
            counts.retain(|_, failures| !failures.is_stale(now));
        }
        if counts.len() >= KEPT
            && let Some(oldest) = counts
                .iter()
                .min_by_key(|(_, failures)| failures.last)
                .map(|(key, _)| key.clone())
        {
            counts.remove(&oldest);
        }
        for (key, _) in keys(account, address) {
            let failures = counts.entry(key).or_insert(Failures {
                count: 0,
                last: now,
            });
            if failures.is_stale(now) {
                failures.count = 0;
            }
            failures.count = failures.count.saturating_add(1);
            failures.last = now;
        }
    }

    /// Resets the account's count for this address after a success.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.remove(&Key::Account(account.to_owned(), address));
    }
}

fn keys(account: &str, address: IpAddr) -> [(Key, u32); 2] {
    [
        (Key::Account(account.to_owned(), address), FREE_PER_ACCOUNT),
        (Key::Address(address), FREE_PER_ADDRESS),
    ]
}

impl Failures {
    fn is_stale(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= LONGEST_WAIT
    }

    fn wait(&self, free: u32, now: Instant) -> Duration {
        let Some(over) = self.count.checked_sub(free) else {
            return Duration::ZERO;
        };
        let wait = FIRST_WAIT
            .saturating_mul(1 << over.min(16))
            .min(LONGEST_WAIT);
        (self.last + wait).saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_past_the_free_ones_costs_twice_as_much() {
        let throttle = Throttle::default();
        let here = "10.0.0.1".parse().unwrap();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..10 {
            if let Err(Error::SignInThrottled { retry_after }) = throttle.admit("ada", here, now) {
                waits.push(retry_after.as_secs());
                now += retry_after;
            }
            throttle.failed("ada", here, now);
        }
        assert_eq!(waits, [2, 4, 8, 16, 32]);
    }

    #[test]
    fn the_owner_gets_in_from_elsewhere_and_others_from_here() {
        let throttle = Throttle::default();
        let (here, elsewhere) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let now = Instant::now();
        for _ in 0..10 {
            throttle.failed("ada", here, now);
        }
        assert!(throttle.admit("ada", here, now).is_err());
        assert!(throttle.admit("ada", elsewhere, now).is_ok());
        assert!(throttle.admit("grace", here, now).is_ok());
    }

    #[test]
    fn going_through_accounts_from_one_address_ends() {
        let throttle = Throttle::default();
        let here = "10.0.0.1".parse().unwrap();
        let now = Instant::now();
        let tried = (0..1_000)
            .filter(|number| {
                let account = format!("a{number}");
                let admitted = throttle.admit(&account, here, now).is_ok();
                if admitted {
                    throttle.failed(&account, here, now);
                }
                admitted
            })
            .count();
        assert_eq!(tried, 20);
    }
}
