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

/// What a session is kept as.
#[derive(Debug)]
pub struct Kept {
    /// The hash of its key.
    pub key_hash: String,
    /// The account that it is signed in to.
    pub user: Option<i64>,
    /// The mark that its sockets carry.
    pub sid: Option<String>,
    /// Its state, as actix-session wrote it.
    pub state: String,
    /// When it ends, ms since 1970.
    pub expires: i64,
}

impl Kept {
    fn user(&self) -> Value<'_> {
        self.user.map_or(Value::Null, Value::Int)
    }
}

/// Keeps a new session.
///
/// # Errors
/// When the database fails.
pub fn insert(db: &mut dyn Db, session: &Kept, now: i64) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO sessions (key_hash, user_id, sid, state, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Value::Text(&session.key_hash),
            session.user(),
            Value::maybe(session.sid.as_deref()),
            Value::Text(&session.state),
            Value::Int(now),
            Value::Int(session.expires),
        ],
    )?;
    Ok(())
}

/// Replaces the state of a session; false when it is no more.
///
/// # Errors
/// When the database fails.
pub fn update(db: &mut dyn Db, session: &Kept) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE sessions SET user_id = $1, sid = $2, state = $3, expires_at = $4 WHERE key_hash = $5",
        &[
            session.user(),
            Value::maybe(session.sid.as_deref()),
            Value::Text(&session.state),
            Value::Int(session.expires),
            Value::Text(&session.key_hash),
        ],
    )?;
    Ok(changed > 0)
}

/// Which of these marks belong to no live session (any more).
///
/// # Errors
/// When the database fails.
pub fn ended(db: &mut dyn Db, sids: Vec<String>, now: i64) -> Result<Vec<String>, StoreError> {
    let mut ended = Vec::new();
    for sid in sids {
        let live = db.first(
            "SELECT 1 FROM sessions WHERE sid = $1 AND expires_at > $2",
            &[Value::Text(&sid), Value::Int(now)],
        )?;
        if live.is_none() {
            ended.push(sid);
        }
    }
    Ok(ended)
}

/// Ends every session of an account; gives how many.
///
/// # Errors
/// When the database fails.
pub fn end_all_of(db: &mut dyn Db, user: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE user_id = $1",
        &[Value::Int(user)],
    )
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
