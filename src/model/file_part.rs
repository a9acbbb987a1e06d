//! Which part of an upload, where its bytes are kept for all nodes.

use std::fmt;
use std::str::FromStr;

/// Bytes of an upload from `start` on, as one request has brought them. The mark makes its name another than that of any part
/// that a second node, or one that was given up, writes for the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePart {
    /// Where it begins in the upload, in bytes.
    pub start: u64,
    /// 64 random bits.
    pub mark: u64,
}

impl FilePart {
    /// A part that nobody else has written.
    #[must_use]
    pub fn new(start: u64) -> Self {
        let mark = rand::random();
        Self { start, mark }
    }

    /// Its mark as text.
    #[must_use]
    pub fn mark(self) -> String {
        format!("{:016x}", self.mark)
    }
}

impl fmt::Display for FilePart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:016x}", self.start, self.mark)
    }
}

/// The text is the name of no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a part of a file")]
pub struct NotAFilePart;

impl FromStr for FilePart {
    type Err = NotAFilePart;

    fn from_str(text: &str) -> Result<Self, NotAFilePart> {
        let (start, mark) = text.split_once('.').ok_or(NotAFilePart)?;
        let start = start.parse().map_err(|_other| NotAFilePart)?;
        let mark = u64::from_str_radix(mark, 16).map_err(|_other| NotAFilePart)?;
        let part = Self { start, mark };
        // One spelling of each, so that a name says what lies there.
        (part.to_string() == text)
            .then_some(part)
            .ok_or(NotAFilePart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let part = FilePart {
            start: 8 << 20,
            mark: 0xbeef,
        };
        assert_eq!(part.to_string(), "8388608.000000000000beef");
        assert_eq!(part.to_string().parse(), Ok(part));
        for wrong in [
            "",
            "8388608",
            "08388608.000000000000beef",
            "8388608.beef",
            "8388608.000000000000BEEF",
            "+1.000000000000beef",
            "1.2.3",
        ] {
            assert_eq!(wrong.parse::<FilePart>(), Err(NotAFilePart), "{wrong}");
        }
    }
}
