//! Rate limits: how often people may send messages, and do what else costs the server something.
//!
//! One bucket per person over all of their connections, and a wider one per address, so that
//! throwing the cookie away gains nothing. What is sent again, because its ack was lost, counts
//! once. Bounded by [`RateLimits::forget_idle`], a bucket that is full again is forgotten, and by [`REMEMBERED`].
//!
//! Buckets are those of GCRA (ITU-T I.371), which keeps one time for each. They are our own since what somebody does on
//! another node is taken from an empty bucket too, which the libraries that there are refuse.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::error::Error;
use crate::model::person::Person;
use crate::model::person_id::PersonId;

/// An address may send this many times as fast as a person: a household or a classroom behind
/// one address.
const PEOPLE_PER_ADDRESS: u32 = 10;

/// Nonces remembered as counted, about 2 MiB: minutes of a busy server, and a client sends again
/// within seconds of coming back.
const REMEMBERED: usize = 16_384;

/// How long an empty bucket takes to be full again, and so how much may be used at once.
const BURST: Duration = Duration::from_secs(60);

/// One bucket per key; a number of 0 a minute is no limit.
#[derive(Debug)]
pub struct RateLimits<K> {
    /// How long one takes to come back; zero is no limit.
    interval: Duration,
    /// When each bucket that is not full will be.
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Hash + Eq + Clone> RateLimits<K> {
    /// Rate limits of `per_minute`, which may all be used at once and then come back evenly.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            interval: BURST.checked_div(per_minute).unwrap_or_default(),
            full_at: Mutex::default(),
        }
    }

    /// Takes one from the bucket of `key`.
    ///
    /// # Errors
    /// The time to wait for the next one.
    pub fn take(&self, key: &K) -> Result<(), Duration> {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: &K, now: Instant) -> Result<(), Duration> {
        if self.is_none() {
            return Ok(());
        }
        let mut buckets = self.buckets();
        let full_at = self.after_one_more(&buckets, key, now);
        match full_at.checked_duration_since(now + BURST) {
            Some(early) if !early.is_zero() => Err(early),
            _ => {
                buckets.insert(key.clone(), full_at);
                Ok(())
            }
        }
    }

    /// Takes one that is gone already, also from an empty bucket: it owes up to [`BURST`], not more.
    fn charge_at(&self, key: &K, now: Instant) {
        if self.is_none() {
            return;
        }
        let mut buckets = self.buckets();
        let full_at = self.after_one_more(&buckets, key, now);
        buckets.insert(key.clone(), full_at.min(now + 2 * BURST));
    }

    fn after_one_more(&self, buckets: &HashMap<K, Instant>, key: &K, now: Instant) -> Instant {
        buckets.get(key).map_or(now, |full_at| now.max(*full_at)) + self.interval
    }

    fn is_none(&self) -> bool {
        self.interval.is_zero()
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets buckets that are full again.
    pub fn forget_idle(&self) {
        self.forget_idle_at(Instant::now());
    }

    fn forget_idle_at(&self, now: Instant) {
        let mut buckets = self.buckets();
        buckets.retain(|_, full_at| *full_at > now);
        buckets.shrink_to_fit();
    }
}

/// How fast each person may do something, and all strangers behind one address: without a cookie one can
/// be anybody, and with an account one need not wait for strangers at the same address.
#[derive(Debug)]
pub struct PersonRates {
    people: RateLimits<PersonId>,
    addresses: RateLimits<IpAddr>,
}

