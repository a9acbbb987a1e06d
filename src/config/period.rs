//! A length of time as an operator writes it: `25` (seconds), `"500ms"`, `"2m"`, `"30d"`.
//!
//! Owns the spelling, both ways. Never decides which lengths make sense: each setting has
//! its own range. Bounded by [`Period::MAX`], so that sums of periods cannot overflow.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Milliseconds in a second.
pub const SECOND: u64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE: u64 = 60 * SECOND;
/// Milliseconds in an hour.
pub const HOUR: u64 = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: u64 = 24 * HOUR;

/// Units by size, largest first, so that display finds the shortest exact spelling.
const UNITS: [(&str, u64); 5] = [
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", 1),
];

/// A length of time with millisecond precision, from zero to [`Period::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    millis: u64,
}

impl Period {
    /// A hundred years: longer than any setting means, far from any overflow.
    pub const MAX: Period = Period {
        millis: 36_500 * DAY,
    };

    /// `millis` milliseconds, at most [`Period::MAX`].
    pub const fn from_millis(millis: u64) -> Period {
        if millis > Period::MAX.millis {
            Period::MAX
        } else {
            Period { millis }
        }
    }

    /// `seconds` seconds, at most [`Period::MAX`].
    pub const fn from_secs(seconds: u64) -> Period {
        Period::from_millis(seconds.saturating_mul(SECOND))
    }

    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.millis
    }

    /// The length in whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.millis / SECOND
    }

    /// The length as the standard library has it.
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.millis)
    }

    /// No time at all; for the settings where that switches something off.
    pub const fn is_zero(self) -> bool {
        self.millis == 0
    }
}

impl From<Period> for Duration {
    fn from(period: Period) -> Duration {
        period.as_duration()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0s");
        }
        let exact = UNITS
            .iter()
            .find(|(_, size)| self.millis.is_multiple_of(*size));
        let (unit, size) = exact.copied().unwrap_or(("ms", 1));
        write!(f, "{}{unit}", self.millis / size)
    }
}

/// The text is no period: not a whole number with one unit, or longer than [`Period::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as \"500ms\", \"25s\", \"2m\", \"12h\" or \"30d\"")]
pub struct NotAPeriod;

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Period, NotAPeriod> {
        let text = text.trim();
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = text.strip_suffix(unit).unwrap_or_default();
        let number: u64 = digits.parse().ok().ok_or(NotAPeriod)?;
        let unit = match unit.trim_start() {
            "" => "s",
            unit => unit,
        };
        let (_, size) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(NotAPeriod)?;
        let millis = number.checked_mul(*size).ok_or(NotAPeriod)?;
        if millis > Period::MAX.millis {
            return Err(NotAPeriod);
        }
        Ok(Period { millis })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_shown_as_written() {
        for text in ["500ms", "25s", "2m", "12h", "30d", "0s", "90s", "1500ms"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_bare_number_is_seconds_and_a_space_before_the_unit_is_forgiven() {
        assert_eq!("25".parse(), Ok(Period::from_secs(25)));
        assert_eq!(" 25 s ".parse(), Ok(Period::from_secs(25)));
    }

    #[test]
    fn the_largest_exact_unit_is_shown() {
        assert_eq!(Period::from_secs(120).to_string(), "2m");
        assert_eq!(Period::from_secs(86_400).to_string(), "1d");
        assert_eq!(Period::from_secs(61).to_string(), "61s");
    }

    #[test]
    fn negative_fractional_unitless_words_and_overflow_are_refused() {
        let overflow = format!("{}d", u64::MAX);
        for text in [
            "", "-5s", "1.5s", "s", "5 weeks", "5S", "５s", "1h30m", "+5s", "36501d", &overflow,
        ] {
            assert_eq!(text.parse::<Period>(), Err(NotAPeriod), "{text:?}");
        }
    }

    #[test]
    fn constructors_stop_at_a_hundred_years() {
        assert_eq!(Period::from_secs(u64::MAX), Period::MAX);
        assert_eq!(Period::from_millis(u64::MAX), Period::MAX);
    }
}
