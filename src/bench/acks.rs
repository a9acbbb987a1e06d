//! The acks of a run, checked against what everybody received: one ack for each
//! nonce, after the event and about that event.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Instant;

use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

use super::deliveries::{Deliveries, LONGEST, STUCK};
use super::faults::Faults;
use super::line::field;
use super::receiver::Receiver;

/// All sends of a run, and their acks.
#[derive(Debug)]
pub struct Acks {
    sends: RefCell<HashMap<Uuid, Send>>,
    acked: Cell<usize>,
    faults: RefCell<Faults>,
    latency: RefCell<Histogram<u64>>,
    changed: Notify,
}

#[derive(Debug)]
struct Send {
    /// Number of the message in [`Deliveries`].
    number: usize,
    at: Instant,
    acked: bool,
}

impl Acks {
    /// No sends yet.
    ///
    /// # Errors
    /// Never: the histogram's bounds are constants.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            sends: RefCell::default(),
            acked: Cell::new(0),
            faults: RefCell::default(),
            latency: RefCell::new(Histogram::new_with_max(LONGEST, 2)?),
            changed: Notify::new(),
        })
    }

    /// Notes that message `number` is sent under `nonce` now.
    pub fn sent(&self, nonce: Uuid, number: usize) {
        let send = Send {
            number,
            at: Instant::now(),
            acked: false,
        };
        self.sends.borrow_mut().insert(nonce, send);
    }

    /// Checks an ack that the client with `receiver` got; gives the number of the message when it is right.
    pub fn acked(&self, ack: &[u8], deliveries: &Deliveries, receiver: &Receiver) -> Option<usize> {
        let mut sends = self.sends.borrow_mut();
        let nonce = field(ack, "nonce").and_then(|nonce| nonce.parse().ok());
        let Some(send) = nonce.and_then(|nonce: Uuid| sends.get_mut(&nonce)) else {
            self.fault(|faults| faults.wrong += 1);
            return None;
        };
        if send.acked {
            self.fault(|faults| faults.doubled += 1);
            return None;
        }
        send.acked = true;
        let micros = u64::try_from(send.at.elapsed().as_micros()).unwrap_or(LONGEST);
        self.latency.borrow_mut().saturating_record(micros);
        let same = |event: &[u8], name| {
            field(ack, name).is_some_and(|value| field(event, name) == Some(value))
        };
        let event = deliveries.event(send.number, receiver);
        if !event.is_some_and(|event| same(&event, "id") && same(&event, "seq")) {
            self.fault(|faults| faults.wrong += 1);
            return None;
        }
        self.acked.set(self.acked.get() + 1);
        self.changed.notify_waiters();
        Some(send.number)
    }

    /// Waits until `count` sends have been acked; with a time limit, and not after a fault.
    pub async fn until(&self, count: usize) {
        while self.acked.get() < count && self.faults.borrow().is_none() {
            if timeout(STUCK, self.changed.notified()).await.is_err() {
                return;
            }
        }
    }

    /// Resets the latencies; sends stay known.
    pub fn begin(&self) {
        self.latency.borrow_mut().reset();
    }

    /// The time in ms from send to ack that `share` percent of the sends since
    /// [`Acks::begin`] took at most; `None` when there were none.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<f64> {
        let latency = self.latency.borrow();
        (!latency.is_empty()).then(|| latency.value_at_percentile(share) as f64 / 1e3)
    }

    /// Faults so far; what has not been acked by now counts as unacked.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let sends = self.sends.borrow();
        Faults {
            unacked: sends.values().filter(|send| !send.acked).count(),
            ..*self.faults.borrow()
        }
    }

    fn fault(&self, count: impl FnOnce(&mut Faults)) {
        count(&mut self.faults.borrow_mut());
        self.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::bench::said::Says;

    /// One person sends three messages and receives the first two; then these acks come: of a message, with a
    /// seq.
    fn acked(acks: &[(usize, usize)]) -> Faults {
        let (deliveries, all) = (
            Deliveries::new(Says::Words(17), 0).unwrap(),
            Acks::new().unwrap(),
        );
        let mut receiver = deliveries.listener();
        let nonces: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        for (number, nonce) in nonces.iter().enumerate() {
            let words = deliveries.say(0);
            all.sent(*nonce, number);
            let event = format!(
                "{{\"type\":17,\"data\":{{\"seq\":{number},\"id\":9,\"content\":\"{words}\"}}}}"
            );
            if number < 2 {
                deliveries.hear(&mut receiver, &Bytes::from(event));
            }
        }
        for (number, seq) in acks {
            let nonce = nonces[*number];
            let ack = format!(
                "{{\"type\":13,\"data\":{{\"nonce\":\"{nonce}\",\"id\":9,\"seq\":{seq}}}}}"
            );
            all.acked(ack.as_bytes(), &deliveries, &receiver);
        }
        all.faults()
    }

    #[test]
    fn an_ack_comes_once_after_its_event_and_says_the_same() {
        let faults = |wrong, doubled, unacked| Faults {
            wrong,
            doubled,
            unacked,
            ..Faults::default()
        };
        assert_eq!(acked(&[(0, 0), (1, 1)]), faults(0, 0, 1));
        assert_eq!(acked(&[(0, 0), (1, 1), (1, 1)]), faults(0, 1, 1));
        assert_eq!(acked(&[(0, 1), (1, 1)]), faults(1, 0, 1), "another seq");
        assert_eq!(
            acked(&[(0, 0), (1, 1), (2, 2)]),
            faults(1, 0, 0),
            "too early"
        );
    }
}
