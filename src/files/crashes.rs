//! Whose files have ended the children that looked at them: whoever sends several of those waits before they
//! may send more.
//!
//! Bounds: [`REMEMBERED`] crashes in memory, each for [`REST`].

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::model::person_id::PersonId;

/// Crashes after which a person waits: one or two may be a camera's fault.
const MOST: usize = 3;

/// How long a crash counts, and therefore how long they wait.
const REST: Duration = Duration::from_secs(600);

/// Crashes that are remembered; of a server that has more in ten minutes the oldest do not count any more.
const REMEMBERED: usize = 1_000;

/// The crashes of the last minutes, the oldest first.
#[derive(Debug, Default)]
pub struct Crashes(Mutex<VecDeque<(Instant, PersonId)>>);

impl Crashes {
    /// A child ended without an answer over a file of this person.
    pub fn note(&self, owner: PersonId) {
        self.note_at(owner, Instant::now());
    }

    fn note_at(&self, owner: PersonId, now: Instant) {
        let mut crashes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if crashes.len() == REMEMBERED {
            crashes.pop_front();
        }
        crashes.push_back((now, owner));
    }

    /// Whether this person may send more.
    ///
    /// # Errors
    /// [`Error::TooFast`] until the first of the last [`MOST`] is forgotten.
    pub fn check(&self, owner: PersonId) -> Result<(), Error> {
        self.check_at(owner, Instant::now())
    }

    fn check_at(&self, owner: PersonId, now: Instant) -> Result<(), Error> {
        let mut crashes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, _)) = crashes.front()
            && now.duration_since(*at) >= REST
        {
            crashes.pop_front();
        }
        let theirs = crashes.iter().rev().filter(|(_, by)| *by == owner);
        match theirs.map(|(at, _)| *at).nth(MOST - 1) {
            Some(at) => Err(Error::TooFast {
                retry_after: REST.saturating_sub(now.duration_since(at)),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_three_crashes_a_person_waits_and_nobody_else() {
        let crashes = Crashes::default();
        let (ada, bob) = (PersonId::User(1), PersonId::User(2));
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        for seconds in [0, 60, 120] {
            assert_eq!(crashes.check_at(ada, after(seconds)), Ok(()));
            crashes.note_at(ada, after(seconds));
        }
        let retry_after = Duration::from_secs(470);
        let refused = Err(Error::TooFast { retry_after });
        assert_eq!(crashes.check_at(ada, after(130)), refused);
        assert_eq!(crashes.check_at(bob, after(130)), Ok(()));
        assert_eq!(
            crashes.check_at(ada, after(600)),
            Ok(()),
            "the first is forgotten"
        );
    }

    #[test]
    fn no_more_than_a_thousand_are_remembered() {
        let crashes = Crashes::default();
        let now = Instant::now();
        for person in 0..1_500 {
            crashes.note_at(PersonId::User(person), now);
        }
        assert_eq!(crashes.0.lock().unwrap().len(), REMEMBERED);
    }
}
