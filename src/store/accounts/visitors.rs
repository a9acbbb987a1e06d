//! The visitor that the owner of an account was before: the statements.

use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, StoreError, Value};

/// Stores which visitor the owner of a new account was before. Who was muted in or banned from the lobby
/// is so under the account too: returns which.
///
/// # Errors
/// When the database fails.
pub fn set(db: &mut dyn Db, user: i64, visitor: PersonId) -> Result<Option<RoomRole>, StoreError> {
    db.execute(
        "UPDATE users SET visitor = $1 WHERE id = $2",
        &[Value::Person(visitor), Value::Int(user)],
    )?;
    succeed(db, visitor, PersonId::User(user))
}

/// Account `person` was visitor `visitor`: muted in or banned from the lobby as that one was. Returns which.
fn succeed(
    db: &mut dyn Db,
    visitor: PersonId,
    person: PersonId,
) -> Result<Option<RoomRole>, StoreError> {
    let row = db.first(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
         SELECT room_id, $1, role, name, since, read_seq, read_said, 0 FROM members \
         WHERE room_id = $2 AND person = $3 AND role IN ($4, $5) RETURNING role",
        &[
            Value::Person(person),
            Value::Room(LOBBY),
            Value::Person(visitor),
            Value::Int(RoomRole::Muted.code()),
            Value::Int(RoomRole::Banned.code()),
        ],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    Ok(RoomRole::from_code(row.int()?))
}

/// Whether the owner of account `person` was visitor `visitor` before.
pub(in crate::store) fn was(
    db: &mut dyn Db,
    person: &Person,
    visitor: PersonId,
) -> Result<bool, StoreError> {
    let Some(user) = person.id.user() else {
        return Ok(false);
    };
    let found = db.first(
        "SELECT 1 FROM users WHERE id = $1 AND visitor = $2",
        &[Value::Int(user), Value::Person(visitor)],
    )?;
    Ok(found.is_some())
}
