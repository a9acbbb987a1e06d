//! Cookie sessions: the statements. Keys come hashed; nobody here sees a cookie.

use super::db::{Db, StoreError, Value};

/// The state of a live session.
///
/// # Errors
/// When the database fails.
pub fn load(db: &mut dyn Db, key_hash: &str, now: i64) -> Result<Option<String>, StoreError> {
    db.first(
        "SELECT state FROM sessions WHERE key_hash = $1 AND expires_at > $2",
        &[Value::Text(key_hash), Value::Int(now)],
    )?
    .map(|mut row| row.text())
    .transpose()
}

/// Keeps a new session.
///
/// # Errors
/// When the database fails.
pub fn insert(
    db: &mut dyn Db,
    key_hash: &str,
    state: &str,
    now: i64,
    expires: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO sessions (key_hash, state, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        &[
            Value::Text(key_hash),
            Value::Text(state),
            Value::Int(now),
            Value::Int(expires),
        ],
    )?;
    Ok(())
}

/// Replaces the state of a session; false when it is no more.
///
/// # Errors
/// When the database fails.
pub fn update(
    db: &mut dyn Db,
    key_hash: &str,
    state: &str,
    expires: i64,
) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE sessions SET state = $1, expires_at = $2 WHERE key_hash = $3",
        &[
            Value::Text(state),
            Value::Int(expires),
            Value::Text(key_hash),
        ],
    )?;
    Ok(changed > 0)
}

/// Lets a session live longer.
///
/// # Errors
/// When the database fails.
pub fn prolong(db: &mut dyn Db, key_hash: &str, expires: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE sessions SET expires_at = $1 WHERE key_hash = $2",
        &[Value::Int(expires), Value::Text(key_hash)],
    )?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the database fails.
pub fn delete(db: &mut dyn Db, key_hash: &str) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE key_hash = $1",
        &[Value::Text(key_hash)],
    )?;
    Ok(())
}

/// Removes up to `limit` sessions that have expired; gives how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE key_hash IN (SELECT key_hash FROM sessions WHERE expires_at <= $1 LIMIT $2)",
        &[Value::Int(now), Value::Int(limit)],
    )
}