impl PersonRates {
    /// So many a minute for one person, [`PEOPLE_PER_ADDRESS`] times that for an address; 0 = no limit.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            people: RateLimits::new(per_minute),
            addresses: RateLimits::new(per_minute.saturating_mul(PEOPLE_PER_ADDRESS)),
        }
    }

    /// Counts one of `person` at `address`, which is a subscriber's.
    ///
    /// # Errors
    /// [`Error::TooFast`] with the time to wait.
    pub fn take(&self, person: &Person, address: IpAddr) -> Result<(), Error> {
        let shared = person.id.user().is_none().then_some(address);
        self.count(person.id, shared)
    }

    fn count(&self, person: PersonId, shared: Option<IpAddr>) -> Result<(), Error> {
        let own = self.people.take(&person.to_owned());
        own.and_then(|()| shared.map_or(Ok(()), |address| self.addresses.take(&address)))
            .map_err(|retry_after| Error::TooFast { retry_after })
    }

    /// Forgets those who have been quiet for a while.
    pub fn forget_idle(&self) {
        self.people.forget_idle();
        self.addresses.forget_idle();
    }
}

/// The rate limit of sending messages.
#[derive(Debug)]
pub struct MessageRates {
    rates: PersonRates,
    counted: HashSet<(PersonId, Uuid)>,
    /// The nonces that were counted, oldest first.
    order: VecDeque<(PersonId, Uuid)>,
}

