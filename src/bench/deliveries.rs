//! What the people of a run have received, checked against what was sent.
//!
//! Everybody must get the same bytes in the same order, and each sender's messages in the order of
//! sending. So only the first copy of a message is parsed; all others are a
//! comparison. Bounded by what a run sends: one copy of each message is kept.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use bytes::Bytes;
use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::faults::Faults;
use super::line::kind_of;
use super::receiver::Receiver;
use super::said::{Said, Says, seq};

/// The longest latency that is counted, in µs: a minute; to two digits.
pub const LONGEST: u64 = 60_000_000;

/// When nothing is completed for so long, what is missing is lost.
pub const STUCK: Duration = Duration::from_secs(20);

/// All messages of a run, and their deliveries.
#[derive(Debug)]
pub struct Deliveries {
    /// Receivers that must get each message.
    listeners: Cell<usize>,
    said: RefCell<Said>,
    heard: RefCell<Vec<Heard>>,
    faults: RefCell<Faults>,
    latency: RefCell<Histogram<u64>>,
    frames: Cell<u64>,
    deliveries: Cell<u64>,
    complete: Cell<usize>,
    changed: Notify,
}

#[derive(Debug)]
struct Heard {
    payload: Bytes,
    number: usize,
    /// Receivers that have not got it yet.
    left: usize,
}

impl Deliveries {
    /// No messages and no receivers yet; a body has `bytes` bytes, or a few more.
    ///
    /// # Errors
    /// Never: the histogram's bounds are constants.
    pub fn new(says: Says, bytes: usize) -> anyhow::Result<Self> {
        Ok(Self {
            listeners: Cell::new(0),
            said: RefCell::new(Said::new(says, bytes)),
            heard: RefCell::default(),
            faults: RefCell::default(),
            latency: RefCell::new(Histogram::new_with_max(LONGEST, 2)?),
            frames: Cell::new(0),
            deliveries: Cell::new(0),
            complete: Cell::new(0),
            changed: Notify::new(),
        })
    }

    /// Adds a receiver that must get every message from now on.
    #[must_use]
    pub fn listener(&self) -> Receiver {
        self.listeners.set(self.listeners.get() + 1);
        Receiver::listener(self.known())
    }

    /// Adds a receiver that may leave at any time. What it gets must be right, and without holes
    /// after `head` if its greeting had one.
    #[must_use]
    pub fn passer_by(&self, head: Option<u64>) -> Receiver {
        let heard = self.heard.borrow();
        let first = heard.first().and_then(|first| seq(&first.payload));
        let place = head
            .zip(first)
            .map(|(head, first)| (head + 1).saturating_sub(first));
        Receiver::passer_by(place.and_then(|place| usize::try_from(place).ok()))
    }

    /// The body of the next message, which person `by` sends now.
    #[must_use]
    pub fn say(&self, by: usize) -> String {
        self.said.borrow_mut().say(by)
    }

    /// Checks the frame `payload` that a receiver got.
    pub fn hear(&self, receiver: &mut Receiver, payload: &Bytes) {
        self.frames.set(self.frames.get() + 1);
        if !self.said.borrow().is_message(payload) {
            if kind_of(payload) == Some(15) {
                self.fault(|faults| faults.refused += 1);
            }
            return;
        }
        if !receiver.is_ahead_of(self.known()) {
            return self.take(receiver, payload);
        }
        if receiver.keeps(payload, self.said()) {
            while let Some(payload) = receiver.kept(self.known()) {
                self.take(receiver, &payload);
            }
        } else {
            self.fault(|faults| faults.wrong += 1);
        }
    }

    /// Messages that anybody has received.
    fn known(&self) -> usize {
        self.heard.borrow().len()
    }

