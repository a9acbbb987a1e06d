//! The name of a connection, which chat and the sockets share.

use std::fmt;

/// A connection's own id, unique in the process and growing on each worker thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(u64);

/// Bits of a [`ConnId`] that number the connections of one hub.
const SERIAL_BITS: u32 = 48;

impl ConnId {
    /// The `serial`th connection of hub number `hub`.
    #[must_use]
    pub fn new(hub: u16, serial: u64) -> Self {
        Self((u64::from(hub) << SERIAL_BITS) | serial)
    }

    /// The number of the hub that has its client writer.
    #[must_use]
    pub fn hub(self) -> u16 {
        u16::try_from(self.0 >> SERIAL_BITS).unwrap_or(u16::MAX)
    }

    /// As a plain number, for those who need not know what it is.
    #[must_use]
    pub fn to_raw(self) -> u64 {
        self.0
    }

    /// The inverse of [`Self::to_raw`].
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        Self(raw)
    }
}

impl fmt::Display for ConnId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.hub(), self.0 & ((1 << SERIAL_BITS) - 1))
    }
}
