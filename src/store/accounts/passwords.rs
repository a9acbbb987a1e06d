//! Another password for an account: the statements.

use crate::model::person_id::PersonId;
use crate::store::accounts::users::User;
use crate::store::accounts::{audit, password_links, sessions, tokens};
use crate::store::db::{Db, StoreError, Value};

/// Gives an account another password by the operator, and ends its sessions: who knew the old one is out. A bot gets none.
///
/// # Errors
/// When the database fails.
pub fn set(db: &mut dyn Db, user: i64, password: &str, now: i64) -> Result<(), StoreError> {
    change(db, user, password, None, audit::OPERATOR, now).map(drop)
}

/// Gives an account another password, and ends its tokens, and its sessions but the one with id `but`; returns
/// the ids and marks of those that have ended. `by` is a public id, or [`audit::OPERATOR`].
///
/// # Errors
/// When the database fails.
pub fn change(
    db: &mut dyn Db,
    user: i64,
    password: &str,
    but: Option<&str>,
    by: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    db.execute(
        "UPDATE users SET password = $1 WHERE id = $2 AND kind = 0 AND deleted_at IS NULL",
        &[Value::Text(password), Value::Int(user)],
    )?;
    password_links::end_that_into(db, user)?;
    let mut ended = sessions::end_others_of(db, user, but)?;
    ended.extend(tokens::end_all_of(db, user, by, now)?);
    Ok(ended)
}

/// Uses a link: gives its account another password, and ends all its sessions and the link. Returns the
/// account and the ids of the sessions, `None` when the link is not good (any more).
///
/// # Errors
/// When the database fails.
pub fn spend_link(
    db: &mut dyn Db,
    code_hash: &str,
    password: &str,
    now: i64,
) -> Result<Option<(User, Vec<String>)>, StoreError> {
    let Some(user) = password_links::find(db, code_hash, now)? else {
        return Ok(None);
    };
    let by = PersonId::User(user.id).to_string();
    let ended = change(db, user.id, password, None, &by, now)?;
    Ok(Some((user, ended)))
}
