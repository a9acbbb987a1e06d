//! Bots: accounts of programs, which people make. The statements.
//!
//! No hash is the one of a bot's password, so nobody signs in as one; none has a server role.

use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::store::accounts::users::{self, BOT, User};
use crate::store::accounts::{audit, erasure};
use crate::store::db::{Db, Row, StoreError, Value};

/// A bot as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bot {
    /// The number of its account.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The account that made it; none for one that was made on the server's machine.
    pub made_by: Option<i64>,
    /// When it was made, ms since 1970.
    pub made: i64,
    /// How many keys it has.
    pub tokens: i64,
    /// How many addresses tools speak at as it.
    pub hooks: i64,
}

/// Makes a bot; `None` when its name belongs to somebody, or looks like somebody's. `by` is the account that makes it.
///
/// # Errors
/// When the database fails.
pub fn add(
    db: &mut dyn Db,
    name: &str,
    by: Option<i64>,
    now: i64,
) -> Result<Option<User>, StoreError> {
    let Some(user) = users::add(db, name, "", ServerRole::Member, now)? else {
        return Ok(None);
    };
    db.execute(
        "UPDATE users SET kind = $1, made_by = $2 WHERE id = $3",
        &[
            Value::Int(BOT),
            by.map_or(Value::Null, Value::Int),
            Value::Int(user.id),
        ],
    )?;
    note(db, now, by, "bot_added", user.id, name)?;
    Ok(Some(User { bot: true, ..user }))
}

/// All bots, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(db: &mut dyn Db) -> Result<Vec<Bot>, StoreError> {
    listed(db, None)
}

/// The bot of a number, as a list shows it.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, bot: i64) -> Result<Option<Bot>, StoreError> {
    Ok(listed(db, Some(bot))?.pop())
}

fn listed(db: &mut dyn Db, only: Option<i64>) -> Result<Vec<Bot>, StoreError> {
    let rows = db.query(
        "SELECT id, name, made_by, created_at, (SELECT count(*) FROM tokens WHERE user_id = users.id), \
         (SELECT count(*) FROM hooks WHERE user_id = users.id) FROM users \
         WHERE kind = $1 AND deleted_at IS NULL AND (CAST($2 AS BIGINT) IS NULL OR id = $2) ORDER BY id",
        &[Value::Int(BOT), only.map_or(Value::Null, Value::Int)],
    )?;
    let bot = |mut row: Row| {
        Ok(Bot {
            id: row.int()?,
            name: row.text()?,
            made_by: row.maybe_int()?,
            made: row.int()?,
            tokens: row.int()?,
            hooks: row.int()?,
        })
    };
    rows.into_iter().map(bot).collect()
}

/// How many bots there are.
///
/// # Errors
/// When the database fails.
pub fn count(db: &mut dyn Db) -> Result<usize, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM users WHERE kind = $1 AND deleted_at IS NULL",
        &[Value::Int(BOT)],
    )?;
    Ok(usize::try_from(row.ok_or(StoreError::Shape)?.int()?).unwrap_or_default())
}

/// The bot of a name, however it is written.
///
/// # Errors
/// When the database fails.
pub fn by_name(db: &mut dyn Db, name: &str) -> Result<Option<User>, StoreError> {
    Ok(users::by_name(db, name)?.filter(|user| user.bot))
}

/// The bot of a number.
///
/// # Errors
/// When the database fails.
pub fn by_id(db: &mut dyn Db, id: i64) -> Result<Option<User>, StoreError> {
    Ok(users::by_id(db, id)?.filter(|user| user.bot))
}

/// Gives a bot another name; false when there is no such bot, or the name belongs to somebody.
///
/// # Errors
/// When the database fails.
pub fn rename(
    db: &mut dyn Db,
    bot: i64,
    name: &str,
    by: Option<i64>,
    now: i64,
) -> Result<bool, StoreError> {
    if by_id(db, bot)?.is_none() || !users::rename(db, bot, name)? {
        return Ok(false);
    }
    note(db, now, by, "bot_renamed", bot, name)?;
    Ok(true)
}

