//! Addresses at which tools speak as a bot, in one room each: the statements. Whoever has the secret of one speaks; the
//! table has its hash.

use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::store::accounts::audit;
use crate::store::accounts::users::{self, User};
use crate::store::commands::common::permitted;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::text::name;

/// An address at which a tool speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// What names it, and opens nothing.
    pub id: String,
    /// The number of the bot's account.
    pub bot: i64,
    /// The room's id.
    pub room: RoomId,
    /// What it is for.
    pub name: String,
    /// The public id of whoever made it, or [`audit::OPERATOR`].
    pub made_by: String,
    /// When it was made, ms since 1970.
    pub made: i64,
    /// When something was last said by it, to some minutes.
    pub used: Option<i64>,
    /// Whether what comes to it must be signed.
    pub signed: bool,
}

impl Hook {
    /// Whether its bot may become a member of its room by it: nobody was there to let it in when the operator made it.
    #[must_use]
    pub fn brings_its_bot(&self) -> bool {
        self.used.is_none() && self.made_by == audit::OPERATOR
    }
}

/// Whether `principal` may make, see and end the hooks of a room.
///
/// # Errors
/// When the database fails.
pub fn may_integrate(
    db: &mut dyn Db,
    room: RoomId,
    principal: &Principal,
) -> Result<Result<(), Error>, StoreError> {
    Ok(permitted(db, room, principal, Action::Integrate)?.map(drop))
}

/// The kind of a room that can have hooks; `None` when there is no such room.
///
/// # Errors
/// When the database fails.
pub fn room_kind(db: &mut dyn Db, room: RoomId) -> Result<Option<RoomKind>, StoreError> {
    let row = db.first("SELECT kind FROM rooms WHERE id = $1", &[Value::Room(room)])?;
    let kind = row.map(|mut row| row.int()).transpose()?;
    let kind = kind.and_then(RoomKind::from_code);
    Ok(kind.filter(|kind| *kind != RoomKind::Direct))
}

/// How many hooks a room has.
///
/// # Errors
/// When the database fails.
pub fn count(db: &mut dyn Db, room: RoomId) -> Result<usize, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM hooks WHERE room_id = $1",
        &[Value::Room(room)],
    )?;
    let count = row.ok_or(StoreError::Shape)?.int()?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Stores a new one, by the hash of its secret.
///
/// # Errors
/// When the database fails.
pub fn add(db: &mut dyn Db, new: &Hook, key_hash: &str) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO hooks (id, key_hash, user_id, room_id, name, made_by, created_at, signed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::Text(&new.id),
            Value::Text(key_hash),
            Value::Int(new.bot),
            Value::Room(new.room),
            Value::Text(&new.name),
            Value::Text(&new.made_by),
            Value::Int(new.made),
            Value::Int(new.signed.into()),
        ],
    )?;
    note(db, new.made, &new.made_by, "hook_added", new)
}

/// A hook with the hash of its secret, and its bot.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, id: &str) -> Result<Option<(Hook, String, User)>, StoreError> {
    let row = db.first(
        "SELECT id, user_id, room_id, name, made_by, created_at, used_at, signed, key_hash FROM hooks WHERE id = $1",
        &[Value::Text(id)],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let hook = hook(&mut row)?;
    let key_hash = row.text()?;
    let user = users::by_id(db, hook.bot)?;
    Ok(user.map(|user| (hook, key_hash, user)))
}

/// The hooks of a room, or all of them, with the names of their bots; the oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(db: &mut dyn Db, room: Option<RoomId>) -> Result<Vec<(Hook, String)>, StoreError> {
    let rows = db.query(
        "SELECT h.id, h.user_id, h.room_id, h.name, h.made_by, h.created_at, h.used_at, h.signed, u.name \
         FROM hooks h JOIN users u ON u.id = h.user_id \
         WHERE CAST($1 AS BIGINT) IS NULL OR h.room_id = $1 ORDER BY h.created_at, h.id",
        &[room.map_or(Value::Null, Value::Room)],
    )?;
    let listed = |mut row: Row| Ok((hook(&mut row)?, row.text()?));
    rows.into_iter().map(listed).collect()
}

/// Notes that something was said by a hook.
///
/// # Errors
/// When the database fails.
pub fn used(db: &mut dyn Db, id: &str, now: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE hooks SET used_at = $2 WHERE id = $1",
        &[Value::Text(id), Value::Int(now)],
    )?;
    Ok(())
}

