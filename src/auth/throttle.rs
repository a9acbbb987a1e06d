//! Slows down password guessing.
//!
//! Failures are counted per account from one address, and per address over all accounts; past a
//! few free ones each next attempt waits twice as long. Somebody who fails elsewhere does not lock
//! the owner out: their address has its own count. Bounded by [`KEPT`] counts.
//!
//! Several nodes of a server tell each other over NATS how attempts end, by keyed hashes that stand for account and
//! address, so that guesses count wherever they are made. What is not heard is not counted: beyond these limits come the
//! attempts that are under way, which are few, for each costs a hash of a password.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::num::ParseIntError;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::secrets::Secrets;
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

/// An account and an address, or an address: a keyed hash, so that other nodes can be told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Key(u128);

impl From<Key> for String {
    fn from(Key(digest): Key) -> Self {
        format!("{digest:032x}")
    }
}

impl TryFrom<String> for Key {
    type Error = ParseIntError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&digits, 16).map(Self)
    }
}

/// How an attempt has ended, as the other nodes of a server are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    account: Key,
    address: Key,
    failed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Failures and waits, by account and address.
pub struct Throttle {
    secrets: Secrets,
    counts: Mutex<HashMap<Key, Failures>>,
    /// The way to the other nodes, where there is one.
    tell: OnceLock<Box<dyn Fn(Attempt) + Send + Sync>>,
}

impl Throttle {
    /// Without failures. Nodes with the same `secrets` know the same account and address again.
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            counts: Mutex::default(),
            tell: OnceLock::new(),
        }
    }

    /// How other nodes are told from now on. The first way stays.
    pub fn tell_through(&self, tell: impl Fn(Attempt) + Send + Sync + 'static) {
        let _first = self.tell.set(Box::new(tell));
    }

    /// Whether an attempt on `account` from `address` may be made now.
    ///
    /// # Errors
    /// [`Error::SignInThrottled`] with the time to wait.
    pub fn admit(&self, account: &str, address: IpAddr, now: Instant) -> Result<(), Error> {
        let of = self.attempt(account, address, true);
        let counts = self.counts();
        let wait = [
            (of.account, FREE_PER_ACCOUNT),
            (of.address, FREE_PER_ADDRESS),
        ]
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

    /// Counts a failed attempt, here and at the other nodes.
    pub fn failed(&self, account: &str, address: IpAddr, now: Instant) {
        self.happened(self.attempt(account, address, true), now);
    }

    /// Resets the account's count for this address after a success, here and at the other nodes.
    pub fn succeeded(&self, account: &str, address: IpAddr, now: Instant) {
        self.happened(self.attempt(account, address, false), now);
    }

    /// Counts what another node has told.
    pub fn heard(&self, attempt: Attempt, now: Instant) {
        let mut counts = self.counts();
        if !attempt.failed {
            counts.remove(&attempt.account);
            return;
        }
        let keys = [attempt.account, attempt.address];
        make_room(&mut counts, keys.len(), now);
        for key in keys {
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

    fn happened(&self, attempt: Attempt, now: Instant) {
        self.heard(attempt, now);
        if let Some(tell) = self.tell.get() {
            tell(attempt);
        }
    }

    fn attempt(&self, account: &str, address: IpAddr, failed: bool) -> Attempt {
        let digest = |purpose, private: String| Key(self.secrets.digest(purpose, &private));
        Attempt {
            account: digest("throttle account", format!("{account}\0{address}")),
            address: digest("throttle address", address.to_string()),
            failed,
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Throttle")
    }
}

/// Drops what is forgotten, and else the oldest, until so many more fit.
fn make_room(counts: &mut HashMap<Key, Failures>, more: usize, now: Instant) {
    if counts.len() + more <= KEPT {
        return;
    }
    counts.retain(|_, failures| !failures.is_stale(now));
    while counts.len() + more > KEPT {
        let oldest = counts.iter().min_by_key(|(_, failures)| failures.last);
        let Some(oldest) = oldest.map(|(key, _)| *key) else {
            return;
        };
        counts.remove(&oldest);
    }
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
    use std::sync::Arc;

    use super::*;

    #[test]
    fn each_failure_past_the_free_ones_costs_twice_as_much() {
        let throttle = Throttle::new(Secrets::random());
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
        let throttle = Throttle::new(Secrets::random());
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
        let throttle = Throttle::new(Secrets::random());
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

    #[test]
    fn what_nodes_tell_each_other_counts_at_both_and_names_nobody() {
        let secrets = Secrets::random();
        let [one, other] = [secrets.clone(), secrets].map(|key| Arc::new(Throttle::new(key)));
        let now = Instant::now();
        let told = Arc::new(Mutex::new(String::new()));
        for (from, to) in [(&one, &other), (&other, &one)] {
            let (to, told) = (Arc::clone(to), Arc::clone(&told));
            from.tell_through(move |attempt| {
                let json = serde_json::to_string(&attempt).unwrap();
                to.heard(serde_json::from_str(&json).unwrap(), now);
                told.lock().unwrap().push_str(&json);
            });
        }
        let (here, elsewhere) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for _ in 0..3 {
            one.failed("ada", here, now);
            other.failed("ada", here, now);
        }
        for node in [&one, &other] {
            let refused = node.admit("ada", here, now).unwrap_err();
            assert_eq!(refused.retry_after(), Some(4), "six failures");
            assert!(node.admit("ada", elsewhere, now).is_ok());
        }
        one.succeeded("ada", here, now);
        assert!(other.admit("ada", here, now).is_ok());
        let told = told.lock().unwrap();
        assert!(!told.contains("ada") && !told.contains("10.0.0"), "{told}");
        let stranger = Throttle::new(Secrets::random());
        let (ours, theirs) = (
            one.attempt("ada", here, true),
            stranger.attempt("ada", here, true),
        );
        assert_ne!(ours, theirs, "without the key nobody finds out who it was");
    }

    #[test]
    fn no_more_counts_are_kept_than_there_is_room_for() {
        let mut counts = HashMap::new();
        let start = Instant::now();
        for number in 0..KEPT as u32 {
            let last = start + Duration::from_micros(number.into());
            counts.insert(Key(number.into()), Failures { count: 1, last });
        }
        make_room(&mut counts, 2, start);
        assert_eq!(counts.len(), KEPT - 2);
        assert!(!counts.contains_key(&Key(0)) && counts.contains_key(&Key(2)));
        make_room(
            &mut counts,
            3,
            start + LONGEST_WAIT + Duration::from_secs(1),
        );
        assert!(counts.is_empty(), "they were forgotten");
    }
}
