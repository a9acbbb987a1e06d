//! A number of bytes as an operator writes it: `4096`, `"64 KiB"`, `"100 MiB"`, `"2 GiB"`.
//!
//! Owns the spelling, both ways; each setting has its own range. Bounded by [`Size::MAX`].

use std::fmt;
use std::str::FromStr;

/// Bytes in a KiB.
pub const KIB: u64 = 1 << 10;
/// Bytes in a MiB.
pub const MIB: u64 = 1 << 20;
/// Bytes in a GiB.
pub const GIB: u64 = 1 << 30;
/// Bytes in a TiB.
pub const TIB: u64 = 1 << 40;

/// Units by size, largest first, so that display finds the shortest exact spelling.
const UNITS: [(&str, u64); 5] = [
    ("TiB", TIB),
    ("GiB", GIB),
    ("MiB", MIB),
    ("KiB", KIB),
    ("B", 1),
];

/// A number of bytes, from zero to [`Size::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    bytes: u64,
}

impl Size {
    /// A thousand TiB: more than any disk, and exact in JavaScript.
    pub const MAX: Size = Size { bytes: 1_000 * TIB };

    /// `bytes` bytes, at most [`Size::MAX`].
    pub const fn new(bytes: u64) -> Size {
        if bytes > Size::MAX.bytes {
            Size::MAX
        } else {
            Size { bytes }
        }
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.bytes
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bytes == 0 {
            return f.write_str("0");
        }
        let exact = UNITS
            .iter()
            .find(|(_, size)| self.bytes.is_multiple_of(*size));
        let (unit, size) = exact.copied().unwrap_or(("B", 1));
        write!(f, "{} {unit}", self.bytes / size)
    }
}

/// The text is no size: not a whole number with one unit, or more than [`Size::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a size such as \"64 KiB\", \"100 MiB\" or \"2 GiB\"")]
pub struct NotASize;

impl FromStr for Size {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Size, NotASize> {
        let text = text.trim();
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = text.strip_suffix(unit).unwrap_or_default();
        let number: u64 = digits.parse().ok().ok_or(NotASize)?;
        let unit = match unit.trim_start() {
            "" => "B",
            unit => unit,
        };
        let (_, size) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(NotASize)?;
        let bytes = number.checked_mul(*size).ok_or(NotASize)?;
        if bytes > Size::MAX.bytes {
            return Err(NotASize);
        }
        Ok(Size { bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_shown_as_written() {
        for text in [
            "1 B", "64 KiB", "100 MiB", "2 GiB", "3 TiB", "0", "1025 B", "1536 MiB",
        ] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        assert_eq!("4096".parse(), Ok(Size::new(4 * KIB)));
        assert_eq!(" 5GiB ".parse(), Ok(Size::new(5 * GIB)));
    }

    #[test]
    fn units_of_a_thousand_fractions_and_overflow_are_refused() {
        let overflow = format!("{} TiB", u64::MAX);
        for text in [
            "",
            "-5",
            "1.5 GiB",
            "MiB",
            "5 MB",
            "5 mib",
            "５ MiB",
            "1 GiB 5 MiB",
            "1001 TiB",
            &overflow,
        ] {
            assert_eq!(text.parse::<Size>(), Err(NotASize), "{text:?}");
        }
        assert_eq!(Size::new(u64::MAX), Size::MAX);
    }
}
