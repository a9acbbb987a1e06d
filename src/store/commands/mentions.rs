//! Whom a message mentions.

use crate::model::membership::RoomRole;
use crate::model::mention::{EVERYBODY, Mentions};
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::store::commands::common::Access;
use crate::store::db::{Db, StoreError, Value};
use crate::text::body::{MessageBody, RenderedBody};
use crate::text::mentions;

/// The number of an account, and what its owner is in the room of the message.
pub(in crate::store) type Account = (i64, Option<RoomRole>);

/// The body with the mentions marked, and the people whom the message mentions: in a direct room every message is for
/// all who are in it. `account` knows the account of a name key.
///
/// # Errors
/// Those of `account`.
pub(in crate::store) fn resolve(
    body: &RenderedBody,
    access: &Access,
    mut account: impl FnMut(&str) -> Result<Option<Account>, StoreError>,
) -> Result<(MessageBody, Mentions), StoreError> {
    let mut found = Mentions::default();
    let body = body.settle(|names| {
        let for_all = names.iter().find(|name| mentions::is_for_all(name));
        if let Some(name) = for_all {
            let may_all = access.authorize(Action::Configure).is_ok();
            found.all |= may_all;
            return Ok(may_all.then(|| (EVERYBODY.to_owned(), name.chars)));
        }
        for name in names {
            let Some((user, role)) = account(&name.key)? else {
                continue;
            };
            if access.rules.kind != RoomKind::Lobby && !role.is_some_and(RoomRole::is_in) {
                break;
            }
            let id = PersonId::User(user);
            if !found.people.contains(&id) {
                found.people.push(id);
            }
            return Ok(Some((id.to_string(), name.chars)));
        }
        Ok::<_, StoreError>(None)
    })?;
    if access.rules.kind == RoomKind::Direct {
        found = Mentions::default();
    }
    Ok((body, found))
}

/// The account of a name key, and what its owner is in `room`.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn account(
    db: &mut dyn Db,
    room: RoomId,
    key: &str,
) -> Result<Option<Account>, StoreError> {
    let row = db.first(
        "SELECT u.id, m.role FROM users u LEFT JOIN members m ON m.room_id = $1 AND m.person = 'u' || u.id \
         WHERE u.name_key = $2",
        &[Value::Room(room), Value::Text(key)],
    )?;
    row.map(|mut row| Ok((row.int()?, row.maybe_int()?.and_then(RoomRole::from_code))))
        .transpose()
}
