//! What a crowd has heard, held against what was said: who measures a server that loses or doubles
//! something has measured nothing.
//!
//! Everybody must hear the same bytes in the same order. So only the first to hear a message looks
//! at what it says; for all others it is a comparison.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::line::{field, kind_of};

/// Latencies are counted in µs up to a minute, to two digits.
const LONGEST: u64 = 60_000_000;

/// When nothing is complete for so long, what is missing is lost.
const STUCK: Duration = Duration::from_secs(20);

/// What stands between the number of a message and the rest of its words.
const REST: &str = " The kettle is on, come in. 茶已经泡好了，进来坐。";

/// How a message is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A frame of this type, with words and a number.
    Words(u8),
    /// Any frame: the floor has nothing to say.
    Anything,
}

/// All that has been said in a run, and how it was heard.
#[derive(Debug)]
pub struct Hearing {
    says: Says,
    /// How many must hear each message.
    listeners: usize,
    /// What every message says after its number.
    rest: String,
    said: RefCell<Vec<Instant>>,
    heard: RefCell<Vec<Heard>>,
    faults: RefCell<Faults>,
    latency: RefCell<Histogram<u64>>,
    deliveries: Cell<u64>,
    complete: Cell<usize>,
    changed: Notify,
}

#[derive(Debug)]
struct Heard {
    payload: Bytes,
    /// Listeners who have not heard it yet.
    left: usize,
}

/// What went wrong. Any of them makes the run fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Deliveries that never came.
    pub lost: usize,
    /// Deliveries of what had been delivered.
    pub doubled: usize,
    /// Frames that say something else than what was said, or in another order.
    pub wrong: usize,
    /// Messages that the server refused.
    pub refused: usize,
    /// Lines that ended before the run did.
    pub ended: usize,
}

impl Hearing {
    /// Nothing said yet, to so many listeners; a message has `bytes` bytes of words, or a few more.
    ///
    /// # Errors
    /// Never: the histogram's bounds are constants.
    pub fn new(says: Says, listeners: usize, bytes: usize) -> anyhow::Result<Self> {
        Ok(Self {
            says,
            listeners,
            rest: REST.repeat(bytes.div_ceil(REST.len()).max(1)),
            said: RefCell::default(),
            heard: RefCell::default(),
            faults: RefCell::default(),
            latency: RefCell::new(Histogram::new_with_max(LONGEST, 2)?),
            deliveries: Cell::new(0),
            complete: Cell::new(0),
            changed: Notify::new(),
        })
    }

    /// The words of the next message, which is said now.
    #[must_use]
    pub fn say(&self) -> String {
        let mut said = self.said.borrow_mut();
        said.push(Instant::now());
        self.words(said.len() - 1)
    }

    /// A listener, who has heard `place` messages, has heard `payload`.
    pub fn hear(&self, place: &mut usize, payload: &Bytes) {
        if let Says::Words(kind) = self.says
            && kind_of(payload) != Some(kind)
        {
            if kind_of(payload) == Some(15) {
                self.fault(|faults| faults.refused += 1);
            }
            return;
        }
        let mut heard = self.heard.borrow_mut();
        if *place == heard.len() && self.is_next(payload, *place) {
            heard.push(Heard {
                payload: payload.clone(),
                left: self.listeners,
            });
        }
        match heard.get_mut(*place) {
            Some(next) if next.payload == *payload => {
                next.left = next.left.saturating_sub(1);
                if next.left == 0 {
                    self.complete.set(self.complete.get() + 1);
                    self.changed.notify_waiters();
                }
                self.count(*place);
                *place += 1;
            }
            _ => {
                let before = heard.iter().take(*place);
                let known = before.rev().any(|old| old.payload == *payload);
                self.fault(|faults| {
                    *if known {
                        &mut faults.doubled
                    } else {
                        &mut faults.wrong
                    } += 1
                });
            }
        }
    }

    /// A line has ended before its time.
    pub fn ended(&self) {
        self.fault(|faults| faults.ended += 1);
    }

    /// Waits until `count` messages have been heard by everybody; not for ever, and not once
    /// something went wrong.
    pub async fn until_complete(&self, count: usize) {
        while self.complete.get() < count && self.faults.borrow().is_none() {
            if timeout(STUCK, self.changed.notified()).await.is_err() {
                return;
            }
        }
    }

    /// Begins to count anew; what was said stays known.
    pub fn begin(&self) {
        self.latency.borrow_mut().reset();
        self.deliveries.set(0);
    }

