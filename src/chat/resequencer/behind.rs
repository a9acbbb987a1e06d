//! One room that lacks events: what waits in it, and how far it is behind.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::chat::resequencer::AHEAD;
use crate::model::seq::Seq;

/// A room that lacks events.
#[derive(Debug)]
pub(super) struct Behind<T, A> {
    /// The epoch of what waits.
    pub(super) epoch: String,
    /// What waits, with its bytes.
    pub(super) waiting: BTreeMap<Seq, (T, usize)>,
    pub(super) bytes: usize,
    pub(super) acks: Vec<(Seq, A)>,
    /// The newest event that was applied.
    pub(super) head: Seq,
    /// The newest event that is known to be in the store.
    pub(super) newest: Seq,
    /// Whether the room is to be read anew.
    pub(super) anew: bool,
    /// Whether that is so only because more is missing than may be, which may come meanwhile.
    pub(super) only_far: bool,
    pub(super) reading: bool,
    /// When it may be read.
    pub(super) due: Instant,
}

impl<T, A> Behind<T, A> {
    /// The newest event that is known of.
    pub(super) fn newest(&self) -> Seq {
        let last = self.waiting.last_key_value().map(|(seq, _)| *seq);
        self.newest.max(last.unwrap_or_default())
    }

    /// The newest event that is known of and does not wait.
    pub(super) fn last_missing(&self) -> Seq {
        let mut seq = self.newest();
        while self.waiting.contains_key(&seq) {
            seq = seq.previous();
        }
        seq
    }

    /// Reads the room anew when more is missing than may be.
    pub(super) fn look_how_far(&mut self, now: Instant) {
        if is_far(self.head, self.newest()) && !self.anew {
            self.read_anew(now);
            self.only_far = true;
        }
    }

    pub(super) fn read_anew(&mut self, now: Instant) {
        self.only_far = false;
        if !std::mem::replace(&mut self.anew, true) {
            self.due = now;
        }
    }
}

/// Whether more lies between two seqs than a room may lack.
pub(super) fn is_far(head: Seq, newest: Seq) -> bool {
    newest.0 - head.0 > i64::try_from(AHEAD).unwrap_or(i64::MAX)
}
