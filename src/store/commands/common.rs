//! What the commands have in common: the room as its people find it, whether somebody may do
//! something there, and the next event.

use crate::error::Error;
use crate::model::command::Outcome;
use crate::model::event::Event;
use crate::model::membership::RoomRole;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::policy::{Action, RoomRules, authorize};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::users;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::store::{event_codec, queries};

pub(in crate::store) fn refused(error: Error) -> Result<Outcome, StoreError> {
    Ok(Outcome::Refused(error))
}

/// The room as `person` finds it: its kind, what is settled about it, and what they are in it.
pub(in crate::store) fn find_room(
    db: &mut dyn Db,
    room: RoomId,
    person: PersonId,
) -> Result<Option<(RoomKind, RoomSettings, Option<RoomRole>)>, StoreError> {
    let row = db.first(
        "SELECT m.role, r.kind, r.read_only, r.mute_all, r.archived, r.slow, r.name, r.topic, r.notice, r.open_to_site \
         FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.person = $2 WHERE r.id = $1",
        &[Value::Room(room), Value::Person(person)],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let room_role = row.maybe_int()?.and_then(RoomRole::from_code);
    let kind = RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?;
    let settings = queries::rooms::settings(&mut row)?;
    Ok(Some((kind, settings, room_role)))
}

/// Who asks, with the role on this server that the store has now: it may have been taken away since
/// the connection began.
pub(in crate::store) fn current(
    db: &mut dyn Db,
    principal: &Principal,
) -> Result<Principal, StoreError> {
    let role = match principal.id().user() {
        Some(user) => users::role(db, user)?,
        None => ServerRole::Member,
    };
    Ok(Principal {
        role,
        ..principal.clone()
    })
}

/// A person in a room, with all that decides what they may do there.
pub(in crate::store) struct Access {
    principal: Principal,
    role: Option<RoomRole>,
    pub(in crate::store) rules: RoomRules,
}

impl Access {
    /// What `principal`, whose server role is the one that the store has now, is in a room, if they may do `action` there.
    ///
    /// # Errors
    /// Why they may not.
    pub(in crate::store) fn new(
        principal: Principal,
        role: Option<RoomRole>,
        rules: RoomRules,
        action: Action,
    ) -> Result<Self, Error> {
        let access = Self {
            principal,
            role,
            rules,
        };
        access.authorize(action)?;
        Ok(access)
    }

    /// Whether they may do `action`.
    pub(in crate::store) fn authorize(&self, action: Action) -> Result<(), Error> {
        authorize(&self.principal, self.role, action, &self.rules)
    }
}

/// Whether `principal` may do `action` in `room`, as the store has it now.
pub(in crate::store) fn permitted(
    db: &mut dyn Db,
    room: RoomId,
    principal: &Principal,
    action: Action,
) -> Result<Result<Access, Error>, StoreError> {
    let row = db.first(
        "SELECT m.role, r.kind, r.read_only, r.mute_all, r.archived, r.slow \
         FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.person = $2 WHERE r.id = $1",
        &[Value::Room(room), Value::Person(principal.id())],
    )?;
    let Some(mut row) = row else {
        return Ok(Err(Error::NotFound));
    };
    let role = row.maybe_int()?.and_then(RoomRole::from_code);
    let rules = rules(room, &mut row)?;
    let principal = current(db, principal)?;
    Ok(Access::new(principal, role, rules, action))
}

/// The rules of this room, from its columns `kind`, `read_only`, `mute_all`, `archived` and `slow`, which come next in the
/// row.
pub(in crate::store) fn rules(id: RoomId, row: &mut Row) -> Result<RoomRules, StoreError> {
    Ok(RoomRules {
        id,
        kind: RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?,
        read_only: row.int()? != 0,
        mute_all: row.int()? != 0,
        archived: row.int()? != 0,
        slow: u32::try_from(row.int()?).unwrap_or_default(),
    })
}

/// Stores an event whose seq has been assigned.
pub(in crate::store) fn insert_event(
    db: &mut dyn Db,
    nonce: Option<&str>,
    event: Event,
) -> Result<Outcome, StoreError> {
    let (kind, by, detail) = event_codec::of(&event.change)?;
    db.execute(
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            Value::Room(event.room),
            Value::Seq(event.seq),
            Value::Int(kind),
            Value::Message(event.change.message().unwrap_or_default()),
            Value::Person(by.id),
            Value::Text(&by.name),
            Value::maybe(nonce),
            Value::Int(event.change.at()),
            Value::maybe(detail.as_deref()),
        ],
    )?;
    Ok(Outcome::Event(event))
}

pub(in crate::store) fn next_seq(db: &mut dyn Db, room: RoomId) -> Result<Seq, StoreError> {
    db.first(
        "UPDATE rooms SET head = head + 1 WHERE id = $1 RETURNING head",
        &[Value::Room(room)],
    )?
    .ok_or(StoreError::Shape)?
    .seq()
}