    /// Messages said so far.
    #[must_use]
    pub fn said(&self) -> usize {
        self.said.borrow().len()
    }

    /// Deliveries since [`Hearing::begin`].
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.deliveries.get()
    }

    /// The time in ms from being said to being heard that `share` percent of deliveries since
    /// [`Hearing::begin`] took at most.
    #[must_use]
    pub fn latency(&self, share: f64) -> f64 {
        self.latency.borrow().value_at_percentile(share) as f64 / 1e3
    }

    /// Bytes of a delivered message, without its header.
    #[must_use]
    pub fn length(&self) -> usize {
        let heard = self.heard.borrow();
        heard.last().map_or(0, |heard| heard.payload.len())
    }

    /// What went wrong; what has not been heard by now is lost.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let unheard = self.said().saturating_sub(self.heard.borrow().len()) * self.listeners;
        let left: usize = self.heard.borrow().iter().map(|heard| heard.left).sum();
        Faults {
            lost: unheard + left,
            ..*self.faults.borrow()
        }
    }

    fn is_next(&self, payload: &[u8], number: usize) -> bool {
        match self.says {
            Says::Anything => number < self.said(),
            Says::Words(_) => {
                field(payload, "content")
                    == Some(self.words(number).split(',').next().unwrap_or_default())
                    && contains(payload, self.rest.as_bytes())
            }
        }
    }

    fn words(&self, number: usize) -> String {
        format!("{number:08}{}", self.rest)
    }

    fn count(&self, number: usize) {
        self.deliveries.set(self.deliveries.get() + 1);
        if let Some(said) = self.said.borrow().get(number) {
            let micros = u64::try_from(said.elapsed().as_micros()).unwrap_or(LONGEST);
            self.latency.borrow_mut().saturating_record(micros);
        }
    }

    fn fault(&self, count: impl FnOnce(&mut Faults)) {
        count(&mut self.faults.borrow_mut());
        self.changed.notify_waiters();
    }
}

impl Faults {
    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lost,
            doubled,
            wrong,
            refused,
            ended,
        } = self;
        write!(
            out,
            "{lost} deliveries lost, {doubled} doubled, {wrong} wrong or out of order, {refused} messages refused, {ended} lines ended"
        )
    }
}

fn contains(payload: &[u8], part: &[u8]) -> bool {
    payload.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(words: &str) -> Bytes {
        Bytes::from(format!(
            "{{\"type\":17,\"data\":{{\"content\":\"{words}\"}}}}"
        ))
    }

    /// Two listeners hear these messages (by number) of three.
    fn heard(one: &[usize], two: &[usize]) -> Faults {
        let hearing = Hearing::new(Says::Words(17), 2, 0).unwrap();
        let said: Vec<Bytes> = (0..3).map(|_| frame(&hearing.say())).collect();
        for numbers in [one, two] {
            let mut place = 0;
            for number in numbers {
                hearing.hear(&mut place, &said[*number]);
            }
        }
        hearing.faults()
    }

    #[test]
    fn what_everybody_hears_in_order_is_no_fault() {
        assert!(heard(&[0, 1, 2], &[0, 1, 2]).is_none());
    }

    #[test]
    fn what_is_lost_doubled_or_out_of_order_is_counted() {
        assert_eq!(heard(&[0, 1, 2], &[0, 1]).lost, 1);
        assert_eq!(heard(&[0, 1, 2], &[0, 0, 1, 2]).doubled, 1);
        let swapped = heard(&[0, 1, 2], &[0, 2, 1]);
        assert_eq!((swapped.wrong, swapped.lost), (1, 1));
        assert_eq!(heard(&[], &[]).lost, 6);
    }

    #[test]
    fn other_words_and_refusals_are_counted_and_other_frames_are_not() {
        let hearing = Hearing::new(Says::Words(17), 1, 0).unwrap();
        let words = hearing.say();
        let mut place = 0;
        hearing.hear(
            &mut place,
            &Bytes::from_static(b"{\"type\":27,\"data\":{}}"),
        );
        assert_eq!(hearing.faults().wrong, 0);
        hearing.hear(&mut place, &frame("00000000 something else"));
        hearing.hear(
            &mut place,
            &Bytes::from_static(b"{\"type\":15,\"data\":{}}"),
        );
        hearing.hear(&mut place, &frame(&words));
        let faults = hearing.faults();
        assert_eq!((faults.wrong, faults.refused, faults.lost), (1, 1, 0));
        assert_eq!(hearing.deliveries(), 1);
    }
}
