//! A room in memory: its newest messages, and its newest events for those who come back.
//!
//! Applies events in the order the store gave them. Bounds: [`kept_messages`], and a [`Ring`] of
//! events; what is older is read from the store, or is a fresh page. What one connection is sent
//! at once stays within [`AT_ONCE`], so that its delivery queue has space for what happens meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::chat::ring::{AT_ONCE, Ring};
use crate::delivery::EncodedFrames;
use crate::model::event::{Event, EventContent};
use crate::model::file::FILE_WEIGHT;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::reaction::NAMED;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::request::Position;
use crate::protocol::{classic, feed, view};

/// Messages kept where joiners get `history` of them: no fewer than events, so that a recall finds
/// the body of every message that a kept event is about.
#[must_use]
pub fn kept_messages(history: usize) -> usize {
    history.max(super::ring::EVENTS)
}

/// The most that an emoji takes on a page, in bytes: [`NAMED`] ids and names.
const REACTION: usize = NAMED * 120;

/// Messages of a fresh page, the same number as the page loads at a time.
pub const PAGE: usize = 50;

/// What a client that comes back gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    /// The events after its seq, as one `batch` or more (possibly an empty one).
    Batch(Bytes),
    /// A fresh page, as a `reset`.
    Reset(Bytes),
}

/// The newest messages and events of one room.
#[derive(Debug)]
pub struct RoomHistory {
    id: RoomId,
    epoch: String,
    head: Seq,
    base: String,
    history: usize,
    messages: VecDeque<Kept>,
    ring: Ring,
    /// The joined records of the history, until the next change.
    records: Option<Bytes>,
}

#[derive(Debug)]
struct Kept {
    message: Arc<Message>,
    record: Bytes,
}

