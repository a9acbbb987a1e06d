//! The sections `[bots]` and `[hooks]`: who lets programs speak, and how many.

use serde::Deserialize;

use super::sections::Makers;
use super::values;

/// The most of each that may be set.
const MOST: u64 = 10_000;

/// `[bots]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bots {
    /// Who may make bots.
    pub makers: Makers,
    /// Number of bots.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MOST>")]
    pub most: usize,
    /// Keys of one bot.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MOST>")]
    pub tokens: usize,
    /// Messages that one bot may send in a minute; 0 = no limit.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MOST>")]
    pub messages_per_minute: u32,
}

impl Default for Bots {
    fn default() -> Self {
        Self {
            makers: Makers::Admins,
            most: 100,
            tokens: 20,
            messages_per_minute: 120,
        }
    }
}

/// `[hooks]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hooks {
    /// Who may make hooks, of those who look after a room.
    pub makers: Makers,
    /// Hooks of one room.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MOST>")]
    pub per_room: usize,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            makers: Makers::Members,
            per_room: 20,
        }
    }
}
