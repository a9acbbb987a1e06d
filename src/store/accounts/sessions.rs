//! Cookie sessions: the statements. Keys come hashed; nobody here sees a cookie.

use crate::store::db::{Db, Row, StoreError, Value, list};
use crate::store::notices;

/// One session as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionActivity {
    /// The browser and system that it was used from, as [`crate::text::agent::name`] says.
    pub device: String,
    /// Location of its IP address.
    pub place: String,
    /// When it was last used, ms since 1970.
    pub at: i64,
}

/// The state of a live cookie session.
///
/// # Errors
/// When the database fails.
pub fn load(db: &mut dyn Db, key_hash: &str, now: i64) -> Result<Option<String>, StoreError> {
    db.first(
        "SELECT state FROM sessions WHERE key_hash = $1 AND expires_at > $2 AND host IS NULL",
        &[Value::Text(key_hash), Value::Int(now)],
    )?
    .map(|mut row| row.text())
    .transpose()
}

/// The site and the state of a live session of a frame.
///
/// # Errors
/// When the database fails.
pub fn load_frame(
    db: &mut dyn Db,
    key_hash: &str,
    now: i64,
) -> Result<Option<(String, String)>, StoreError> {
    db.first(
        "SELECT host, state FROM sessions WHERE key_hash = $1 AND expires_at > $2 AND host IS NOT NULL",
        &[Value::Text(key_hash), Value::Int(now)],
    )?
    .map(|mut row| Ok((row.text()?, row.text()?)))
    .transpose()
}

/// A session as it is stored.
#[derive(Debug)]
pub struct Kept {
    /// The hash of its key.
    pub key_hash: String,
    /// The account that it is signed in to.
    pub user: Option<i64>,
    /// The session's public id, which its connections carry.
    pub sid: Option<String>,
    /// Its state, as actix-session wrote it.
    pub state: String,
    /// When somebody signed in with it, or it was made, ms since 1970.
    pub created: i64,
    /// When it ends, ms since 1970.
    pub expires: i64,
    /// The site in whose page its frame is, or its socket; `None` for a cookie session.
    pub host: Option<String>,
    /// By what somebody has signed in, as `auth` names it.
    pub via: Option<String>,
}

impl Kept {
    fn user(&self) -> Value<'_> {
        self.user.map_or(Value::Null, Value::Int)
    }
}

/// Stores a new session.
///
/// # Errors
/// When the database fails.
pub fn insert(db: &mut dyn Db, session: &Kept) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO sessions (key_hash, user_id, sid, state, created_at, expires_at, host, via) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::Text(&session.key_hash),
            session.user(),
            Value::maybe(session.sid.as_deref()),
            Value::Text(&session.state),
            Value::Int(session.created),
            Value::Int(session.expires),
            Value::maybe(session.host.as_deref()),
            Value::maybe(session.via.as_deref()),
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

/// Which of these belong to no live session and no good token (any more).
///
/// # Errors
/// When the database fails.
pub fn ended(db: &mut dyn Db, sids: &[String], now: i64) -> Result<Vec<String>, StoreError> {
    db.query(
        "SELECT asked.value FROM json_each($1) asked WHERE NOT EXISTS \
         (SELECT 1 FROM sessions s WHERE s.sid = asked.value AND s.expires_at > $2) AND NOT EXISTS \
         (SELECT 1 FROM tokens t WHERE t.mark = asked.value AND (t.expires_at IS NULL OR t.expires_at > $2))",
        &[Value::Text(&list(sids)?), Value::Int(now)],
    )?
    .into_iter()
    .map(|mut row| row.text())
    .collect()
}

/// Ends every session of an account but the one with id `but`; returns their ids.
///
/// # Errors
/// When the database fails.
pub fn end_others_of(
    db: &mut dyn Db,
    user: i64,
    but: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM sessions WHERE user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR sid IS DISTINCT FROM $2) RETURNING coalesce(sid, '')",
        &[Value::Int(user), Value::maybe(but)],
    )?;
    ended_now(db, ended)
}

/// The ids of sessions that have just ended, of which all nodes are told.
fn ended_now(db: &mut dyn Db, rows: Vec<Row>) -> Result<Vec<String>, StoreError> {
    let sids = rows.into_iter().map(|mut row| row.text());
    let sids = sids.collect::<Result<Vec<_>, _>>()?;
    notices::sessions_ended(db, &sids)?;
    Ok(sids)
}

/// Ends the cookie sessions of an account, or those of its frames in pages of `host`, that have been unused for longest, so that
/// `most` are left; returns their ids.
///
/// # Errors
/// When the database fails.
pub fn end_stalest_of(
    db: &mut dyn Db,
    user: i64,
    host: Option<&str>,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM sessions WHERE key_hash IN (SELECT key_hash FROM sessions WHERE user_id = $1 AND coalesce(host, '') = coalesce(CAST($3 AS TEXT), '') \
         ORDER BY coalesce(seen_at, created_at) DESC LIMIT 1000000 OFFSET $2) RETURNING coalesce(sid, '')",
        &[Value::Int(user), Value::Int(most), Value::maybe(host)],
    )?;
    ended_now(db, ended)
}

