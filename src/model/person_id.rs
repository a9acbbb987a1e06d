//! The one id of a person, for ever, in rows, frames, addresses and memory.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of an account or a visitor. It says nothing about address or cookie.
///
/// As text (rows, JSON, addresses): `u12` for account 12, `v` and 16 hex digits for a visitor, and
/// nothing at all for [`PersonId::Nobody`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PersonId {
    /// The operator at the command line, and whoever is not known (any more).
    #[default]
    Nobody,
    /// An account, by its number, from 1.
    User(i64),
    /// A visitor, by a pseudonym of their cookie, or of address and program.
    Visitor(u64),
}

impl PersonId {
    /// The account's number; `None` for whoever has no account.
    #[must_use]
    pub fn user(self) -> Option<i64> {
        match self {
            Self::User(number) => Some(number),
            Self::Visitor(_) | Self::Nobody => None,
        }
    }

    /// Whether this is an account.
    #[must_use]
    pub fn is_user(self) -> bool {
        matches!(self, Self::User(_))
    }

    /// Whether this is a visitor.
    #[must_use]
    pub fn is_visitor(self) -> bool {
        matches!(self, Self::Visitor(_))
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => Ok(()),
            Self::User(number) => write!(out, "u{number}"),
            Self::Visitor(pseudonym) => write!(out, "v{pseudonym:016x}"),
        }
    }
}

/// A text that is nobody's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a person")]
pub struct InvalidPersonId;

impl FromStr for PersonId {
    type Err = InvalidPersonId;

    /// Takes what [`fmt::Display`] writes and nothing else, so that a person has one text.
    fn from_str(text: &str) -> Result<Self, InvalidPersonId> {
        let id = match text.split_at_checked(1) {
            Some(("u", number)) => number.parse().map(Self::User).ok(),
            Some(("v", digits)) => u64::from_str_radix(digits, 16).map(Self::Visitor).ok(),
            _ => text.is_empty().then_some(Self::Nobody),
        };
        id.filter(|id| id.to_string() == text)
            .ok_or(InvalidPersonId)
    }
}

impl Serialize for PersonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PersonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_text_and_a_text_one_id() {
        for (text, id) in [
            ("", PersonId::Nobody),
            ("u1", PersonId::User(1)),
            (
                "v0123456789abcdef",
                PersonId::Visitor(0x0123_4567_89ab_cdef),
            ),
        ] {
            assert_eq!(text.parse(), Ok(id));
            assert_eq!(id.to_string(), text);
            assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<PersonId>(&format!("\"{text}\"")).unwrap(),
                id
            );
        }
    }

    #[test]
    fn what_looks_like_an_id_but_is_none_is_refused() {
        for text in [
            "u",
            "v",
            "u01",
            "u+1",
            "u1 ",
            "U1",
            "v1",
            "v0123456789ABCDEF",
            "v0123456789abcdef0",
            "ada",
            "茶",
            "u99999999999999999999",
        ] {
            assert_eq!(text.parse::<PersonId>(), Err(InvalidPersonId), "{text}");
        }
    }
}
