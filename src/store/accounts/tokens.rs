//! Tokens by which programs speak for accounts: the statements. Keys come hashed; nobody here sees one.

use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::store::notices;

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is called by in lists and addresses; says nothing of its key.
    pub id: String,
    /// What its sockets are known by.
    pub mark: String,
    /// The number of the account that it speaks for.
    pub user: i64,
    /// What its maker calls it.
    pub name: String,
    /// What it is good for.
    pub grant: Grant,
    /// Who made it.
    pub made_by: PersonId,
    /// When, ms since 1970.
    pub created: i64,
    /// From when on it is good for nothing, ms since 1970.
    pub expires: Option<i64>,
    /// When it was used last, ms since 1970.
    pub used: Option<i64>,
    /// From where, as the place of an address.
    pub place: Option<String>,
}

/// Stores a new token under the hash of its key.
///
/// # Errors
/// When the database fails.
pub fn add(db: &mut dyn Db, token: &Token, key_hash: &str) -> Result<(), StoreError> {
    let scopes: Vec<_> = token
        .grant
        .scopes
        .iter()
        .map(|scope| scope.as_str())
        .collect();
    let rooms = token.grant.rooms.as_ref();
    let rooms = rooms.map(serde_json::to_string).transpose();
    let rooms = rooms.map_err(|_never| StoreError::Shape)?;
    db.execute(
        "INSERT INTO tokens (id, key_hash, mark, user_id, name, scopes, rooms, made_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            Value::Text(&token.id),
            Value::Text(key_hash),
            Value::Text(&token.mark),
            Value::Int(token.user),
            Value::Text(&token.name),
            Value::Text(&scopes.join(" ")),
            Value::maybe(rooms.as_deref()),
            Value::Person(token.made_by),
            Value::Int(token.created),
            token.expires.map_or(Value::Null, Value::Int),
        ],
    )?;
    Ok(())
}

/// The token of a key, if it is good at `now` (ms since 1970) and its account is there.
///
/// # Errors
/// When the database fails.
pub fn by_key(db: &mut dyn Db, key_hash: &str, now: i64) -> Result<Option<Token>, StoreError> {
    db.first(
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, created_at, expires_at, used_at, used_place FROM tokens \
         WHERE key_hash = $1 AND (expires_at IS NULL OR expires_at > $2) \
         AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND u.deleted_at IS NULL)",
        &[Value::Text(key_hash), Value::Int(now)],
    )?
    .map(token)
    .transpose()
}

/// The tokens of an account, the newest first.
///
/// # Errors
/// When the database fails.
pub fn of_user(db: &mut dyn Db, user: i64) -> Result<Vec<Token>, StoreError> {
    let rows = db.query(
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, created_at, expires_at, used_at, used_place FROM tokens \
         WHERE user_id = $1 ORDER BY created_at DESC, id",
        &[Value::Int(user)],
    )?;
    rows.into_iter().map(token).collect()
}

/// Whether an account is a bot with a token that is good for the site's own calls at `now` (ms since 1970).
///
/// # Errors
/// When the database fails.
pub fn speaks_for_site(db: &mut dyn Db, user: i64, now: i64) -> Result<bool, StoreError> {
    let is_bot = users::by_id(db, user)?.is_some_and(|user| user.bot);
    let is_good = |token: &Token| {
        let is_over = token.expires.is_some_and(|end| end <= now);
        token.grant.has(Scope::House) && token.grant.rooms.is_none() && !is_over
    };
    Ok(is_bot && of_user(db, user)?.iter().any(is_good))
}

/// The token of an id.
///
/// # Errors
/// When the database fails.
pub fn by_id(db: &mut dyn Db, id: &str) -> Result<Option<Token>, StoreError> {
    db.first(
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, created_at, expires_at, used_at, used_place FROM tokens WHERE id = $1",
        &[Value::Text(id)],
    )?
    .map(token)
    .transpose()
}

/// How many tokens an account has.
///
/// # Errors
/// When the database fails.
pub fn count_of(db: &mut dyn Db, user: i64) -> Result<usize, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM tokens WHERE user_id = $1",
        &[Value::Int(user)],
    )?;
    let count = row.ok_or(StoreError::Shape)?.int()?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Ends a token; returns its mark, if there was one.
///
/// # Errors
/// When the database fails.
pub fn end(db: &mut dyn Db, id: &str) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM tokens WHERE id = $1 RETURNING mark",
        &[Value::Text(id)],
    )?;
    ended_now(db, ended)
}

/// Ends all tokens of an account; returns their marks.
///
/// # Errors
/// When the database fails.
pub fn end_all_of(db: &mut dyn Db, user: i64) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM tokens WHERE user_id = $1 RETURNING mark",
        &[Value::Int(user)],
    )?;
    ended_now(db, ended)
}

