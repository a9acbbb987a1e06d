//! What is there, for whoever has the machine: the statements.

use crate::model::person::ServerRole;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::store::db::{Db, StoreError, Value};

/// An account as a list shows it.
#[derive(Debug)]
pub struct Account {
    /// The account's number.
    pub id: i64,
    /// The account's name.
    pub name: String,
    /// The server role.
    pub role: ServerRole,
    /// When it was made, ms since 1970.
    pub made: i64,
    /// When one of its sessions was last seen, while there is one.
    pub seen: Option<i64>,
}

/// All accounts of people, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn accounts(db: &mut dyn Db) -> Result<Vec<Account>, StoreError> {
    db.query(
        "SELECT id, name, role, created_at, (SELECT max(seen_at) FROM sessions WHERE user_id = users.id) \
         FROM users WHERE deleted_at IS NULL AND kind = 0 ORDER BY id",
        &[],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Account {
            id: row.int()?,
            name: row.text()?,
            role: ServerRole::from_word(&row.text()?).unwrap_or_default(),
            made: row.int()?,
            seen: row.maybe_int()?,
        })
    })
    .collect()
}

/// A room as a list shows it.
#[derive(Debug)]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// The room's name; the lobby and direct rooms have none.
    pub name: String,
    /// Whether the room is archived.
    pub archived: bool,
    /// How many people are in it.
    pub people: i64,
    /// How many messages it has.
    pub messages: i64,
    /// When the last message was sent, ms since 1970.
    pub last: Option<i64>,
}

/// All rooms, or one of them, if it is there.
///
/// # Errors
/// When the database fails.
pub fn rooms(db: &mut dyn Db, only: Option<RoomId>) -> Result<Vec<Room>, StoreError> {
    db.query(
        "SELECT id, kind, name, archived, \
         (SELECT count(*) FROM members WHERE room_id = rooms.id AND role < 5), \
         (SELECT count(*) FROM messages WHERE room_id = rooms.id), said_at FROM rooms \
         WHERE CAST($1 AS BIGINT) IS NULL OR id = $1 ORDER BY id",
        &[only.map_or(Value::Null, Value::Room)],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Room {
            id: row.room()?,
            kind: RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?,
            name: row.text()?,
            archived: row.int()? != 0,
            people: row.int()?,
            messages: row.int()?,
            last: row.maybe_int()?,
        })
    })
    .collect()
}
