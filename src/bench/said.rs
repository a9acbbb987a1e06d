//! What was sent in a run, by whom and when, and how a frame is recognised as one of these
//! messages.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::line::{field, kind_of};

/// What follows the number of a message in its body.
const REST: &str = " The kettle is on, come in. 茶已经泡好了，进来坐。";

/// The type of the feed's event frame; seqs of events have no holes.
const EVENT: u8 = 17;

/// How a message is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A frame of this type, whose body has a number.
    Words(u8),
    /// Any frame: those of the floor have no content.
    Anything,
}

/// All messages of a run, in the order in which they were sent.
#[derive(Debug)]
pub struct Said {
    says: Says,
    /// What every body has after its number.
    rest: String,
    messages: Vec<Message>,
    /// By sender: the number of their last message that was received.
    last_of: HashMap<usize, usize>,
}

#[derive(Debug)]
struct Message {
    at: Instant,
    by: usize,
    /// Its position in the order of receiving; `None` before it was received.
    place: Option<usize>,
}

impl Said {
    /// No messages yet; a body will have `bytes` bytes, or a few more.
    #[must_use]
    pub fn new(says: Says, bytes: usize) -> Self {
        Self {
            says,
            rest: REST.repeat(bytes.div_ceil(REST.len()).max(1)),
            messages: Vec::new(),
            last_of: HashMap::new(),
        }
    }

    /// The body of the next message, which person `by` sends now.
    #[must_use]
    pub fn say(&mut self, by: usize) -> String {
        self.messages.push(Message {
            at: Instant::now(),
            by,
            place: None,
        });
        self.words(self.len() - 1)
    }

    /// Messages sent so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether a frame is a message at all.
    #[must_use]
    pub fn is_message(&self, payload: &[u8]) -> bool {
        match self.says {
            Says::Words(kind) => kind_of(payload) == Some(kind),
            Says::Anything => true,
        }
    }

    /// Time since message `number` was sent.
    #[must_use]
    pub fn age(&self, number: usize) -> Option<Duration> {
        self.messages
            .get(number)
            .map(|message| message.at.elapsed())
    }

    /// The position of message `number` in the order of receiving.
    #[must_use]
    pub fn place(&self, number: usize) -> Option<usize> {
        self.messages.get(number)?.place
    }

    /// Gives `place`, the next position, to the message in
    /// `payload`; `None` when that message may not come there. `first` was received first.
    pub fn hear(&mut self, payload: &[u8], first: Option<&[u8]>, place: usize) -> Option<usize> {
        if self.says == Says::Anything {
            return (place < self.len()).then_some(place);
        }
        let number = self.number(payload)?;
        if self.says == Says::Words(EVENT)
            && let Some(first) = first
            && seq(payload)? != seq(first)? + u64::try_from(place).ok()?
        {
            return None;
        }
        let message = self.messages.get_mut(number)?;
        let last = self.last_of.get(&message.by);
        if message.place.is_some() || last.is_some_and(|last| *last > number) {
            return None;
        }
        message.place = Some(place);
        self.last_of.insert(message.by, number);
        Some(number)
    }

    /// The number of the message with exactly the body in `payload`.
    #[must_use]
    pub fn number(&self, payload: &[u8]) -> Option<usize> {
        let content = field(payload, "content")?;
        let number = content.split(' ').next()?.parse().ok()?;
        let words = self.words(number);
        (words.split(',').next() == Some(content) && contains(payload, self.rest.as_bytes()))
            .then_some(number)
    }

    fn words(&self, number: usize) -> String {
        format!("{number:08}{}", self.rest)
    }
}

/// The seq in an event's frame.
#[must_use]
pub fn seq(payload: &[u8]) -> Option<u64> {
    field(payload, "seq")?.parse().ok()
}

fn contains(payload: &[u8], part: &[u8]) -> bool {
    payload.windows(part.len()).any(|window| window == part)
}
