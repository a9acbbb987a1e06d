//! Rooms: the statements.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::membership::{FeedPosition, Membership, Notify, RoomRole};
use crate::model::mention::Mentions;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::room_registry::{RoomRecord, RoomRegistry};
use crate::store::db::{Db, Row, StoreError, Value};
use crate::text::name;

/// The position of a room's newest event, and when that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Made anew with the room, and when a backup is restored: seqs of another epoch mean
    /// nothing.
    pub epoch: String,
    /// The seq of the newest event, 0 before the first.
    pub seq: i64,
}

/// Gives every room a new epoch when the system has crashed since a run with relaxed durability:
/// seqs that clients have seen may be gone, and would be assigned again to something else.
/// `boot` distinguishes one run of the system from another; without it every start counts as a crash.
///
/// # Errors
/// When the database fails.
pub fn renew_after_crash(
    db: &mut dyn Db,
    relaxed: bool,
    boot: Option<&str>,
) -> Result<(), StoreError> {
    const RELAXED_IN: &str = "relaxed_in_boot";
    let known = db.first(
        "SELECT value FROM house WHERE name = $1",
        &[Value::Text(RELAXED_IN)],
    )?;
    let last = known.map(|mut row| row.text()).transpose()?;
    if last.is_some() && last.as_deref() != boot {
        let epoch = new_epoch();
        db.execute("UPDATE rooms SET epoch = $1", &[Value::Text(&epoch)])?;
    }
    db.execute(
        "DELETE FROM house WHERE name = $1",
        &[Value::Text(RELAXED_IN)],
    )?;
    if relaxed {
        db.execute(
            "INSERT INTO house (name, value) VALUES ($1, $2)",
            &[
                Value::Text(RELAXED_IN),
                Value::Text(boot.unwrap_or_default()),
            ],
        )?;
    }
    Ok(())
}

pub(in crate::store) fn new_epoch() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// The head of a room, which is made when it is not there yet.
///
/// # Errors
/// When the database fails.
pub fn open(db: &mut dyn Db, room: RoomId) -> Result<Head, StoreError> {
    db.execute(
        "INSERT INTO rooms (id, epoch, head) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING",
        &[Value::Room(room), Value::Text(&new_epoch())],
    )?;
    let mut row = db
        .first(
            "SELECT epoch, head FROM rooms WHERE id = $1",
            &[Value::Room(room)],
        )?
        .ok_or(StoreError::Shape)?;
    Ok(Head {
        epoch: row.text()?,
        seq: row.int()?,
    })
}

/// All rooms, and all who are in them.
///
/// # Errors
/// When the database fails.
pub fn all(db: &mut dyn Db) -> Result<RoomRegistry, StoreError> {
    let mut entries: HashMap<RoomId, RoomRecord> = HashMap::new();
    for mut row in db.query(
        "SELECT id, kind, epoch, head, said, begins_seq, begins_said, said_at, read_only, mute_all, archived, slow, name, topic, notice FROM rooms",
        &[],
    )? {
        entries.insert(row.room()?, entry(row)?);
    }
    for mut row in db.query(
        "SELECT room_id, person, role, read_seq, read_said, notify, favourite FROM members",
        &[],
    )? {
        let room = row.room()?;
        let person = row.person()?;
        let membership = membership(row)?;
        if let Some(entry) = entries.get_mut(&room) {
            entry.memberships.insert(person, membership);
        }
    }
    count(db, &mut entries)?;
    for mut row in db.query(
        "SELECT m.room_id, m.person, coalesce(u.name, m.name), u.hue, u.deleted_at FROM members m \
         JOIN rooms r ON r.id = m.room_id LEFT JOIN users u ON u.id = CAST(substr(m.person, 2) AS BIGINT) \
         WHERE r.kind = 3 ORDER BY m.since, m.person",
        &[],
    )? {
        let room = row.room()?;
        let id = row.person()?;
        let name = row.text()?;
        let hue = row.maybe_int()?.and_then(|hue| u16::try_from(hue).ok());
        let mut person = Person {
            kind: PersonKind::from(id),
            avatar: Person::coloured(id, hue),
            id,
            name,
            place: String::new(),
        };
        if row.maybe_int()?.is_some() {
            person.forget();
        }
        if let Some(entry) = entries.get_mut(&room) {
            entry.company.push(person);
        }
    }
    let mut directory = RoomRegistry::default();
    for (id, entry) in entries {
        directory.add(id, entry);
    }
    Ok(directory)
}

