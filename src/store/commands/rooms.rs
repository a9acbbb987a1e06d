//! Changes of rooms and of their members: the statements.
//!
//! Permission is asked here with what the transaction sees, so that two who change the same thing
//! at once do so one after the other. A command that would change nothing writes nothing.

use crate::error::Error;
use crate::model::command::{
    Outcome, RoomAction, RoomBounds, RoomCommand, RoomCreated, RoomDeleted,
};
use crate::model::event::MembershipChange;
use crate::model::membership::RoomRole;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::policy::{Action, RoomRules, authorize};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::accounts::{invitations, tokens};
use crate::store::commands::common::{current, find_room, permitted, refused};
use crate::store::commands::event_writer::EventWriter;
use crate::store::commands::{memberships, message_files};
use crate::store::db::{Db, StoreError, Value};
use crate::store::queries::{epochs, rooms};
use crate::store::room_erasure;

pub(in crate::store) fn apply(
    db: &mut dyn Db,
    nonce: Option<&str>,
    command: RoomCommand,
) -> Result<Outcome, StoreError> {
    let RoomCommand {
        principal,
        at,
        room,
        action,
        bounds,
    } = command;
    let by = PersonRef::from(principal.person.as_ref());
    let writer = EventWriter::new(db, nonce, room, at, by);
    match action {
        RoomAction::Create {
            kind,
            settings,
            company,
        } => create(writer, &principal, kind, settings, &company, bounds),
        RoomAction::Update(patch) => update(writer, &principal, patch),
        RoomAction::Delete => delete(writer, &principal),
        RoomAction::Join { invitation } => {
            let door = invitation.as_deref().map_or(Door::Open, Door::Invitation);
            join(writer, &principal, door, bounds)
        }
        RoomAction::JoinBySite => join(writer, &principal, Door::Site, bounds),
        RoomAction::Admit => join(writer, &principal, Door::Invited, bounds),
        RoomAction::Bring { who } => bring(writer, &principal, who, bounds),
        RoomAction::Leave => memberships::leave(writer, &principal),
        RoomAction::DeleteAccount => memberships::delete_account(writer, &principal),
        RoomAction::TakeFile(file) => message_files::take_own(writer, &principal, file),
        RoomAction::EraseFiles { voices } => message_files::erase(writer, &principal, voices),
        RoomAction::SetRole { who, to } => memberships::set_role(writer, &principal, &who, to),
    }
}

fn create(
    mut writer: EventWriter<'_>,
    principal: &Principal,
    kind: RoomKind,
    settings: RoomSettings,
    company: &[Person],
    bounds: RoomBounds,
) -> Result<Outcome, StoreError> {
    let people = (kind == RoomKind::Direct).then(|| {
        let others = company.iter().map(|other| other.id);
        rooms::set_of(others.chain([principal.id()]))
    });
    if let Some(people) = &people
        && let Some(room) = rooms::of_people(writer.db, people)?
    {
        writer.room = room;
        return Ok(writer.done(None));
    }
    if rooms::number(writer.db)? >= as_count(bounds.rooms) {
        let limit = bounds.rooms;
        return refused(Error::TooManyRooms { limit });
    }
    let (owned, joined) = rooms::count_of(writer.db, principal.id())?;
    for (count, limit) in [(owned, bounds.owned), (joined, bounds.joined)] {
        if count >= as_count(limit) && kind != RoomKind::Direct {
            return refused(Error::TooManyRooms { limit });
        }
    }
    if kind == RoomKind::Public && rooms::is_named(writer.db, &settings.name, None)? {
        return refused(Error::RoomNameTaken);
    }
    let epoch = epochs::new_epoch();
    rooms::make(writer.db, writer.room, kind, &epoch, people.as_deref())?;
    writer.settings(settings)?;
    let room_role = match kind {
        RoomKind::Direct => RoomRole::Member,
        _ => RoomRole::Owner,
    };
    writer.change_membership(MembershipChange::Join, &principal.person, Some(room_role))?;
    for person in company {
        writer.change_membership(MembershipChange::Join, person, Some(RoomRole::Member))?;
    }
    let id = writer.room;
    Ok(writer.done(Some(RoomCreated { id, kind, epoch })))
}

fn update(
    mut writer: EventWriter<'_>,
    principal: &Principal,
    patch: RoomPatch,
) -> Result<Outcome, StoreError> {
    let Some((kind, settings, room_role)) = find_room(writer.db, writer.room, principal.id())?
    else {
        return refused(Error::NotFound);
    };
    let current = current(writer.db, principal)?;
    let rules = RoomRules::new(writer.room, kind, &settings);
    let archives = patch
        .archived
        .is_some_and(|wanted| wanted != settings.archived);
    let mut asked = Vec::new();
    if archives {
        asked.push(authorize(&current, room_role, Action::Archive, &rules));
    }
    if patch
        .open_to_site
        .is_some_and(|wanted| wanted != settings.open_to_site)
    {
        asked.push(authorize(&current, room_role, Action::OpenToSite, &rules));
    }
    if !patch.is_archiving() {
        asked.push(authorize(&current, room_role, Action::Configure, &rules));
    }
    if let Some(Err(error)) = asked.into_iter().find(Result::is_err) {
        return refused(error);
    }
    let next = settings.with(patch);
    if next == settings {
        // Whoever may not even read it is not told that nothing changed.
        return match authorize(&current, room_role, Action::Read, &rules) {
            Ok(()) => Ok(writer.done(None)),
            Err(error) => refused(error),
        };
    }
    // A room keeps the name that it has, whatever has come to look like it.
    if kind == RoomKind::Public
        && next.name != settings.name
        && rooms::is_named(writer.db, &next.name, Some(writer.room))?
    {
        return refused(Error::RoomNameTaken);
    }
    writer.settings(next)?;
    Ok(writer.done(None))
}

