//! Who goes, and who becomes what in a room: the statements.

use crate::error::Error;
use crate::model::command::Outcome;
use crate::model::event::MembershipChange;
use crate::model::membership::RoomRole;
use crate::model::person::{Person, ServerRole};
use crate::model::policy::{Action, RoomRules, authorize, effective_role};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::store::accounts::users;
use crate::store::commands::common::{current, look, permitted, refused};
use crate::store::commands::event_writer::{EventWriter, seat};
use crate::store::db::{StoreError, Value};
use crate::store::queries::rooms;

pub(in crate::store) fn leave(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
) -> Result<Outcome, StoreError> {
    match permitted(scribe.db, scribe.room, principal, Action::Leave)? {
        Ok(_) => scribe.turn(MembershipChange::Leave, &principal.person, None)?,
        // An archived room can be left too.
        Err(Error::Archived) if may_leave_archive(&mut scribe, principal)? => {
            scribe.turn(MembershipChange::Leave, &principal.person, None)?;
        }
        Err(error) => return refused(error),
    }
    Ok(scribe.done(None))
}

fn may_leave_archive(
    scribe: &mut EventWriter<'_>,
    principal: &Principal,
) -> Result<bool, StoreError> {
    let found = look(scribe.db, scribe.room, principal.id())?;
    Ok(found.is_some_and(|(kind, _, standing)| {
        matches!(kind, RoomKind::Public | RoomKind::Private)
            && standing.is_some_and(|standing| standing.is_in() && standing != RoomRole::Owner)
    }))
}

pub(in crate::store) fn vanish(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
) -> Result<Outcome, StoreError> {
    let Some((kind, about, Some(standing))) = look(scribe.db, scribe.room, principal.id())? else {
        return Ok(scribe.done(None));
    };
    if kind == RoomKind::Direct {
        // The others keep what was said; he is in it as nobody.
        scribe.db.execute(
            "UPDATE members SET name = '' WHERE room_id = $1 AND person = $2",
            &[Value::Int(scribe.room), Value::Person(principal.id())],
        )?;
        return Ok(scribe.done(None));
    }
    if kind == RoomKind::Lobby {
        seat(scribe.db, scribe.room, &principal.person, None, scribe.at)?;
        return Ok(scribe.done(None));
    }
    if standing == RoomRole::Owner {
        match rooms::heir(scribe.db, scribe.room, principal.id())? {
            Some(heir) => {
                seat(
                    scribe.db,
                    scribe.room,
                    &principal.person,
                    Some(RoomRole::Admin),
                    scribe.at,
                )?;
                scribe.turn(MembershipChange::Transfer, &heir, Some(RoomRole::Owner))?;
            }
            None if !about.archived => {
                let archived = true;
                scribe.about(RoomSettings { archived, ..about })?;
            }
            None => {}
        }
    }
    scribe.turn(MembershipChange::Leave, &principal.person, None)?;
    Ok(scribe.done(None))
}

pub(in crate::store) fn stand(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
    who: &Person,
    to: Option<RoomRole>,
) -> Result<Outcome, StoreError> {
    let found = look(scribe.db, scribe.room, principal.id())?;
    let target = look(scribe.db, scribe.room, who.id)?;
    let (Some((kind, about, standing)), Some((_, _, from))) = (found, target) else {
        return refused(Error::NotFound);
    };
    let current = current(scribe.db, principal)?;
    let place = RoomRules::new(kind, &about);
    if let Err(error) = authorize(&current, standing, Action::Read, &place) {
        return refused(error);
    }
    // Who is banned is told to those who moderate; to the others he is nobody here.
    let open = RoomRules {
        archived: false,
        ..place
    };
    let moderates = authorize(&current, standing, Action::Moderate(None), &open).is_ok();
    let from = from.filter(|standing| standing.is_in() || moderates);
    let server_role = match who.id.user() {
        Some(user) => users::role(scribe.db, user)?,
        None => ServerRole::Member,
    };
    let himself = who.id == principal.id();
    let (turn, action) = match turn_of(from, to, kind) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(scribe.done(None)),
        Err(error) => return refused(error),
    };
    let action = match action {
        Action::Appoint(Some(RoomRole::Admin)) if himself => Action::StepDown,
        _ if himself => return refused(Error::NotAllowed),
        Action::Moderate(_) => Action::Moderate(effective_role(server_role, from, kind)),
        other => other,
    };
    if let Err(error) = authorize(&current, standing, action, &place) {
        return refused(error);
    }
    if turn == MembershipChange::Transfer {
        seat(
            scribe.db,
            scribe.room,
            &principal.person,
            Some(RoomRole::Admin),
            scribe.at,
        )?;
    }
    // In the lobby somebody of no standing is a member like all others.
    let to = to.or((kind == RoomKind::Lobby).then_some(RoomRole::Member));
    scribe.turn(turn, who, to)?;
    Ok(scribe.done(None))
}

/// What leads from one standing to another; `None` when they are the same.
fn turn_of(
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
