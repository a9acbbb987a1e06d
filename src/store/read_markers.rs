//! Read markers, notification settings and favourite rooms: the statements.

use crate::model::membership::{FeedPosition, Membership, Notify};
use crate::model::mention::Mentions;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError, Value};
use crate::store::event_codec::SAID;

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

/// Stores read markers. Who has left a room meanwhile stays out of it; in the lobby everybody has a row
/// who has a read marker.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &mut dyn Db, marked: &[Marked]) -> Result<(), StoreError> {
    for Marked {
        room,
        person,
        membership,
    } in marked
    {
        let values = [
            Value::Room(*room),
            Value::Person(*person),
            Value::Seq(membership.read_marker.seq),
            Value::Int(membership.read_marker.said),
            Value::Int(membership.notify.map_or(0, Notify::code)),
            Value::Int(i64::from(membership.favourite)),
        ];
        let known = db.execute(
            "UPDATE members SET read_seq = $3, read_said = $4, notify = $5, favourite = $6 \
             WHERE room_id = $1 AND person = $2",
            &values,
        )?;
        if known == 0 {
            db.execute(
                "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify, favourite) \
                 SELECT id, $2, 3, '', 0, $3, $4, $5, $6 FROM rooms WHERE id = $1 AND kind = 0",
                &values,
            )?;
        }
    }
    Ok(())
}
