//! What the calls of the API answer with: one shape each, as it stands in the JSON and in the
//! document that describes it.

use serde::Serialize;
use utoipa::ToSchema;

use super::devices::Device;
use super::export::{Head, Own};
use super::invitations::{Invited, View};
use super::members::MemberView;
use crate::auth::preferences::Preferences;
use crate::protocol::feed::{ErrorView, Me};
use crate::protocol::view::{MessageView, PersonHere, RoomView};

/// Nothing but that it is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptyAnswer {}

/// Why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedAnswer {
    /// The refusal.
    pub error: ErrorView,
}

/// Who the sender is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    /// He.
    pub me: Me,
}

/// Who the sender is now, if he is anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeMeAnswer {
    /// `null` where nobody without an account is let in.
    pub me: Option<Me>,
}

/// Who the sender is, and what he likes.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyselfAnswer {
    /// He.
    pub me: Me,
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