    fn take(&self, receiver: &mut Receiver, payload: &Bytes) {
        let mut heard = self.heard.borrow_mut();
        let found = || heard.iter().rposition(|old| old.payload == *payload);
        let place = match receiver.place().or_else(found) {
            Some(place) => place,
            // A newcomer may get it first: its position is known once others have got it, too.
            None if !receiver.counts() && !heard.is_empty() => {
                self.deliveries.set(self.deliveries.get() + 1);
                return;
            }
            None => heard.len(),
        };
        if place == heard.len()
            && let Some(number) = {
                let first = heard.first().map(|first| &first.payload[..]);
                self.said.borrow_mut().hear(payload, first, place)
            }
        {
            heard.push(Heard {
                // A copy: the payload would keep its connection's whole buffer alive.
                payload: Bytes::copy_from_slice(payload),
                number,
                left: self.listeners.get(),
            });
        }
        match heard.get_mut(place) {
            Some(next) if next.payload == *payload => {
                if receiver.counts() {
                    next.left = next.left.saturating_sub(1);
                    if next.left == 0 {
                        self.complete.set(self.complete.get() + 1);
                        self.changed.notify_waiters();
                    }
                    self.time(next.number);
                }
                self.deliveries.set(self.deliveries.get() + 1);
                receiver.at(place + 1);
            }
            _ => {
                let said = self.said.borrow();
                let number = said.number(payload);
                let known = number.and_then(|number| said.place(number));
                let doubled = known.is_some_and(|known| known < place);
                self.fault(|faults| {
                    *if doubled {
                        &mut faults.doubled
                    } else {
                        &mut faults.wrong
                    } += 1
                });
            }
        }
    }

    /// Counts a connection that ended too early.
    pub fn ended(&self) {
        self.fault(|faults| faults.ended += 1);
    }

    /// Waits until everybody has received `count` messages; with a time limit, and not
    /// after a fault. Gives whether they have.
    pub async fn until_complete(&self, count: usize) -> bool {
        while self.complete.get() < count && self.faults.borrow().is_none() {
            if timeout(STUCK, self.changed.notified()).await.is_err() {
                break;
            }
        }
        self.complete.get() >= count
    }

    /// Resets latencies and counts; messages stay known.
    pub fn begin(&self) {
        self.latency.borrow_mut().reset();
        self.deliveries.set(0);
        self.frames.set(0);
    }

    /// Messages sent so far.
    #[must_use]
    pub fn said(&self) -> usize {
        self.said.borrow().len()
    }

    /// Messages that everybody has received so far.
    #[must_use]
    pub fn complete(&self) -> usize {
        self.complete.get()
    }

