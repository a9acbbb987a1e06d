//! Who somebody is to the others.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::person_id::PersonId;
use crate::text::catalog::Lang;
use crate::text::identicon;

/// Address of the picture of somebody whose account was deleted.
pub const NOBODY: &str = "/avatar/nobody.svg";

/// What kind of identity a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PersonKind)]
pub enum PersonKind {
    /// Has an account.
    User,
    /// Is known by a cookie, or by address and program alone.
    Visitor,
}

impl PersonKind {
    /// The word in the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Visitor => "visitor",
        }
    }
}

impl fmt::Display for PersonKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a person may do beyond talking.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = HouseRole)]
pub enum ServerRole {
    /// Everybody else.
    #[default]
    Member,
    /// May recall anybody's messages.
    Admin,
    /// As an admin; the house is his.
    Owner,
}

impl ServerRole {
    /// The word in the store and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// A person as the others see him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Public id: `u12` for an account, `v` and 16 hex digits for a visitor. Says nothing about
    /// address or cookie.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Account or visitor.
    pub kind: PersonKind,
    /// The name shown; empty when his account was deleted.
    pub name: String,
    /// Address of the picture: the identicon of `id`, or what a nameless classic visitor sent.
    pub avatar: String,
    /// Place of the IP address, possibly empty.
    pub place: String,
}

impl Person {
    /// The picture as this server's own page shows it: the page loads nothing from elsewhere, so
    /// a picture that a classic visitor brought is his identicon there.
    #[must_use]
    pub fn own_avatar(&self) -> Cow<'_, str> {
        if self.avatar.starts_with("/avatar/") {
            Cow::Borrowed(&self.avatar)
        } else {
            Cow::Owned(Self::identicon(self.id))
        }
    }

    /// What somebody is called who may not have the name he wants: the house's word for a guest
    /// and the beginning of his id.
    #[must_use]
    pub fn fallback_name(id: PersonId) -> String {
        let mark: String = id.to_string().chars().skip(1).take(4).collect();
        format!("茶客 {mark}")
    }

    /// Address of the identicon of a public id.
    #[must_use]
    pub fn identicon(id: PersonId) -> String {
        picture_path(&id.to_string())
    }

    /// The same in a colour of choice.
    #[must_use]
    pub fn coloured(id: PersonId, hue: Option<u16>) -> String {
        let plain = Self::identicon(id);
        hue.map_or_else(|| plain.clone(), |hue| format!("{plain}?h={hue}"))
    }

    /// What is left of somebody whose account was deleted: his id, so that what he said stays one
    /// man's, without name, face and place.
    pub fn forget(&mut self) {
        self.name.clear();
        self.place.clear();
        NOBODY.clone_into(&mut self.avatar);
    }

    /// His name, or the word for a person without one: his account was deleted.
    #[must_use]
    pub fn name_in(&self, lang: Lang) -> &str {
        lang.given_or(&self.name, "page.nobody")
    }
}

/// Address of the picture that is drawn from any text: the same text, the same picture.
#[must_use]
pub fn picture_path(text: &str) -> String {
    let digest = identicon::digest(text);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/avatar/{hex}.svg")
}

impl From<PersonId> for PersonKind {
    fn from(id: PersonId) -> Self {
        if id.is_user() {
            Self::User
        } else {
            Self::Visitor
        }
    }
}

/// Who changed something, as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PersonRef {
    /// Public id.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Name.
    pub name: String,
}

impl From<&Person> for PersonRef {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            name: person.name.clone(),
        }
    }
}
