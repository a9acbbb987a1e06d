//! Where among the messages a time is.
//!
//! Ids grow with time, but for where the server's clock was set back: those ids are kept
//! (`clock_steps`), and between two of them a time is looked for by halves.
//! Bound: [`STEPS`].

use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::store::db::{Db, StoreError, Value};

/// The newest steps that are looked at. A clock that was set back more often has no time to speak of:
/// messages before them are taken for one stretch.
const STEPS: i64 = 64;

/// A clock that is so much earlier than before, in ms, was set back: less is how clocks are kept right.
const SET_BACK: i64 = 1_000;

/// Stores the id of a new message if the clock was set back before it. Not by a trigger: that would
/// make each message a statement of several writes, before which the search index writes all it has.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn note(db: &mut dyn Db, id: MessageId, at: i64) -> Result<(), StoreError> {
    let before = db.first(
        "SELECT created_at FROM messages WHERE id < $1 ORDER BY id DESC LIMIT 1",
        &[Value::Message(id)],
    )?;
    if let Some(mut row) = before
        && is_set_back(row.int()?, at)
    {
        db.execute(
            "INSERT INTO clock_steps (id) VALUES ($1) ON CONFLICT DO NOTHING",
            &[Value::Message(id)],
        )?;
    }
    Ok(())
}

/// Whether the clock was set back between two messages, which were sent at these times (ms since 1970).
pub(in crate::store) fn is_set_back(before: i64, at: i64) -> bool {
    at + SET_BACK < before
}

/// The id of the first message that was sent at a time (ms since 1970) or later, in a room or on the
/// server; `None` when none was.
///
/// # Errors
/// When the database fails.
pub fn first_since(
    db: &mut dyn Db,
    room: Option<RoomId>,
    at: i64,
) -> Result<Option<MessageId>, StoreError> {
    for (low, end) in stretches(db, room)? {
        let first = first_within(db, room, low, end, at)?;
        if first < end {
            return Ok(Some(MessageId(first)));
        }
    }
    Ok(None)
}

/// The id after the last message that was sent before a time; `None` when none was.
///
/// # Errors
/// When the database fails.
pub fn end_before(db: &mut dyn Db, at: i64) -> Result<Option<MessageId>, StoreError> {
    for (low, end) in stretches(db, None)?.into_iter().rev() {
        let first = first_within(db, None, low, end, at)?;
        if first > low {
            return Ok(Some(MessageId(first)));
        }
    }
    Ok(None)
}

/// From which id to before which one the clock was not set back, in order.
fn stretches(db: &mut dyn Db, room: Option<RoomId>) -> Result<Vec<(i64, i64)>, StoreError> {
    let ends = match room {
        Some(room) => db.first(
            "SELECT (SELECT min(id) FROM messages WHERE room_id = $1), (SELECT max(id) FROM messages WHERE room_id = $1)",
            &[Value::Room(room)],
        ),
        None => db.first(
            "SELECT (SELECT min(id) FROM messages), (SELECT max(id) FROM messages)",
            &[],
        ),
    };
    let mut ends = ends?.ok_or(StoreError::Shape)?;
    let (Some(mut low), Some(last)) = (ends.maybe_int()?, ends.maybe_int()?) else {
        return Ok(Vec::new());
    };
    let steps = db.query(
        "SELECT id FROM (SELECT id FROM clock_steps ORDER BY id DESC LIMIT $3) AS newest \
         WHERE id > $1 AND id <= $2 ORDER BY id",
        &[Value::Int(low), Value::Int(last), Value::Int(STEPS)],
    )?;
    let mut all = Vec::with_capacity(steps.len() + 1);
    for mut step in steps {
        let step = step.int()?;
        all.push((low, step));
        low = step;
    }
    all.push((low, last + 1));
    Ok(all)
}

/// The first message of a stretch that was sent at a time or later, `end` when none was.
fn first_within(
    db: &mut dyn Db,
    room: Option<RoomId>,
    low: i64,
    end: i64,
    at: i64,
) -> Result<i64, StoreError> {
    let times = [Value::Int(low), Value::Int(end), Value::Int(at)];
    let low = match room {
        Some(room) => {
            let [low, end, at] = times;
            db.first(HALVES_OF_ROOM, &[low, end, at, Value::Room(room)])
        }
        None => db.first(HALVES, &times),
    };
    let low = low?.ok_or(StoreError::Shape)?.int()?;
    Ok(next(db, room, low, end)?.map_or(end, |(id, _)| id))
}

