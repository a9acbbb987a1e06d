//! Expiry: which messages are older than the operator wants to keep; they are deleted for good.

use serde::{Deserialize, Serialize};

use crate::model::membership::FeedPosition;
use crate::model::message::{Message, Quote};
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;

/// The time from which on messages are kept, and the current time: ms since 1970. A message later than
/// now was sent when the clock ran ahead: nobody knows how old it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Older than this is too old.
    pub since: i64,
    /// The current time, ms since 1970.
    pub now: i64,
}

impl Kept {
    /// How many of the first `times` of a room, in its order, go: all up to the last that is too old, as
    /// long as there is none before it that is to be kept. So a room loses its beginning and gets no holes.
    #[must_use]
    pub fn too_old(self, times: impl IntoIterator<Item = i64>) -> usize {
        let mut count = 0;
        for (place, at) in (1..).zip(times) {
            if at < self.since {
                count = place;
            } else if at <= self.now {
                break;
            }
        }
        count
    }
}

/// The expired messages of one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// The room's id.
    pub room: RoomId,
    /// The id of the last message that is gone, 0 when none is.
    pub last: MessageId,
    /// The position at which the room begins now.
    pub begin: FeedPosition,
}

impl Quote {
    /// The quoted message is gone, and nothing is known of it.
    fn lost(id: MessageId) -> Self {
        Self {
            gone: true,
            ..*Self::of(id)
        }
    }
}

impl Message {
    /// The message after those of its room up to the id `last` are gone; `None` when it answers none of
    /// them.
    #[must_use]
    pub fn outlasting(&self, last: MessageId) -> Option<Self> {
        let quoted = self.reply.as_ref().filter(|reply| reply.id <= last)?;
        let reply = Some(Box::new(Quote::lost(quoted.id)));
        let message = self.clone();
        Some(Self { reply, ..message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_loses_its_beginning_whatever_the_clock_did() {
        let kept = Kept {
            since: 100,
            now: 200,
        };
        for (times, count) in [
            (vec![], 0),
            (vec![100, 150], 0),
            (vec![98, 99, 100], 2),
            (vec![10, 20, 30], 3),
            // The clock stood at its beginning for a while: what came before is not old yet.
            (vec![150, 1, 2, 160], 0),
            (vec![50, 1, 2, 160], 3),
            // It ran ahead for a while, and was set right.
            (vec![50, 900, 60, 160], 3),
            (vec![50, 900, 160, 170], 1),
            (vec![900, 901], 0),
        ] {
            assert_eq!(kept.too_old(times.clone()), count, "{times:?}");
        }
    }
}
