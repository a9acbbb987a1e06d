//! One receiver: how far they are in what everybody receives.

use std::collections::VecDeque;

use bytes::Bytes;

/// The position of one receiver. A hearing makes it, and takes it with each frame.
#[derive(Debug)]
pub struct Receiver {
    /// Position of the next message; `None` when only their first message will tell.
    place: Option<usize>,
    /// Frames that came before anybody else got what precedes them: sockets are read in any
    /// order. No more than has been sent.
    early: VecDeque<Bytes>,
    /// Whether others wait until this receiver has everything.
    counts: bool,
}

impl Receiver {
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

    /// Number of messages before the next one, in the room's order.
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

    /// Whether it is further than the first `heard` messages.
    pub(super) fn is_ahead_of(&self, heard: usize) -> bool {
        self.place.is_some_and(|place| place > heard) || !self.early.is_empty()
    }

    /// Keeps a frame that cannot be judged yet; false when it cannot be any message.
    pub(super) fn keeps(&mut self, payload: &Bytes, said: usize) -> bool {
        let place = self.place.unwrap_or_default() + self.early.len();
        if place < said {
            self.early.push_back(payload.clone());
        }
        place < said
    }

    /// The next kept frame that can be judged, now that `heard` messages are known.
    pub(super) fn kept(&mut self, heard: usize) -> Option<Bytes> {
        let ready = self.place.is_some_and(|place| place <= heard);
        ready.then(|| self.early.pop_front())?
    }
}
