//! What went wrong in a run: any fault makes the run fail, because the figures of a server that
//! loses or duplicates something mean nothing.

use std::fmt;
use std::ops::Add;

/// Counts of what must not happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Deliveries that never came.
    pub lost: usize,
    /// Deliveries that came twice, and second acks of one send.
    pub doubled: usize,
    /// Frames with another content than was sent, or in another order; acks that
    /// do not match the event.
    pub wrong: usize,
    /// Messages that the server refused.
    pub refused: usize,
    /// Sends whose ack never came.
    pub unacked: usize,
    /// Connections that ended before the run did.
    pub ended: usize,
}

impl Faults {
    /// Whether there are no faults.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Add for Faults {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            wrong: self.wrong + other.wrong,
            refused: self.refused + other.refused,
            unacked: self.unacked + other.unacked,
            ended: self.ended + other.ended,
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lost,
            doubled,
            wrong,
            refused,
            unacked,
            ended,
        } = self;
        write!(
            out,
            "{lost} deliveries lost, {doubled} doubled, {wrong} wrong or out of order, {refused} messages refused, {unacked} never acked, {ended} lines ended"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_two_kinds_of_checks_add_up_and_each_is_named() {
        let one = Faults {
            lost: 1,
            doubled: 2,
            wrong: 3,
            ..Faults::default()
        };
        let other = Faults {
            refused: 4,
            unacked: 5,
            ended: 6,
            ..Faults::default()
        };
        assert!(!(one + other).is_none());
        assert_eq!(
            (one + other).to_string(),
            "1 deliveries lost, 2 doubled, 3 wrong or out of order, 4 messages refused, 5 never acked, 6 lines ended"
        );
    }
}
