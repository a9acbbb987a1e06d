//! Accounts that are deleted: the statements.
//!
//! [`begin`] frees the name and ends everything at once; the name on what was written goes in small
//! steps after it, so that nobody waits for the writer: [`messages`], [`reactions`] and [`events`]
//! until they say that nothing is left, then [`finish`]. All steps may be done again, so that what a
//! crash broke off is begun anew. Bounded by [`MESSAGES`] and [`EVENTS`] a step.

use crate::model::message_id::MessageId;
use crate::model::person::NOBODY;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::{hooks, identities, invitations, password_links, sessions, tokens};
use crate::store::db::{Db, StoreError, Value};
use crate::store::files::uploads;
use crate::store::notices::{self, Notice};
use crate::store::{event_codec, search};

/// Messages in one step: some milliseconds of the writer.
const MESSAGES: i64 = 500;

/// Events looked at in one step: most are others', and stay as they are.
const EVENTS: i64 = 2_000;

/// Accounts whose erasure is taken up at a time.
const ACCOUNTS: i64 = 16;

/// Empties the row of an account: its name is free again, nobody signs in any more, its sessions,
/// invitations, links for a new password, hooks, identities and tokens end, and its files that are in no message go. Notes whether the others
/// are to stay, voices aside. `by` is whoever does it: a public id, or [`OPERATOR`](crate::store::accounts::audit::OPERATOR). Returns the ids of the sessions.
///
/// # Errors
/// When the database fails.
pub fn begin(
    db: &mut dyn Db,
    user: i64,
    keep_files: bool,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    // No name has a blank in its key, and no password such a hash.
    db.execute(
        "UPDATE users SET name = '', name_key = 'deleted ' || id, name_look = 'deleted ' || id, password = '', role = 'member', created_at = 0, \
         hue = NULL, preferences = '{}', keep_files = $3, deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL",
        &[
            Value::Int(now),
            Value::Int(user),
            Value::Int(keep_files.into()),
        ],
    )?;
    for owner in was(db, user)?.into_iter().chain([PersonId::User(user)]) {
        uploads::discard_all(db, owner)?;
    }
    end_links(db, user)?;
    hooks::end_those_of(db, user)?;
    identities::end_those_of(db, user, now)?;
    let mut sids = sessions::end_others_of(db, user, None)?;
    sids.extend(tokens::end_all_of(db, user, by, now)?);
    gone(db, PersonId::User(user), sids.clone())?;
    Ok(sids)
}

/// Has all nodes forget somebody.
fn gone(db: &mut dyn Db, id: PersonId, sids: Vec<String>) -> Result<(), StoreError> {
    notices::write(db, &Notice::PersonDeleted { id, sids })
}

/// The visitor that the owner of an account was before.
fn was(db: &mut dyn Db, user: i64) -> Result<Option<PersonId>, StoreError> {
    let row = db.first(
        "SELECT visitor FROM users WHERE id = $1",
        &[Value::Int(user)],
    )?;
    row.map_or(Ok(None), |mut row| row.maybe_person())
}

/// Ends the links that an account has made, and those that lead into it.
fn end_links(db: &mut dyn Db, user: i64) -> Result<(), StoreError> {
    invitations::end_those_of(db, PersonId::User(user))?;
    password_links::end_those_of(db, user)
}

/// An account that was deleted and has still to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub user: i64,
    /// The visitor that its owner was before.
    pub visitor: Option<PersonId>,
    /// Whether its files stay with its messages, voices aside.
    pub keep_files: bool,
}

/// Accounts that were deleted and have still to be erased, some of them.
///
/// # Errors
/// When the database fails.
pub fn pending(db: &mut dyn Db) -> Result<Vec<Pending>, StoreError> {
    db.query(
        "SELECT id, visitor, keep_files FROM users WHERE deleted_at IS NOT NULL AND erased_at IS NULL ORDER BY id LIMIT $1",
        &[Value::Int(ACCOUNTS)],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Pending {
            user: row.int()?,
            visitor: row.maybe_person()?,
            keep_files: row.int()? != 0,
        })
    })
    .collect()
}

/// Takes name, picture, place, address and earlier versions off the next messages of `author` after
/// message `after`; returns where to go on, `None` at the end.
///
/// # Errors
/// When the database fails.
pub fn messages(
    db: &mut dyn Db,
    author: PersonId,
    after: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    let last = db.first(
        "SELECT max(id) FROM (SELECT id FROM messages WHERE author = $1 AND id > $2 ORDER BY id LIMIT $3) AS next",
        &[Value::Person(author), Value::Message(after), Value::Int(MESSAGES)],
    )?;
    let Some(last) = last.ok_or(StoreError::Shape)?.maybe_message()? else {
        return Ok(None);
    };
    db.execute(
        "UPDATE messages SET name = '', avatar = $1, place = '', address = '' WHERE author = $2 AND id > $3 AND id <= $4",
        &[
            Value::Text(NOBODY),
            Value::Person(author),
            Value::Message(after),
            Value::Message(last),
        ],
    )?;
    // The index has the names of visitors.
    if author.is_visitor() {
        let written = db.query(
            "SELECT id FROM messages WHERE author = $1 AND id > $2 AND id <= $3",
            &[
                Value::Person(author),
                Value::Message(after),
                Value::Message(last),
            ],
        )?;
        for mut row in written {
            search::refresh(db, row.message()?)?;
        }
    }
    // The earlier versions of their messages are not for others to read when they are gone.
    db.execute(
        "DELETE FROM versions WHERE message_id IN (SELECT id FROM messages WHERE author = $1 AND id > $2 AND id <= $3)",
        &[Value::Person(author), Value::Message(after), Value::Message(last)],
    )?;
    Ok(Some(last))
}

