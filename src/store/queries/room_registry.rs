//! The room registry as it is loaded at the start: every room, its members, and what is counted of
//! its messages.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::membership::{FeedPosition, Membership, Notify, RoomRole};
use crate::model::mention::Mentions;
use crate::model::person::{Person, PersonKind};
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::{RoomRecord, RoomRegistry};
use crate::store::accounts::users;
use crate::store::db::{Db, Row, StoreError};
use crate::store::queries::rooms::settings;

/// All rooms, and all who are in them.
///
/// # Errors
/// When the database fails.
pub fn load(db: &mut dyn Db) -> Result<RoomRegistry, StoreError> {
    let mut records: HashMap<RoomId, RoomRecord> = HashMap::new();
    for mut row in db.query(
        "SELECT id, kind, epoch, head, said, begins_seq, begins_said, said_at, read_only, mute_all, archived, slow, name, topic, notice, open_to_site FROM rooms",
        &[],
    )? {
        let id = row.room()?;
        records.insert(id, record(id, row)?);
    }
    for mut row in db.query(
        "SELECT room_id, person, role, read_seq, read_said, notify, favourite FROM members",
        &[],
    )? {
        let room = row.room()?;
        let person = row.person()?;
        let membership = membership(row)?;
        if let Some(record) = records.get_mut(&room) {
            record.memberships.insert(person, membership);
        }
    }
    count(db, &mut records)?;
    for mut row in db.query(
        "SELECT m.room_id, m.person, coalesce(u.name, m.name), coalesce(u.kind, 0), u.hue, u.deleted_at FROM members m \
         JOIN rooms r ON r.id = m.room_id LEFT JOIN users u ON u.id = CASE WHEN m.person LIKE 'u%' THEN CAST(substr(m.person, 2) AS BIGINT) END \
         WHERE r.kind = 3 ORDER BY m.since, m.person",
        &[],
    )? {
        let room = row.room()?;
        let person = companion(row)?;
        if let Some(record) = records.get_mut(&room) {
            record.company.push(person);
        }
    }
    let mut registry = RoomRegistry::default();
    for (id, record) in records {
        registry.add(id, record);
    }
    Ok(registry)
}

/// Fills in what is counted of the rooms' messages.
fn count(db: &mut dyn Db, records: &mut HashMap<RoomId, RoomRecord>) -> Result<(), StoreError> {
    for mut row in db.query(
        "SELECT room_id, seq FROM messages WHERE recalled_at IS NOT NULL ORDER BY room_id, seq",
        &[],
    )? {
        if let Some(record) = records.get_mut(&row.room()?) {
            record.tally.recalled(row.seq()?);
        }
    }
    for mut row in db.query(
        "SELECT room_id, seq, author, mentions FROM messages WHERE mentions <> '' ORDER BY room_id, seq",
        &[],
    )? {
        if let Some(record) = records.get_mut(&row.room()?) {
            count_mentions(record, row)?;
        }
    }
    Ok(())
}

/// Counts the mentions of a message that somebody has not read: `seq`, `author`, `mentions`.
pub(super) fn count_mentions(record: &mut RoomRecord, mut row: Row) -> Result<(), StoreError> {
    let (seq, author) = (row.seq()?, row.person()?);
    let mut mentions = Mentions::from_text(&row.text()?);
    let is_unread = |membership: &Membership| membership.read_marker.seq < seq;
    let memberships = &record.memberships;
    mentions
        .people
        .retain(|id| memberships.get(id).is_some_and(is_unread));
    record.tally.said(seq, author, &mentions);
    Ok(())
}

/// A person of a direct room: `person`, name, `kind` of their account, `hue`, `deleted_at`.
pub(super) fn companion(mut row: Row) -> Result<Person, StoreError> {
    let id = row.person()?;
    let name = row.text()?;
    let bot = row.int()? == users::BOT;
    let hue = row.maybe_int()?.and_then(|hue| u16::try_from(hue).ok());
    let mut person = Person {
        kind: PersonKind::from(id),
        bot,
        avatar: Person::coloured(id, hue),
        id,
        name,
        place: String::new(),
    };
    if row.maybe_int()?.is_some() {
        person.anonymise();
    }
    Ok(person)
}

pub(super) fn record(id: RoomId, mut row: Row) -> Result<RoomRecord, StoreError> {
    let kind = RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?;
    let mut record = RoomRecord::new(id, kind, row.text()?);
    record.head = FeedPosition {
        seq: row.seq()?,
        said: row.int()?,
    };
    record.begin = FeedPosition {
        seq: row.seq()?,
        said: row.int()?,
    };
    record.at = row.maybe_int()?;
    record.settings = Arc::new(settings(&mut row)?);
    Ok(record)
}

/// What a person has in a room: `role`, `read_seq`, `read_said`, `notify`, `favourite`.
pub(in crate::store) fn membership(mut row: Row) -> Result<Membership, StoreError> {
    Ok(Membership {
        room_role: RoomRole::from_code(row.int()?).ok_or(StoreError::Shape)?,
        read_marker: FeedPosition {
            seq: row.seq()?,
            said: row.int()?,
        },
        notify: Notify::from_code(row.int()?),
        favourite: row.int()? != 0,
    })
}