impl RoomHistory {
    /// A room as the store has it: its newest messages and events, oldest first. `history` is how
    /// many records a classic joiner gets, `base` what goes before picture paths for clients on
    /// other sites.
    #[must_use]
    pub fn new(
        id: RoomId,
        epoch: String,
        head: Seq,
        messages: Vec<Message>,
        events: Vec<Event>,
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
            ring: Ring::default(),
            records: None,
        };
        for event in events {
            let data = view::event_data(&event);
            room.ring.push(event, data);
        }
        for message in messages {
            room.keep(Arc::new(message));
        }
        room
    }

    /// The same room as the store has it now.
    pub fn renew(&mut self, epoch: String, head: Seq, messages: Vec<Message>, events: Vec<Event>) {
        let base = std::mem::take(&mut self.base);
        *self = Self::new(self.id, epoch, head, messages, events, self.history, base);
    }

    /// How many of its messages are kept at most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        kept_messages(self.history)
    }

    /// The room's id in the store.
    #[must_use]
    pub fn id(&self) -> RoomId {
        self.id
    }

    /// The seq of the newest event.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.head
    }

    /// The epoch: the numbering that the seqs belong to.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The newest messages, oldest first, recalled ones included: at most [`PAGE`], and fewer
    /// when they are so long that they would be more than [`AT_ONCE`].
    pub fn page(&self) -> impl Iterator<Item = &Arc<Message>> {
        let mut bytes = 0;
        let count = self
            .messages
            .iter()
            .rev()
            .take(PAGE)
            .take_while(|kept| {
                // A record is about as long as the page's view of the message.
                bytes += kept.record.len() * 2
                    + kept.message.reactions.len() * REACTION
                    + kept.message.files.len() * FILE_WEIGHT;
                bytes <= AT_ONCE
            })
            .count()
            .max(1);
        let skip = self.messages.len().saturating_sub(count);
        self.messages.iter().skip(skip).map(|kept| &kept.message)
    }

    /// Takes a committed event in and encodes it for every dialect.
    pub fn apply(&mut self, event: Event) -> EncodedFrames {
        self.head = event.seq;
        self.records = None;
        let data = view::event_data(&event);
        let feed = feed::event(&data);
        let (classic, bare) = match &event.change {
            EventContent::Message(message) => {
                let record = self.keep(Arc::clone(message));
                let said = classic::record_frame(message.kind, &record);
                (said.clone(), said)
            }
            EventContent::Edited { id, .. } | EventContent::FileTaken { id, .. } => {
                // Classic clients know no change of a record: they are sent a recall of the record and then
                // the new one, if it is among those that they may still show.
                let said = self.update(&event);
                self.ring.settle(&event);
                let instead = |gone: Bytes| {
                    let both = |said: &Bytes| Bytes::from([&gone[..], &said[..]].concat());
                    said.as_ref().map(both).unwrap_or_default()
                };
                (
                    instead(classic::recalled(*id, false)),
                    instead(classic::recalled_bare(*id)),
                )
            }
            EventContent::Recalled { id, voice, .. } => {
                self.update(&event);
                self.ring.settle(&event);
                (classic::recalled(*id, *voice), classic::recalled_bare(*id))
            }
            EventContent::Reacted { .. } | EventContent::Pinned { .. } => {
                self.update(&event);
                Default::default()
            }
            EventContent::Settings { .. } | EventContent::Membership { .. } => Default::default(),
        };
        self.ring.push(event, data);
        EncodedFrames {
            classic,
            bare,
            feed,
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
        let missed = (position.epoch == self.epoch && position.seq <= self.head)
            .then(|| self.ring.after(position.seq, self.head))
            .flatten();
        let Some(missed) = missed else {
            return Missed::Reset(self.reset());
        };
        let mut frames = BytesMut::new();
        let batches = missed.len();
        for (place, batch) in missed.iter().enumerate() {
            let more = place + 1 < batches;
            frames.extend_from_slice(&feed::batch(self.id, &self.epoch, batch, more));
        }
        Missed::Batch(frames.freeze())
    }

    /// A fresh page, for whoever has missed too much.
    #[must_use]
    pub fn reset(&self) -> Bytes {
        let page = self.page().map(Arc::as_ref);
        feed::reset(self.id, &self.epoch, self.head, page)
    }

    /// How many of the messages that are kept came after `seq`, and whether there can be no others.
    #[must_use]
    pub fn said_after(&self, seq: Seq) -> (i64, bool) {
        let newest = self.messages.iter().rev();
        let after = newest.take_while(|kept| kept.message.seq > seq).count();
        let all = after < self.messages.len();
        (i64::try_from(after).unwrap_or(i64::MAX), all)
    }

    /// Lets go of the messages up to the id `last`, and of what happened before `since`, ms since 1970.
    pub fn expire(&mut self, last: MessageId, since: i64) {
        self.records = None;
        self.ring.expire(last, since);
        self.messages.retain(|kept| kept.message.id > last);
        for kept in &mut self.messages {
            if let Some(next) = kept.message.outlasting(last) {
                kept.message = Arc::new(next);
            }
        }
    }

    /// Takes name, picture and place off what the person `id` has sent and done.
    pub fn anonymise(&mut self, id: PersonId) {
        self.records = None;
        self.ring.anonymise(id);
        for kept in &mut self.messages {
            if let Some(nameless) = kept.message.without(id) {
                kept.message = Arc::new(nameless);
                kept.record = classic::record(&kept.message, &self.base);
            }
        }
    }

    fn keep(&mut self, message: Arc<Message>) -> Bytes {
        if self.messages.len() >= self.capacity() {
            self.messages.pop_front();
        }
        let record = classic::record(&message, &self.base);
        self.messages.push_back(Kept {
            message,
            record: record.clone(),
        });
        record
    }

    /// Brings the message that `event` is about up to date, if it is kept, and those that answer
    /// it; returns its classic frame.
    fn update(&mut self, event: &Event) -> Option<Bytes> {
        let id = event.change.message()?;
        for kept in &mut self.messages {
            if let Some(quoting) = kept.message.quoting(event) {
                kept.message = Arc::new(quoting);
            }
        }
        let kept = self
            .messages
            .iter_mut()
            .find(|kept| kept.message.id == id)?;
        kept.message = Arc::new(kept.message.after(event));
        kept.record = classic::record(&kept.message, &self.base);
        Some(classic::record_frame(kept.message.kind, &kept.record))
    }

    fn join_records(&self) -> Bytes {
        let mut bytes = 0;
        let live: Vec<&Bytes> = self
            .messages
            .iter()
            .rev()
            .filter(|kept| !kept.message.recalled)
            .map(|kept| &kept.record)
            .take(self.history)
            .take_while(|record| {
                bytes += record.len() + 1;
                bytes <= AT_ONCE
            })
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
