//! Expired messages: the statements.
//!
//! [`step`] takes the oldest of them, in whatever room, in the order in which they lie on the disk; [`aside`]
//! takes events that are not about messages, and nonces. Each step is whole: a crash between two of
//! them loses nothing, and the next start goes on. A room keeps its row, its head and who is in it, so no seq
//! is assigned twice, and neither is an id ([`room_erasure::take`]). Bounded by [`MESSAGES`] and [`ROWS`] a
//! step.

use std::collections::BTreeMap;

use super::db::{Db, StoreError, Value};
use super::files::attached;
use super::read_markers;
use super::room_erasure;
use crate::model::expiry::{Expired, Kept};
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// Messages in one step, in whatever rooms, each with its versions and its terms in the index: a few
/// milliseconds of the writer, since it comes again every hour.
const MESSAGES: i64 = 200;

/// Other rows in one statement of a step.
const ROWS: i64 = 2_000;

/// What messages have beside their bodies: each statement takes [`ROWS`] at most, before the messages go.
const PARTS: [&str; 4] = [
    "DELETE FROM reactions WHERE (room_id, message_id, emoji, person) IN ( \
     SELECT room_id, message_id, emoji, person FROM reactions WHERE room_id = $1 AND message_id <= $2 LIMIT $3)",
    "DELETE FROM emoji WHERE (room_id, message_id, emoji) IN ( \
     SELECT room_id, message_id, emoji FROM emoji WHERE room_id = $1 AND message_id <= $2 LIMIT $3)",
    "DELETE FROM versions WHERE (message_id, rev) IN ( \
     SELECT v.message_id, v.rev FROM messages m JOIN versions v ON v.message_id = m.id \
     WHERE m.room_id = $1 AND m.id <= $2 LIMIT $3)",
    "DELETE FROM events WHERE (room_id, seq) IN ( \
     SELECT e.room_id, e.seq FROM messages m JOIN events e ON e.message_id = m.id AND e.kind <> 1 \
     WHERE m.room_id = $1 AND m.id <= $2 LIMIT $3)",
];

/// The result of a step.
#[derive(Debug, Default)]
pub struct Step {
    /// The messages that were deleted, by room.
    pub expired: Vec<Expired>,
    /// How many messages that was.
    pub messages: u64,
    /// Whether there may be more.
    pub more: bool,
}

/// What is too old of a room: the id and the seq of the last message, and how many there are.
#[derive(Debug, Default, Clone, Copy)]
struct Old {
    last: MessageId,
    seq: Seq,
    count: i64,
}

/// Takes the oldest of what is too old.
///
/// # Errors
/// When the database fails.
pub fn step(db: &mut dyn Db, kept: Kept) -> Result<Step, StoreError> {
    let mut step = Step::default();
    for (room, old) in oldest(db, kept)? {
        step.more = true;
        if beside(db, room, old.last)? {
            // Messages that a crowd has to do with go another time.
            break;
        }
        said(db, room, old.last)?;
        step.expired.push(begin(db, room, old)?);
        step.messages += u64::try_from(old.count).unwrap_or_default();
    }
    Ok(step)
}

/// At most [`MESSAGES`] that are too old, by rooms.
fn oldest(db: &mut dyn Db, kept: Kept) -> Result<BTreeMap<RoomId, Old>, StoreError> {
    let mut first = Vec::new();
    for mut row in db.query(
        "SELECT room_id, id, seq, created_at FROM messages WHERE room_id <> 0 ORDER BY id LIMIT $1",
        &[Value::Int(MESSAGES)],
    )? {
        first.push((row.room()?, row.message()?, row.seq()?, row.int()?));
    }
    let count = kept.too_old(first.iter().map(|(.., at)| *at));
    let mut rooms: BTreeMap<RoomId, Old> = BTreeMap::new();
    for (room, last, seq, _) in first.into_iter().take(count) {
        let old = rooms.entry(room).or_default();
        let count = old.count + 1;
        *old = Old { last, seq, count };
    }
    Ok(rooms)
}

/// Deletes what the messages up to `last` have beside their bodies; returns whether there may be more of it.
fn beside(db: &mut dyn Db, room: RoomId, last: MessageId) -> Result<bool, StoreError> {
    let values = [Value::Room(room), Value::Message(last), Value::Int(ROWS)];
    if attached::doom_up_to(db, room, last)? {
        return Ok(true);
    }
    for part in PARTS {
        let taken = db.execute(part, &values)?;
        if i64::try_from(taken).unwrap_or(ROWS) >= ROWS {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes the messages up to `last`, and the events that brought them.
fn said(db: &mut dyn Db, room: RoomId, last: MessageId) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM events WHERE kind = 1 AND room_id = $1 AND seq IN ( \
         SELECT seq FROM messages WHERE room_id = $1 AND id <= $2)",
        &[Value::Room(room), Value::Message(last)],
    )?;
    room_erasure::take(db, room, last)
}

/// Stores where a room begins that has lost these.
fn begin(db: &mut dyn Db, room: RoomId, old: Old) -> Result<Expired, StoreError> {
    let Old { last, seq, count } = old;
    db.execute(
        "UPDATE rooms SET begins_seq = CASE WHEN begins_seq < $2 THEN $2 ELSE begins_seq END, \
         begins_said = CASE WHEN said < begins_said + $3 THEN said ELSE begins_said + $3 END WHERE id = $1",
        &[Value::Room(room), Value::Seq(seq), Value::Int(count)],
    )?;
    let begin = read_markers::begin(db, room)?;
    Ok(Expired { room, last, begin })
}

/// What [`aside`] has deleted.
#[derive(Debug, Default)]
pub struct Aside {
    /// The rooms of the changes that are gone, each once.
    pub rooms: Vec<RoomId>,
    /// Number of rows that were deleted.
    pub changes: usize,
    /// Whether there may be more.
    pub more: bool,
}

/// Deletes some of the expired events that are not about messages, and nonces of that time.
///
/// # Errors
/// When the database fails.
pub fn aside(db: &mut dyn Db, kept: Kept) -> Result<Aside, StoreError> {
    let values = [Value::Int(kept.since), Value::Int(ROWS)];
    let mut rooms = Vec::new();
    for mut row in db.query(
        "SELECT room_id FROM events WHERE kind <> 1 AND message_id = 0 AND at < $1 ORDER BY at, room_id, seq LIMIT $2",
        &values,
    )? {
        rooms.push(row.room()?);
    }
    rooms.sort_unstable();
    rooms.dedup();
    let mut done = Aside {
        rooms,
        ..Aside::default()
    };
    for sql in [
        "DELETE FROM events WHERE (room_id, seq) IN ( \
         SELECT room_id, seq FROM events WHERE kind <> 1 AND message_id = 0 AND at < $1 ORDER BY at, room_id, seq LIMIT $2)",
        "DELETE FROM nonces WHERE (by_id, nonce) IN (SELECT by_id, nonce FROM nonces WHERE at < $1 LIMIT $2)",
    ] {
        let taken = db.execute(sql, &values)?;
        done.more |= i64::try_from(taken).unwrap_or(ROWS) >= ROWS;
        done.changes += taken;
    }
    Ok(done)
}

#[cfg(test)]
mod tests;
