//! Who is in a room, and people by name: the statements.

use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::db::{Db, Row, StoreError, Value, list};
use crate::text::name;

/// One member of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member, as the others see them.
    pub person: Person,
    /// Their room role.
    pub room_role: RoomRole,
}

/// Where a list of members goes on: the room role and the name of the last one shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// See [`RoomRole::code`].
    pub room_role: i64,
    /// The name as it is sorted by.
    pub key: String,
    /// The public id of the last one shown.
    pub person: PersonId,
}

/// The next `limit` members of a room whose names have `query` in them: first owner and admins,
/// then by name. `banned` shows those who are banned too. Of the lobby, where everybody is a
/// member, only those are listed who have another role.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    room: RoomId,
    query: &str,
    after: Option<&After>,
    banned: bool,
    limit: i64,
) -> Result<Vec<Member>, StoreError> {
    let last = if banned {
        RoomRole::Banned
    } else {
        RoomRole::Muted
    };
    let (room_role, key, person) = after.map_or((0, "", PersonId::Nobody), |after| {
        (after.room_role, after.key.as_str(), after.person)
    });
    let rows = db.query(
        "SELECT m.person, m.role, coalesce(u.name, m.name), coalesce(u.kind, 0), u.hue, coalesce(u.name_key, m.name) AS sort \
         FROM members m LEFT JOIN users u ON m.person = 'u' || u.id AND u.id = CASE WHEN m.person LIKE 'u%' THEN CAST(substr(m.person, 2) AS BIGINT) END \
         WHERE m.room_id = $1 AND m.role <= $2 AND (m.role <> $8 OR m.room_id <> $9) AND ($3 = '' OR instr(coalesce(u.name_key, m.name), $3) > 0) \
         AND (m.role > $4 OR (m.role = $4 AND (coalesce(u.name_key, m.name) > $5 \
              OR (coalesce(u.name_key, m.name) = $5 AND m.person > $6)))) \
         ORDER BY m.role, sort, m.person LIMIT $7",
        &[
            Value::Room(room),
            Value::Int(last.code()),
            Value::Text(&name::key(query)),
            Value::Int(room_role),
            Value::Text(key),
            Value::Person(person),
            Value::Int(limit),
            Value::Int(RoomRole::Member.code()),
            Value::Room(LOBBY),
        ],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let id = row.person()?;
            let room_role = RoomRole::from_code(row.int()?).ok_or(StoreError::Shape)?;
            let person = person_of(id, &mut row)?;
            Ok(Member { person, room_role })
        })
        .collect()
}

/// The person of a public id, as a room's messages or the accounts know them.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, room: RoomId, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row = db.first(
        "SELECT name, 0, CAST(NULL AS BIGINT) FROM members WHERE room_id = $1 AND person = $2 AND name <> ''",
        &[Value::Room(room), Value::Person(id)],
    )?;
    if let Some(number) = id.user() {
        return Ok(users::by_id(db, number)?.map(|user| user.person(String::new())));
    }
    row.map(|mut row| person_of(id, &mut row)).transpose()
}

/// Accounts whose names have `query` in them, at most `limit`, those first that begin with it.
///
/// # Errors
/// When the database fails.
pub fn search(db: &mut dyn Db, query: &str, limit: i64) -> Result<Vec<Person>, StoreError> {
    let key = name::key(query);
    let rows = db.query(
        "SELECT id, name, kind, hue FROM users WHERE instr(name_key, $1) > 0 AND deleted_at IS NULL \
         ORDER BY instr(name_key, $1), name_key LIMIT $2",
        &[Value::Text(&key), Value::Int(limit)],
    )?;
    rows.into_iter().map(account).collect()
}

fn account(mut row: Row) -> Result<Person, StoreError> {
    let id = PersonId::User(row.int()?);
    person_of(id, &mut row)
}

/// The accounts of these numbers.
///
/// # Errors
/// When the database fails.
pub fn accounts(db: &mut dyn Db, ids: &[i64]) -> Result<Vec<Person>, StoreError> {
    let rows = db.query(
        "SELECT id, name, kind, hue FROM users WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND deleted_at IS NULL",
        &[Value::Text(&list(ids)?)],
    )?;
    let mut found = rows
        .into_iter()
        .map(account)
        .collect::<Result<Vec<_>, _>>()?;
    // In the order in which they were asked for.
    found.sort_by_key(|person| ids.iter().position(|id| PersonId::User(*id) == person.id));
    Ok(found)
}

/// A person of whom a row has name, `kind` and `hue` of their account.
fn person_of(id: PersonId, row: &mut Row) -> Result<Person, StoreError> {
    let (name, kind, hue) = (row.text()?, row.int()?, row.maybe_int()?);
    let hue = hue.and_then(|hue| u16::try_from(hue).ok());
    Ok(Person {
        kind: PersonKind::from(id),
        bot: kind == users::BOT,
        avatar: Person::coloured(id, hue),
        id,
        name,
        place: String::new(),
    })
}
