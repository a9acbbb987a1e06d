//! Who may do what in a room: the one place where that is decided, for socket, pages and API.
//!
//! Plain data in, an answer out. It is asked twice for each change: before the change is handed
//! to the store, and again inside the transaction that writes it, with what is true there.

use crate::config::{Makers, Uploaders};
use crate::error::Error;
use crate::model::grant::Scope;
use crate::model::membership::RoomRole;
use crate::model::person::ServerRole;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;

/// What a person wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Know that the room is there, and read it.
    Read,
    /// Say how far one has read.
    MarkRead,
    /// Read what a message said before it was edited, one's own or another's.
    ReadVersions {
        /// Whether it is one's own.
        own: bool,
    },
    /// Join without an invitation.
    Join,
    /// Send a message, or edit one's own.
    Send,
    /// Recall one's own message.
    Recall,
    /// Recall other people's messages.
    RecallAny,
    /// React to a message: also where only a few may write.
    React,
    /// Pin a message, or take the pin off.
    Pin,
    /// Leave the room.
    Leave,
    /// Invite others.
    Invite,
    /// Change name, topic, notice and the rules of talking.
    Configure,
    /// Let the people of the site into the room, by the site's word alone.
    OpenToSite,
    /// Let tools speak in the room, and end that.
    Integrate,
    /// Close the room for good, or open it again.
    Archive,
    /// Delete the room for good, with all its messages.
    Delete,
    /// Mute, remove or ban somebody of this room role, or undo it.
    Moderate(Option<RoomRole>),
    /// Make somebody of this room role an admin, or a member again.
    Appoint(Option<RoomRole>),
    /// Become a member after having been an admin.
    StepDown,
    /// Make somebody of this room role the owner.
    Transfer(Option<RoomRole>),
}

/// What of a room decides about permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomRules {
    /// The room's id.
    pub id: RoomId,
    /// The kind of room.
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
    /// The rules of room `id` of `kind`.
    #[must_use]
    pub fn new(id: RoomId, kind: RoomKind, settings: &RoomSettings) -> Self {
        Self {
            id,
            kind,
            read_only: settings.read_only,
            mute_all: settings.mute_all,
            archived: settings.archived,
            slow: settings.slow,
        }
    }
}

/// What somebody counts as in a room of `kind` where they have the role `own`: in the lobby everybody
/// is a member, and the server's admins moderate lobby and public rooms. Private rooms they do
/// not see.
#[must_use]
pub fn effective_role(
    server_role: ServerRole,
    own: Option<RoomRole>,
    kind: RoomKind,
) -> Option<RoomRole> {
    let raised = match (kind, server_role) {
        (RoomKind::Lobby, ServerRole::Owner) => Some(RoomRole::Owner),
        (RoomKind::Lobby | RoomKind::Public, ServerRole::Admin | ServerRole::Owner) => {
            Some(RoomRole::Admin)
        }
        _ => None,
    };
    match (raised, own) {
        (Some(_), Some(RoomRole::Owner)) => Some(RoomRole::Owner),
        (Some(raised), _) => Some(raised),
        (None, None) if kind == RoomKind::Lobby => Some(RoomRole::Member),
        (None, own) => own,
    }
}

/// Whether `principal`, who has the role `own` in the room, may do `action` there.
///
/// # Errors
/// Why not. Whoever may not read a room gets [`Error::NotFound`], and so does a token that is not good there.
pub fn authorize(
    principal: &Principal,
    own: Option<RoomRole>,
    action: Action,
    rules: &RoomRules,
) -> Result<(), Error> {
    if !principal.reaches(rules.id) {
        return Err(Error::NotFound);
    }
    let role = effective_role(principal.role, own, rules.kind);
    may_read(role, rules)?;
    let grant = principal.grant.as_deref();
    if grant.is_some_and(|grant| !grant.has(scope(action))) {
        return Err(Error::ScopeNeeded);
    }
    let weight = role.map_or(0, RoomRole::weight);
    let over = |target: Option<RoomRole>| weight > target.map_or(0, RoomRole::weight);
    let granted = |yes: bool| yes.then_some(()).ok_or(Error::NotAllowed);
    match action {
        Action::Read | Action::MarkRead => return Ok(()),
        Action::ReadVersions { own } => {
            return granted(own || weight >= 1 && rules.kind != RoomKind::Direct);
        }
        Action::Archive | Action::Delete => {
            return granted(is_ours(rules) && weight == 2 || runs_server(principal, rules));
        }
        _ if rules.archived => return Err(Error::Archived),
        _ => {}
    }
    match action {
        Action::Read
        | Action::MarkRead
        | Action::ReadVersions { .. }
        | Action::Archive
        | Action::Delete => Ok(()),
        Action::Join => granted(rules.kind == RoomKind::Public).and_then(|()| account(principal)),
        Action::Send => may_send(principal, role, weight, rules),
        Action::Recall => granted(role.is_some()),
        Action::RecallAny => granted(weight >= 1 && rules.kind != RoomKind::Direct),
        Action::React => may_send(
            principal,
            role,
            weight,
            &RoomRules {
                read_only: false,
                ..*rules
            },
        ),
        Action::Pin => granted(weight >= 1 || rules.kind == RoomKind::Direct && role.is_some()),
        Action::Leave => match own {
            Some(RoomRole::Owner) => Err(Error::OwnerStays),
            role => granted(role.is_some() && is_ours(rules)),
        },
        Action::Invite => granted(weight >= 1 && is_ours(rules)),
        Action::Configure | Action::Integrate => {
            granted(weight >= 1 && rules.kind != RoomKind::Direct)
        }
        Action::OpenToSite => granted(weight == 2 && rules.kind == RoomKind::Private),
        Action::Moderate(target) => {
            granted(weight >= 1 && over(target) && rules.kind != RoomKind::Direct)
        }
        Action::Appoint(target) => granted(weight == 2 && is_ours(rules) && may_serve(target)),
        Action::StepDown => granted(own == Some(RoomRole::Admin) && is_ours(rules)),
        Action::Transfer(target) => {
            granted(own == Some(RoomRole::Owner) && is_ours(rules) && may_serve(target))
        }
    }
}

