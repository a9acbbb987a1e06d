//! Close codes: part of the protocol, because a client decides by them whether to come back.
//!
//! 4000 to 4499 say "come back", 4500 to 4999 say "stay away until something has changed"; the
//! codes below 4000 are those of RFC 6455 §7.4.1.

/// Why the server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Close {
    /// The server restarts; `bye` says when to come back.
    Restart,
    /// The client did not answer pings, or was silent for too long.
    NoHeartbeat,
    /// The server has too much to do.
    Overloaded,
    /// The session of this connection has ended: signed in, out or elsewhere.
    SignedOut,
    /// `hello` named a version that this server does not speak.
    Version,
    /// A frame broke RFC 6455.
    BrokenFrame,
    /// A text message was not UTF-8.
    BadText,
    /// Frames came too fast, or in too many pieces.
    Flood,
    /// A frame or message was too long.
    TooLong,
}

impl Close {
    /// Every code, for the documentation's test.
    pub const ALL: [Self; 9] = [
        Self::Restart,
        Self::NoHeartbeat,
        Self::Overloaded,
        Self::SignedOut,
        Self::Version,
        Self::BrokenFrame,
        Self::BadText,
        Self::Flood,
        Self::TooLong,
    ];

    /// The number in the close frame.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Restart => 4000,
            Self::NoHeartbeat => 4002,
            Self::Overloaded => 4003,
            Self::SignedOut => 4500,
            Self::Version => 4504,
            Self::BrokenFrame => 1002,
            Self::BadText => 1007,
            Self::Flood => 1008,
            Self::TooLong => 1009,
        }
    }

    /// The reason in the close frame: English, for whoever reads a log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::NoHeartbeat => "no heartbeat",
            Self::Overloaded => "overloaded",
            Self::SignedOut => "signed out",
            Self::Version => "version not spoken",
            Self::BrokenFrame => "broken frame",
            Self::BadText => "not UTF-8",
            Self::Flood => "too many frames",
            Self::TooLong => "too long",
        }
    }
}

/// Whether a peer may send `code` in a close frame (RFC 6455 §7.4.1 and §7.4.2).
#[must_use]
pub fn is_valid_from_peer(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
