//! Invitations: the statements. A code is known to those who have the link, and to the room's
//! own people.

use super::db::{Db, Row, StoreError, Value};
use crate::chat::event::By;

/// An invitation to a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What stands in the link.
    pub code: String,
    /// The room.
    pub room: i64,
    /// Who made it.
    pub by: By,
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
    #[must_use]
    pub fn is_good(&self, now: i64) -> bool {
        self.uses.is_none_or(|uses| self.used < uses)
            && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Keeps a new one, and forgets those of the room that let nobody in any more. False when the
/// room has `limit` good ones already.
///
/// # Errors
/// When the database fails.
pub fn add(db: &mut dyn Db, new: &Invitation, limit: i64) -> Result<bool, StoreError> {
    db.execute(
        "DELETE FROM invitations WHERE room_id = $1 AND (used >= uses OR expires_at <= $2)",
        &[Value::Int(new.room), Value::Int(new.at)],
    )?;
    let mut count = db
        .first(
            "SELECT count(*) FROM invitations WHERE room_id = $1",
            &[Value::Int(new.room)],
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
            Value::Int(new.room),
            Value::Text(&new.by.id),
            Value::Text(&new.by.name),
            maybe(new.uses),
            maybe(new.expires),
            Value::Int(new.at),
        ],
    )?;
    Ok(true)
}

/// The one of a code, good or not.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, code: &str) -> Result<Option<Invitation>, StoreError> {
    db.first(
        "SELECT code, room_id, by_id, by_name, uses, used, expires_at, created_at FROM invitations WHERE code = $1",
        &[Value::Text(code)],
    )?
    .map(invitation)
    .transpose()
}

/// The good ones of a room, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_room(db: &mut dyn Db, room: i64, now: i64) -> Result<Vec<Invitation>, StoreError> {
    let rows = db.query(
        "SELECT code, room_id, by_id, by_name, uses, used, expires_at, created_at FROM invitations \
         WHERE room_id = $1 ORDER BY created_at DESC, code",
        &[Value::Int(room)],
    )?;
    let all = rows
        .into_iter()
        .map(invitation)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|one| one.is_good(now)).collect())
}

/// Takes one back; false when there is none of this code in this room.
///
/// # Errors
/// When the database fails.
pub fn revoke(db: &mut dyn Db, room: i64, code: &str) -> Result<bool, StoreError> {
    let gone = db.execute(
        "DELETE FROM invitations WHERE code = $1 AND room_id = $2",
        &[Value::Text(code), Value::Int(room)],
    )?;
    Ok(gone > 0)
}

/// Uses one; false when it is not good (any more).
pub(super) fn take(db: &mut dyn Db, code: &str, room: i64, now: i64) -> Result<bool, StoreError> {
    let taken = db.execute(
        "UPDATE invitations SET used = used + 1 WHERE code = $1 AND room_id = $2 \
         AND (uses IS NULL OR used < uses) AND (expires_at IS NULL OR expires_at > $3)",
        &[Value::Text(code), Value::Int(room), Value::Int(now)],
    )?;
    Ok(taken > 0)
}

fn invitation(mut row: Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        code: row.text()?,
        room: row.int()?,
        by: By {
            id: row.text()?,
            name: row.text()?,
        },
        uses: row.maybe_int()?,
        used: row.int()?,
        expires: row.maybe_int()?,
        at: row.int()?,
    })
}