fn delete(writer: EventWriter<'_>, principal: &Principal) -> Result<Outcome, StoreError> {
    let EventWriter { db, room, at, .. } = writer;
    if let Err(error) = permitted(db, room, principal, Action::Delete)? {
        return refused(error);
    }
    let by = principal.id();
    let deleted = RoomDeleted { room, by };
    room_erasure::begin(db, &deleted, at)?;
    Ok(Outcome::Deleted(deleted))
}

/// What lets somebody into a room.
#[derive(Clone, Copy)]
enum Door<'a> {
    /// It is open to everybody.
    Open,
    /// The site that this server is part of says that they come in.
    Site,
    /// The code of an invitation, which has still to be counted.
    Invitation(&'a str),
    /// Somebody who may invite others, or an invitation that has been counted.
    Invited,
}

fn join(
    mut writer: EventWriter<'_>,
    principal: &Principal,
    door: Door<'_>,
    bounds: RoomBounds,
) -> Result<Outcome, StoreError> {
    let invited = matches!(door, Door::Invitation(_) | Door::Invited);
    let hidden = |error| match error {
        // A person with an invitation learns no more than that it does not let them in.
        Error::NotFound if invited => Error::BadInvitation,
        error => error,
    };
    let Some((kind, settings, room_role)) = find_room(writer.db, writer.room, principal.id())?
    else {
        return refused(hidden(Error::NotFound));
    };
    let current = current(writer.db, principal)?;
    if room_role.is_some_and(RoomRole::is_in) {
        return Ok(writer.done(None));
    }
    let rules = RoomRules::new(writer.room, kind, &settings);
    let granted = match invited {
        false
            if matches!(door, Door::Site)
                && kind == RoomKind::Private
                && room_role.is_none()
                && is_open_to_site(&mut writer, &settings)? =>
        {
            (!settings.archived).then_some(()).ok_or(Error::Archived)
        }
        false => authorize(&current, room_role, Action::Join, &rules),
        true if !current.has_account() => Err(Error::AccountNeeded),
        true if !current.reaches(writer.room) => Err(Error::BadInvitation),
        true if room_role.is_some() => Err(Error::BadInvitation),
        true if settings.archived => Err(Error::Archived),
        true => Ok(()),
    };
    if let Err(error) = granted {
        return refused(hidden(error));
    }
    let limit = bounds.members;
    if rooms::members(writer.db, writer.room)? >= as_count(limit) {
        return refused(Error::RoomFull { limit });
    }
    let limit = bounds.joined;
    if rooms::count_of(writer.db, principal.id())?.1 >= as_count(limit) {
        return refused(Error::TooManyRooms { limit });
    }
    if let Door::Invitation(code) = door
        && !invitations::take(writer.db, code, writer.room, writer.at)?
    {
        return refused(Error::BadInvitation);
    }
    let room_role = match was_muted(writer.db, writer.room, principal.id())? {
        true => RoomRole::Muted,
        false => RoomRole::Member,
    };
    writer.change_membership(MembershipChange::Join, &principal.person, Some(room_role))?;
    Ok(writer.done(None))
}

/// Makes `who` a member for somebody who may invite others.
fn bring(
    writer: EventWriter<'_>,
    principal: &Principal,
    who: Person,
    bounds: RoomBounds,
) -> Result<Outcome, StoreError> {
    if let Err(error) = permitted(writer.db, writer.room, principal, Action::Invite)? {
        return refused(error);
    }
    match join(writer, &Principal::member(who), Door::Invited, bounds)? {
        // Whoever is banned comes in when the ban is lifted.
        Outcome::Refused(Error::BadInvitation) => refused(Error::NotAllowed),
        outcome => Ok(outcome),
    }
}

/// Whether the people of the site come into this private room: its owner says so, or is a bot that speaks for the site.
fn is_open_to_site(
    writer: &mut EventWriter<'_>,
    settings: &RoomSettings,
) -> Result<bool, StoreError> {
    if settings.open_to_site {
        return Ok(true);
    }
    let owner = rooms::owner(writer.db, writer.room)?;
    match owner.and_then(PersonId::user) {
        Some(owner) => tokens::speaks_for_site(writer.db, owner, writer.at),
        None => Ok(false),
    }
}

/// Whether somebody was muted when they left a room; that is then in their row again.
fn was_muted(db: &mut dyn Db, room: RoomId, person: PersonId) -> Result<bool, StoreError> {
    let found = db.execute(
        "DELETE FROM muted WHERE room_id = $1 AND person = $2",
        &[Value::Room(room), Value::Person(person)],
    )?;
    Ok(found > 0)
}

fn as_count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
