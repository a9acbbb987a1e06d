//! When and where the sessions of accounts were last seen, buffered on the way to the store.
//!
//! Requests note themselves here, in memory; a job writes what is new once a minute, so that
//! a visit costs no write of its own. Holds places, never addresses. Bounded by [`MOST`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::store::accounts::sessions::SessionActivity;

/// A session that was seen is not looked at again within this time, in ms.
const EVERY: i64 = 5 * 60 * 1_000;

/// Most sessions kept; those beyond are noted later.
const MOST: usize = 10_000;

#[derive(Debug)]
struct Noted {
    activity: SessionActivity,
    written: bool,
}

/// The sessions seen lately, by session id.
#[derive(Debug, Default)]
pub struct LastSeen(Mutex<HashMap<String, Noted>>);

impl LastSeen {
    /// Notes that a session was seen; `device` is called only when a note is made.
    pub fn note(&self, sid: &str, place: &str, now: i64, device: impl FnOnce() -> String) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = noted.get(sid);
        let fresh =
            |known: &Noted| now - known.activity.at < EVERY && known.activity.place == place;
        if known.is_some_and(fresh) || (known.is_none() && noted.len() >= MOST) {
            return;
        }
        let activity = SessionActivity {
            device: device(),
            place: place.to_owned(),
            at: now,
        };
        noted.insert(
            sid.to_owned(),
            Noted {
                activity,
                written: false,
            },
        );
    }

    /// When and where a session was seen lately, if it was.
    #[must_use]
    pub fn get(&self, sid: &str) -> Option<SessionActivity> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(sid).map(|noted| noted.activity.clone())
    }

    /// The notes that have not been handed to the store yet. Old ones are dropped.
    #[must_use]
    pub fn unwritten(&self, now: i64) -> Vec<(String, SessionActivity)> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, noted| !noted.written || now - noted.activity.at < EVERY);
        noted
            .iter_mut()
            .filter(|(_, noted)| !noted.written)
            .map(|(sid, noted)| {
                noted.written = true;
                (sid.clone(), noted.activity.clone())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(last_seen: &LastSeen, sid: &str, place: &str, now: i64) {
        last_seen.note(sid, place, now, || "Chrome".to_owned());
    }

    #[test]
    fn a_session_is_written_every_few_minutes_and_when_its_place_changes() {
        let last_seen = LastSeen::default();
        let written = |now| {
            let mut all: Vec<_> = last_seen
                .unwritten(now)
                .into_iter()
                .map(|(sid, activity)| format!("{sid} {} {}", activity.place, activity.at))
                .collect();
            all.sort();
            all.join(", ")
        };
        note(&last_seen, "a", "北京", 1_000);
        note(&last_seen, "a", "北京", 2_000);
        note(&last_seen, "b", "", 2_000);
        assert_eq!(written(3_000), "a 北京 1000, b  2000");
        note(&last_seen, "a", "北京", EVERY);
        assert_eq!(written(EVERY), "");
        note(&last_seen, "a", "浙江", EVERY);
        note(&last_seen, "b", "", EVERY + 2_000);
        assert_eq!(
            written(EVERY + 2_000),
            format!("a 浙江 {EVERY}, b  {}", EVERY + 2_000)
        );
        assert_eq!(written(3 * EVERY), "");
        assert_eq!(last_seen.get("a"), None, "forgotten");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let last_seen = LastSeen::default();
        for number in 0..MOST + 5 {
            note(&last_seen, &number.to_string(), "", 0);
        }
        assert_eq!(last_seen.unwritten(0).len(), MOST);
    }
}
