//! Rooms: the statements.

use super::db::{Db, StoreError, Value};

/// A room's place in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Made anew with the room, and when a backup is restored: seqs of another epoch mean
    /// nothing.
    pub epoch: String,
    /// The seq of the newest event, 0 before the first.
    pub seq: i64,
}

/// The head of a room, which is made when it is not there yet.
///
/// # Errors
/// When the database fails.
pub fn open(db: &mut dyn Db, room: i64) -> Result<Head, StoreError> {
    db.execute(
        "INSERT INTO rooms (id, epoch, head) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING",
        &[
            Value::Int(room),
            Value::Text(&uuid::Uuid::now_v7().simple().to_string()),
        ],
    )?;
    let mut row = db
        .first(
            "SELECT epoch, head FROM rooms WHERE id = $1",
            &[Value::Int(room)],
        )?
        .ok_or(StoreError::Shape)?;
    Ok(Head {
        epoch: row.text()?,
        seq: row.int()?,
    })
}
