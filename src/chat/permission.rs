//! Who may do what in a room: the one place where that is decided, for socket, pages and API.
//!
//! Plain data in, an answer out. It is asked twice for each change: before the change is handed
//! to the store, and again inside the transaction that writes it, with what is true there.

use super::about::{About, Kind};
use super::person::Role;
use super::standing::Standing;
use crate::error::Error;

/// Whoever wants something, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Whether he has an account.
    pub account: bool,
    /// Whether the house lets him talk (guests may be readers only).
    pub may_write: bool,
    /// What he is in the house.
    pub house: Role,
    /// What he is in the room.
    pub standing: Option<Standing>,
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
    Moderate(Option<Standing>),
    /// Make somebody of this standing an admin, or a member again.
    Appoint(Option<Standing>),
    /// Stop being an admin.
    StepDown,
    /// Give the room away, to somebody of this standing.
    Transfer(Option<Standing>),
}

/// What about a room decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its kind.
    pub kind: Kind,
    /// See [`About::read_only`].
    pub read_only: bool,
    /// See [`About::mute_all`].
    pub mute_all: bool,
    /// See [`About::archived`].
    pub archived: bool,
    /// See [`About::slow`].
    pub slow: u32,
}

impl Place {
    /// The place that a room of `kind` is.
    #[must_use]
    pub fn new(kind: Kind, about: &About) -> Self {
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
    pub fn counts_as(&self, kind: Kind) -> Option<Standing> {
        let raised = match (kind, self.house) {
            (Kind::Lobby, Role::Owner) => Some(Standing::Owner),
            (Kind::Lobby | Kind::Public, Role::Admin | Role::Owner) => Some(Standing::Admin),
            _ => None,
        };
        match (raised, self.standing) {
            (Some(_), Some(Standing::Owner)) => Some(Standing::Owner),
            (Some(raised), _) => Some(raised),
            (None, None) if kind == Kind::Lobby => Some(Standing::Member),
            (None, standing) => standing,
        }
    }
}

/// Whether `actor` may do `action` in `place`.
///
/// # Errors
/// Why not. Whoever may not read a room is told that it is not there.
pub fn may(actor: &Actor, action: Action, place: &Place) -> Result<(), Error> {
    let standing = actor.counts_as(place.kind);
    may_read(standing, place)?;
    let weight = standing.map_or(0, Standing::weight);
    let over = |target: Option<Standing>| weight > target.map_or(0, Standing::weight);
    let granted = |yes: bool| yes.then_some(()).ok_or(Error::NotAllowed);
    match action {
        Action::Read => return Ok(()),
        Action::ReadVersions { own } => {
            return granted(own || weight >= 1 && place.kind != Kind::Direct);
        }
        Action::Archive | Action::Delete => {
            return granted(is_ours(place) && weight == 2 || runs_house(actor, place));
        }
        _ if place.archived => return Err(Error::Archived),
        _ => {}
    }
    match action {
        Action::Read | Action::ReadVersions { .. } | Action::Archive | Action::Delete => Ok(()),
        Action::Join => granted(place.kind == Kind::Public).and_then(|()| account(actor)),
        Action::Say => may_say(actor, standing, weight, place),
        Action::Recall => granted(standing.is_some()),
        Action::RecallAny => granted(weight >= 1 && place.kind != Kind::Direct),
        Action::React => may_say(
            actor,
            standing,
            weight,
            &Place {
                read_only: false,
                ..*place
            },
        ),
        Action::Pin => granted(weight >= 1 || place.kind == Kind::Direct && standing.is_some()),
        Action::Leave => match actor.standing {
            Some(Standing::Owner) => Err(Error::OwnerStays),
            standing => granted(standing.is_some() && is_ours(place)),
        },
        Action::Invite => granted(weight >= 1 && is_ours(place)),
        Action::Configure => granted(weight >= 1 && place.kind != Kind::Direct),
        Action::Moderate(target) => {
            granted(weight >= 1 && over(target) && place.kind != Kind::Direct)
        }
        Action::Appoint(target) => granted(weight == 2 && is_ours(place) && may_serve(target)),
        Action::StepDown => granted(actor.standing == Some(Standing::Admin) && is_ours(place)),
        Action::Transfer(target) => {
            granted(actor.standing == Some(Standing::Owner) && is_ours(place) && may_serve(target))
        }
    }
}

fn may_read(standing: Option<Standing>, place: &Place) -> Result<(), Error> {
    match (place.kind, standing) {
        (Kind::Lobby, Some(Standing::Banned)) => Err(Error::Banned),
        (_, Some(Standing::Banned)) | (Kind::Private | Kind::Direct, None) => Err(Error::NotFound),
        _ => Ok(()),
    }
}

fn may_say(
    actor: &Actor,
    standing: Option<Standing>,
    weight: u8,
    place: &Place,
) -> Result<(), Error> {
    match standing {
        _ if !actor.may_write => Err(Error::GuestsRead),
        None => account(actor).and(Err(Error::NotMember)),
        Some(Standing::Muted) => Err(Error::Muted),
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
fn is_ours(place: &Place) -> bool {
    matches!(place.kind, Kind::Public | Kind::Private)
}

/// The house's own people close public rooms that nobody looks after, and take them away.
fn runs_house(actor: &Actor, place: &Place) -> bool {
    place.kind == Kind::Public && actor.house >= Role::Admin
}

/// Whether somebody of this standing can be made more of.
fn may_serve(target: Option<Standing>) -> bool {
    matches!(target, Some(Standing::Admin | Standing::Member))
}

#[cfg(test)]
mod tests;
