//! Which message.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A message's id, from 1 to 2^53 - 1: unique on this server, in the order of sending, and never
/// given again.
///
/// As text and in JSON it is its number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MessageId(pub i64);

impl MessageId {
    /// After every message there can be.
    pub const MAX: Self = Self(i64::MAX);

    /// The id after this one, whether or not a message has it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The id before this one, whether or not a message has it.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for MessageId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
