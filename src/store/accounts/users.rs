//! Accounts: the statements.

use crate::model::person::{Person, PersonKind, ServerRole};
use crate::model::person_id::PersonId;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::text::name;

/// The `kind` of the accounts of programs.
pub(in crate::store) const BOT: i64 = 1;

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account's number.
    pub id: i64,
    /// The name as it is shown.
    pub name: String,
    /// The password's hash: Argon2id in PHC form.
    pub password: String,
    /// The server role of the account.
    pub role: ServerRole,
    /// Whether it is a program's (see [`bots`](super::bots)).
    pub bot: bool,
    /// The colour of its identicon in degrees, when its owner has chosen one.
    pub hue: Option<u16>,
    /// The public id of the visitor that its owner was before.
    pub visitor: Option<PersonId>,
}

impl User {
    /// As the others see them, at `place`.
    #[must_use]
    pub fn person(&self, place: String) -> Person {
        let id = PersonId::User(self.id);
        Person {
            avatar: Person::coloured(id, self.hue),
            kind: PersonKind::User,
            bot: self.bot,
            name: self.name.clone(),
            id,
            place,
        }
    }
}

/// Creates an account; `None` when the name belongs to another one, or looks like its name.
///
/// # Errors
/// When the database fails.
pub fn add(
    db: &mut dyn Db,
    name: &str,
    password: &str,
    role: ServerRole,
    now: i64,
) -> Result<Option<User>, StoreError> {
    let (key, skeleton) = (name::key(name), name::skeleton(name));
    let taken = db.first(
        "SELECT 1 FROM users WHERE name_key IN ($1, $2) OR name_look IN ($1, $2)",
        &[Value::Text(&key), Value::Text(&skeleton)],
    )?;
    if taken.is_some() {
        return Ok(None);
    }
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO users (id, name, name_key, name_look, password, role, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Value::Int(id),
            Value::Text(name),
            Value::Text(&key),
            Value::Text(&skeleton),
            Value::Text(password),
            Value::Text(role.as_str()),
            Value::Int(now),
        ],
    )?;
    Ok(Some(User {
        id,
        name: name.to_owned(),
        password: password.to_owned(),
        role,
        bot: false,
        hue: None,
        visitor: None,
    }))
}

/// A number that no account has, and none ever had: rows of accounts may go, the count stays.
fn next_id(db: &mut dyn Db) -> Result<i64, StoreError> {
    let row = db.first(
        "INSERT INTO house (name, value) \
         SELECT 'last_account', CAST(coalesce(max(id), 0) + 1 AS TEXT) FROM users WHERE true \
         ON CONFLICT (name) DO UPDATE SET value = \
         CASE WHEN CAST(excluded.value AS BIGINT) > CAST(house.value AS BIGINT) THEN excluded.value \
         ELSE CAST(CAST(house.value AS BIGINT) + 1 AS TEXT) END \
         RETURNING CAST(value AS BIGINT)",
        &[],
    )?;
    row.ok_or(StoreError::Shape)?.int()
}

/// The account of a name, however it is written (see [`name::key`]).
///
/// # Errors
/// When the database fails.
pub fn by_name(db: &mut dyn Db, name: &str) -> Result<Option<User>, StoreError> {
    db.first(
        "SELECT id, name, password, role, kind, hue, visitor FROM users WHERE name_key = $1 AND deleted_at IS NULL",
        &[Value::Text(&name::key(name))],
    )?
    .map(user)
    .transpose()
}

/// The account of a number.
///
/// # Errors
/// When the database fails.
pub fn by_id(db: &mut dyn Db, id: i64) -> Result<Option<User>, StoreError> {
    db.first(
        "SELECT id, name, password, role, kind, hue, visitor FROM users WHERE id = $1 AND deleted_at IS NULL",
        &[Value::Int(id)],
    )?
    .map(user)
    .transpose()
}

/// The server role of an account; a member if there is no such account.
///
/// # Errors
/// When the database fails.
pub fn role(db: &mut dyn Db, user: i64) -> Result<ServerRole, StoreError> {
    let row = db.first(
        "SELECT role FROM users WHERE id = $1 AND deleted_at IS NULL",
        &[Value::Int(user)],
    )?;
    let word = row.map(|mut row| row.text()).transpose()?;
    Ok(word
        .and_then(|word| ServerRole::from_word(&word))
        .unwrap_or_default())
}

/// The accounts with a server role above member.
///
/// # Errors
/// When the database fails.
pub fn in_charge(db: &mut dyn Db) -> Result<Vec<(i64, ServerRole)>, StoreError> {
    let rows = db.query("SELECT id, role FROM users WHERE role <> 'member'", &[])?;
    let account = |mut row: Row| {
        let id = row.int()?;
        Ok((id, ServerRole::from_word(&row.text()?).unwrap_or_default()))
    };
    rows.into_iter().map(account).collect()
}

/// Gives an account another name; false when it belongs to another one, or looks like its name.
///
/// # Errors
/// When the database fails.
pub fn rename(db: &mut dyn Db, user: i64, name: &str) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE users SET name = $1, name_key = $2, name_look = $3 WHERE id = $4 AND deleted_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM users WHERE (name_key IN ($2, $3) OR name_look IN ($2, $3)) AND id <> $4)",
        &[
            Value::Text(name),
            Value::Text(&name::key(name)),
            Value::Text(&name::skeleton(name)),
            Value::Int(user),
        ],
    )?;
    Ok(changed > 0)
}

