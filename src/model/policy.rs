//! Who may do what in a room: the one place where that is decided, for socket, pages and API.
//!
//! Plain data in, an answer out. It is asked twice for each change: before the change is handed
//! to the store, and again inside the transaction that writes it, with what is true there.

use crate::error::Error;
use crate::model::membership::RoomRole;
use crate::model::person::ServerRole;
use crate::model::room::{RoomKind, RoomSettings};

/// Whoever wants something, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Whether he has an account.
    pub account: bool,
    /// Whether the house lets him talk (guests may be readers only).
    pub may_write: bool,
    /// What he is in the house.
    pub house: ServerRole,
    /// What he is in the room.
    pub standing: Option<RoomRole>,
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Know that the room is there, and read it.
    Read,
    /// See what a message said before it was edited, his own or another's.
    ReadVersions {
        /// Whether it is his own.
        own: bool,
    },
    /// Come in without being asked.
    Join,
    /// Say something, or change the words of what he said.
    Say,
    /// Take back what he said.
    Recall,
    /// Take back what others said.
    RecallAny,
    /// Put an emoji on what was said: also where only a few may talk.
    React,
    /// Keep a message at hand for everybody.
    Pin,
    /// Go.
    Leave,
    /// Ask others in.
    Invite,
    /// Change name, topic, notice and the rules of talking.
    Configure,
    /// Close the room for good, or open it again.
    Archive,
    /// Take the room out of the house for good, with all that was said there.
    Delete,
    /// Mute, remove or ban somebody of this standing, or undo it.
    Moderate(Option<RoomRole>),
    /// Make somebody of this standing an admin, or a member again.
    Appoint(Option<RoomRole>),
    /// Stop being an admin.
    StepDown,
    /// Give the room away, to somebody of this standing.
    Transfer(Option<RoomRole>),
}

/// What about a room decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomRules {
    /// Its kind.
    pub kind: RoomKind,
    /// See [`RoomSettings::read_only`].
    pub read_only: bool,
    /// See [`RoomSettings::mute_all`].
    pub mute_all: bool,
    /// See [`RoomSettings::archived`].
    pub archived: bool,
    /// See [`RoomSettings::slow`].
    pub slow: u32,
}

impl RoomRules {
    /// The place that a room of `kind` is.
    #[must_use]
    pub fn new(kind: RoomKind, about: &RoomSettings) -> Self {
        Self {
            kind,
            read_only: about.read_only,
            mute_all: about.mute_all,
            archived: about.archived,
            slow: about.slow,
        }
    }
}

impl Actor {
    /// What he counts as in a room of `kind`: in the lobby everybody is a member, and the house's
    /// admins look after lobby and public rooms. What is private is not theirs to see.
    #[must_use]
    pub fn counts_as(&self, kind: RoomKind) -> Option<RoomRole> {
        let raised = match (kind, self.house) {
            (RoomKind::Lobby, ServerRole::Owner) => Some(RoomRole::Owner),
            (RoomKind::Lobby | RoomKind::Public, ServerRole::Admin | ServerRole::Owner) => {
                Some(RoomRole::Admin)
            }
            _ => None,
        };
        match (raised, self.standing) {
            (Some(_), Some(RoomRole::Owner)) => Some(RoomRole::Owner),
            (Some(raised), _) => Some(raised),
            (None, None) if kind == RoomKind::Lobby => Some(RoomRole::Member),
            (None, standing) => standing,
        }
    }
}

/// Whether `actor` may do `action` in `place`.
///
/// # Errors
/// Why not. Whoever may not read a room is told that it is not there.
pub fn authorize(actor: &Actor, action: Action, place: &RoomRules) -> Result<(), Error> {
    let standing = actor.counts_as(place.kind);
    may_read(standing, place)?;
    let weight = standing.map_or(0, RoomRole::weight);
    let over = |target: Option<RoomRole>| weight > target.map_or(0, RoomRole::weight);
    let granted = |yes: bool| yes.then_some(()).ok_or(Error::NotAllowed);
    match action {
        Action::Read => return Ok(()),
        Action::ReadVersions { own } => {
            return granted(own || weight >= 1 && place.kind != RoomKind::Direct);
        }
        Action::Archive | Action::Delete => {
            return granted(is_ours(place) && weight == 2 || runs_house(actor, place));
        }
        _ if place.archived => return Err(Error::Archived),
        _ => {}
    }
    match action {
        Action::Read | Action::ReadVersions { .. } | Action::Archive | Action::Delete => Ok(()),
        Action::Join => granted(place.kind == RoomKind::Public).and_then(|()| account(actor)),
        Action::Say => may_say(actor, standing, weight, place),
        Action::Recall => granted(standing.is_some()),
        Action::RecallAny => granted(weight >= 1 && place.kind != RoomKind::Direct),
        Action::React => may_say(
            actor,
            standing,
            weight,
            &RoomRules {
                read_only: false,
                ..*place
            },
        ),
        Action::Pin => granted(weight >= 1 || place.kind == RoomKind::Direct && standing.is_some()),
        Action::Leave => match actor.standing {
            Some(RoomRole::Owner) => Err(Error::OwnerStays),
            standing => granted(standing.is_some() && is_ours(place)),
        },
        Action::Invite => granted(weight >= 1 && is_ours(place)),
        Action::Configure => granted(weight >= 1 && place.kind != RoomKind::Direct),
        Action::Moderate(target) => {
            granted(weight >= 1 && over(target) && place.kind != RoomKind::Direct)
        }
        Action::Appoint(target) => granted(weight == 2 && is_ours(place) && may_serve(target)),
        Action::StepDown => granted(actor.standing == Some(RoomRole::Admin) && is_ours(place)),
        Action::Transfer(target) => {
            granted(actor.standing == Some(RoomRole::Owner) && is_ours(place) && may_serve(target))
        }
    }
}

fn may_read(standing: Option<RoomRole>, place: &RoomRules) -> Result<(), Error> {
    match (place.kind, standing) {
        (RoomKind::Lobby, Some(RoomRole::Banned)) => Err(Error::Banned),
        (_, Some(RoomRole::Banned)) | (RoomKind::Private | RoomKind::Direct, None) => {
            Err(Error::NotFound)
        }
        _ => Ok(()),
    }
}

fn may_say(
    actor: &Actor,
    standing: Option<RoomRole>,
    weight: u8,
    place: &RoomRules,
) -> Result<(), Error> {
    match standing {
        _ if !actor.may_write => Err(Error::GuestsRead),
        None => account(actor).and(Err(Error::NotMember)),
        Some(RoomRole::Muted) => Err(Error::Muted),
        Some(_) if weight >= 1 => Ok(()),
        Some(_) if place.read_only => Err(Error::ReadOnly),
        Some(_) if place.mute_all => Err(Error::AllMuted),
        Some(_) => Ok(()),
    }
}

fn account(actor: &Actor) -> Result<(), Error> {
    actor.account.then_some(()).ok_or(Error::AccountNeeded)
}

/// Rooms that belong to the people in them, who come and go.
fn is_ours(place: &RoomRules) -> bool {
    matches!(place.kind, RoomKind::Public | RoomKind::Private)
}

/// The house's own people close public rooms that nobody looks after, and take them away.
fn runs_house(actor: &Actor, place: &RoomRules) -> bool {
    place.kind == RoomKind::Public && actor.house >= ServerRole::Admin
}

/// Whether somebody of this standing can be made more of.
fn may_serve(target: Option<RoomRole>) -> bool {
    matches!(target, Some(RoomRole::Admin | RoomRole::Member))
}

#[cfg(test)]
mod tests;