/// Fills in what is counted of the rooms' messages.
fn count(db: &mut dyn Db, entries: &mut HashMap<RoomId, RoomRecord>) -> Result<(), StoreError> {
    for mut row in db.query(
        "SELECT room_id, seq FROM messages WHERE recalled_at IS NOT NULL ORDER BY room_id, seq",
        &[],
    )? {
        if let Some(entry) = entries.get_mut(&row.room()?) {
            entry.tally.recalled(row.int()?);
        }
    }
    for mut row in db.query(
        "SELECT room_id, seq, author, mentions FROM messages WHERE mentions <> '' ORDER BY room_id, seq",
        &[],
    )? {
        let Some(entry) = entries.get_mut(&row.room()?) else {
            continue;
        };
        let (seq, author) = (row.int()?, row.person()?);
        let mut mentions = Mentions::from_text(&row.text()?);
        let unread = |id: &PersonId| entry.memberships.get(id).is_some_and(|membership| membership.read_marker.seq < seq);
        mentions.people.retain(unread);
        entry.tally.said(seq, author, &mentions);
    }
    Ok(())
}

fn entry(mut row: Row) -> Result<RoomRecord, StoreError> {
    let kind = RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?;
    let mut entry = RoomRecord::new(kind, row.text()?);
    entry.head = FeedPosition {
        seq: row.int()?,
        said: row.int()?,
    };
    entry.begin = FeedPosition {
        seq: row.int()?,
        said: row.int()?,
    };
    entry.at = row.maybe_int()?;
    entry.settings = Arc::new(settings(&mut row)?);
    Ok(entry)
}

/// What is settled about a room, from its columns `read_only`, `mute_all`, `archived`, `slow`, `name`,
/// `topic` and `notice`, which come next in the row.
pub(in crate::store) fn settings(row: &mut Row) -> Result<RoomSettings, StoreError> {
    Ok(RoomSettings {
        read_only: row.int()? != 0,
        mute_all: row.int()? != 0,
        archived: row.int()? != 0,
        slow: u32::try_from(row.int()?).unwrap_or_default(),
        name: row.text()?,
        topic: row.text()?,
        notice: row.text()?,
    })
}

fn membership(mut row: Row) -> Result<Membership, StoreError> {
    Ok(Membership {
        room_role: RoomRole::from_code(row.int()?).ok_or(StoreError::Shape)?,
        read_marker: FeedPosition {
            seq: row.int()?,
            said: row.int()?,
        },
        notify: Notify::from_code(row.int()?),
        favourite: row.int()? != 0,
    })
}

/// The ids of public rooms whose names have `query` in them, after the one named `after`.
///
/// # Errors
/// When the database fails.
pub fn public(
    db: &mut dyn Db,
    query: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(RoomId, String)>, StoreError> {
    let rows = db.query(
        "SELECT id, name_key FROM rooms WHERE kind = 1 AND archived = 0 AND name_key > $2 \
         AND ($1 = '' OR instr(name_key, $1) > 0) ORDER BY name_key LIMIT $3",
        &[
            Value::Text(&name::key(query)),
            Value::Text(after),
            Value::Int(limit),
        ],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.room()?, row.text()?)))
        .collect()
}

/// Makes a room with nothing in it.
pub(in crate::store) fn make(
    db: &mut dyn Db,
    id: RoomId,
    kind: RoomKind,
    epoch: &str,
    people: Option<&str>,
) -> Result<(), StoreError> {
    // Until it is settled, its own id is a name that no other has.
    let unsettled = id.to_string();
    db.execute(
        "INSERT INTO rooms (id, epoch, head, kind, people, name_key) VALUES ($1, $2, 0, $3, $4, $5)",
        &[
            Value::Room(id),
            Value::Text(epoch),
            Value::Int(kind.code()),
            Value::maybe(people),
            Value::Text(&unsettled),
        ],
    )?;
    Ok(())
}

/// Stores the settings of a room.
pub(in crate::store) fn settle(
    db: &mut dyn Db,
    room: RoomId,
    settings: &RoomSettings,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE rooms SET name = $2, name_key = $3, topic = $4, notice = $5, read_only = $6, mute_all = $7, \
         slow = $8, archived = $9, name_look = $10 WHERE id = $1",
        &[
            Value::Room(room),
            Value::Text(&settings.name),
            Value::Text(&name::key(&settings.name)),
            Value::Text(&settings.topic),
            Value::Text(&settings.notice),
            Value::Int(settings.read_only.into()),
            Value::Int(settings.mute_all.into()),
            Value::Int(settings.slow.into()),
            Value::Int(settings.archived.into()),
            Value::Text(&name::look(&settings.name)),
        ],
    )?;
    Ok(())
}