/// Removes a bot as an account is deleted: its keys and the addresses of its tools end at once, its messages stay without
/// a name. Returns the ids of its sessions; `None` when there is no such bot.
///
/// # Errors
/// When the database fails.
pub fn remove(
    db: &mut dyn Db,
    bot: i64,
    by: Option<i64>,
    now: i64,
) -> Result<Option<Vec<String>>, StoreError> {
    let Some(user) = by_id(db, bot)? else {
        return Ok(None);
    };
    note(db, now, by, "bot_removed", bot, &user.name)?;
    erasure::begin(db, bot, true, &audit::author(by), now).map(Some)
}

/// Writes into the audit what was done to a bot.
fn note(
    db: &mut dyn Db,
    now: i64,
    by: Option<i64>,
    what: &str,
    bot: i64,
    name: &str,
) -> Result<(), StoreError> {
    let about = PersonId::User(bot).to_string();
    audit::add(db, now, &audit::author(by), what, &about, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::accounts::{passwords, users};
    use crate::store::testing::{Open, on_both};

    on_both!(a_bot_has_a_name_that_is_nobody_elses_and_nothing_is_left_of_it_when_it_is_removed);

    fn a_bot_has_a_name_that_is_nobody_elses_and_nothing_is_left_of_it_when_it_is_removed(
        open: Open,
    ) {
        let mut db = open();
        users::add(&mut db, "Ada", "hash", ServerRole::Owner, 1).unwrap();
        assert_eq!(add(&mut db, "ADA", Some(1), 2).unwrap(), None);
        let bot = add(&mut db, "Deploys", Some(1), 2).unwrap().unwrap();
        assert!(bot.bot && bot.password.is_empty() && bot.role == ServerRole::Member);
        assert_eq!(
            users::by_name(&mut db, "deploys").unwrap(),
            Some(bot.clone())
        );
        assert!(bot.person(String::new()).bot);
        assert!(!users::set_role(&mut db, "Deploys", ServerRole::Admin).unwrap());
        assert!(!users::set_role_below_owner(&mut db, bot.id, ServerRole::Admin).unwrap());
        passwords::set(&mut db, bot.id, "hash", 3).unwrap();
        let kept = users::by_id(&mut db, bot.id).unwrap().unwrap();
        assert_eq!((kept.role, &*kept.password), (ServerRole::Member, ""));
        assert!(!rename(&mut db, bot.id, "Ada", None, 3).unwrap());
        assert!(!rename(&mut db, 1, "Eve", None, 3).unwrap());
        assert!(rename(&mut db, bot.id, "Builds", None, 3).unwrap());
        for sql in [
            "INSERT INTO tokens (id, key_hash, mark, user_id, name, scopes, made_by, created_at) VALUES ('t', 'k', 'm', 2, '', '', '', 0)",
            "INSERT INTO hooks (id, key_hash, user_id, room_id, name, made_by, created_at) VALUES ('h', 'k', 2, 1, '', '', 0)",
        ] {
            db.execute(sql, &[]).unwrap();
        }
        let listed = list(&mut db).unwrap();
        let expected = Bot {
            id: bot.id,
            name: "Builds".to_owned(),
            made_by: Some(1),
            made: 2,
            tokens: 1,
            hooks: 1,
        };
        assert_eq!(listed, std::slice::from_ref(&expected));
        assert_eq!(find(&mut db, bot.id).unwrap(), Some(expected));
        assert_eq!(find(&mut db, 1).unwrap(), None, "Ada is no bot");
        assert_eq!(remove(&mut db, 1, None, 4).unwrap(), None, "Ada is no bot");
        assert!(remove(&mut db, bot.id, None, 4).unwrap().is_some());
        assert_eq!(count(&mut db).unwrap(), 0);
        for sql in ["SELECT count(*) FROM tokens", "SELECT count(*) FROM hooks"] {
            assert_eq!(db.number(sql), 0, "{sql}");
        }
        assert!(!users::is_taken(&mut db, "Builds").unwrap());
        let noted = audit::newest(&mut db, None, 9).unwrap().into_iter().rev();
        let noted: Vec<String> = noted
            .map(|it| format!("{} {} {} {} {}", it.at, it.by, it.what, it.about, it.detail))
            .collect();
        assert_eq!(
            noted,
            [
                "2 u1 bot_added u2 Deploys",
                "3 operator bot_renamed u2 Builds",
                "4 operator bot_removed u2 Builds",
                "4 operator token_removed t of u2, : "
            ]
        );
    }
}
