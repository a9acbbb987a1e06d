//! Who accounts are elsewhere, and the tokens by which they came in: the statements.
//!
//! An account is found by issuer and subject, never by a name. Bounded by [`KEPT`] and by how long tokens are good for.

use crate::model::membership::RoomRole;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, Row, StoreError, Value};

/// How long a blocked identity is kept whose account was deleted, in ms: a year.
const KEPT: i64 = 366 * 24 * 60 * 60 * 1_000;

/// Who an account is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who says so.
    pub issuer: String,
    /// The issuer's own id of them, which it gives to nobody else.
    pub subject: String,
    /// The account's number.
    pub user: i64,
    /// What the issuer calls them.
    pub name: String,
    /// What the issuer said before this does not let them in, ms since 1970.
    pub not_before: i64,
    /// Since when they are not let in, ms since 1970.
    pub blocked: Option<i64>,
    /// Since when this account is theirs, ms since 1970.
    pub linked: i64,
    /// When they last came in, ms since 1970.
    pub seen: i64,
}

/// The identity of a subject.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
    db.first(
        "SELECT issuer, subject, user_id, name, not_before, blocked_at, linked_at, seen_at FROM identities \
         WHERE issuer = $1 AND subject = $2",
        &[Value::Text(issuer), Value::Text(subject)],
    )?
    .map(identity)
    .transpose()
}

/// Those of an account, in the order in which they became its.
///
/// # Errors
/// When the database fails.
pub fn of_user(db: &mut dyn Db, user: i64) -> Result<Vec<Identity>, StoreError> {
    let rows = db.query(
        "SELECT issuer, subject, user_id, name, not_before, blocked_at, linked_at, seen_at FROM identities \
         WHERE user_id = $1 ORDER BY linked_at, issuer, subject",
        &[Value::Int(user)],
    )?;
    rows.into_iter().map(identity).collect()
}

/// Notes an identity that nobody has.
///
/// # Errors
/// When the database fails, or somebody has it.
pub fn add(db: &mut dyn Db, new: &Identity) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO identities (issuer, subject, user_id, name, not_before, blocked_at, linked_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::Text(&new.issuer),
            Value::Text(&new.subject),
            Value::Int(new.user),
            Value::Text(&new.name),
            Value::Int(new.not_before),
            new.blocked.map_or(Value::Null, Value::Int),
            Value::Int(new.linked),
            Value::Int(new.seen),
        ],
    )?;
    Ok(())
}

/// Notes that somebody has come in, and what the issuer calls them now.
///
/// # Errors
/// When the database fails.
pub fn renew(
    db: &mut dyn Db,
    issuer: &str,
    subject: &str,
    name: &str,
    now: i64,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE identities SET name = $3, seen_at = $4 WHERE issuer = $1 AND subject = $2",
        &[
            Value::Text(issuer),
            Value::Text(subject),
            Value::Text(name),
            Value::Int(now),
        ],
    )?;
    Ok(())
}

/// Whatever issuers have said of an account before `now` does not let anybody in any more.
///
/// # Errors
/// When the database fails.
pub fn end_tokens_of(db: &mut dyn Db, user: i64, now: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE identities SET not_before = $2 WHERE user_id = $1 AND not_before < $2",
        &[Value::Int(user), Value::Int(now)],
    )?;
    Ok(())
}

/// Whether the token with this id has been used.
///
/// # Errors
/// When the database fails.
pub fn is_spent(db: &mut dyn Db, issuer: &str, token_id: &str) -> Result<bool, StoreError> {
    let found = db.first(
        "SELECT 1 FROM spent WHERE issuer = $1 AND jti = $2",
        &[Value::Text(issuer), Value::Text(token_id)],
    )?;
    Ok(found.is_some())
}

/// Uses the token with this id, of which nobody needs to know after `until` (ms since 1970); false when it has been used. Of
/// several who use it at a time, at whichever node, one is told true.
///
/// # Errors
/// When the database fails.
pub fn spend(
    db: &mut dyn Db,
    issuer: &str,
    token_id: &str,
    until: i64,
) -> Result<bool, StoreError> {
    let new = db.execute(
        "INSERT INTO spent (issuer, jti, until) VALUES ($1, $2, $3) ON CONFLICT (issuer, jti) DO NOTHING",
        &[
            Value::Text(issuer),
            Value::Text(token_id),
            Value::Int(until),
        ],
    )?;
    Ok(new > 0)
}

/// Removes up to `limit` used tokens that have expired, and blocked identities of long ago; returns how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let tokens = db.execute(
        "DELETE FROM spent WHERE (issuer, jti) IN (SELECT issuer, jti FROM spent WHERE until <= $1 LIMIT $2)",
        &[Value::Int(now), Value::Int(limit)],
    )?;
    let blocked = db.execute(
        "DELETE FROM identities WHERE blocked_at <= $1 \
         AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = identities.user_id AND users.deleted_at IS NULL)",
        &[Value::Int(now - KEPT)],
    )?;
    Ok(tokens + blocked)
}

/// Ends those of an account that is deleted. Who is banned from a room would come back as somebody new: they stay, blocked and
/// without a name.
pub(in crate::store) fn end_those_of(
    db: &mut dyn Db,
    user: i64,
    now: i64,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE identities SET blocked_at = $2, name = '' WHERE user_id = $1 AND blocked_at IS NULL \
         AND EXISTS (SELECT 1 FROM members WHERE person = $3 AND role = $4)",
        &[
            Value::Int(user),
            Value::Int(now),
            Value::Person(PersonId::User(user)),
            Value::Int(RoomRole::Banned.code()),
        ],
    )?;
    db.execute(
        "DELETE FROM identities WHERE user_id = $1 AND blocked_at IS NULL",
        &[Value::Int(user)],
    )?;
    Ok(())
}

fn identity(mut row: Row) -> Result<Identity, StoreError> {
    Ok(Identity {
        issuer: row.text()?,
        subject: row.text()?,
        user: row.int()?,
        name: row.text()?,
        not_before: row.int()?,
        blocked: row.maybe_int()?,
        linked: row.int()?,
        seen: row.int()?,
    })
}

#[cfg(test)]
mod tests;