/// Looks by halves, in one statement, between the ids `$1` and `$2` for the first from which on messages were sent at
/// `$3` or later. Of each middle it asks when the next message was sent, and which that is.
macro_rules! halves {
    ($within:literal) => {
        concat!(
            "WITH RECURSIVE halves (low, high) AS (SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT) UNION ALL SELECT \
             CASE WHEN (SELECT created_at FROM messages WHERE ",
            $within,
            "id >= low + (high - low) / 2 AND id < high ORDER BY id LIMIT 1) < $3 \
             THEN 1 + (SELECT id FROM messages WHERE ",
            $within,
            "id >= low + (high - low) / 2 AND id < high ORDER BY id LIMIT 1) ELSE low END, \
             CASE WHEN (SELECT created_at FROM messages WHERE ",
            $within,
            "id >= low + (high - low) / 2 AND id < high ORDER BY id LIMIT 1) < $3 \
             THEN high ELSE low + (high - low) / 2 END FROM halves WHERE low < high) \
             SELECT low FROM halves WHERE low >= high"
        )
    };
}

const HALVES: &str = halves!("");

const HALVES_OF_ROOM: &str = halves!("room_id = $4 AND ");

/// The first message from `low` on and before `end`, and when it was sent.
fn next(
    db: &mut dyn Db,
    room: Option<RoomId>,
    low: i64,
    end: i64,
) -> Result<Option<(i64, i64)>, StoreError> {
    let row = match room {
        Some(room) => db.first(
            "SELECT id, created_at FROM messages WHERE room_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT 1",
            &[Value::Room(room), Value::Int(low), Value::Int(end)],
        ),
        None => db.first(
            "SELECT id, created_at FROM messages WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1",
            &[Value::Int(low), Value::Int(end)],
        ),
    };
    row?.map(|mut row| Ok((row.int()?, row.int()?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Open, TestDb, on_both};

    on_both!(a_time_is_found_wherever_the_clock_was_set_back);

    /// A server on which messages were sent at these times, one after the other, in two rooms by turns.
    fn filled(open: Open, times: &[i64]) -> TestDb {
        let mut db = open();
        crate::store::queries::epochs::open(&mut db, RoomId(1)).unwrap();
        for (id, at) in (1..).zip(times) {
            db.execute(
                "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
                 VALUES (CAST($1 AS BIGINT) * 3, 1 + CAST($1 AS BIGINT) % 2, $1, $1, 3, 0, 'u1', 'Ada', '', '', '', 'tea', $2)",
                &[Value::Int(id), Value::Int(*at)],
            )
            .unwrap();
            note(&mut db, MessageId(id * 3), *at).unwrap();
        }
        db
    }

    fn a_time_is_found_wherever_the_clock_was_set_back(open: Open) {
        let day = 86_400_000;
        for times in [
            vec![],
            vec![5 * day],
            vec![day, 2 * day, 3 * day, 4 * day],
            // For two messages in the middle it stood years before.
            vec![
                100 * day,
                101 * day,
                102 * day,
                2 * day,
                3 * day,
                103 * day,
                104 * day,
            ],
            // It ran ahead, and was set right; and once more.
            vec![
                100 * day,
                300 * day,
                301 * day,
                101 * day,
                102 * day,
                400 * day,
                103 * day,
            ],
            vec![9 * day, 7 * day, 5 * day, 3 * day, day],
        ] {
            let mut db = filled(open, &times);
            let said: Vec<(i64, i64)> = (1..).zip(&times).map(|(id, at)| (id * 3, *at)).collect();
            for at in times.iter().flat_map(|at| [at - 1, *at, at + 1]) {
                for room in [None, Some(1), Some(2)] {
                    let mut here = said
                        .iter()
                        .filter(|(id, _)| room.is_none_or(|room| 1 + id / 3 % 2 == room));
                    let wanted = here.find(|(_, said)| *said >= at).map(|(id, _)| *id);
                    assert_eq!(
                        first_since(&mut db, room.map(RoomId), at).unwrap(),
                        wanted.map(MessageId),
                        "{times:?} {at} {room:?}"
                    );
                }
                let last = said.iter().rfind(|(_, said)| *said < at).map(|(id, _)| *id);
                let end = end_before(&mut db, at).unwrap();
                let next = |id: &i64| said.iter().map(|(id, _)| *id).find(|other| other > id);
                assert!(
                    end.is_none() == last.is_none()
                        && last.is_none_or(|last| end > Some(MessageId(last))
                            && next(&last).is_none_or(|next| end <= Some(MessageId(next)))),
                    "{times:?} {at}: {end:?} after {last:?}"
                );
            }
        }
    }
}
