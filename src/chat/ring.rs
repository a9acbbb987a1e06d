//! The newest events of a room, encoded, for those who come back.
//!
//! Bounds: [`EVENTS`] and [`AT_ONCE`] bytes, whichever is met first: a wider gap costs more than
//! a fresh page.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::delivery::QUEUE_BYTES;
use crate::model::event::{Event, EventContent};
use crate::model::mention::Mentions;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::seq::Seq;
use crate::protocol::view;
use crate::text::body::MessageBody;

/// Events kept in memory for clients that resume.
pub const EVENTS: usize = 300;

/// Bytes of history, resume or fresh page that one connection is sent at once: half of what may
/// wait for a reader, the other half is for live events.
pub const AT_ONCE: usize = QUEUE_BYTES / 2;

/// About the longest batch, in bytes: a client applies one while the next is on its way.
const BATCH: usize = 64 * 1024;

/// Events without holes, oldest first.
#[derive(Debug, Default)]
pub struct Ring {
    events: VecDeque<Past>,
    bytes: usize,
}

#[derive(Debug)]
struct Past {
    event: Event,
    data: Bytes,
}

impl Ring {
    /// Adds the next event with its encoded data.
    pub fn push(&mut self, event: Event, data: Bytes) {
        self.bytes += data.len();
        self.events.push_back(Past { event, data });
        while self.events.len() > EVENTS || self.bytes > AT_ONCE {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes -= oldest.data.len();
        }
    }

    /// The data of what came after `seq` up to `head`, in batches, the last of them possibly
    /// empty; `None` when that is not all here.
    #[must_use]
    pub fn after(&self, seq: Seq, head: Seq) -> Option<Vec<Vec<&[u8]>>> {
        let oldest = self
            .events
            .front()
            .map_or(head.next(), |past| past.event.seq);
        if seq.next() < oldest {
            return None;
        }
        let mut batches = vec![Vec::new()];
        let mut bytes = 0;
        for past in self.events.iter().filter(|past| past.event.seq > seq) {
            if bytes > BATCH {
                batches.push(Vec::new());
                bytes = 0;
            }
            bytes += past.data.len();
            if let Some(batch) = batches.last_mut() {
                batch.push(&past.data[..]);
            }
        }
        Some(batches)
    }

    /// Brings what is kept of a message up to date with `event`, which is about it: a client that
    /// resumes gets the body that it has now, as after a restart, never one that was recalled.
    pub fn settle(&mut self, event: &Event) {
        let Some(id) = event.change.message() else {
            return;
        };
        self.rewrite(|change| match change {
            EventContent::Message(message) if message.id == id => {
                *message = Arc::new(message.after(event));
                true
            }
            EventContent::Message(message) => match message.quoting(event) {
                Some(quoting) => {
                    *message = Arc::new(quoting);
                    true
                }
                None => false,
            },
            EventContent::Edited {
                id: edited,
                body,
                mentions,
                ..
            } if *edited == id => {
                match &event.change {
                    EventContent::Edited {
                        body: new,
                        mentions: mentioned,
                        ..
                    } => {
                        body.clone_from(new);
                        mentions.clone_from(mentioned);
                    }
                    EventContent::Recalled { .. } => {
                        *body = MessageBody::default();
                        *mentions = Mentions::default();
                    }
                    _ => return false,
                }
                true
            }
            EventContent::FileTaken {
                id: robbed, first, ..
            } if *robbed == id => {
                *first = match &event.change {
                    EventContent::FileTaken { first, .. } => *first,
                    EventContent::Recalled { .. } => None,
                    _ => return false,
                };
                true
            }
            EventContent::Reacted {
                id: liked,
                reaction,
                ..
            } if *liked == id && matches!(event.change, EventContent::Recalled { .. }) => {
                reaction.who.clear();
                true
            }
            _ => false,
        });
    }

