//! What a node reads that has missed what other nodes committed.

use crate::model::event::Event;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRecord;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError, Value};
use crate::store::queries::messages::{self, Newest};
use crate::store::queries::room_registry::{companion, count_mentions, membership, record};
use crate::store::rows::columns;

/// The changes of a room after `after` up to `to`, in order, without those that are gone with their messages. What
/// has been edited or recalled since comes with the body that it has now.
///
/// # Errors
/// When the database fails.
pub fn events_between(
    db: &mut dyn Db,
    room: RoomId,
    after: Seq,
    to: Seq,
) -> Result<Vec<Event>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT e.seq, e.kind, e.at, e.by_id, e.by_name, e.detail, e.message_id, ",
            columns!("events e LEFT JOIN messages m ON m.id = e.message_id"),
            " WHERE e.room_id = $1 AND e.seq > $2 AND e.seq <= $3 ORDER BY e.seq"
        ),
        &[Value::Room(room), Value::Seq(after), Value::Seq(to)],
    )?;
    messages::events_of(db, room, rows.into_iter())
}

/// The epoch of a room and the seq of its newest event; `None` when there is no such room.
///
/// # Errors
/// When the database fails.
pub fn head(db: &mut dyn Db, room: RoomId) -> Result<Option<(String, Seq)>, StoreError> {
    let row = db.first(
        "SELECT epoch, head FROM rooms WHERE id = $1",
        &[Value::Room(room)],
    )?;
    row.map(|mut row| Ok((row.text()?, row.seq()?))).transpose()
}

/// A room as it is.
#[derive(Debug)]
pub struct Room {
    /// What it is and who is in it.
    pub record: RoomRecord,
    /// Its newest messages and events, where they are wanted.
    pub newest: Option<Newest>,
}

/// A room as it is, with as many of its newest messages and events as are `kept`; `None` when there is no such
/// room. `amend` brings its memberships up to date before anything is counted for them.
///
/// # Errors
/// When the database fails.
pub fn room(
    db: &mut dyn Db,
    id: RoomId,
    amend: impl FnOnce(&mut RoomRecord),
    kept: Option<(i64, i64)>,
) -> Result<Option<Room>, StoreError> {
    let room = [Value::Room(id)];
    let row = db.first(
        "SELECT kind, epoch, head, said, begins_seq, begins_said, said_at, read_only, mute_all, archived, slow, \
         name, topic, notice, open_to_site FROM rooms WHERE id = $1",
        &room,
    )?;
    let Some(row) = row else { return Ok(None) };
    let mut record = record(id, row)?;
    for mut row in db.query(
        "SELECT person, role, read_seq, read_said, notify, favourite FROM members WHERE room_id = $1",
        &room,
    )? {
        let person = row.person()?;
        record.memberships.insert(person, membership(row)?);
    }
    amend(&mut record);
    for mut row in db.query(
        "SELECT seq FROM messages WHERE room_id = $1 AND recalled_at IS NOT NULL ORDER BY seq",
        &room,
    )? {
        record.tally.recalled(row.seq()?);
    }
    for row in db.query(
        "SELECT seq, author, mentions FROM messages WHERE room_id = $1 AND mentions <> '' ORDER BY seq",
        &room,
    )? {
        count_mentions(&mut record, row)?;
    }
    for row in db.query(
        "SELECT m.person, coalesce(u.name, m.name), coalesce(u.kind, 0), u.hue, u.deleted_at FROM members m \
         JOIN rooms r ON r.id = m.room_id LEFT JOIN users u ON u.id = CASE WHEN m.person LIKE 'u%' THEN CAST(substr(m.person, 2) AS BIGINT) END \
         WHERE m.room_id = $1 AND r.kind = 3 ORDER BY m.since, m.person",
        &room,
    )? {
        record.company.push(companion(row)?);
    }
    let newest = kept.map(|(messages, events)| messages::newest(db, id, messages, events));
    let newest = newest.transpose()?.flatten();
    Ok(Some(Room { record, newest }))
}
