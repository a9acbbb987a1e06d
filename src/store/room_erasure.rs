//! Rooms that are deleted: the statements.
//!
//! [`begin`] takes the room itself: from then on it is in no list, nobody reads or writes there, its
//! name is free and its invitations end. What it held goes in small steps after that, so that nobody
//! waits for the writer: [`step`] until it says that nothing is left, then [`super::search::settle`], then
//! [`done`]. A crash between two of them loses nothing: until then the room is [`pending`]. Bounded by
//! [`MESSAGES`] and [`ROWS`] a step.

use super::db::{Db, StoreError, Value};
use super::files::attached;
use super::notices::{self, Notice};
use crate::model::command::RoomDeleted;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;

/// Messages in one step, each with its versions and its terms in the index: some milliseconds of the
/// writer.
const MESSAGES: i64 = 500;

/// Other rows in one step.
const ROWS: i64 = 2_000;

/// What a room has beside its messages: each statement takes [`ROWS`] at most.
const PARTS: [&str; 7] = [
    "DELETE FROM reactions WHERE (room_id, message_id, emoji, person) IN ( \
     SELECT room_id, message_id, emoji, person FROM reactions WHERE room_id = $1 LIMIT $2)",
    "DELETE FROM emoji WHERE (room_id, message_id, emoji) IN ( \
     SELECT room_id, message_id, emoji FROM emoji WHERE room_id = $1 LIMIT $2)",
    "DELETE FROM events WHERE (room_id, seq) IN ( \
     SELECT room_id, seq FROM events WHERE room_id = $1 LIMIT $2)",
    "DELETE FROM nonces WHERE (by_id, nonce) IN ( \
     SELECT by_id, nonce FROM nonces WHERE room_id = $1 LIMIT $2)",
    "DELETE FROM members WHERE (room_id, person) IN ( \
     SELECT room_id, person FROM members WHERE room_id = $1 LIMIT $2)",
    "DELETE FROM muted WHERE (room_id, person) IN ( \
     SELECT room_id, person FROM muted WHERE room_id = $1 LIMIT $2)",
    // Those that were under way when it was deleted.
    "DELETE FROM invitations WHERE code IN ( \
     SELECT code FROM invitations WHERE room_id = $1 LIMIT $2)",
];

/// Deletes a room from the server, of whatever kind.
///
/// # Errors
/// When the database fails.
pub fn begin(db: &mut dyn Db, deleted: &RoomDeleted, now: i64) -> Result<(), StoreError> {
    let room = Value::Room(deleted.room);
    db.execute(
        "INSERT INTO deleted_rooms (room_id, by_id, deleted_at) VALUES ($1, $2, $3)",
        &[room, Value::Person(deleted.by), Value::Int(now)],
    )?;
    let room = [Value::Room(deleted.room)];
    db.execute("DELETE FROM invitations WHERE room_id = $1", &room)?;
    db.execute("DELETE FROM hooks WHERE room_id = $1", &room)?;
    db.execute("DELETE FROM rooms WHERE id = $1", &room)?;
    notices::write(db, &Notice::RoomDeleted(deleted.clone()))
}

/// Rooms that were deleted and still have something in the store, the first first.
///
/// # Errors
/// When the database fails.
pub fn pending(db: &mut dyn Db) -> Result<Vec<RoomDeleted>, StoreError> {
    db.query(
        "SELECT room_id, by_id FROM deleted_rooms ORDER BY deleted_at, room_id",
        &[],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(RoomDeleted {
            room: row.room()?,
            by: row.person()?,
        })
    })
    .collect()
}

/// Deletes the next of what a deleted room has left; returns whether there may be more.
///
/// # Errors
/// When the database fails.
pub fn step(db: &mut dyn Db, room: RoomId) -> Result<bool, StoreError> {
    if attached::doom_up_to(db, room, MessageId::MAX)? || messages(db, room)? {
        return Ok(true);
    }
    for part in PARTS {
        if db.execute(part, &[Value::Room(room), Value::Int(ROWS)])? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Nothing is left of it, in the index neither.
///
/// # Errors
/// When the database fails.
pub fn done(db: &mut dyn Db, room: RoomId) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM deleted_rooms WHERE room_id = $1",
        &[Value::Room(room)],
    )?;
    Ok(())
}