    /// Lets go of what happened before `since` (ms since 1970) or is about a message up to the id `last`,
    /// and of all that came before: who was there comes back to a fresh page.
    pub fn expire(&mut self, last: MessageId, since: i64) {
        let is_gone = |change: &EventContent| match change.message() {
            Some(id) => id <= last,
            None => change.at() < since,
        };
        let gone = self
            .events
            .iter()
            .rposition(|past| is_gone(&past.event.change));
        for past in self.events.drain(..gone.map_or(0, |gone| gone + 1)) {
            self.bytes -= past.data.len();
        }
        self.rewrite(|change| match change {
            EventContent::Message(message) => match message.outlasting(last) {
                Some(next) => {
                    *message = Arc::new(next);
                    true
                }
                None => false,
            },
            _ => false,
        });
    }

    /// Takes the name of the person `id` out of the events that they caused.
    pub fn anonymise(&mut self, id: PersonId) {
        self.rewrite(|change| {
            match change {
                EventContent::Message(message) => match message.without(id) {
                    Some(nameless) => *message = Arc::new(nameless),
                    None => return false,
                },
                EventContent::Reacted { by, reaction, .. } => {
                    let named = reaction.who.iter_mut().chain([by]);
                    let theirs: Vec<_> = named.filter(|by| by.id == id).collect();
                    if theirs.is_empty() {
                        return false;
                    }
                    theirs.into_iter().for_each(|by| by.name.clear());
                }
                EventContent::Edited { by, .. }
                | EventContent::Recalled { by, .. }
                | EventContent::Pinned { by, .. }
                | EventContent::FileTaken { by, .. }
                | EventContent::Settings { by, .. }
                    if by.id == id =>
                {
                    by.name.clear();
                }
                EventContent::Membership { by, who, .. } if by.id == id || who.id == id => {
                    if by.id == id {
                        by.name.clear();
                    }
                    if who.id == id {
                        Arc::make_mut(who).anonymise();
                    }
                }
                _ => return false,
            }
            true
        });
    }

    /// Encodes the events that `change` changes (and says so) anew.
    fn rewrite(&mut self, change: impl Fn(&mut EventContent) -> bool) {
        for past in &mut self.events {
            if change(&mut past.event.change) {
                self.bytes -= past.data.len();
                past.data = view::event_data(&past.event);
                self.bytes += past.data.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message_id::MessageId;
    use crate::model::person::PersonRef;
    use crate::model::room_id::RoomId;

    fn recalled(seq: i64) -> Event {
        let by = PersonRef {
            id: PersonId::User(1),
            name: "Ada".into(),
        };
        Event {
            room: RoomId(1),
            seq: Seq(seq),
            change: EventContent::Recalled {
                id: MessageId(seq),
                at: 0,
                by,
                voice: false,
                said: Seq(seq),
            },
        }
    }

    fn ring(seqs: std::ops::RangeInclusive<i64>, bytes: usize) -> Ring {
        let mut ring = Ring::default();
        for seq in seqs {
            ring.push(recalled(seq), Bytes::from(vec![b'x'; bytes]));
        }
        ring
    }

    #[test]
    fn no_more_is_kept_than_one_connection_may_be_told_at_once() {
        let short = ring(1..=1_000, 100);
        assert_eq!(
            short.after(Seq(700), Seq(1_000)).unwrap().concat().len(),
            300
        );
        assert_eq!(short.after(Seq(699), Seq(1_000)), None);
        let long = ring(1..=20, AT_ONCE / 10);
        assert_eq!(long.after(Seq(10), Seq(20)).unwrap().concat().len(), 10);
        assert_eq!(long.after(Seq(9), Seq(20)), None);
    }

    #[test]
    fn what_is_much_comes_in_batches() {
        let ring = ring(1..=10, BATCH / 2);
        let lengths: Vec<usize> = ring
            .after(Seq(0), Seq(10))
            .unwrap()
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(lengths, [3, 3, 3, 1]);
    }

    #[test]
    fn nothing_missed_is_one_empty_batch_and_an_empty_ring_knows_only_its_head() {
        assert_eq!(ring(1..=3, 10).after(Seq(3), Seq(3)), Some(vec![vec![]]));
        assert_eq!(Ring::default().after(Seq(5), Seq(5)), Some(vec![vec![]]));
        assert_eq!(Ring::default().after(Seq(4), Seq(5)), None);
    }
}
