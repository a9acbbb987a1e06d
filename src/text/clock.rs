//! The time of day, read in one place.
//!
//! Times that are stored or sent are milliseconds since 1970 (UTC). Spans of time are measured
//! with `Instant` elsewhere, so that a clock that is set does not matter to them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in ms since 1970 (UTC).
#[must_use]
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |span| {
            i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
        })
}

/// RFC 3339 in UTC with milliseconds, as classic clients and `<time datetime>` want it.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_out_of_range| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_milliseconds_and_z() {
        assert_eq!(rfc3339(1_700_000_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(rfc3339(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
        assert_eq!(rfc3339(i64::MAX), "");
    }
}
