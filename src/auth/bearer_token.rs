//! A bearer token as a request brings it.

use std::fmt;
use std::str::FromStr;

use super::codes;
use crate::error::Error;

/// Whose a token is, by what it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The room in a page of another site.
    Frame,
    /// A program that speaks for a person.
    Person,
    /// A program that is a bot.
    Bot,
}

impl Carrier {
    const ALL: [Self; 3] = [Self::Frame, Self::Person, Self::Bot];

    /// What the tokens begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Frame => "ths_",
            Self::Person => "thp_",
            Self::Bot => "thb_",
        }
    }

    /// A new token.
    #[must_use]
    pub fn new_token(self) -> String {
        codes::token(self.prefix())
    }
}

/// A text of the form of one of our tokens; nothing is known of it yet.
#[derive(Clone)]
pub struct BearerToken {
    /// Whose it says to be.
    pub carrier: Carrier,
    text: String,
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BearerToken")
    }
}

impl BearerToken {
    /// Its hash, by which it is kept.
    #[must_use]
    pub fn hash(&self) -> String {
        codes::hash(&self.text)
    }
}

impl FromStr for BearerToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut all = Carrier::ALL.into_iter();
        let carrier = all.find(|carrier| codes::is_token(text, carrier.prefix()));
        carrier
            .map(|carrier| Self {
                carrier,
                text: text.to_owned(),
            })
            .ok_or(Error::BadToken)
    }
}
