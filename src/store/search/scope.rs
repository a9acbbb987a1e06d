//! Whose rooms: the part of every statement that says what somebody may read, and the rooms that it
//! comes to.

use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::db::{Db, Row, StoreError, Value};

/// Rooms that are named to the index at most, so that it proposes nothing that the reader may not read:
/// those that they may not read, else those that they may. Where there are more of both, the statement
/// alone decides.
pub(super) const ROOMS: i64 = 300;

/// What a person may read: `$2` is their public id, `$3` whether they are an admin of the server. Held
/// against `model/policy.rs` by a test.
macro_rules! readable {
    () => {
        "(r.kind <= 1 AND (coalesce(s.role, 3) < 5 OR $3 = 1) OR coalesce(s.role, 5) < 5)"
    };
}
pub(in crate::store) use readable;

/// The person who searches.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Their public id.
    pub id: PersonId,
    /// Whether they are an admin or owner of the server: those are banned from neither lobby nor public
    /// rooms.
    pub runs_server: bool,
    /// The only rooms that they may search; `None` is all that they may read.
    pub rooms: Option<Vec<RoomId>>,
}

/// Rooms that a person may read, [`ROOMS`] at most.
pub(super) fn open(db: &mut dyn Db, reader: &Reader) -> Result<Vec<RoomId>, StoreError> {
    ids(db.query(
        concat!(
            "SELECT r.id FROM rooms r LEFT JOIN members s ON s.room_id = r.id AND s.person = $2 WHERE ",
            readable!(),
            " LIMIT $1"
        ),
        &reader.values(),
    )?)
}

/// Rooms that the reader may not read, [`ROOMS`] at most.
pub(super) fn closed(db: &mut dyn Db, reader: &Reader) -> Result<Vec<RoomId>, StoreError> {
    ids(db.query(
        concat!(
            "SELECT r.id FROM rooms r LEFT JOIN members s ON s.room_id = r.id AND s.person = $2 WHERE NOT ",
            readable!(),
            " LIMIT $1"
        ),
        &reader.values(),
    )?)
}

impl Reader {
    fn values(&self) -> [Value<'_>; 3] {
        [
            Value::Int(ROOMS),
            Value::Person(self.id),
            Value::Int(self.runs_server.into()),
        ]
    }
}

/// Rooms that a person may read and may mean by this name: by name, by id, and the room of two by the
/// other's name.
pub(super) fn named(
    db: &mut dyn Db,
    reader: &Reader,
    key: &str,
    lobby: bool,
) -> Result<Vec<RoomId>, StoreError> {
    let mut rooms = ids(db.query(
        concat!(
            "SELECT r.id FROM rooms r LEFT JOIN members s ON s.room_id = r.id AND s.person = $2 WHERE \
             (r.name_key = $1 AND r.kind < 3 OR CAST(r.id AS TEXT) = $1 OR r.kind = 0 AND $4 = 1) AND ",
            readable!(),
            " ORDER BY r.id LIMIT $5"
        ),
        &[
            Value::Text(key),
            Value::Person(reader.id),
            Value::Int(reader.runs_server.into()),
            Value::Int(lobby.into()),
            Value::Int(ROOMS),
        ],
    )?)?;
    rooms.extend(ids(db.query(
        "SELECT s.room_id FROM members s JOIN rooms r ON r.id = s.room_id \
         JOIN members o ON o.room_id = s.room_id AND o.person <> s.person \
         JOIN users u ON u.id = CASE WHEN o.person LIKE 'u%' THEN CAST(substr(o.person, 2) AS BIGINT) END AND o.person = 'u' || u.id \
         WHERE s.person = $1 AND s.role < 5 AND r.kind = 3 AND u.name_key = $2 LIMIT $3",
        &[
            Value::Person(reader.id),
            Value::Text(key),
            Value::Int(ROOMS),
        ],
    )?)?);
    if let Some(only) = &reader.rooms {
        rooms.retain(|room| only.contains(room));
    }
    Ok(rooms)
}

fn ids(rows: Vec<Row>) -> Result<Vec<RoomId>, StoreError> {
    rows.into_iter().map(|mut row| row.room()).collect()
}