/// Ends the session of an account that has this id; returns its id, if there was one.
///
/// # Errors
/// When the database fails.
pub fn end_one_of(db: &mut dyn Db, user: i64, sid: &str) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM sessions WHERE user_id = $1 AND sid = $2 RETURNING sid",
        &[Value::Int(user), Value::Text(sid)],
    )?;
    ended_now(db, ended)
}

/// Ends the session of a socket that a token of the site has opened, and no other.
///
/// # Errors
/// When the database fails.
pub fn end_socket(db: &mut dyn Db, sid: &str) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE sid = $1 AND via = 'site_socket'",
        &[Value::Text(sid)],
    )?;
    Ok(())
}

/// Ends the sessions of an account in frames of a site; returns their ids.
///
/// # Errors
/// When the database fails.
pub fn end_frames_of(db: &mut dyn Db, user: i64, host: &str) -> Result<Vec<String>, StoreError> {
    let ended = db.query(
        "DELETE FROM sessions WHERE user_id = $1 AND host = $2 RETURNING coalesce(sid, '')",
        &[Value::Int(user), Value::Text(host)],
    )?;
    ended_now(db, ended)
}

/// A session of an account, as its owner is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The session's public id.
    pub sid: String,
    /// When the account signed in, ms since 1970.
    pub created: i64,
    /// How it was seen last; nothing is known of what and where before the first visit was noted.
    pub seen: SessionActivity,
    /// The site in whose page its frame is; `None` for a cookie session.
    pub host: Option<String>,
}

/// The live sessions of an account, those seen last first.
///
/// # Errors
/// When the database fails.
pub fn devices(
    db: &mut dyn Db,
    user: i64,
    now: i64,
    limit: i64,
) -> Result<Vec<Device>, StoreError> {
    db.query(
        "SELECT sid, created_at, coalesce(device, ''), coalesce(place, ''), coalesce(seen_at, created_at) AS seen, host \
         FROM sessions WHERE user_id = $1 AND sid IS NOT NULL AND expires_at > $2 ORDER BY seen DESC LIMIT $3",
        &[Value::Int(user), Value::Int(now), Value::Int(limit)],
    )?
    .into_iter()
    .map(device)
    .collect()
}

fn device(mut row: Row) -> Result<Device, StoreError> {
    Ok(Device {
        sid: row.text()?,
        created: row.int()?,
        seen: SessionActivity {
            device: row.text()?,
            place: row.text()?,
            at: row.int()?,
        },
        host: row.maybe_text()?,
    })
}

/// Notes how sessions were seen last.
///
/// # Errors
/// When the database fails.
pub fn see(db: &mut dyn Db, seen: &[(String, SessionActivity)]) -> Result<(), StoreError> {
    let items = seen.iter();
    let items = items.map(|(sid, activity)| (sid, &activity.device, &activity.place, activity.at));
    db.execute(SEE, &[Value::Text(&list(&items.collect::<Vec<_>>())?)])?;
    Ok(())
}

const SEE: &str = "UPDATE sessions SET device = json_extract(seen.value, '$[1]'), place = json_extract(seen.value, '$[2]'), \
         seen_at = CAST(json_extract(seen.value, '$[3]') AS BIGINT) \
         FROM json_each($1) seen WHERE sid = json_extract(seen.value, '$[0]')";

/// How long the session of one socket lives after it was last known to be open, in ms: nobody says when it has ended.
pub const SOCKET_LIFE: i64 = 60 * 60 * 1_000;

/// Notes that the sessions of accounts among these are still open. Those of one socket live on with it.
///
/// # Errors
/// When the database fails.
pub fn still_here(db: &mut dyn Db, sids: &[String], now: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE sessions SET seen_at = $1, expires_at = CASE WHEN via = 'site_socket' THEN $3 ELSE expires_at END \
         WHERE sid IN (SELECT value FROM json_each($2)) AND user_id IS NOT NULL",
        &[
            Value::Int(now),
            Value::Text(&list(sids)?),
            Value::Int(now + SOCKET_LIFE),
        ],
    )?;
    Ok(())
}

/// Extends the expiry of a session.
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
    let ended = db.query(
        "DELETE FROM sessions WHERE key_hash = $1 RETURNING coalesce(sid, '')",
        &[Value::Text(key_hash)],
    )?;
    ended_now(db, ended).map(drop)
}

/// Removes up to `limit` sessions that have expired; returns how many.
///
/// # Errors
/// When the database fails.
pub fn purge(db: &mut dyn Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE key_hash IN (SELECT key_hash FROM sessions WHERE expires_at <= $1 LIMIT $2)",
        &[Value::Int(now), Value::Int(limit)],
    )
}

#[cfg(test)]
mod tests;