impl MessageRates {
    /// `per_minute` messages a person, 0 = no limit.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            rates: PersonRates::new(per_minute),
            counted: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Counts one message of `person` from `address`; one that comes again under its `nonce` has
    /// been counted.
    ///
    /// # Errors
    /// [`Error::TooFast`] with the time to wait.
    pub fn count(
        &mut self,
        person: PersonId,
        address: IpAddr,
        nonce: Option<Uuid>,
    ) -> Result<(), Error> {
        if self.rates.people.is_none() {
            return Ok(());
        }
        let mark = nonce.map(|nonce| (person.to_owned(), nonce));
        if mark
            .as_ref()
            .is_some_and(|mark| self.counted.contains(mark))
        {
            return Ok(());
        }
        self.rates.count(person, Some(address))?;
        if let Some(mark) = mark {
            self.counted.insert(mark);
            self.order.push_back(mark);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.counted.remove(&oldest);
            }
        }
        Ok(())
    }

    /// Counts a message that `person` has sent over another node so long ago: what they have they have once, over all nodes.
    pub fn charge(&self, person: PersonId, age: Duration) {
        if let Some(sent) = Instant::now().checked_sub(age) {
            self.rates.people.charge_at(&person, sent);
        }
    }

    /// Forgets those who have been quiet for a while.
    pub fn forget_idle(&self) {
        self.rates.forget_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_allowed_number_is_admitted_over_all_connections() {
        let mut rates = MessageRates::new(60);
        let address = "10.0.0.1".parse().unwrap();
        let admitted = (0..1_000)
            .filter(|_| rates.count(PersonId::User(1), address, None).is_ok())
            .count();
        assert!((60..=61).contains(&admitted), "{admitted}");
        assert!(matches!(
            rates.count(PersonId::User(1), address, None),
            Err(Error::TooFast { .. })
        ));
        assert!(
            rates.count(PersonId::User(2), address, None).is_ok(),
            "others are not held up"
        );
    }

    #[test]
    fn new_cookies_from_one_address_do_not_help_for_ever() {
        let mut rates = MessageRates::new(60);
        let address = "10.0.0.1".parse().unwrap();
        let admitted = (0..1_000)
            .filter(|n| rates.count(PersonId::Visitor(*n), address, None).is_ok())
            .count();
        assert!((600..=610).contains(&admitted), "{admitted}");
    }

    fn person(id: PersonId) -> Person {
        Person {
            id,
            kind: id.into(),
            bot: false,
            name: String::new(),
            avatar: String::new(),
            place: String::new(),
        }
    }

    #[test]
    fn strangers_share_what_their_address_has_and_accounts_have_their_own() {
        let rates = PersonRates::new(6);
        let address = "10.0.0.1".parse().unwrap();
        let admitted = (0..1_000)
            .filter(|n| rates.take(&person(PersonId::Visitor(*n)), address).is_ok())
            .count();
        assert!((60..=70).contains(&admitted), "{admitted}");
        let ada = person(PersonId::User(1));
        assert!((0..6).all(|_| rates.take(&ada, address).is_ok()));
        assert!(rates.take(&ada, address).is_err());
    }

    #[test]
    fn what_is_sent_again_counts_once_and_the_memory_of_it_is_bounded() {
        let address = "10.0.0.1".parse().unwrap();
        let mut rates = MessageRates::new(2);
        let nonces = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];
        for _ in 0..50 {
            for nonce in &nonces[..2] {
                assert_eq!(
                    rates.count(PersonId::User(1), address, Some(*nonce)),
                    Ok(())
                );
            }
        }
        assert!(
            rates
                .count(PersonId::User(1), address, Some(nonces[2]))
                .is_err()
        );
        assert!(
            rates
                .count(PersonId::User(2), address, Some(nonces[0]))
                .is_ok(),
            "a nonce is its sender's"
        );
        let mut wide = MessageRates::new(u32::MAX);
        for number in 0..2 * REMEMBERED as u128 {
            wide.count(PersonId::User(1), address, Some(Uuid::from_u128(number)))
                .unwrap();
        }
        assert_eq!(
            (wide.counted.len(), wide.order.len()),
            (REMEMBERED, REMEMBERED)
        );
    }

    #[test]
    fn what_is_used_comes_back_evenly_and_what_is_refused_costs_nothing() {
        let limits = RateLimits::new(60);
        let start = Instant::now();
        assert!((0..60).all(|_| limits.take_at(&"ada", start).is_ok()));
        for _ in 0..1_000 {
            let wait = limits.take_at(&"ada", start).unwrap_err();
            assert_eq!(wait, Duration::from_secs(1));
        }
        let later = start + Duration::from_secs(10);
        let admitted = (0..60).filter(|_| limits.take_at(&"ada", later).is_ok());
        assert_eq!(admitted.count(), 10);
        assert_eq!(limits.take_at(&"lin", later), Ok(()));
    }

    #[test]
    fn what_is_done_elsewhere_is_owed_up_to_a_minute_and_no_longer() {
        let limits = RateLimits::new(60);
        let start = Instant::now();
        for _ in 0..60 {
            limits.charge_at(&"ada", start);
        }
        assert_eq!(limits.take_at(&"ada", start), Err(Duration::from_secs(1)));
        for _ in 0..10_000 {
            limits.charge_at(&"ada", start);
        }
        assert_eq!(limits.take_at(&"ada", start), Err(Duration::from_secs(61)));
        let later = start + Duration::from_secs(61);
        assert_eq!(limits.take_at(&"ada", later), Ok(()));
    }

    #[test]
    fn what_was_done_elsewhere_a_minute_ago_is_owed_no_more() {
        let mut rates = MessageRates::new(60);
        let address = "10.0.0.1".parse().unwrap();
        for _ in 0..60 {
            rates.charge(PersonId::User(1), Duration::from_secs(120));
            rates.charge(PersonId::User(2), Duration::ZERO);
        }
        assert_eq!(rates.count(PersonId::User(1), address, None), Ok(()));
        assert!(rates.count(PersonId::User(2), address, None).is_err());
    }

    #[test]
    fn a_bucket_that_is_full_again_is_forgotten_and_no_other() {
        let limits = RateLimits::new(60);
        let start = Instant::now();
        for _ in 0..30 {
            limits.take_at(&"ada", start).unwrap();
        }
        limits.take_at(&"lin", start).unwrap();
        limits.forget_idle_at(start + Duration::from_secs(1));
        assert_eq!(limits.buckets().keys().collect::<Vec<_>>(), [&"ada"]);
        limits.forget_idle_at(start + Duration::from_secs(30));
        assert!(limits.buckets().is_empty());
    }

    #[test]
    fn no_limit_is_no_limit() {
        let mut rates = MessageRates::new(0);
        let address = "10.0.0.1".parse().unwrap();
        rates.charge(PersonId::User(1), Duration::ZERO);
        assert!((0..10_000).all(|_| rates.count(PersonId::User(1), address, None).is_ok()));
    }
}
