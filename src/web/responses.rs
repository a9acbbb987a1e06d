//! What the calls of the API answer with: one shape each, as it stands in the JSON and in the
//! document that describes it.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::preferences::Preferences;
use crate::model::principal::Principal;
use crate::protocol::view::{MessageView, PersonHere, RoomView, Words};
use crate::store::queries::versions::Version;
use crate::web::devices::Device;
use crate::web::export::{Head, Own};
use crate::web::invitations::{Invited, View};
use crate::web::members::MemberView;

/// What has been made, with a 201.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

/// Nothing but that it is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptyAnswer {}

/// Who the sender is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    /// He.
    pub me: Principal,
}

/// Who somebody with a new account is, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredAnswer {
    /// They.
    pub me: Principal,
    /// The room that they have come into by their invitation; `null` without one, for one to the
    /// house, and where it did not let them in.
    pub room: Option<RoomView>,
}

/// Whose password a link is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordLinkForAnswer {
    /// The account's name.
    pub name: String,
}

/// A link for a new password.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordLinkAnswer {
    /// The address to open; it is shown this once.
    pub url: String,
    /// When it ends, ms since 1970.
    pub expires: i64,
}

/// Who the sender is now, if he is anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeMeAnswer {
    /// `null` where nobody without an account is let in.
    pub me: Option<Principal>,
}

/// Who the sender is, and what he likes.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyselfAnswer {
    /// He.
    pub me: Principal,
    /// All of them.
    pub preferences: Preferences,
}

/// What the sender likes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesAnswer {
    /// All of them.
    pub preferences: Preferences,
}

/// Where an account is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct DevicesAnswer {
    /// This one first, then those seen last.
    pub devices: Vec<Device>,
}

/// Everything that the house keeps of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataAnswer<'a> {
    /// All but the messages.
    #[serde(flatten)]
    pub head: Head,
    /// What he has said, oldest first.
    pub messages: Vec<Own<'a>>,
}

/// A room.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomAnswer {
    /// As the sender sees it.
    pub room: RoomView,
}

/// Some rooms.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomsAnswer {
    /// In order.
    pub rooms: Vec<RoomView>,
    /// What `after` is to be for those that follow; `null` when there are none.
    pub next: Option<String>,
}

/// Some messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagesAnswer<'a> {
    /// Oldest first.
    pub messages: Vec<MessageView<'a>>,
    /// Whether there are older ones: ask with the first one's id as `before`.
    pub more: bool,
    /// Whether there are newer ones: ask with the last one's id as `after`.
    pub newer: bool,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageAnswer<'a> {
    /// As it is now.
    pub message: MessageView<'a>,
    /// The emoji that the reader has put on it: of a crowd only the first are named.
    pub mine: Vec<String>,
}

/// Where a message was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitRoom {
    /// The room's id.
    pub id: i64,
    /// Its name, as the reader sees it.
    pub name: String,
}

/// A message that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hit)]
pub struct HitView<'a> {
    /// Where.
    pub room: HitRoom,
    /// It, as it is now.
    pub message: MessageView<'a>,
    /// A piece of its plain text on one line, with `…` where it goes on.
    pub text: String,
    /// What to mark in `text`: from and to, in UTF-16 units.
    pub marks: Vec<[usize; 2]>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer<'a> {
    /// In order.
    pub hits: Vec<HitView<'a>>,
    /// What `after` is to be for those that follow; `null` when there are none.
    pub next: Option<String>,
    /// Whether everything that was said can be found; false while old messages are still taken in.
    pub complete: bool,
}

/// What a message has said.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsAnswer<'a> {
    /// Oldest first; the last is what it says now. At most 50 earlier ones are kept.
    pub versions: Vec<VersionView<'a>>,
}

/// What a message said at a time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
pub struct VersionView<'a> {
    /// The seq of the change that brought these words.
    rev: i64,
    /// When that was, ms since 1970.
    at: i64,
    #[serde(flatten)]
    words: Words<'a>,
}

impl<'a> From<&'a Version> for VersionView<'a> {
    fn from(version: &'a Version) -> Self {
        Self {
            rev: version.rev,
            at: version.at,
            words: Words::from(&version.words),
        }
    }
}

/// How a message will look.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// Safe HTML.
    pub html: String,
}

/// Some of the people in a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembersAnswer {
    /// In order.
    pub members: Vec<MemberView>,
    /// What `after` is to be for those that follow; `null` when there are none.
    pub next: Option<String>,
    /// How many are in the room, as in Room.
    pub total: usize,
}

/// People by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleAnswer {
    /// Those first whose names begin with what was asked for.
    pub people: Vec<PersonHere>,
}

/// An invitation that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationAnswer {
    /// As the room's own people see it.
    pub invitation: View,
}

/// Invitations to a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationsAnswer {
    /// Newest first.
    pub invitations: Vec<View>,
}

/// What an invitation invites to.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedAnswer {
    /// As somebody sees it who has the link.
    pub invitation: Invited,
}
