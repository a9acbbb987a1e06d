//! How often one kind of line is written.
//!
//! What strangers bring about (a bad cookie, a frame out of order) may happen a thousand times a
//! second; the log has so many of each kind in [`WINDOW`], and then the last one with the number of
//! those that were left out. A kind is the place in the code, so there are as many as it has.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;

/// The window.
const WINDOW: Duration = Duration::from_secs(60);

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is written.
    Said(Vec<u8>),
    /// It is held back.
    Held {
        /// Whether it is the first of its window.
        first: bool,
    },
}

/// What was logged of each kind in its window.
#[derive(Debug, Default)]
pub(super) struct Seldom(HashMap<Identifier, Kind>);

#[derive(Debug)]
struct Kind {
    since: Instant,
    said: u32,
    held: u64,
    last: Vec<u8>,
}

impl Seldom {
    /// A line of this kind, of which there may be `most` in a window.
    pub(super) fn take(
        &mut self,
        kind: Identifier,
        most: u32,
        line: Vec<u8>,
        now: Instant,
    ) -> Fate {
        let kind = self.0.entry(kind).or_insert_with(|| Kind::new(now));
        if kind.held == 0 && now.duration_since(kind.since) >= WINDOW {
            *kind = Kind::new(now);
        }
        if kind.said < most {
            kind.said += 1;
            return Fate::Said(line);
        }
        kind.held += 1;
        kind.last = line;
        Fate::Held {
            first: kind.held == 1,
        }
    }

    /// When something that is held back will be due.
    pub(super) fn next(&self, now: Instant) -> Option<Duration> {
        let held = self.0.values().filter(|kind| kind.held > 0);
        held.map(|kind| (kind.since + WINDOW).saturating_duration_since(now))
            .min()
    }

    /// The last line of each kind whose window is over at `now`, or of all, with the number of the
    /// others.
    pub(super) fn due(&mut self, now: Option<Instant>) -> Vec<Vec<u8>> {
        let mut due = Vec::new();
        for kind in self.0.values_mut() {
            let over = now.is_none_or(|now| now.duration_since(kind.since) >= WINDOW);
            if kind.held == 0 || !over {
                continue;
            }
            let mut line = std::mem::take(&mut kind.last);
            if kind.held > 1 {
                line.pop_if(|end| *end == b'\n');
                line.extend(format!(" (and {} more of these)\n", kind.held - 1).bytes());
            }
            due.push(line);
            kind.held = 0;
        }
        due
    }
}

impl Kind {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            said: 0,
            held: 0,
            last: Vec::new(),
        }
    }
}
