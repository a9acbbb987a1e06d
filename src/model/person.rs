//! A person as the others see them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::person_id::PersonId;
use crate::text::catalog::Lang;
use crate::text::identicon;

/// URL of the picture of a person whose account was deleted.
pub const NOBODY: &str = "/avatar/nobody.svg";

/// What kind of identity a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PersonKind)]
pub enum PersonKind {
    /// A person with an account.
    User,
    /// Is known by a cookie, or by address and program alone.
    Visitor,
}

impl PersonKind {
    /// Its name in the protocol.
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
#[schema(as = ServerRole)]
pub enum ServerRole {
    /// No rights beyond those of everybody.
    #[default]
    Member,
    /// May recall anybody's messages.
    Admin,
    /// As an admin; they own the server.
    Owner,
}

impl ServerRole {
    /// Its name in the store and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// A person as the others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Public id: `u12` for an account, `v` and 16 hex digits for a visitor. Says nothing about
    /// address or cookie.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Whether they have an account.
    pub kind: PersonKind,
    /// Whether they are a program with an account. Said only where it is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// The name shown; empty when their account was deleted.
    pub name: String,
    /// Address of the picture: the identicon of `id`, or what a nameless classic visitor sent.
    pub avatar: String,
    /// Location of the IP address, possibly empty.
    pub place: String,
}

impl Person {
    /// The picture as this server's own page shows it: the page loads nothing from elsewhere, so
    /// a picture that a classic visitor brought is replaced by their identicon there.
    #[must_use]
    pub fn own_avatar(&self) -> Cow<'_, str> {
        if self.avatar.starts_with("/avatar/") {
            Cow::Borrowed(&self.avatar)
        } else {
            Cow::Owned(Self::identicon(self.id))
        }
    }

    /// The name of a visitor who may not have the one they want: the server's word for a guest
    /// and the beginning of their id.
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

    /// What is left of a person whose account was deleted: their id, so that their messages stay one
    /// author's, without name, picture and place.
    pub fn anonymise(&mut self) {
        self.name.clear();
        self.place.clear();
        NOBODY.clone_into(&mut self.avatar);
    }

    /// Their name, or the word for a person without one: their account was deleted.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonRef {
    /// The public id.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// The display name.
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
