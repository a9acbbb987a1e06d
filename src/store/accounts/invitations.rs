//! Invitations, to rooms and to the server: the statements. A code is known to those who have the
//! link, and to the room's admins; a code of the server's, to those who made it and to the server's admins.

use crate::config::Makers;
use crate::model::person::{PersonRef, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::db::{Db, Row, StoreError, Value};

/// What an invitation is to when it is to no room: its holder may make an account.
pub const SERVER: RoomId = RoomId(0);

/// An invitation to a room, or to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What stands in the link.
    pub code: String,
    /// The room's id, or [`SERVER`].
    pub room: RoomId,
    /// Who made it; without id and name when the operator did.
    pub by: PersonRef,
    /// How often it can be used in all; `None` = without end.
    pub uses: Option<i64>,
    /// How often it has been used.
    pub used: i64,
    /// When it ends, ms since 1970; `None` = never.
    pub expires: Option<i64>,
    /// When it was made, ms since 1970.
    pub at: i64,
}

impl Invitation {
    /// Whether it lets somebody in at `now`.
    fn is_good(&self, now: i64) -> bool {
        self.uses.is_none_or(|uses| self.used < uses)
            && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Stores a new one, and deletes those beside it that let nobody in any more. False when the room has
/// `limit` good ones already, or, for the server, whoever makes it.
///
/// # Errors
/// When the database fails.
pub fn add(db: &mut dyn Db, new: &Invitation, limit: i64) -> Result<bool, StoreError> {
    db.execute(
        "DELETE FROM invitations WHERE room_id = $1 AND (used >= uses OR expires_at <= $2)",
        &[Value::Room(new.room), Value::Int(new.at)],
    )?;
    let mut count = db
        .first(
            "SELECT count(*) FROM invitations WHERE room_id = $1 AND ($1 <> 0 OR by_id = $2)",
            &[Value::Room(new.room), Value::Person(new.by.id)],
        )?
        .ok_or(StoreError::Shape)?;
    if count.int()? >= limit {
        return Ok(false);
    }
    let maybe = |number: Option<i64>| number.map_or(Value::Null, Value::Int);
    db.execute(
        "INSERT INTO invitations (code, room_id, by_id, by_name, uses, used, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
        &[
            Value::Text(&new.code),
            Value::Room(new.room),
            Value::Person(new.by.id),
            Value::Text(&new.by.name),
            maybe(new.uses),
            maybe(new.expires),
            Value::Int(new.at),
        ],
    )?;
    Ok(true)
}

/// Whether somebody of this server role may make invitations to the server, by its setting.
#[must_use]
pub fn may_make(inviters: Makers, role: ServerRole) -> bool {
    match inviters {
        Makers::Members => true,
        Makers::Admins => role >= ServerRole::Admin,
        Makers::Nobody => false,
    }
}

/// Whether whoever made one may still make such ones: the operator always; rooms look after their own.
fn is_backed(
    db: &mut dyn Db,
    invitation: &Invitation,
    inviters: Makers,
) -> Result<bool, StoreError> {
    match invitation.by.id.user() {
        Some(user) if invitation.room == SERVER => Ok(may_make(inviters, users::role(db, user)?)),
        _ => Ok(true),
    }
}

/// The one of a code, if it lets somebody in at `now`.
///
/// # Errors
/// When the database fails.
pub fn find(
    db: &mut dyn Db,
    code: &str,
    inviters: Makers,
    now: i64,
) -> Result<Option<Invitation>, StoreError> {
    let found = db.first(
        "SELECT code, room_id, by_id, by_name, uses, used, expires_at, created_at FROM invitations WHERE code = $1",
        &[Value::Text(code)],
    )?;
    match found.map(invitation).transpose()? {
        Some(one) if one.is_good(now) && is_backed(db, &one, inviters)? => Ok(Some(one)),
        _ => Ok(None),
    }
}

/// The good ones to the server, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_server(
    db: &mut dyn Db,
    inviters: Makers,
    now: i64,
) -> Result<Vec<Invitation>, StoreError> {
    let mut good = Vec::new();
    for one in of_room(db, SERVER, now)? {
        if is_backed(db, &one, inviters)? {
            good.push(one);
        }
    }
    Ok(good)
}

/// The good ones of a room, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_room(db: &mut dyn Db, room: RoomId, now: i64) -> Result<Vec<Invitation>, StoreError> {
    let rows = db.query(
        "SELECT code, room_id, by_id, by_name, uses, used, expires_at, created_at FROM invitations \
         WHERE room_id = $1 ORDER BY created_at DESC, code",
        &[Value::Room(room)],
    )?;
    let all = rows
        .into_iter()
        .map(invitation)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|one| one.is_good(now)).collect())
}

/// Takes one back, of whomever or `by` one person only; false when there is none of this code in
/// this room.
///
/// # Errors
/// When the database fails.
pub fn revoke(
    db: &mut dyn Db,
    room: RoomId,
    code: &str,
    by: Option<PersonId>,
) -> Result<bool, StoreError> {
    let gone = db.execute(
        "DELETE FROM invitations WHERE code = $1 AND room_id = $2 AND (CAST($3 AS TEXT) IS NULL OR by_id = $3)",
        &[
            Value::Text(code),
            Value::Room(room),
            Value::maybe_person(by),
        ],
    )?;
    Ok(gone > 0)
}

/// Ends all that an account has made: nobody invites any more who is not there.
pub(in crate::store) fn end_those_of(db: &mut dyn Db, person: PersonId) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM invitations WHERE by_id = $1",
        &[Value::Person(person)],
    )?;
    Ok(())
}

/// Uses one to make an account, whatever it is to; false when it is not good (any more).
///
/// # Errors
/// When the database fails.
pub fn spend(db: &mut dyn Db, code: &str, inviters: Makers, now: i64) -> Result<bool, StoreError> {
    match find(db, code, inviters, now)? {
        Some(one) => take(db, code, one.room, now),
        None => Ok(false),
    }
}

/// Uses one; false when it is not good (any more).
pub(in crate::store) fn take(
    db: &mut dyn Db,
    code: &str,
    room: RoomId,
    now: i64,
) -> Result<bool, StoreError> {
    let taken = db.execute(
        "UPDATE invitations SET used = used + 1 WHERE code = $1 AND room_id = $2 \
         AND (uses IS NULL OR used < uses) AND (expires_at IS NULL OR expires_at > $3)",
        &[Value::Text(code), Value::Room(room), Value::Int(now)],
    )?;
    Ok(taken > 0)
}

fn invitation(mut row: Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        code: row.text()?,
        room: row.room()?,
        by: PersonRef {
            id: row.person()?,
            name: row.text()?,
        },
        uses: row.maybe_int()?,
        used: row.int()?,
        expires: row.maybe_int()?,
        at: row.int()?,
    })
}