/// Removes up to `limit` tokens that have expired; returns how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires_at <= $1 LIMIT $2)",
        &[Value::Int(now), Value::Int(limit)],
    )
}

/// Notes that a token was used, unless that was noted since `before`.
///
/// # Errors
/// When the database fails.
pub fn see(
    db: &mut dyn Db,
    id: &str,
    now: i64,
    place: &str,
    before: i64,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE tokens SET used_at = $1, used_place = $2 WHERE id = $3 AND coalesce(used_at, 0) <= $4",
        &[
            Value::Int(now),
            Value::Text(place),
            Value::Text(id),
            Value::Int(before),
        ],
    )?;
    Ok(())
}

/// The marks of tokens that have just ended, of which all nodes are told: their sockets end.
fn ended_now(db: &mut dyn Db, rows: Vec<Row>) -> Result<Vec<String>, StoreError> {
    let marks = rows.into_iter().map(|mut row| row.text());
    let marks = marks.collect::<Result<Vec<_>, _>>()?;
    notices::sessions_ended(db, &marks)?;
    Ok(marks)
}

/// What the statements above read of a token, in their order.
fn token(mut row: Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.text()?,
        mark: row.text()?,
        user: row.int()?,
        name: row.text()?,
        grant: grant(&row.text()?, row.maybe_text()?.as_deref())?,
        made_by: row.person()?,
        created: row.int()?,
        expires: row.maybe_int()?,
        used: row.maybe_int()?,
        place: row.maybe_text()?,
    })
}

/// What cannot be read is good for nothing.
fn grant(scopes: &str, rooms: Option<&str>) -> Result<Grant, StoreError> {
    let rooms: Option<Vec<RoomId>> = rooms
        .map(serde_json::from_str)
        .transpose()
        .map_err(|_other_shape| StoreError::Shape)?;
    Ok(Grant {
        scopes: scopes.split(' ').filter_map(Scope::from_word).collect(),
        rooms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person::ServerRole;
    use crate::store::accounts::{sessions, users};
    use crate::store::testing::{Open, on_both};

    on_both!(a_token_is_known_by_its_hash_while_it_and_its_account_are_there);

    fn a_token_is_known_by_its_hash_while_it_and_its_account_are_there(open: Open) {
        let mut db = open();
        let user = users::add(&mut db, "Ada", "hash", ServerRole::Member, 0).unwrap();
        let user = user.unwrap().id;
        let made = |number: i64, expires: Option<i64>, rooms: Option<Vec<RoomId>>| Token {
            id: format!("id {number}"),
            mark: format!("mark {number}"),
            user,
            name: "日志 \"bot\"".to_owned(),
            grant: Grant {
                scopes: vec![Scope::Read, Scope::House],
                rooms,
            },
            made_by: PersonId::User(user),
            created: number,
            expires,
            used: None,
            place: None,
        };
        let one = made(1, None, Some(vec![RoomId(1), RoomId(407_814_773_526_145)]));
        let two = made(2, Some(100), None);
        add(&mut db, &one, "hash 1").unwrap();
        add(&mut db, &two, "hash 2").unwrap();
        assert_eq!(by_key(&mut db, "hash 1", 5).unwrap().as_ref(), Some(&one));
        assert_eq!(by_key(&mut db, "hash 2", 99).unwrap().as_ref(), Some(&two));
        assert_eq!(by_key(&mut db, "hash 2", 100).unwrap(), None, "expired");
        assert_eq!(by_key(&mut db, "hash 3", 5).unwrap(), None);
        assert_eq!(of_user(&mut db, user).unwrap(), [two, one]);
        see(&mut db, "id 1", 50, "北京", 10).unwrap();
        see(&mut db, "id 1", 60, "上海", 40).unwrap();
        let seen = by_id(&mut db, "id 1").unwrap().unwrap();
        assert_eq!((seen.used, seen.place.as_deref()), (Some(50), Some("北京")));
        // Their sockets are looked after as those of sessions are.
        let marks = ["mark 1", "mark 2", "mark 3"].map(str::to_owned);
        assert_eq!(sessions::ended(&mut db, &marks, 99).unwrap(), ["mark 3"]);
        assert_eq!(
            sessions::ended(&mut db, &marks, 100).unwrap(),
            ["mark 2", "mark 3"]
        );
        assert_eq!(purge(&mut db, 100, 9).unwrap(), 1);
        assert_eq!(count_of(&mut db, user).unwrap(), 1);
        assert_eq!(end(&mut db, "id 1").unwrap(), ["mark 1"]);
        assert_eq!(end(&mut db, "id 1").unwrap(), [""; 0]);
        assert_eq!(by_key(&mut db, "hash 1", 5).unwrap(), None);
    }
}
