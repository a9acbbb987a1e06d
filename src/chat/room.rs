//! A room in memory: its newest messages, and its newest events for those who come back.
//!
//! Applies events in the order the store gave them. Bounds: [`kept_messages`] and
//! [`EVENTS`] events; what is older is read from the store.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::message::{Change, Event, Message};
use crate::protocol::request::Position;
use crate::protocol::{classic, feed};
use crate::ws::Frames;

/// Events kept for those who come back; a wider gap costs more than a fresh page.
pub const EVENTS: usize = 300;

/// Messages kept where joiners get `history` of them: no fewer than events, so that a recall finds
/// the words of every message that a kept event is about.
#[must_use]
pub fn kept_messages(history: usize) -> usize {
    history.max(EVENTS)
}

/// Messages of a fresh page, the same number as the page loads at a time.
pub const PAGE: usize = 50;

/// What a client that comes back gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    /// The events after its seq, as a `batch` (possibly empty).
    Batch(Bytes),
    /// A fresh page, as a `reset`.
    Reset(Bytes),
}

/// One room.
#[derive(Debug)]
pub struct Room {
    id: i64,
    epoch: String,
    head: i64,
    base: String,
    history: usize,
    messages: VecDeque<Kept>,
    events: VecDeque<(i64, Bytes)>,
    /// The joined records of the history, until the next change.
    records: Option<Bytes>,
}

#[derive(Debug)]
struct Kept {
    message: Arc<Message>,
    record: Bytes,
}

impl Room {
    /// A room as the store has it. `history` is how many records a classic joiner gets, `base`
    /// what goes before picture paths for clients on other sites.
    #[must_use]
    pub fn new(
        id: i64,
        epoch: String,
        head: i64,
        messages: Vec<Message>,
        events: &[Event],
        history: usize,
        base: String,
    ) -> Self {
        let mut room = Self {
            id,
            epoch,
            head,
            base,
            history,
            messages: VecDeque::new(),
            events: events
                .iter()
                .map(|event| (event.seq, feed::event_data(event)))
                .collect(),
            records: None,
        };
        for message in messages {
            room.keep(Arc::new(message));
        }
        room
    }

    /// The room's id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The seq of the newest event.
    #[must_use]
    pub fn head(&self) -> i64 {
        self.head
    }

    /// What the seqs count in.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The newest messages, oldest first, at most [`PAGE`], recalled ones included.
    pub fn page(&self) -> impl Iterator<Item = &Arc<Message>> {
        let skip = self.messages.len().saturating_sub(PAGE);
        self.messages.iter().skip(skip).map(|kept| &kept.message)
    }

    /// Takes a committed event in and encodes it for every dialect.
    pub fn apply(&mut self, event: &Event) -> Frames {
        self.head = event.seq;
        self.records = None;
        let data = feed::event_data(event);
        let feed = feed::event(&data);
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back((event.seq, data));
        match &event.change {
            Change::Said(message) => {
                let record = self.keep(Arc::clone(message));
                let classic = classic::record_frame(message.kind, &record);
                Frames {
                    bare: classic.clone(),
                    classic,
                    feed,
                }
            }
            Change::Recalled { id, .. } => {
                self.withdraw(*id);
                Frames {
                    classic: classic::recalled(*id),
                    bare: classic::recalled_bare(*id),
                    feed,
                }
            }
        }
    }

    /// The classic history frame for one asker.
    pub fn classic_history(&mut self, address: &str, place: &str) -> Bytes {
        let records = match &self.records {
            Some(records) => records.clone(),
            None => {
                let joined = self.join_records();
                self.records = Some(joined.clone());
                joined
            }
        };
        classic::history(&records, address, place)
    }

    /// What a client that was at `position` has missed.
    #[must_use]
    pub fn since(&self, position: &Position) -> Missed {
        let oldest = self.events.front().map_or(self.head + 1, |(seq, _)| *seq);
        let known =
            position.epoch == self.epoch && position.seq <= self.head && position.seq + 1 >= oldest;
        if known {
            let missed = self
                .events
                .iter()
                .filter(|(seq, _)| *seq > position.seq)
                .map(|(_, data)| data.as_ref());
            Missed::Batch(feed::batch(self.id, &self.epoch, missed))
        } else {
            Missed::Reset(feed::reset(
                self.id,
                &self.epoch,
                self.head,
                self.page().map(Arc::as_ref),
            ))
        }
    }

    fn keep(&mut self, message: Arc<Message>) -> Bytes {
        if self.messages.len() >= kept_messages(self.history) {
            self.messages.pop_front();
        }
        let record = classic::record(&message, &self.base);
        self.messages.push_back(Kept {
            message,
            record: record.clone(),
        });
        record
    }

    /// Takes the words out of a message, here and in the event that brought it: what is
    /// withdrawn is not told to those who come back either.
    fn withdraw(&mut self, id: i64) {
        let Some(kept) = self.messages.iter_mut().find(|kept| kept.message.id == id) else {
            return;
        };
        let message = Arc::new(Message {
            content: String::new(),
            recalled: true,
            ..(*kept.message).clone()
        });
        kept.message = Arc::clone(&message);
        if let Some((seq, data)) = self.events.iter_mut().find(|(seq, _)| *seq == message.seq) {
            *data = feed::event_data(&Event {
                room: self.id,
                seq: *seq,
                change: Change::Said(message),
            });
        }
    }

    fn join_records(&self) -> Bytes {
        let live: Vec<&Bytes> = self
            .messages
            .iter()
            .rev()
            .filter(|kept| !kept.message.recalled)
            .take(self.history)
            .map(|kept| &kept.record)
            .collect();
        let mut out = Vec::with_capacity(live.iter().map(|record| record.len() + 1).sum());
        for (place, record) in live.into_iter().rev().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(record);
        }
        Bytes::from(out)
    }
}
