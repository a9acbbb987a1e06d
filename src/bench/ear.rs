//! One who listens: how far he is in what everybody hears.

use std::collections::VecDeque;

use bytes::Bytes;

/// Where somebody is. He is made by a hearing, and handed back to it with each frame.
#[derive(Debug)]
pub struct Ear {
    /// The place of what he hears next; `None` when only his first message will say.
    place: Option<usize>,
    /// What he heard before anybody else heard what comes before it: two sockets are read in any
    /// order. No more than has been said.
    early: VecDeque<Bytes>,
    /// Whether others wait until he has heard.
    counts: bool,
}

impl Ear {
    pub(super) fn listener(place: usize) -> Self {
        Self {
            place: Some(place),
            early: VecDeque::new(),
            counts: true,
        }
    }

    pub(super) fn passer_by(place: Option<usize>) -> Self {
        Self {
            place,
            early: VecDeque::new(),
            counts: false,
        }
    }

    /// Messages before the one that he hears next, in the room's order.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.place
    }

    pub(super) fn counts(&self) -> bool {
        self.counts
    }

    pub(super) fn at(&mut self, place: usize) {
        self.place = Some(place);
    }

    /// Whether he is further than the first `heard` messages.
    pub(super) fn is_ahead_of(&self, heard: usize) -> bool {
        self.place.is_some_and(|place| place > heard) || !self.early.is_empty()
    }

    /// Keeps what cannot be judged yet; false when there is nothing that it could be.
    pub(super) fn keeps(&mut self, payload: &Bytes, said: usize) -> bool {
        let place = self.place.unwrap_or_default() + self.early.len();
        if place < said {
            self.early.push_back(payload.clone());
        }
        place < said
    }

    /// The next of what was kept that can be judged, now that `heard` messages are known.
    pub(super) fn kept(&mut self, heard: usize) -> Option<Bytes> {
        let ready = self.place.is_some_and(|place| place <= heard);
        ready.then(|| self.early.pop_front())?
    }
}
