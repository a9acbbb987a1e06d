//! From where on somebody hears a room that they have come into.

use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError, Value};

/// Events before the newest one among which their coming is looked for.
const LOOKED_AT: i64 = 1_000;

/// The seq of the last event before `person` came into `room`, whose newest event is `head`: they hear from their coming
/// on. When that is longer ago than the newest 1,000 events, these. `head` for who is not a member.
///
/// # Errors
/// When the database fails.
pub fn before_coming(
    db: &mut dyn Db,
    room: RoomId,
    person: PersonId,
    head: Seq,
) -> Result<Seq, StoreError> {
    let since = db.first(
        "SELECT since FROM members WHERE room_id = $1 AND person = $2",
        &[Value::Room(room), Value::Person(person)],
    )?;
    let Some(mut since) = since else {
        return Ok(head);
    };
    let oldest = Seq(head.0.saturating_sub(LOOKED_AT).max(0));
    let before = db.first(
        "SELECT seq FROM events WHERE room_id = $1 AND seq > $2 AND at < $3 ORDER BY seq DESC LIMIT 1",
        &[Value::Room(room), Value::Seq(oldest), Value::Int(since.int()?)],
    )?;
    before.map_or(Ok(oldest), |mut row| row.seq())
}
