//! Who goes, and who becomes what in a room: the statements.

use super::changes::{Doer, Written, actor, look, permitted, refused};
use super::db::{StoreError, Value};
use super::deeds::{Scribe, seat};
use super::{rooms, users};
use crate::chat::about::{About, Kind};
use crate::chat::event::Turn;
use crate::chat::permission::{Action, Actor, Place, may};
use crate::chat::person::{Person, Role};
use crate::chat::standing::Standing;
use crate::error::Error;

pub(super) fn leave(mut scribe: Scribe<'_>, doer: &Doer) -> Result<Written, StoreError> {
    match permitted(scribe.db, scribe.room, doer, Action::Leave)? {
        Ok(_) => scribe.turn(Turn::Leave, &doer.person, None)?,
        // An archived room can be left too.
        Err(Error::Archived) if may_leave_archive(&mut scribe, doer)? => {
            scribe.turn(Turn::Leave, &doer.person, None)?;
        }
        Err(error) => return refused(error),
    }
    Ok(scribe.done(None))
}

fn may_leave_archive(scribe: &mut Scribe<'_>, doer: &Doer) -> Result<bool, StoreError> {
    let found = look(scribe.db, scribe.room, &doer.person.id)?;
    Ok(found.is_some_and(|(kind, _, standing)| {
        matches!(kind, Kind::Public | Kind::Private)
            && standing.is_some_and(|standing| standing.is_in() && standing != Standing::Owner)
    }))
}

pub(super) fn vanish(mut scribe: Scribe<'_>, doer: &Doer) -> Result<Written, StoreError> {
    let Some((kind, about, Some(standing))) = look(scribe.db, scribe.room, &doer.person.id)? else {
        return Ok(scribe.done(None));
    };
    if kind == Kind::Direct {
        // The others keep what was said; he is in it as nobody.
        scribe.db.execute(
            "UPDATE members SET name = '' WHERE room_id = $1 AND person = $2",
            &[Value::Int(scribe.room), Value::Text(&doer.person.id)],
        )?;
        return Ok(scribe.done(None));
    }
    if kind == Kind::Lobby {
        seat(scribe.db, scribe.room, &doer.person, None, scribe.at)?;
        return Ok(scribe.done(None));
    }
    if standing == Standing::Owner {
        match rooms::heir(scribe.db, scribe.room, &doer.person.id)? {
            Some(heir) => {
                seat(
                    scribe.db,
                    scribe.room,
                    &doer.person,
                    Some(Standing::Admin),
                    scribe.at,
                )?;
                scribe.turn(Turn::Transfer, &heir, Some(Standing::Owner))?;
            }
            None if !about.archived => {
                let archived = true;
                scribe.about(About { archived, ..about })?;
            }
            None => {}
        }
    }
    scribe.turn(Turn::Leave, &doer.person, None)?;
    Ok(scribe.done(None))
}

pub(super) fn stand(
    mut scribe: Scribe<'_>,
    doer: &Doer,
    who: &Person,
    to: Option<Standing>,
) -> Result<Written, StoreError> {
    let found = look(scribe.db, scribe.room, &doer.person.id)?;
    let target = look(scribe.db, scribe.room, &who.id)?;
    let (Some((kind, about, standing)), Some((_, _, from))) = (found, target) else {
        return refused(Error::NotFound);
    };
    let actor = Actor {
        standing,
        ..actor(scribe.db, doer)?
    };
    let place = Place::new(kind, &about);
    if let Err(error) = may(&actor, Action::Read, &place) {
        return refused(error);
    }
    // Who is banned is told to those who moderate; to the others he is nobody here.
    let open = Place {
        archived: false,
        ..place
    };
    let moderates = may(&actor, Action::Moderate(None), &open).is_ok();
    let from = from.filter(|standing| standing.is_in() || moderates);
    let target = Actor {
        account: true,
        may_write: true,
        house: match who.user_id() {
            Some(user) => users::role(scribe.db, user)?,
            None => Role::Member,
        },
        standing: from,
    };
    let himself = who.id == doer.person.id;
    let (turn, action) = match turn_of(from, to, kind) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(scribe.done(None)),
        Err(error) => return refused(error),
    };
    let action = match action {
        Action::Appoint(Some(Standing::Admin)) if himself => Action::StepDown,
        _ if himself => return refused(Error::NotAllowed),
        Action::Moderate(_) => Action::Moderate(target.counts_as(kind)),
        other => other,
    };
    if let Err(error) = may(&actor, action, &place) {
        return refused(error);
    }
    if turn == Turn::Transfer {
        seat(
            scribe.db,
            scribe.room,
            &doer.person,
            Some(Standing::Admin),
            scribe.at,
        )?;
    }
    // In the lobby somebody of no standing is a member like all others.
    let to = to.or((kind == Kind::Lobby).then_some(Standing::Member));
    scribe.turn(turn, who, to)?;
    Ok(scribe.done(None))
}

/// What leads from one standing to another; `None` when they are the same.
fn turn_of(
    from: Option<Standing>,
    to: Option<Standing>,
    kind: Kind,
) -> Result<Option<(Turn, Action)>, Error> {
    use Standing::{Admin, Banned, Member, Muted, Owner};
    let from_here = from.or((kind == Kind::Lobby).then_some(Member));
    let moderate = Action::Moderate(from);
    Ok(Some(match (from_here, to) {
        (before, after) if before == after => return Ok(None),
        (before, Some(Owner)) => (Turn::Transfer, Action::Transfer(before)),
        (Some(Banned), None | Some(Member)) if kind == Kind::Lobby => (Turn::Unban, moderate),
        (Some(Banned), None) => (Turn::Unban, moderate),
        (_, Some(Banned)) => (Turn::Ban, moderate),
        (None, _) => return Err(Error::NotFound),
        (Some(Banned), Some(_)) => return Err(Error::NotAllowed),
        (Some(Muted), Some(Member)) => (Turn::Unmute, moderate),
        (Some(_), Some(Muted)) => (Turn::Mute, moderate),
        (before, Some(Admin | Member)) => (Turn::Role, Action::Appoint(before)),
        (Some(_), None) if kind == Kind::Lobby => return Err(Error::NotAllowed),
        (Some(_), None) => (Turn::Remove, moderate),
    }))
}
