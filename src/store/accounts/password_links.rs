//! Links for a new password: the statements. Codes come hashed; an account has one link at most.

use crate::model::person_id::PersonId;
use crate::store::accounts::users::{self, User};
use crate::store::db::{Db, StoreError, Value};

/// Stores a link into an account, and replaces the one before.
///
/// # Errors
/// When the database fails.
pub fn put(
    db: &mut dyn Db,
    user: i64,
    code_hash: &str,
    by: PersonId,
    expires: i64,
    now: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO password_links (user_id, code_hash, by_id, expires_at, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET code_hash = excluded.code_hash, by_id = excluded.by_id, \
         expires_at = excluded.expires_at, created_at = excluded.created_at",
        &[
            Value::Int(user),
            Value::Text(code_hash),
            Value::Person(by),
            Value::Int(expires),
            Value::Int(now),
        ],
    )?;
    Ok(())
}

/// The account that a link leads into, while it is good.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, code_hash: &str, now: i64) -> Result<Option<User>, StoreError> {
    let found = db.first(
        "SELECT user_id FROM password_links WHERE code_hash = $1 AND expires_at > $2",
        &[Value::Text(code_hash), Value::Int(now)],
    )?;
    match found {
        Some(mut row) => users::by_id(db, row.int()?),
        None => Ok(None),
    }
}

/// Ends the link into an account, and those that its owner has made.
pub(in crate::store) fn end_those_of(db: &mut dyn Db, user: i64) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM password_links WHERE user_id = $1 OR by_id = $2",
        &[Value::Int(user), Value::Person(PersonId::User(user))],
    )?;
    Ok(())
}

/// Ends the link into an account: it has another password.
pub(in crate::store) fn end_that_into(db: &mut dyn Db, user: i64) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM password_links WHERE user_id = $1",
        &[Value::Int(user)],
    )?;
    Ok(())
}

/// Removes those that nobody has used in time; returns how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM password_links WHERE expires_at <= $1",
        &[Value::Int(now)],
    )
}
