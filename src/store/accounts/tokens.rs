//! Tokens by which programs speak for accounts: the statements. Keys come hashed; nobody here sees one.

use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::audit;
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
    /// The public id of whoever made it, or [`audit::OPERATOR`].
    pub made_by: String,
    /// The id of the token with which it was made, and with which it ends; `None` when people made it.
    pub made_with: Option<String>,
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
    db.execute(
        "INSERT INTO tokens (id, key_hash, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            Value::Text(&token.id),
            Value::Text(key_hash),
            Value::Text(&token.mark),
            Value::Int(token.user),
            Value::Text(&token.name),
            Value::Text(&scopes(token)),
            Value::maybe(rooms(token)?.as_deref()),
            Value::Text(&token.made_by),
            Value::maybe(token.made_with.as_deref()),
            Value::Int(token.created),
            token.expires.map_or(Value::Null, Value::Int),
        ],
    )?;
    note(db, token.created, &token.made_by, "token_added", token)
}

/// Stores another name, less to be good for, or an earlier end of a token; tokens that were made with it end no later. Returns the
/// marks of those whose sockets end: what they were opened with is good for more.
///
/// # Errors
/// When the database fails.
pub fn change(
    db: &mut dyn Db,
    before: &Token,
    after: &Token,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    db.execute(
        "UPDATE tokens SET name = $2, scopes = $3, rooms = $4, expires_at = $5, mark = $6 WHERE id = $1",
        &[
            Value::Text(&after.id),
            Value::Text(&after.name),
            Value::Text(&scopes(after)),
            Value::maybe(rooms(after)?.as_deref()),
            after.expires.map_or(Value::Null, Value::Int),
            Value::Text(&after.mark),
        ],
    )?;
    note(db, now, by, "token_changed", after)?;
    let mut ended = Vec::new();
    if before.mark != after.mark {
        ended.push(before.mark.clone());
        notices::sessions_ended(db, &ended)?;
    }
    if !after.grant.is_of_house() {
        ended.extend(end_those_made_with(db, &after.id, by, now)?);
    } else if let Some(expires) = after.expires {
        db.execute(
            "UPDATE tokens SET expires_at = $2 WHERE made_with = $1 AND (expires_at IS NULL OR expires_at > $2)",
            &[Value::Text(&after.id), Value::Int(expires)],
        )?;
    }
    Ok(ended)
}

/// The token of a key, if it is good at `now` (ms since 1970) and its account is there.
///
/// # Errors
/// When the database fails.
pub fn by_key(db: &mut dyn Db, key_hash: &str, now: i64) -> Result<Option<Token>, StoreError> {
    db.first(
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at, used_at, used_place FROM tokens \
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
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at, used_at, used_place FROM tokens \
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
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at, used_at, used_place FROM tokens WHERE id = $1",
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

/// Ends a token, and those that were made with it; returns their marks, none when there is no such token.
///
/// # Errors
/// When the database fails.
pub fn end(db: &mut dyn Db, id: &str, by: &str, now: i64) -> Result<Vec<String>, StoreError> {
    let Some(token) = by_id(db, id)? else {
        return Ok(Vec::new());
    };
    let mut ended = end_those_made_with(db, id, by, now)?;
    ended.extend(end_each(db, vec![token], by, now)?);
    Ok(ended)
}

/// Ends all tokens of an account, and those that were made with them; returns their marks.
///
/// # Errors
/// When the database fails.
pub fn end_all_of(
    db: &mut dyn Db,
    user: i64,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let mut ended = Vec::new();
    for token in of_user(db, user)? {
        ended.extend(end(db, &token.id, by, now)?);
    }
    Ok(ended)
}

fn end_those_made_with(
    db: &mut dyn Db,
    id: &str,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let made = db.query(
        "SELECT id, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at, used_at, used_place FROM tokens \
         WHERE made_with = $1 ORDER BY id",
        &[Value::Text(id)],
    )?;
    let made = made.into_iter().map(token).collect::<Result<_, _>>()?;
    end_each(db, made, by, now)
}

/// Ends tokens, of which all nodes are told: their sockets end.
fn end_each(
    db: &mut dyn Db,
    tokens: Vec<Token>,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    for token in &tokens {
        db.execute(
            "DELETE FROM tokens WHERE id = $1",
            &[Value::Text(&token.id)],
        )?;
        note(db, now, by, "token_removed", token)?;
    }
    let marks: Vec<String> = tokens.into_iter().map(|token| token.mark).collect();
    notices::sessions_ended(db, &marks)?;
    Ok(marks)
}

/// Which of these marks are of tokens that end after `now` and until `until` (ms since 1970), and when.
///
/// # Errors
/// When the database fails.
pub fn ending(
    db: &mut dyn Db,
    marks: &[String],
    now: i64,
    until: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    let marks = serde_json::to_string(marks).map_err(|_never| StoreError::Shape)?;
    let rows = db.query(
        "SELECT mark, expires_at FROM tokens WHERE expires_at > $2 AND expires_at <= $3 AND mark IN (SELECT value FROM json_each($1))",
        &[Value::Text(&marks), Value::Int(now), Value::Int(until)],
    )?;
    let ending = |mut row: Row| Ok((row.text()?, row.int()?));
    rows.into_iter().map(ending).collect()
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

/// Writes into the audit what was done to a token.
fn note(db: &mut dyn Db, now: i64, by: &str, what: &str, token: &Token) -> Result<(), StoreError> {
    let rooms = rooms(token)?.map_or_else(String::new, |rooms| format!(" in rooms {rooms}"));
    let (owner, scopes) = (PersonId::User(token.user), scopes(token));
    let detail = format!("of {owner}, {scopes}{rooms}: {}", token.name);
    audit::add(db, now, by, what, &token.id, &detail)
}

fn scopes(token: &Token) -> String {
    let scopes = token.grant.scopes.iter().map(|scope| scope.as_str());
    scopes.collect::<Vec<_>>().join(" ")
}

fn rooms(token: &Token) -> Result<Option<String>, StoreError> {
    let rooms = token.grant.rooms.as_ref().map(serde_json::to_string);
    rooms.transpose().map_err(|_never| StoreError::Shape)
}

/// What the statements above read of a token, in their order.
fn token(mut row: Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.text()?,
        mark: row.text()?,
        user: row.int()?,
        name: row.text()?,
        grant: grant(&row.text()?, row.maybe_text()?.as_deref())?,
        made_by: row.text()?,
        made_with: row.maybe_text()?,
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
mod tests;