/// Gives a hook another name; false when there is none. `by` is a public id, or [`audit::OPERATOR`].
///
/// # Errors
/// When the database fails.
pub fn rename(
    db: &mut dyn Db,
    id: &str,
    name: &str,
    by: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let Some((hook, ..)) = find(db, id)? else {
        return Ok(false);
    };
    db.execute(
        "UPDATE hooks SET name = $2 WHERE id = $1",
        &[Value::Text(id), Value::Text(name)],
    )?;
    let name = name.to_owned();
    note(db, now, by, "hook_renamed", &Hook { name, ..hook })?;
    Ok(true)
}

/// Ends a hook; false when there is none. `by` is a public id, or [`audit::OPERATOR`].
///
/// # Errors
/// When the database fails.
pub fn remove(db: &mut dyn Db, id: &str, by: &str, now: i64) -> Result<bool, StoreError> {
    let Some((hook, ..)) = find(db, id)? else {
        return Ok(false);
    };
    db.execute("DELETE FROM hooks WHERE id = $1", &[Value::Text(id)])?;
    note(db, now, by, "hook_removed", &hook)?;
    Ok(true)
}

/// Ends those of a bot.
pub(in crate::store) fn end_those_of(db: &mut dyn Db, bot: i64) -> Result<(), StoreError> {
    db.execute("DELETE FROM hooks WHERE user_id = $1", &[Value::Int(bot)])?;
    Ok(())
}

/// The name of a hook from what somebody has typed; `None` when it is too long, or has what a name may not have.
#[must_use]
pub fn tidy_name(typed: &str) -> Option<String> {
    match typed.trim() {
        "" => Some(String::new()),
        typed => name::tidy(typed),
    }
}

fn note(db: &mut dyn Db, now: i64, by: &str, what: &str, hook: &Hook) -> Result<(), StoreError> {
    let bot = PersonId::User(hook.bot);
    let detail = format!("bot {bot}, room {}, {}", hook.room, hook.name);
    audit::add(
        db,
        now,
        by,
        what,
        &hook.id,
        detail.trim_end_matches([',', ' ']),
    )
}

fn hook(row: &mut Row) -> Result<Hook, StoreError> {
    Ok(Hook {
        id: row.text()?,
        bot: row.int()?,
        room: row.room()?,
        name: row.text()?,
        made_by: row.text()?,
        made: row.int()?,
        used: row.maybe_int()?,
        signed: row.int()? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person::ServerRole;
    use crate::store::testing::{Open, on_both};

    on_both!(a_hook_is_found_by_its_id_and_ends_with_its_bot);

    fn a_hook_is_found_by_its_id_and_ends_with_its_bot(open: Open) {
        let mut db = open();
        users::add(&mut db, "Ada", "hash", ServerRole::Owner, 1).unwrap();
        let bot = users::add(&mut db, "Alerts", "", ServerRole::Member, 2)
            .unwrap()
            .unwrap();
        let new = |id: &str| Hook {
            id: id.to_owned(),
            bot: bot.id,
            room: RoomId(7),
            name: "Grafana".to_owned(),
            made_by: "u1".to_owned(),
            made: 3,
            used: None,
            signed: id == "a",
        };
        for id in ["a", "b"] {
            add(&mut db, &new(id), "hash").unwrap();
        }
        assert_eq!(count(&mut db, RoomId(7)).unwrap(), 2);
        let found = find(&mut db, "a").unwrap();
        assert_eq!(found, Some((new("a"), "hash".to_owned(), bot.clone())));
        assert_eq!(find(&mut db, "c").unwrap(), None);
        used(&mut db, "a", 9).unwrap();
        let listed = list(&mut db, Some(RoomId(7))).unwrap();
        let used = Hook {
            used: Some(9),
            ..new("a")
        };
        assert_eq!(listed[0], (used, "Alerts".to_owned()));
        assert_eq!(list(&mut db, Some(RoomId(8))).unwrap(), []);
        assert_eq!(list(&mut db, None).unwrap().len(), 2);
        assert!(rename(&mut db, "b", "Gitea", "u1", 9).unwrap());
        let newest = audit::newest(&mut db, None, 1).unwrap().remove(0);
        assert_eq!(newest.detail, "bot u2, room 7, Gitea");
        assert!(!rename(&mut db, "c", "Gitea", "u1", 9).unwrap());
        assert!(remove(&mut db, "b", "u1", 10).unwrap());
        assert!(!remove(&mut db, "b", "u1", 10).unwrap());
        let newest = audit::newest(&mut db, None, 1).unwrap().remove(0);
        assert_eq!((&*newest.what, &*newest.about), ("hook_removed", "b"));
        assert_eq!(newest.detail, "bot u2, room 7, Gitea");
        end_those_of(&mut db, bot.id).unwrap();
        assert_eq!(list(&mut db, None).unwrap(), []);
    }
}