/// The scope that a token needs for an action.
fn scope(action: Action) -> Scope {
    match action {
        Action::Read | Action::ReadVersions { .. } => Scope::Read,
        Action::MarkRead
        | Action::Send
        | Action::Recall
        | Action::RecallAny
        | Action::React
        | Action::Pin => Scope::Write,
        Action::Join
        | Action::Leave
        | Action::Invite
        | Action::Configure
        | Action::OpenToSite
        | Action::Archive
        | Action::Delete
        | Action::Moderate(_)
        | Action::Appoint(_)
        | Action::StepDown
        | Action::Transfer(_) => Scope::Rooms,
        Action::Integrate => Scope::House,
    }
}

fn may_read(role: Option<RoomRole>, rules: &RoomRules) -> Result<(), Error> {
    match (rules.kind, role) {
        (RoomKind::Lobby, Some(RoomRole::Banned)) => Err(Error::Banned),
        (_, Some(RoomRole::Banned)) | (RoomKind::Private | RoomKind::Direct, None) => {
            Err(Error::NotFound)
        }
        _ => Ok(()),
    }
}

fn may_send(
    principal: &Principal,
    role: Option<RoomRole>,
    weight: u8,
    rules: &RoomRules,
) -> Result<(), Error> {
    match role {
        _ if !principal.may_write => Err(Error::GuestsRead),
        None => account(principal).and(Err(Error::NotMember)),
        Some(RoomRole::Muted) => Err(Error::Muted),
        Some(_) if weight >= 1 => Ok(()),
        Some(_) if rules.read_only => Err(Error::ReadOnly),
        Some(_) if rules.mute_all => Err(Error::AllMuted),
        Some(_) => Ok(()),
    }
}

fn account(principal: &Principal) -> Result<(), Error> {
    principal
        .has_account()
        .then_some(())
        .ok_or(Error::AccountNeeded)
}

/// Rooms that belong to the people in them, who come and go.
fn is_ours(rules: &RoomRules) -> bool {
    matches!(rules.kind, RoomKind::Public | RoomKind::Private)
}

/// The server's admins and owner close public rooms that nobody moderates, and delete them.
fn runs_server(principal: &Principal, rules: &RoomRules) -> bool {
    rules.kind == RoomKind::Public && principal.role >= ServerRole::Admin
}

/// Whether somebody of this role can be promoted.
fn may_serve(target: Option<RoomRole>) -> bool {
    matches!(target, Some(RoomRole::Admin | RoomRole::Member))
}

/// What a person wants to do with bots. `own` says whether their account has made the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotAction {
    /// Make one.
    Make,
    /// Know of it, rename it, end it, and end or narrow its keys.
    Manage {
        /// See above.
        own: bool,
    },
    /// Make a key of it.
    MakeKey {
        /// See above.
        own: bool,
        /// Whether it is to be good for the scope `house`.
        house: bool,
    },
}

/// Whether `principal` may do something with bots, where the operator lets `makers` make them.
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::ScopeNeeded`], [`Error::NotAllowed`].
pub fn may_with_bots(
    principal: &Principal,
    makers: Makers,
    action: BotAction,
) -> Result<(), Error> {
    account(principal)?;
    let by_token = principal.grant.as_deref();
    if by_token.is_some_and(|grant| !grant.is_of_house()) {
        return Err(Error::ScopeNeeded);
    }
    let runs_bots = by_token.is_none() && principal.role >= ServerRole::Admin;
    let may = match action {
        BotAction::Make => may_make(principal, makers),
        BotAction::Manage { own } => own || runs_bots,
        BotAction::MakeKey { own, house: false } => own || runs_bots,
        BotAction::MakeKey { house: true, .. } => runs_bots,
    };
    may.then_some(()).ok_or(Error::NotAllowed)
}

/// Whether people of this role are shown the bots in their settings: who looks after all of them, and who may make some.
#[must_use]
pub fn is_shown_bots(role: ServerRole, makers: Makers) -> bool {
    role >= ServerRole::Admin || makers == Makers::Members
}

/// Whether `principal` is among those whom the operator lets make bots or hooks: the site's own server counts as an admin,
/// since one has let it in.
#[must_use]
pub fn may_make(principal: &Principal, makers: Makers) -> bool {
    let of_house = principal
        .grant
        .as_ref()
        .is_some_and(|grant| grant.is_of_house());
    match makers {
        Makers::Members => principal.has_account(),
        Makers::Admins => of_house || principal.role >= ServerRole::Admin,
        Makers::Nobody => false,
    }
}

/// Whether `principal` may send files, where the operator lets `who` do so.
///
/// # Errors
/// [`Error::UploadsOff`]; [`Error::AccountNeeded`] where an account would help, [`Error::GuestsRead`].
pub fn may_upload(principal: &Principal, who: Uploaders) -> Result<(), Error> {
    match who {
        Uploaders::Nobody => Err(Error::UploadsOff),
        Uploaders::Admins if principal.role == ServerRole::Member => Err(Error::UploadsOff),
        Uploaders::Members if !principal.has_account() => Err(Error::AccountNeeded),
        _ if !principal.may_write => Err(Error::GuestsRead),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
