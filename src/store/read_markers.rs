//! Read markers, notification settings and favourite rooms: the statements.

use crate::model::membership::{FeedPosition, Membership, Notify};
use crate::model::mention::Mentions;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError, Value, list};
use crate::store::event_codec::SAID;
use crate::store::queries::room_registry::membership;

/// A membership whose read marker has moved.
#[derive(Debug)]
pub struct Marked {
    /// The room's id.
    pub room: RoomId,
    /// The public id of the member.
    pub person: PersonId,
    /// The membership as it is now.
    pub membership: Membership,
}

/// After which event a room begins, and how many messages had been sent by then: they are gone.
///
/// # Errors
/// When the database fails.
pub fn begin(db: &mut dyn Db, room: RoomId) -> Result<FeedPosition, StoreError> {
    let row = db.first(
        "SELECT begins_seq, begins_said FROM rooms WHERE id = $1",
        &[Value::Room(room)],
    )?;
    let Some(mut row) = row else {
        return Ok(FeedPosition::default());
    };
    Ok(FeedPosition {
        seq: row.seq()?,
        said: row.int()?,
    })
}

/// How many messages a room has after the change `low`, up to the change `high`. A look at each change
/// between them.
///
/// # Errors
/// When the database fails.
pub fn said_between(db: &mut dyn Db, room: RoomId, low: Seq, high: Seq) -> Result<i64, StoreError> {
    let counted = db.first(
        "SELECT count(*) FROM events WHERE room_id = $1 AND seq > $2 AND seq <= $3 AND kind = $4",
        &[
            Value::Room(room),
            Value::Seq(low),
            Value::Seq(high),
            Value::Int(SAID),
        ],
    )?;
    counted.ok_or(StoreError::Shape)?.int()
}

/// The seqs of the messages after `seq` that mention `person` by name, ascending.
///
/// # Errors
/// When the database fails.
pub fn mentions_after(
    db: &mut dyn Db,
    room: RoomId,
    person: PersonId,
    seq: Seq,
) -> Result<Vec<Seq>, StoreError> {
    let rows = db.query(
        "SELECT seq, author, mentions FROM messages WHERE room_id = $1 AND seq > $2 AND mentions <> '' ORDER BY seq",
        &[Value::Room(room), Value::Seq(seq)],
    )?;
    let mut seqs = Vec::new();
    for mut row in rows {
        let (seq, author) = (row.seq()?, row.person()?);
        let mentions = Mentions::from_text(&row.text()?);
        if author != person && mentions.people.contains(&person) {
            seqs.push(seq);
        }
    }
    Ok(seqs)
}

/// The rooms of a person, and what they have set in each.
///
/// # Errors
/// When the database fails.
pub fn of_person(
    db: &mut dyn Db,
    person: PersonId,
) -> Result<Vec<(RoomId, Membership)>, StoreError> {
    let person = person.to_string();
    let rows = db.query(
        "SELECT room_id, role, read_seq, read_said, notify, favourite FROM members WHERE person = $1",
        &[Value::Text(&person)],
    )?;
    let rows = rows.into_iter();
    rows.map(|mut row| Ok((row.room()?, membership(row)?)))
        .collect()
}

/// A list of read markers as a table.
macro_rules! marked {
    ($then:literal) => {
        concat!(
            "WITH marked (room_id, person, read_seq, read_said, notify, favourite) AS ( \
             SELECT CAST(json_extract(value, '$[0]') AS BIGINT), json_extract(value, '$[1]'), \
             CAST(json_extract(value, '$[2]') AS BIGINT), CAST(json_extract(value, '$[3]') AS BIGINT), \
             CAST(json_extract(value, '$[4]') AS BIGINT), CAST(json_extract(value, '$[5]') AS BIGINT) \
             FROM json_each($1)) ",
            $then
        )
    };
}

const MOVE: &str = marked!(
    "UPDATE members SET read_seq = marked.read_seq, read_said = marked.read_said, notify = marked.notify, \
     favourite = marked.favourite FROM marked WHERE members.room_id = marked.room_id AND members.person = marked.person"
);

const ADD: &str = marked!(
    "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify, favourite) \
     SELECT rooms.id, person, 3, '', 0, read_seq, read_said, notify, favourite \
     FROM marked CROSS JOIN rooms WHERE rooms.id = marked.room_id AND rooms.kind = 0 \
     ON CONFLICT (room_id, person) DO NOTHING"
);

/// Stores read markers, each of another membership. Who has left a room meanwhile stays out of it; in the lobby
/// everybody has a row who has a read marker.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &mut dyn Db, marked: &[Marked]) -> Result<(), StoreError> {
    let items = marked.iter().map(|marked| {
        let membership = &marked.membership;
        let FeedPosition { seq, said } = membership.read_marker;
        let notify = membership.notify.map_or(0, Notify::code);
        let favourite = i64::from(membership.favourite);
        let person = marked.person.to_string();
        (marked.room.0, person, seq.0, said, notify, favourite)
    });
    let items = list(&items.collect::<Vec<_>>())?;
    for sql in [MOVE, ADD] {
        db.execute(sql, &[Value::Text(&items)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
