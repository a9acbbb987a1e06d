//! How far a program has heard its rooms.
//!
//! Rooms have no order among each other: each has its own numbers. So a cursor names a position in each of them. As text
//! it is `room.seq.epoch`, with `~` between them, which an address takes as it is. Programs give it back as they got it;
//! one that was made up does no harm, since what may be read is asked anew each time. Bound: [`ROOMS`].

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// Rooms that one cursor names at most: 32 kB of an address. Whose program is in more hears them by tokens of some rooms each.
pub const ROOMS: usize = 1_000;

/// Characters of an epoch by which two are told apart. Its beginning is the time, its end is random.
const MARK: usize = 8;

/// The short name of an epoch.
#[must_use]
pub fn epoch_mark(epoch: &str) -> &str {
    let from = epoch.len().saturating_sub(MARK);
    epoch.get(from..).unwrap_or(epoch)
}

/// How far one room has been heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPosition {
    /// The room's id.
    pub room: RoomId,
    /// The newest event that was heard.
    pub seq: Seq,
    /// The [short name](epoch_mark) of the epoch that this seq belongs to.
    pub epoch: String,
}

/// How far each room has been heard, that one first which is to be read next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventCursor(pub Vec<RoomPosition>);

impl fmt::Display for EventCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, RoomPosition { room, seq, epoch }) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { "~" };
            write!(out, "{between}{room}.{seq}.{epoch}")?;
        }
        Ok(())
    }
}

impl FromStr for EventCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let positions = text.split('~').take(ROOMS + 1).map(|position| {
            let mut parts = position.split('.');
            let mut part = || parts.next().ok_or(Error::BadData);
            let number = |text: &str| text.parse::<i64>().map_err(|_other| Error::BadData);
            let room = number(part()?)?;
            let seq = number(part()?)?;
            let epoch = part()?;
            let is_mark =
                epoch.len() <= MARK && epoch.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let is_good = is_mark && room > 0 && seq >= 0 && parts.next().is_none();
            is_good
                .then(|| RoomPosition {
                    room: RoomId(room),
                    seq: Seq(seq),
                    epoch: epoch.to_owned(),
                })
                .ok_or(Error::BadData)
        });
        let positions = positions.collect::<Result<Vec<_>, _>>()?;
        let is_good = positions.len() <= ROOMS;
        is_good.then_some(Self(positions)).ok_or(Error::BadData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(room: i64, seq: i64, epoch: &str) -> RoomPosition {
        RoomPosition {
            room: RoomId(room),
            seq: Seq(seq),
            epoch: epoch.to_owned(),
        }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_in_its_order() {
        let cursor = EventCursor(vec![
            position(9_007_199_254_740_991, 0, "0a1b2c3d"),
            position(1, 57, "deadbeef"),
        ]);
        let text = cursor.to_string();
        assert_eq!(text, "9007199254740991.0.0a1b2c3d~1.57.deadbeef");
        assert_eq!(text.parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in [
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.a~",
            "~1.2.a",
            "0.2.a",
            "-1.2.a",
            "1.-2.a",
            "1.2.ä",
            "1.2.123456789",
            "1.2.a b",
            "x.2.a",
            "99999999999999999999.1.a",
        ] {
            assert_eq!(text.parse::<EventCursor>(), Err(Error::BadData), "{text}");
        }
        let many = |rooms| vec!["1.1.a"; rooms].join("~");
        assert!(many(ROOMS).parse::<EventCursor>().is_ok());
        assert_eq!(many(ROOMS + 1).parse::<EventCursor>(), Err(Error::BadData));
    }

    #[test]
    fn epochs_are_told_apart_by_their_ends() {
        assert_eq!(epoch_mark("0190a0b0c0d07000800000000000beef"), "0000beef");
        assert_eq!(epoch_mark("e1"), "e1");
    }
}