    /// Deliveries since [`Deliveries::begin`], short visits included.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.deliveries.get()
    }

    /// Frames of all types that anybody got since [`Deliveries::begin`], without greetings.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames.get()
    }

    /// The time in ms from sending to receiving that `share` percent of the receivers'
    /// deliveries since [`Deliveries::begin`] took at most; `None` when there were none.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<f64> {
        let latency = self.latency.borrow();
        (!latency.is_empty()).then(|| latency.value_at_percentile(share) as f64 / 1e3)
    }

    /// Bytes of a delivered message, without its header.
    #[must_use]
    pub fn length(&self) -> usize {
        let heard = self.heard.borrow();
        heard.last().map_or(0, |heard| heard.payload.len())
    }

    /// The event of message `number`, if this receiver has got it.
    #[must_use]
    pub fn event(&self, number: usize, receiver: &Receiver) -> Option<Bytes> {
        let place = self.said.borrow().place(number)?;
        let heard = self.heard.borrow();
        (Some(place) < receiver.place())
            .then(|| heard.get(place).map(|heard| heard.payload.clone()))?
    }

    /// Faults so far; what has not been received by now counts as lost.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let unheard = self.said().saturating_sub(self.known()) * self.listeners.get();
        let left: usize = self.heard.borrow().iter().map(|heard| heard.left).sum();
        Faults {
            lost: unheard + left,
            ..*self.faults.borrow()
        }
    }

    fn time(&self, number: usize) {
        if let Some(age) = self.said.borrow().age(number) {
            let micros = u64::try_from(age.as_micros()).unwrap_or(LONGEST);
            self.latency.borrow_mut().saturating_record(micros);
        }
    }

    fn fault(&self, count: impl FnOnce(&mut Faults)) {
        count(&mut self.faults.borrow_mut());
        self.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seq: usize, words: &str) -> Bytes {
        Bytes::from(format!(
            "{{\"type\":17,\"data\":{{\"seq\":{seq},\"content\":\"{words}\"}}}}"
        ))
    }

    /// These people receive, one after the other, these messages (by number) of three that one sent.
    fn heard(people: &[&[usize]]) -> Faults {
        let deliveries = Deliveries::new(Says::Words(17), 0).unwrap();
        let said: Vec<Bytes> = (0..3).map(|at| frame(7 + at, &deliveries.say(0))).collect();
        let ears: Vec<Receiver> = people.iter().map(|_| deliveries.listener()).collect();
        for (mut receiver, numbers) in ears.into_iter().zip(people) {
            for number in *numbers {
                deliveries.hear(&mut receiver, &said[*number]);
            }
        }
        deliveries.faults()
    }

    #[test]
    fn what_everybody_hears_in_order_is_no_fault() {
        assert!(heard(&[&[0, 1, 2], &[0, 1, 2]]).is_none());
    }

    #[test]
    fn what_is_lost_doubled_or_out_of_order_is_counted() {
        assert_eq!(heard(&[&[0, 1, 2], &[0, 1]]).lost, 1);
        assert_eq!(heard(&[&[0, 1, 2], &[0, 0, 1, 2]]).doubled, 1);
        let swapped = heard(&[&[0, 1, 2], &[0, 2, 1]]);
        assert_eq!((swapped.wrong, swapped.lost), (1, 1));
        assert_eq!(heard(&[&[0, 2, 1]]).wrong, 1, "a seq is missing");
        assert_eq!(heard(&[&[], &[]]).lost, 6);
    }

    #[test]
    fn several_talk_at_once_and_each_is_heard_in_their_own_order() {
        let deliveries = Deliveries::new(Says::Words(17), 0).unwrap();
        let mut receiver = deliveries.listener();
        let said: Vec<String> = [1, 2, 1].into_iter().map(|by| deliveries.say(by)).collect();
        deliveries.hear(&mut receiver, &frame(1, &said[2]));
        deliveries.hear(&mut receiver, &frame(2, &said[1]));
        assert!(
            deliveries.event(1, &receiver).is_some() && deliveries.event(0, &receiver).is_none()
        );
        assert_eq!(
            (deliveries.faults().wrong, deliveries.faults().lost),
            (0, 1)
        );
        deliveries.hear(&mut receiver, &frame(3, &said[0]));
        assert_eq!(deliveries.faults().wrong, 1, "the second before the first");
        deliveries.hear(&mut receiver, &frame(3, &said[2]));
        assert_eq!(deliveries.faults().doubled, 1, "written twice");
    }

    #[test]
    fn who_passes_by_hears_from_where_they_came_in_and_nobody_waits_for_them() {
        let deliveries = Deliveries::new(Says::Words(17), 0).unwrap();
        let mut receiver = deliveries.listener();
        let said: Vec<Bytes> = (0..4).map(|at| frame(7 + at, &deliveries.say(0))).collect();
        deliveries.hear(&mut receiver, &said[0]);
        let (mut early, mut late) = (deliveries.passer_by(Some(8)), deliveries.passer_by(Some(7)));
        deliveries.hear(&mut early, &said[2]);
        deliveries.hear(&mut late, &said[1]);
        deliveries.hear(&mut early, &said[3]);
        assert_eq!((deliveries.deliveries(), deliveries.complete()), (4, 1));
        deliveries.hear(&mut late, &said[3]);
        assert_eq!(deliveries.faults().wrong, 1, "a hole");
        for message in &said[1..] {
            deliveries.hear(&mut receiver, message);
        }
        assert_eq!(deliveries.faults().lost, 0);
        let mut classic = deliveries.passer_by(None);
        deliveries.hear(&mut classic, &said[2]);
        deliveries.hear(&mut classic, &said[3]);
        assert_eq!(
            deliveries.faults().wrong,
            1,
            "the first decides the position"
        );
    }

    #[test]
    fn other_words_and_refusals_are_counted_and_other_frames_are_not() {
        let deliveries = Deliveries::new(Says::Words(17), 0).unwrap();
        let words = deliveries.say(0);
        let mut receiver = deliveries.listener();
        let presence = Bytes::from_static(b"{\"type\":27,\"data\":{}}");
        deliveries.hear(&mut receiver, &presence);
        assert_eq!(deliveries.faults().wrong, 0);
        deliveries.hear(&mut receiver, &frame(1, "00000000 something else"));
        let refusal = Bytes::from_static(b"{\"type\":15,\"data\":{}}");
        deliveries.hear(&mut receiver, &refusal);
        deliveries.hear(&mut receiver, &frame(1, &words));
        let faults = deliveries.faults();
        assert_eq!((faults.wrong, faults.refused, faults.lost), (1, 1, 0));
        assert_eq!((deliveries.deliveries(), deliveries.frames()), (1, 4));
    }
}
