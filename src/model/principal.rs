//! Who asks, whatever way they came in.

use std::sync::Arc;

use serde::Serialize;

use crate::model::grant::Grant;
use crate::model::person::{Person, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::text::catalog::Lang;

/// A person who asks for something, as far as it decides what they get. Cheap to clone.
///
/// A request and a socket have theirs from `web::client`, which is the one place that knows cookies;
/// [`Principal::member`] is for everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Me)]
pub struct Principal {
    /// As the others see them.
    #[serde(flatten)]
    pub person: Arc<Person>,
    /// What they may do beyond talking.
    pub role: ServerRole,
    /// Whether they may write: where visitors only read, an account is needed.
    pub may_write: bool,
    /// The public id of the visitor that the owner of an account was before: what that one has said
    /// is theirs to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub was: Option<PersonId>,
    /// What the token lets them do by which they are known; `None` is all that they may.
    #[serde(skip)]
    pub grant: Option<Arc<Grant>>,
    /// The language they read.
    #[serde(skip)]
    pub lang: Lang,
}

impl Principal {
    /// A person who may write, without a role above member.
    #[must_use]
    pub fn member(person: Person) -> Self {
        Self {
            person: Arc::new(person),
            role: ServerRole::Member,
            may_write: true,
            was: None,
            grant: None,
            lang: Lang::default(),
        }
    }

    /// Their public id.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.person.id
    }

    /// Whether what they are known by is good in this room: a token may be for some rooms only.
    #[must_use]
    pub fn reaches(&self, room: RoomId) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.is_for(room))
    }

    /// Whether they have an account.
    #[must_use]
    pub fn has_account(&self) -> bool {
        self.id().is_user()
    }
}
