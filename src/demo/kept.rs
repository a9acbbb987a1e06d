//! What a demo has written of its rooms.

use std::collections::HashMap;

use crate::model::event::{Event, EventContent};
use crate::model::membership::FeedPosition;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// What has been written of a room.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) id: RoomId,
    pub(super) head: Seq,
    /// The seqs of its messages, in order.
    pub(super) said: Vec<Seq>,
    /// The number of the last message of each person.
    pub(super) last: HashMap<usize, usize>,
    /// The code of the invitation to a private room.
    pub(super) code: Option<String>,
}

impl Kept {
    /// Notes an event; gives the id of a new message.
    pub(super) fn note(&mut self, event: &Event) -> Option<MessageId> {
        let EventContent::Message(message) = &event.change else {
            return None;
        };
        self.said.push(event.seq);
        Some(message.id)
    }

    /// The read marker of somebody who has read the first `read` messages.
    pub(super) fn read_marker_at(&self, read: usize) -> anyhow::Result<FeedPosition> {
        let all = read >= self.said.len();
        let last = read.checked_sub(1).and_then(|last| self.said.get(last));
        Ok(FeedPosition {
            seq: if all {
                self.head
            } else {
                last.copied().unwrap_or_default()
            },
            said: i64::try_from(read)?,
        })
    }
}
