//! RoomAction is done to rooms and to the people in them: the statements.
//!
//! Permission is asked here with what the transaction sees, so that two who change the same thing
//! at once do so one after the other. A deed that would change nothing writes nothing.

use std::sync::Arc;

use crate::error::Error;
use crate::model::command::{Outcome, RoomAction, RoomBounds, RoomCommand, RoomCreated};
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::RoomRole;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::policy::{Action, RoomRules, authorize};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomPatch, RoomSettings};
use crate::store::accounts::invitations;
use crate::store::commands::common::{current, insert_event, look, next_seq, refused};
use crate::store::commands::memberships;
use crate::store::db::{Db, StoreError, Value};
use crate::store::queries::rooms;
use crate::store::room_erasure;

/// Several events of one room, written one after the other.
pub(in crate::store) struct EventWriter<'a> {
    pub db: &'a mut dyn Db,
    pub room: i64,
    pub at: i64,
    by: PersonRef,
    nonce: Option<&'a str>,
    events: Vec<Event>,
}

impl EventWriter<'_> {
    fn write(&mut self, change: EventContent) -> Result<(), StoreError> {
        let event = Event {
            room: self.room,
            seq: next_seq(self.db, self.room)?,
            change,
        };
        // A nonce is of the whole deed: its first event has it.
        if let Outcome::Event(event) = insert_event(self.db, self.nonce.take(), event)? {
            self.events.push(event);
        }
        Ok(())
    }

    pub(in crate::store) fn turn(
        &mut self,
        turn: MembershipChange,
        who: &Person,
        standing: Option<RoomRole>,
    ) -> Result<(), StoreError> {
        seat(self.db, self.room, who, standing, self.at)?;
        self.write(EventContent::Member {
            at: self.at,
            by: self.by.clone(),
            turn,
            who: Arc::new(who.clone()),
            standing,
        })
    }

    pub(in crate::store) fn about(&mut self, about: RoomSettings) -> Result<(), StoreError> {
        rooms::settle(self.db, self.room, &about)?;
        self.write(EventContent::About {
            at: self.at,
            by: self.by.clone(),
            about: Arc::new(about),
        })
    }

    pub(in crate::store) fn done(self, made: Option<RoomCreated>) -> Outcome {
        Outcome::Events {
            room: self.room,
            made,
            events: self.events,
        }
    }
}

pub(in crate::store) fn apply(
    db: &mut dyn Db,
    nonce: Option<&str>,
    deed: RoomCommand,
) -> Result<Outcome, StoreError> {
    let RoomCommand {
        principal,
        at,
        room,
        what,
        bounds,
    } = deed;
    let scribe = EventWriter {
        db,
        room,
        at,
        by: PersonRef::from(principal.person.as_ref()),
        nonce,
        events: Vec::new(),
    };
    match what {
        RoomAction::Make {
            kind,
            about,
            company,
        } => make(scribe, &principal, kind, about, &company, bounds),
        RoomAction::Settle(patch) => settle(scribe, &principal, patch),
        RoomAction::Delete => room_erasure::delete(scribe, &principal),
        RoomAction::Join { invitation } => {
            let code = invitation.as_deref();
            join(scribe, &principal, code.is_some(), code, bounds)
        }
        RoomAction::Admit => join(scribe, &principal, true, None, bounds),
        RoomAction::Leave => memberships::leave(scribe, &principal),
        RoomAction::Vanish => memberships::vanish(scribe, &principal),
        RoomAction::Stand { who, to } => memberships::stand(scribe, &principal, &who, to),
    }
}

fn make(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
    kind: RoomKind,
    about: RoomSettings,
    company: &[Person],
    bounds: RoomBounds,
) -> Result<Outcome, StoreError> {
    let people = (kind == RoomKind::Direct).then(|| set_of(&principal.person, company));
    if let Some(people) = &people
        && let Some(room) = rooms::of_people(scribe.db, people)?
    {
        scribe.room = room;
        return Ok(scribe.done(None));
    }
    if rooms::number(scribe.db)? >= as_count(bounds.rooms) {
        let limit = bounds.rooms;
        return refused(Error::TooManyRooms { limit });
    }
    let (owned, joined) = rooms::count_of(scribe.db, principal.id())?;
    for (count, limit) in [(owned, bounds.owned), (joined, bounds.joined)] {
        if count >= as_count(limit) && kind != RoomKind::Direct {
            return refused(Error::TooManyRooms { limit });
        }
    }
    if kind == RoomKind::Public && rooms::is_named(scribe.db, &about.name, None)? {
        return refused(Error::RoomNameTaken);
    }
    let epoch = rooms::new_epoch();
    rooms::make(scribe.db, scribe.room, kind, &epoch, people.as_deref())?;
    scribe.about(about)?;
    let standing = match kind {
        RoomKind::Direct => RoomRole::Member,
        _ => RoomRole::Owner,
    };
    scribe.turn(MembershipChange::Join, &principal.person, Some(standing))?;
    for person in company {
        scribe.turn(MembershipChange::Join, person, Some(RoomRole::Member))?;
    }
    let id = scribe.room;
    Ok(scribe.done(Some(RoomCreated { id, kind, epoch })))
}