/// The rooms in which a person has a row.
///
/// # Errors
/// When the database fails.
pub fn of(db: &mut dyn Db, person: PersonId) -> Result<Vec<RoomId>, StoreError> {
    db.query(
        "SELECT room_id FROM members WHERE person = $1",
        &[Value::Person(person)],
    )?
    .into_iter()
    .map(|mut row| row.room())
    .collect()
}

/// How many rooms there are.
pub(in crate::store) fn number(db: &mut dyn Db) -> Result<i64, StoreError> {
    let row = db.first("SELECT count(*) FROM rooms", &[])?;
    row.ok_or(StoreError::Shape)?.int()
}

/// How many rooms a person owns, and how many they are in; direct ones are not counted.
pub(in crate::store) fn count_of(
    db: &mut dyn Db,
    person: PersonId,
) -> Result<(i64, i64), StoreError> {
    let row = db.first(
        "SELECT coalesce(sum(m.role = 1), 0), count(*) FROM members m JOIN rooms r ON r.id = m.room_id \
         WHERE m.person = $1 AND m.role < 5 AND r.kind IN (1, 2)",
        &[Value::Person(person)],
    )?;
    let mut row = row.ok_or(StoreError::Shape)?;
    Ok((row.int()?, row.int()?))
}

/// How many people are in a room.
pub(in crate::store) fn members(db: &mut dyn Db, room: RoomId) -> Result<i64, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM members WHERE room_id = $1 AND role < 5",
        &[Value::Room(room)],
    )?;
    row.ok_or(StoreError::Shape)?.int()
}

/// The direct room of a set of people.
pub(in crate::store) fn of_people(
    db: &mut dyn Db,
    people: &str,
) -> Result<Option<RoomId>, StoreError> {
    let row = db.first(
        "SELECT id FROM rooms WHERE people = $1",
        &[Value::Text(people)],
    )?;
    row.map(|mut row| row.room()).transpose()
}

/// Whether a public room other than `but` has this name, or one that looks like it.
pub(in crate::store) fn is_named(
    db: &mut dyn Db,
    name: &str,
    but: Option<RoomId>,
) -> Result<bool, StoreError> {
    let row = db.first(
        "SELECT 1 FROM rooms WHERE kind = 1 AND (name_key IN ($1, $2) OR name_look IN ($1, $2)) AND id <> $3",
        &[
            Value::Text(&name::key(name)),
            Value::Text(&name::look(name)),
            Value::Room(but.unwrap_or_default()),
        ],
    )?;
    Ok(row.is_some())
}

/// Who gets a room when its owner is no more: its admin, else its member, who has been so for longest.
pub(in crate::store) fn heir(
    db: &mut dyn Db,
    room: RoomId,
    owner: PersonId,
) -> Result<Option<Person>, StoreError> {
    let row = db.first(
        "SELECT person, name FROM members WHERE room_id = $1 AND person <> $2 AND role IN (2, 3) \
         ORDER BY role, since, person LIMIT 1",
        &[Value::Room(room), Value::Person(owner)],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let id = row.person()?;
    Ok(Some(Person {
        kind: PersonKind::from(id),
        avatar: Person::identicon(id),
        id,
        name: row.text()?,
        place: String::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    /// The room's epoch after starts with these settings and boots, one after the other.
    fn epochs(starts: &[(bool, Option<&str>)]) -> Vec<String> {
        let mut db = schema::open(None).unwrap();
        let epoch = |(relaxed, boot): &(bool, Option<&str>)| {
            renew_after_crash(&mut db, *relaxed, *boot).unwrap();
            open(&mut db, RoomId(1)).unwrap().epoch
        };
        starts.iter().map(epoch).collect()
    }

    #[test]
    fn seqs_that_a_power_cut_may_have_taken_are_not_of_the_same_epoch() {
        let full = epochs(&[(false, Some("a")), (false, Some("b"))]);
        assert_eq!(full[0], full[1], "nothing can be lost");
        let same_boot = epochs(&[(true, Some("a")), (true, Some("a")), (false, Some("a"))]);
        assert!(same_boot.iter().all(|epoch| *epoch == same_boot[0]));
        let crashed = epochs(&[(true, Some("a")), (true, Some("b")), (true, Some("b"))]);
        assert_ne!(crashed[0], crashed[1]);
        assert_eq!(crashed[1], crashed[2]);
        let mended = epochs(&[(true, Some("a")), (false, Some("b")), (false, Some("c"))]);
        assert_ne!(
            mended[0], mended[1],
            "the run that lost something was relaxed"
        );
        assert_eq!(mended[1], mended[2]);
        let unknown = epochs(&[(true, None), (true, None)]);
        assert_ne!(unknown[0], unknown[1]);
    }
}
