//! Which room.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A room's id, from 1 to 2^53 - 1: unique on this server, and never given again.
///
/// As text and in JSON it is its number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RoomId(pub i64);

impl fmt::Display for RoomId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