/// The people of a direct room as one text, the same in whatever order they are named.
fn set_of(person: &Person, company: &[Person]) -> String {
    let mut ids: Vec<String> = company.iter().map(|other| other.id.to_string()).collect();
    ids.push(person.id.to_string());
    ids.sort_unstable();
    ids.dedup();
    ids.join(" ")
}

fn settle(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
    patch: RoomPatch,
) -> Result<Outcome, StoreError> {
    let Some((kind, about, standing)) = look(scribe.db, scribe.room, principal.id())? else {
        return refused(Error::NotFound);
    };
    let current = current(scribe.db, principal)?;
    let place = RoomRules::new(kind, &about);
    let archives = patch
        .archived
        .is_some_and(|wanted| wanted != about.archived);
    let mut asked = Vec::new();
    if archives {
        asked.push(authorize(&current, standing, Action::Archive, &place));
    }
    if !patch.is_archiving() {
        asked.push(authorize(&current, standing, Action::Configure, &place));
    }
    if let Some(Err(error)) = asked.into_iter().find(Result::is_err) {
        return refused(error);
    }
    let next = about.with(patch);
    if next == about {
        // Whoever may not even read it is not told that nothing changed.
        return match authorize(&current, standing, Action::Read, &place) {
            Ok(()) => Ok(scribe.done(None)),
            Err(error) => refused(error),
        };
    }
    // A room keeps the name that it has, whatever has come to look like it.
    if kind == RoomKind::Public
        && next.name != about.name
        && rooms::is_named(scribe.db, &next.name, Some(scribe.room))?
    {
        return refused(Error::RoomNameTaken);
    }
    scribe.about(next)?;
    Ok(scribe.done(None))
}

/// Comes in, uninvited or invited; `code` is of an invitation that has still to be counted.
fn join(
    mut scribe: EventWriter<'_>,
    principal: &Principal,
    invited: bool,
    code: Option<&str>,
    bounds: RoomBounds,
) -> Result<Outcome, StoreError> {
    let hidden = |error| match error {
        // Somebody with an invitation learns no more than that it does not let him in.
        Error::NotFound if invited => Error::BadInvitation,
        error => error,
    };
    let Some((kind, about, standing)) = look(scribe.db, scribe.room, principal.id())? else {
        return refused(hidden(Error::NotFound));
    };
    let current = current(scribe.db, principal)?;
    if standing.is_some_and(RoomRole::is_in) {
        return Ok(scribe.done(None));
    }
    let place = RoomRules::new(kind, &about);
    let granted = match invited {
        false => authorize(&current, standing, Action::Join, &place),
        true if !current.has_account() => Err(Error::AccountNeeded),
        true if standing.is_some() => Err(Error::BadInvitation),
        true if about.archived => Err(Error::Archived),
        true => Ok(()),
    };
    if let Err(error) = granted {
        return refused(hidden(error));
    }
    let limit = bounds.members;
    if rooms::members(scribe.db, scribe.room)? >= as_count(limit) {
        return refused(Error::RoomFull { limit });
    }
    let limit = bounds.joined;
    if rooms::count_of(scribe.db, principal.id())?.1 >= as_count(limit) {
        return refused(Error::TooManyRooms { limit });
    }
    if let Some(code) = code
        && !invitations::take(scribe.db, code, scribe.room, scribe.at)?
    {
        return refused(Error::BadInvitation);
    }
    let standing = match was_muted(scribe.db, scribe.room, principal.id())? {
        true => RoomRole::Muted,
        false => RoomRole::Member,
    };
    scribe.turn(MembershipChange::Join, &principal.person, Some(standing))?;
    Ok(scribe.done(None))
}

/// Whether somebody was muted when they left a room; that is then in their row again.
fn was_muted(db: &mut dyn Db, room: i64, person: PersonId) -> Result<bool, StoreError> {
    let found = db.execute(
        "DELETE FROM muted WHERE room_id = $1 AND person = $2",
        &[Value::Int(room), Value::Person(person)],
    )?;
    Ok(found > 0)
}

fn as_count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Gives somebody their row, or takes it; who comes in has read what was there, and who goes muted
/// comes back so.
pub(in crate::store) fn seat(
    db: &mut dyn Db,
    room: i64,
    who: &Person,
    standing: Option<RoomRole>,
    at: i64,
) -> Result<(), StoreError> {
    let Some(standing) = standing else {
        db.execute(
            "INSERT INTO muted (room_id, person) SELECT room_id, person FROM members \
             WHERE room_id = $1 AND person = $2 AND role = $3 ON CONFLICT DO NOTHING",
            &[
                Value::Int(room),
                Value::Person(who.id),
                Value::Int(RoomRole::Muted.code()),
            ],
        )?;
        db.execute(
            "DELETE FROM members WHERE room_id = $1 AND person = $2",
            &[Value::Int(room), Value::Person(who.id)],
        )?;
        return Ok(());
    };
    db.execute(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
         SELECT id, $2, $3, $4, $5, head, said, 0 FROM rooms WHERE id = $1 \
         ON CONFLICT (room_id, person) DO UPDATE SET role = excluded.role, name = excluded.name",
        &[
            Value::Int(room),
            Value::Person(who.id),
            Value::Int(standing.code()),
            Value::Text(&who.name),
            Value::Int(at),
        ],
    )?;
    Ok(())
}