/// Takes the name of `author` off the next of their reactions; returns whether there may be more.
///
/// # Errors
/// When the database fails.
pub fn reactions(db: &mut dyn Db, author: PersonId) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE reactions SET name = '' WHERE (room_id, message_id, emoji, person) IN ( \
         SELECT room_id, message_id, emoji, person FROM reactions WHERE person = $1 AND name <> '' LIMIT $2)",
        &[Value::Person(author), Value::Int(MESSAGES)],
    )?;
    Ok(changed > 0)
}

/// A position among the events of the server: a room's id and a seq.
pub type Place = (RoomId, Seq);

/// Takes the name of `author` off the next events after `place`; returns where to go on, `None` at
/// the end. Begin at `(i64::MIN, 0)`.
///
/// # Errors
/// When the database fails.
pub fn events(
    db: &mut dyn Db,
    author: PersonId,
    (room, seq): Place,
) -> Result<Option<Place>, StoreError> {
    let last = db.first(
        "SELECT max(seq) FROM (SELECT seq FROM events WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS next",
        &[Value::Room(room), Value::Seq(seq), Value::Int(EVENTS)],
    )?;
    if let Some(last) = last.ok_or(StoreError::Shape)?.maybe_int()?.map(Seq) {
        db.execute(
            "UPDATE events SET by_name = '' WHERE room_id = $1 AND seq > $2 AND seq <= $3 AND by_id = $4",
            &[
                Value::Room(room),
                Value::Seq(seq),
                Value::Seq(last),
                Value::Person(author),
            ],
        )?;
        anonymise_details(db, author, room, seq, last)?;
        return Ok(Some((room, last)));
    }
    let next = db.first(
        "SELECT id FROM rooms WHERE id > $1 ORDER BY id LIMIT 1",
        &[Value::Room(room)],
    )?;
    next.map(|mut row| Ok((row.room()?, Seq(0)))).transpose()
}

/// Takes the name of `author` off the events about their membership in a room.
fn anonymise_details(
    db: &mut dyn Db,
    author: PersonId,
    room: RoomId,
    after: Seq,
    last: Seq,
) -> Result<(), StoreError> {
    let rows = db.query(
        "SELECT seq, detail FROM events WHERE room_id = $1 AND seq > $2 AND seq <= $3 AND detail IS NOT NULL",
        &[Value::Room(room), Value::Seq(after), Value::Seq(last)],
    )?;
    for mut row in rows {
        let seq = row.int()?;
        if let Some(detail) = event_codec::without(&row.text()?, author) {
            db.execute(
                "UPDATE events SET detail = $1 WHERE room_id = $2 AND seq = $3",
                &[Value::Text(&detail), Value::Room(room), Value::Int(seq)],
            )?;
        }
    }
    Ok(())
}

/// Nothing that is left names the account.
///
/// # Errors
/// When the database fails.
pub fn finish(db: &mut dyn Db, user: i64, now: i64) -> Result<(), StoreError> {
    // What was under way when the account was deleted.
    end_links(db, user)?;
    for author in was(db, user)?.into_iter().chain([PersonId::User(user)]) {
        gone(db, author, Vec::new())?;
        notices::forget_profile(db, author)?;
    }
    db.execute(
        "UPDATE users SET erased_at = $1, visitor = NULL WHERE id = $2 AND deleted_at IS NOT NULL",
        &[Value::Int(now), Value::Int(user)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Open, TestDb, on_both};

    on_both!(a_step_is_small_and_all_steps_reach_everything_of_theirs_and_nothing_of_others);

    /// A server on which u1 and u2 have sent so many messages by turns.
    fn filled(open: Open, said: i64) -> TestDb {
        let mut db = open();
        crate::store::queries::epochs::open(&mut db, RoomId(1)).unwrap();
        db.in_one(|db| {
        for id in 1..=said {
            let author = PersonId::User(1 + id % 2);
            for sql in [
                "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
                 VALUES ($1, 1, $1, $1, 3, 1, $2, 'name', 'face', 'place', 'address', 'words', 0)",
                "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at) VALUES (1, $1, 1, $1, $2, 'name', 0)",
            ] {
                db.execute(sql, &[Value::Int(id), Value::Person(author)])?;
            }
        }
        Ok(())
        })
        .unwrap();
        db
    }

    fn count(db: &mut TestDb, sql: &'static str) -> i64 {
        db.number(sql)
    }

    fn a_step_is_small_and_all_steps_reach_everything_of_theirs_and_nothing_of_others(open: Open) {
        let said = 2 * EVENTS + 10;
        let mut db = filled(open, said);
        let named = "SELECT count(*) FROM messages WHERE name = 'name'";
        let mut after = messages(&mut db, PersonId::User(1), MessageId(i64::MIN)).unwrap();
        assert_eq!(count(&mut db, named), said - MESSAGES);
        while let Some(last) = after {
            after = messages(&mut db, PersonId::User(1), last).unwrap();
        }
        assert_eq!(count(&mut db, named), said / 2);
        let (mut place, mut steps) = (Some((RoomId(i64::MIN), Seq(0))), 0);
        while let Some(last) = place {
            place = events(&mut db, PersonId::User(1), last).unwrap();
            steps += 1;
        }
        assert!(steps > said / EVENTS, "{steps}");
        let left = "SELECT count(*) FROM events WHERE by_name = 'name'";
        assert_eq!(count(&mut db, left), said / 2);
        let others = "SELECT count(*) FROM messages WHERE author = 'u2' AND name || avatar || place || address = 'namefaceplaceaddress'";
        assert_eq!(count(&mut db, others), said / 2);
    }
}
