//! Leaving a room, and changes of room roles: the statements.

use crate::error::Error;
use crate::model::command::Outcome;
use crate::model::event::MembershipChange;
use crate::model::membership::RoomRole;
use crate::model::person::{Person, ServerRole};
use crate::model::policy::{Action, RoomRules, authorize, effective_role};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::store::accounts::users;
use crate::store::commands::common::{current, find_room, permitted, refused};
use crate::store::commands::event_writer::{EventWriter, membership};
use crate::store::db::{StoreError, Value};
use crate::store::queries::rooms;

pub(in crate::store) fn leave(
    mut writer: EventWriter<'_>,
    principal: &Principal,
) -> Result<Outcome, StoreError> {
    match permitted(writer.db, writer.room, principal, Action::Leave)? {
        Ok(_) => writer.change_membership(MembershipChange::Leave, &principal.person, None)?,
        // An archived room can be left too.
        Err(Error::Archived) if may_leave_archive(&mut writer, principal)? => {
            writer.change_membership(MembershipChange::Leave, &principal.person, None)?;
        }
        Err(error) => return refused(error),
    }
    Ok(writer.done(None))
}

fn may_leave_archive(
    writer: &mut EventWriter<'_>,
    principal: &Principal,
) -> Result<bool, StoreError> {
    let found = find_room(writer.db, writer.room, principal.id())?;
    Ok(found.is_some_and(|(kind, _, room_role)| {
        matches!(kind, RoomKind::Public | RoomKind::Private)
            && room_role.is_some_and(|room_role| room_role.is_in() && room_role != RoomRole::Owner)
    }))
}

pub(in crate::store) fn delete_account(
    mut writer: EventWriter<'_>,
    principal: &Principal,
) -> Result<Outcome, StoreError> {
    let Some((kind, settings, Some(room_role))) =
        find_room(writer.db, writer.room, principal.id())?
    else {
        return Ok(writer.done(None));
    };
    if kind == RoomKind::Direct {
        // The others keep the room; the person stays in it without a name.
        writer.db.execute(
            "UPDATE members SET name = '' WHERE room_id = $1 AND person = $2",
            &[Value::Room(writer.room), Value::Person(principal.id())],
        )?;
        return Ok(writer.done(None));
    }
    if kind == RoomKind::Lobby {
        membership(writer.db, writer.room, &principal.person, None, writer.at)?;
        return Ok(writer.done(None));
    }
    if room_role == RoomRole::Owner {
        match rooms::heir(writer.db, writer.room, principal.id())? {
            Some(heir) => {
                membership(
                    writer.db,
                    writer.room,
                    &principal.person,
                    Some(RoomRole::Admin),
                    writer.at,
                )?;
                writer.change_membership(
                    MembershipChange::Transfer,
                    &heir,
                    Some(RoomRole::Owner),
                )?;
            }
            None if !settings.archived => {
                let archived = true;
                writer.settings(RoomSettings {
                    archived,
                    ..settings
                })?;
            }
            None => {}
        }
    }
    writer.change_membership(MembershipChange::Leave, &principal.person, None)?;
    Ok(writer.done(None))
}

pub(in crate::store) fn set_role(
    mut writer: EventWriter<'_>,
    principal: &Principal,
    who: &Person,
    to: Option<RoomRole>,
) -> Result<Outcome, StoreError> {
    let found = find_room(writer.db, writer.room, principal.id())?;
    let target = find_room(writer.db, writer.room, who.id)?;
    let (Some((kind, settings, room_role)), Some((_, _, from))) = (found, target) else {
        return refused(Error::NotFound);
    };
    let current = current(writer.db, principal)?;
    let rules = RoomRules::new(writer.room, kind, &settings);
    if let Err(error) = authorize(&current, room_role, Action::Read, &rules) {
        return refused(error);
    }
    // A ban is shown to those who moderate; to the others the person is not in the room.
    let open = RoomRules {
        archived: false,
        ..rules
    };
    let moderates = authorize(&current, room_role, Action::Moderate(None), &open).is_ok();
    let from = from.filter(|room_role| room_role.is_in() || moderates);
    let server_role = match who.id.user() {
        Some(user) => users::role(writer.db, user)?,
        None => ServerRole::Member,
    };
    let oneself = who.id == principal.id();
    let (change, action) = match change_of(from, to, kind) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(writer.done(None)),
        Err(error) => return refused(error),
    };
    let action = match action {
        Action::Appoint(Some(RoomRole::Admin)) if oneself => Action::StepDown,
        _ if oneself => return refused(Error::NotAllowed),
        Action::Moderate(_) => Action::Moderate(effective_role(server_role, from, kind)),
        other => other,
    };
    if let Err(error) = authorize(&current, room_role, action, &rules) {
        return refused(error);
    }
    if change == MembershipChange::Transfer {
        membership(
            writer.db,
            writer.room,
            &principal.person,
            Some(RoomRole::Admin),
            writer.at,
        )?;
    }
    // In the lobby a person without a room role is a member like all others.
    let to = to.or((kind == RoomKind::Lobby).then_some(RoomRole::Member));
    writer.change_membership(change, who, to)?;
    Ok(writer.done(None))
}

/// What leads from one room role to another; `None` when they are the same.
fn change_of(
    from: Option<RoomRole>,
    to: Option<RoomRole>,
    kind: RoomKind,
) -> Result<Option<(MembershipChange, Action)>, Error> {
    use RoomRole::{Admin, Banned, Member, Muted, Owner};
    let from_here = from.or((kind == RoomKind::Lobby).then_some(Member));
    let moderate = Action::Moderate(from);
    Ok(Some(match (from_here, to) {
        (before, after) if before == after => return Ok(None),
        (before, Some(Owner)) => (MembershipChange::Transfer, Action::Transfer(before)),
        (Some(Banned), None | Some(Member)) if kind == RoomKind::Lobby => {
            (MembershipChange::Unban, moderate)
        }
        (Some(Banned), None) => (MembershipChange::Unban, moderate),
        (_, Some(Banned)) => (MembershipChange::Ban, moderate),
        (None, _) => return Err(Error::NotFound),
        (Some(Banned), Some(_)) => return Err(Error::NotAllowed),
        (Some(Muted), Some(Member)) => (MembershipChange::Unmute, moderate),
        (Some(_), Some(Muted)) => (MembershipChange::Mute, moderate),
        (before, Some(Admin | Member)) => (MembershipChange::Role, Action::Appoint(before)),
        (Some(_), None) if kind == RoomKind::Lobby => return Err(Error::NotAllowed),
        (Some(_), None) => (MembershipChange::Remove, moderate),
    }))
}
