//! People as the site's own server names them: by their public id, or by who they are at the site.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::store::accounts::identities;
use crate::store::accounts::users::{self, User};
use crate::store::db::{Db, StoreError};
use crate::web::state::AppState;

/// Somebody as a call names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPerson {
    /// By their public id.
    Id(PersonId),
    /// By an issuer's own id of them.
    Identity {
        /// Who says so.
        issuer: String,
        /// The issuer's id of them.
        subject: String,
    },
}

/// A text that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an id nor issuer:subject")]
pub struct NamesNobody;

impl FromStr for NamedPerson {
    type Err = NamesNobody;

    /// The last colon divides: issuers are URLs, which have some. Whose subject has a colon is named by their id.
    fn from_str(text: &str) -> Result<Self, NamesNobody> {
        match text.rsplit_once(':') {
            Some((issuer, subject)) if !issuer.is_empty() && !subject.is_empty() => {
                Ok(Self::Identity {
                    issuer: issuer.to_owned(),
                    subject: subject.to_owned(),
                })
            }
            Some(_) => Err(NamesNobody),
            None => match text.parse() {
                Ok(PersonId::Nobody) | Err(_) => Err(NamesNobody),
                Ok(id) => Ok(Self::Id(id)),
            },
        }
    }
}

impl<'de> Deserialize<'de> for NamedPerson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl NamedPerson {
    /// Their public id, a visitor's too; `None` for an identity that nobody has come with.
    ///
    /// # Errors
    /// When the database fails.
    pub fn id(&self, db: &mut dyn Db) -> Result<Option<PersonId>, StoreError> {
        match self {
            Self::Id(id) => Ok(Some(*id)),
            Self::Identity { issuer, subject } => {
                let identity = identities::find(db, issuer, subject)?;
                let identity = identity.filter(|identity| identity.blocked.is_none());
                Ok(identity.map(|identity| PersonId::User(identity.user)))
            }
        }
    }

    /// Their account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a visitor, and for somebody who does not exist.
    pub async fn account(self, state: &AppState) -> Result<User, Error> {
        let find = move |db: &mut dyn Db| {
            let number = self.id(db)?.and_then(PersonId::user);
            number.map_or(Ok(None), |number| users::by_id(db, number))
        };
        state.store.read(find).await?.ok_or(Error::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_colon_divides_issuer_and_subject() {
        let identity = |issuer: &str, subject: &str| NamedPerson::Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        for (text, named) in [
            ("u12", NamedPerson::Id(PersonId::User(12))),
            ("v0000000000000001", NamedPerson::Id(PersonId::Visitor(1))),
            ("site:4711", identity("site", "4711")),
            ("site:u12", identity("site", "u12")),
            (
                "https://id.example.org:8443/a:4711",
                identity("https://id.example.org:8443/a", "4711"),
            ),
        ] {
            assert_eq!(text.parse(), Ok(named), "{text}");
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in ["", "ada", "u", "U12", ":", "site:", ":4711"] {
            assert_eq!(text.parse::<NamedPerson>(), Err(NamesNobody), "{text}");
        }
    }
}
