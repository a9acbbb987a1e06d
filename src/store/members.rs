//! Who is in a room, and people by name: the statements.

use super::db::{Db, StoreError, Value};
use crate::chat::person::{Kind, Person};
use crate::chat::standing::Standing;
use crate::text::name;

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// What he is there.
    pub standing: Standing,
}

/// Where a list of members goes on: the standing and the name of the last one shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// See [`Standing::code`].
    pub standing: i64,
    /// The name as it is sorted by.
    pub key: String,
    /// His public id.
    pub person: String,
}

/// The next `limit` members of a room whose names have `query` in them: first those who look after
/// it, then by name. `banned` shows those who are kept out too.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    room: i64,
    query: &str,
    after: Option<&After>,
    banned: bool,
    limit: i64,
) -> Result<Vec<Member>, StoreError> {
    let last = if banned {
        Standing::Banned
    } else {
        Standing::Muted
    };
    let (standing, key, person) = after.map_or((0, "", ""), |after| {
        (after.standing, after.key.as_str(), after.person.as_str())
    });
    let rows = db.query(
        "SELECT m.person, m.role, coalesce(u.name, m.name), coalesce(u.name_key, m.name) AS sort \
         FROM members m LEFT JOIN users u ON m.person = 'u' || u.id AND u.id = CAST(substr(m.person, 2) AS BIGINT) \
         WHERE m.room_id = $1 AND m.role <= $2 AND ($3 = '' OR instr(coalesce(u.name_key, m.name), $3) > 0) \
         AND (m.role > $4 OR (m.role = $4 AND (coalesce(u.name_key, m.name) > $5 \
              OR (coalesce(u.name_key, m.name) = $5 AND m.person > $6)))) \
         ORDER BY m.role, sort, m.person LIMIT $7",
        &[
            Value::Int(room),
            Value::Int(last.code()),
            Value::Text(&name::key(query)),
            Value::Int(standing),
            Value::Text(key),
            Value::Text(person),
            Value::Int(limit),
        ],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let id = row.text()?;
            let standing = Standing::from_code(row.int()?).ok_or(StoreError::Shape)?;
            let person = person_of(id, row.text()?);
            Ok(Member { person, standing })
        })
        .collect()
}

/// How many people are in a room.
///
/// # Errors
/// When the database fails.
pub fn count(db: &mut dyn Db, room: i64) -> Result<i64, StoreError> {
    super::rooms::members(db, room)
}

/// The person of a public id, as a room's store or the accounts know him.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, room: i64, id: &str) -> Result<Option<Person>, StoreError> {
    let row = db.first(
        "SELECT name FROM members WHERE room_id = $1 AND person = $2 AND name <> ''",
        &[Value::Int(room), Value::Text(id)],
    )?;
    let account = id.strip_prefix('u').and_then(|number| number.parse().ok());
    if let Some(number) = account {
        return Ok(super::users::by_id(db, number)?
            .map(|user| person_of(Person::id_of_user(user.id), user.name)));
    }
    row.map(|mut row| Ok(person_of(id.to_owned(), row.text()?)))
        .transpose()
}

/// Accounts whose names have `query` in them, at most `limit`, those first that begin with it.
///
/// # Errors
/// When the database fails.
pub fn search(db: &mut dyn Db, query: &str, limit: i64) -> Result<Vec<Person>, StoreError> {
    let key = name::key(query);
    let rows = db.query(
        "SELECT id, name FROM users WHERE instr(name_key, $1) > 0 \
         ORDER BY instr(name_key, $1), name_key LIMIT $2",
        &[Value::Text(&key), Value::Int(limit)],
    )?;
    rows.into_iter()
        .map(|mut row| Ok(person_of(Person::id_of_user(row.int()?), row.text()?)))
        .collect()
}

/// The accounts of these numbers.
///
/// # Errors
/// When the database fails.
pub fn accounts(db: &mut dyn Db, ids: &[i64]) -> Result<Vec<Person>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let user = super::users::by_id(db, *id)?;
        found.extend(user.map(|user| person_of(Person::id_of_user(user.id), user.name)));
    }
    Ok(found)
}

fn person_of(id: String, name: String) -> Person {
    Person {
        kind: Kind::from(id.as_str()),
        avatar: Person::identicon(&id),
        id,
        name,
        place: String::new(),
    }
}
