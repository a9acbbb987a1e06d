//! Which file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Digits of base32 (RFC 4648 §6) in lower case.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Length of an id as text.
const LENGTH: usize = 26;

/// A file's id: 128 random bits, the same from the first byte of its upload to its deletion. It gives no
/// right to anything.
///
/// As text and in JSON it is 26 digits of base32; no other spelling of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u128);

impl FileId {
    /// The id of these bits.
    #[must_use]
    pub const fn new(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; LENGTH];
        let mut bits = self.0;
        for digit in text.iter_mut().rev() {
            let place = (bits % 32) as usize;
            *digit = DIGITS.get(place).copied().unwrap_or_default();
            bits /= 32;
        }
        out.write_str(std::str::from_utf8(&text).map_err(|_never| fmt::Error)?)
    }
}

/// The text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a file")]
pub struct NotAFileId;

impl FromStr for FileId {
    type Err = NotAFileId;

    fn from_str(text: &str) -> Result<Self, NotAFileId> {
        if text.len() != LENGTH {
            return Err(NotAFileId);
        }
        let mut bits = 0_u128;
        for byte in text.bytes() {
            let digit = DIGITS.iter().position(|digit| *digit == byte);
            let digit = digit.ok_or(NotAFileId)? as u128;
            bits = bits.checked_mul(32).ok_or(NotAFileId)? + digit;
        }
        Ok(Self(bits))
    }
}

impl Serialize for FileId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_and_nothing_else_is_read() {
        for bits in [0, 1, 31, 32, u128::MAX, 0x0123_4567_89ab_cdef << 64] {
            let id = FileId::new(bits);
            let text = id.to_string();
            assert_eq!(text.len(), LENGTH);
            assert_eq!(text.parse(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<FileId>(&json).unwrap(), id);
        }
        let most = FileId::new(u128::MAX).to_string();
        assert_eq!(most, "h7777777777777777777777777");
        for wrong in [
            "",
            "a",
            "../../../../../etc/passwdaa",
            "A2345672345672345672345672",
            "a1234567234567234567234567",
            "i7777777777777777777777777",
            "77777777777777777777777777",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "茶茶茶茶茶茶茶茶aa",
        ] {
            assert_eq!(wrong.parse::<FileId>(), Err(NotAFileId), "{wrong}");
        }
    }
}