/// Gives the identicon of an account a colour in degrees, or its own back.
///
/// # Errors
/// When the database fails.
pub fn set_hue(db: &mut dyn Db, user: i64, hue: Option<u16>) -> Result<(), StoreError> {
    let hue = hue.map_or(Value::Null, |hue| Value::Int(hue.into()));
    db.execute(
        "UPDATE users SET hue = $1 WHERE id = $2 AND deleted_at IS NULL",
        &[hue, Value::Int(user)],
    )?;
    Ok(())
}

/// What the owner of an account likes, as JSON.
///
/// # Errors
/// When the database fails.
pub fn preferences(db: &mut dyn Db, user: i64) -> Result<Option<String>, StoreError> {
    db.first(
        "SELECT preferences FROM users WHERE id = $1 AND deleted_at IS NULL",
        &[Value::Int(user)],
    )?
    .map(|mut row| row.text())
    .transpose()
}

/// Stores the preferences of an account.
///
/// # Errors
/// When the database fails.
pub fn set_preferences(db: &mut dyn Db, user: i64, json: &str) -> Result<(), StoreError> {
    db.execute(
        "UPDATE users SET preferences = $1 WHERE id = $2 AND deleted_at IS NULL",
        &[Value::Text(json), Value::Int(user)],
    )?;
    Ok(())
}

/// When an account was made, ms since 1970.
///
/// # Errors
/// When the database fails.
pub fn created(db: &mut dyn Db, user: i64) -> Result<Option<i64>, StoreError> {
    db.first(
        "SELECT created_at FROM users WHERE id = $1 AND deleted_at IS NULL",
        &[Value::Int(user)],
    )?
    .map(|mut row| row.int())
    .transpose()
}

/// Whether a name belongs to an account, or looks like the name of one.
///
/// # Errors
/// When the database fails.
pub fn is_taken(db: &mut dyn Db, name: &str) -> Result<bool, StoreError> {
    let row = db.first(
        "SELECT 1 FROM users WHERE name_key IN ($1, $2) OR name_look IN ($1, $2)",
        &[
            Value::Text(&name::key(name)),
            Value::Text(&name::skeleton(name)),
        ],
    )?;
    Ok(row.is_some())
}

/// The number of the account that a name key belongs to.
///
/// # Errors
/// When the database fails.
pub fn id_of_key(db: &mut dyn Db, key: &str) -> Result<Option<i64>, StoreError> {
    db.first(
        "SELECT id FROM users WHERE name_key = $1",
        &[Value::Text(key)],
    )?
    .map(|mut row| row.int())
    .transpose()
}

/// The numbers of the accounts whose name keys have `part` in them, at most `limit`, those first that
/// begin with it.
///
/// # Errors
/// When the database fails.
pub fn ids_of_part(db: &mut dyn Db, part: &str, limit: i64) -> Result<Vec<i64>, StoreError> {
    let rows = db.query(
        "SELECT id FROM users WHERE instr(name_key, $1) > 0 AND deleted_at IS NULL \
         ORDER BY instr(name_key, $1), name_key LIMIT $2",
        &[Value::Text(part), Value::Int(limit)],
    )?;
    rows.into_iter().map(|mut row| row.int()).collect()
}

/// Gives an account another role; false when there is no such account, or it is a bot's.
///
/// # Errors
/// When the database fails.
pub fn set_role(db: &mut dyn Db, name: &str, role: ServerRole) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE users SET role = $1 WHERE name_key = $2 AND kind = 0",
        &[Value::Text(role.as_str()), Value::Text(&name::key(name))],
    )?;
    Ok(changed > 0)
}

/// Gives an account another role, unless it is the owner's; false when nothing has changed.
///
/// # Errors
/// When the database fails.
pub fn set_role_below_owner(
    db: &mut dyn Db,
    user: i64,
    role: ServerRole,
) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE users SET role = $1 WHERE id = $2 AND role NOT IN ($1, 'owner') AND kind = 0 AND deleted_at IS NULL",
        &[Value::Text(role.as_str()), Value::Int(user)],
    )?;
    Ok(changed > 0)
}

fn user(mut row: Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.int()?,
        name: row.text()?,
        password: row.text()?,
        role: ServerRole::from_word(&row.text()?).unwrap_or_default(),
        bot: row.int()? == BOT,
        hue: row.maybe_int()?.and_then(|hue| u16::try_from(hue).ok()),
        visitor: row.maybe_person()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Open, TestDb, on_both};

    on_both!(a_number_is_given_to_one_account_and_never_again);

    fn a_number_is_given_to_one_account_and_never_again(open: Open) {
        let mut db = open();
        let add = |db: &mut TestDb, name: &str| {
            let made = add(db, name, "hash", ServerRole::Member, 0).unwrap();
            made.map(|user| user.id)
        };
        assert_eq!(add(&mut db, "Ada"), Some(1));
        assert_eq!(add(&mut db, "Bob"), Some(2));
        db.execute("DELETE FROM users WHERE id = 2", &[]).unwrap();
        assert_eq!(add(&mut db, "Eve"), Some(3));
        assert_eq!(add(&mut db, "eve"), None);
        db.execute("DELETE FROM users", &[]).unwrap();
        assert!(add(&mut db, "Cy") > Some(3));
        // A database from before there was a count.
        db.execute("DELETE FROM house WHERE name = 'last_account'", &[])
            .unwrap();
        let newest = crate::store::queries::lists::accounts(&mut db)
            .unwrap()
            .pop()
            .unwrap()
            .id;
        assert_eq!(add(&mut db, "Dee"), Some(newest + 1));
    }
}