/// Deletes the oldest messages; returns whether there were any.
fn messages(db: &mut dyn Db, room: RoomId) -> Result<bool, StoreError> {
    let last = db.first(
        "SELECT max(id) FROM (SELECT id FROM messages WHERE room_id = $1 ORDER BY id LIMIT $2) AS next",
        &[Value::Room(room), Value::Int(MESSAGES)],
    )?;
    let Some(last) = last.ok_or(StoreError::Shape)?.maybe_message()? else {
        return Ok(false);
    };
    take(db, room, last)?;
    Ok(true)
}

/// Deletes a room's messages up to the id `last`, with their versions and their terms in the index.
pub(super) fn take(db: &mut dyn Db, room: RoomId, last: MessageId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE room_id = $1 AND id <= $2)",
        "DELETE FROM versions WHERE message_id IN (SELECT id FROM messages WHERE room_id = $1 AND id <= $2)",
        "DELETE FROM messages WHERE room_id = $1 AND id <= $2 AND id < (SELECT max(id) FROM messages)",
        // The newest message of the server leaves its id behind, in no room: it is never another's.
        "UPDATE messages SET room_id = 0, author = '', name = '', avatar = '', place = '', address = '', \
         content = '', format = 0, html = NULL, mentions = '', edited_at = NULL, recalled_at = created_at, \
         reply_to = NULL, pinned_at = NULL WHERE room_id = $1 AND id <= $2",
    ] {
        db.execute(sql, &[Value::Room(room), Value::Message(last)])?;
    }
    db.execute(
        "DELETE FROM messages WHERE room_id = 0 AND id < (SELECT max(id) FROM messages)",
        &[],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person_id::PersonId;
    use crate::store::testing::{Open, TestDb, on_both};

    on_both!(
        steps_are_small_and_take_everything_of_the_room_and_nothing_of_others,
        the_number_of_a_message_is_never_anothers,
    );

    fn count(db: &mut TestDb, sql: &'static str) -> i64 {
        db.number(sql)
    }

    /// A server with two rooms, in which so many messages were sent by turns, by many and with everything
    /// that a message can have.
    fn filled(open: Open, said: i64) -> TestDb {
        let mut db = open();
        for room in [1, 2] {
            crate::store::queries::epochs::open(&mut db, RoomId(room)).unwrap();
        }
        db.in_one(|db| {
        for id in 1..=said {
            let nonce = uuid::Uuid::now_v7().to_string();
            for sql in [
                "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
                 VALUES (CAST($1 AS BIGINT), 1 + CAST($1 AS BIGINT) % 2, $1, $1, 3, 1, 'u' || CAST($1 AS BIGINT), 'name', 'face', 'place', 'address', 'words', 7)",
                "INSERT INTO search (rowid, words) VALUES ($1, 'words')",
                "INSERT INTO versions (message_id, rev, at, format, content) VALUES ($1, 1, 0, 0, 'earlier')",
                "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at) VALUES (1 + CAST($1 AS BIGINT) % 2, $1, 1, $1, 'u1', 'name', 0)",
                "INSERT INTO nonces (by_id, nonce, room_id, message_id, seq, at) VALUES ('u1', $2, 1 + CAST($1 AS BIGINT) % 2, $1, 1, 0)",
                "INSERT INTO reactions (room_id, message_id, emoji, person, name, seq) VALUES (1 + CAST($1 AS BIGINT) % 2, $1, 'x', 'u1', 'name', 1)",
                "INSERT INTO emoji (room_id, message_id, emoji, place, n) VALUES (1 + CAST($1 AS BIGINT) % 2, $1, 'x', 1, 1)",
                "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) VALUES (1 + CAST($1 AS BIGINT) % 2, 'u' || CAST($1 AS BIGINT), 3, '', 0, 0, 0, 0)",
                "INSERT INTO muted (room_id, person) VALUES (1 + CAST($1 AS BIGINT) % 2, 'u' || CAST($1 AS BIGINT))",
                "INSERT INTO invitations (code, room_id, by_id, by_name, used, created_at) VALUES ('c' || CAST($1 AS BIGINT), 1 + CAST($1 AS BIGINT) % 2, 'u1', 'name', 0, 0)",
            ] {
                db.execute(sql, &[Value::Int(id), Value::Text(&nonce)])?;
            }
        }
        Ok(())
        })
        .unwrap();
        db.after_message(said);
        db
    }

    const LEFT: [&str; 9] = [
        "SELECT count(*) FROM messages",
        "SELECT count(*) FROM versions",
        "SELECT count(*) FROM events",
        "SELECT count(*) FROM nonces",
        "SELECT count(*) FROM reactions",
        "SELECT count(*) FROM emoji",
        "SELECT count(*) FROM members",
        "SELECT count(*) FROM muted",
        "SELECT count(*) FROM invitations",
    ];

    fn steps_are_small_and_take_everything_of_the_room_and_nothing_of_others(open: Open) {
        let said = 2 * (ROWS + 10);
        let mut db = filled(open, said);
        let by = PersonId::Nobody;
        begin(
            &mut db,
            &RoomDeleted {
                room: RoomId(2),
                by,
            },
            5,
        )
        .unwrap();
        assert_eq!(pending(&mut db).unwrap().len(), 1);
        assert_eq!(count(&mut db, "SELECT count(*) FROM rooms"), 1);
        assert_eq!(count(&mut db, LEFT[8]), said / 2, "nobody is let in");
        assert!(step(&mut db, RoomId(2)).unwrap());
        assert_eq!(count(&mut db, LEFT[0]), said - MESSAGES);
        let mut steps = 1;
        while step(&mut db, RoomId(2)).unwrap() {
            steps += 1;
        }
        assert!(steps > said / 2 / MESSAGES + 6, "{steps}");
        assert_eq!(pending(&mut db).unwrap().len(), 1, "its words may be left");
        done(&mut db, RoomId(2)).unwrap();
        assert_eq!(pending(&mut db).unwrap(), []);
        for sql in LEFT {
            assert_eq!(count(&mut db, sql), said / 2, "{sql}");
        }
        assert_eq!(db.indexed("words"), said / 2);
        assert!(!step(&mut db, RoomId(2)).unwrap(), "once more does no harm");
    }

    fn the_number_of_a_message_is_never_anothers(open: Open) {
        let mut db = filled(open, 9);
        let by = PersonId::Nobody;
        begin(
            &mut db,
            &RoomDeleted {
                room: RoomId(2),
                by,
            },
            5,
        )
        .unwrap();
        while step(&mut db, RoomId(2)).unwrap() {}
        let shell = "SELECT count(*) FROM messages WHERE id = 9 AND room_id = 0 AND content || author || name = ''";
        assert_eq!(count(&mut db, shell), 1, "the newest leaves its number");
        assert_eq!(count(&mut db, LEFT[0]), 4 + 1);
        let next = "INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
             VALUES (1, 10, 10, 3, 1, 'u1', '', '', '', '', 'next', 8) RETURNING id";
        assert_eq!(count(&mut db, next), 10);
        begin(
            &mut db,
            &RoomDeleted {
                room: RoomId(1),
                by: PersonId::Nobody,
            },
            6,
        )
        .unwrap();
        while step(&mut db, RoomId(1)).unwrap() {}
        assert_eq!(count(&mut db, "SELECT max(id) FROM messages"), 10);
        assert_eq!(
            count(&mut db, LEFT[0]),
            1,
            "there is one such number at most"
        );
    }
}
