//! Rooms: the statements.

use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::text::name;

/// What is settled about a room, from its columns `read_only`, `mute_all`, `archived`, `slow`, `name`,
/// `topic`, `notice` and `open_to_site`, which come next in the row.
pub(in crate::store) fn settings(row: &mut Row) -> Result<RoomSettings, StoreError> {
    Ok(RoomSettings {
        read_only: row.int()? != 0,
        mute_all: row.int()? != 0,
        archived: row.int()? != 0,
        slow: u32::try_from(row.int()?).unwrap_or_default(),
        name: row.text()?,
        topic: row.text()?,
        notice: row.text()?,
        open_to_site: row.int()? != 0,
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
         slow = $8, archived = $9, name_look = $10, open_to_site = $11 WHERE id = $1",
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
            Value::Text(&name::skeleton(&settings.name)),
            Value::Int(settings.open_to_site.into()),
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
        "SELECT count(*) FILTER (WHERE m.role = 1), count(*) FROM members m JOIN rooms r ON r.id = m.room_id \
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

/// The people of a direct room as one text, the same in whatever order they are named.
pub(in crate::store) fn set_of(people: impl IntoIterator<Item = PersonId>) -> String {
    let mut ids: Vec<String> = people.into_iter().map(|id| id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.join(" ")
}

/// The direct room of two people, if there is one.
///
/// # Errors
/// When the database fails.
pub fn direct(
    db: &mut dyn Db,
    one: PersonId,
    other: PersonId,
) -> Result<Option<RoomId>, StoreError> {
    of_people(db, &set_of([one, other]))
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
            Value::Text(&name::skeleton(name)),
            Value::Room(but.unwrap_or_default()),
        ],
    )?;
    Ok(row.is_some())
}

/// Who owns a room; nobody owns the lobby, and direct ones.
pub(in crate::store) fn owner(
    db: &mut dyn Db,
    room: RoomId,
) -> Result<Option<PersonId>, StoreError> {
    let row = db.first(
        "SELECT person FROM members WHERE room_id = $1 AND role = 1",
        &[Value::Room(room)],
    )?;
    row.map(|mut row| row.person()).transpose()
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
        bot: false,
        avatar: Person::identicon(id),
        id,
        name: row.text()?,
        place: String::new(),
    }))
}
