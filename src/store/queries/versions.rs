//! The bodies that a message had before it was edited: the statements.
//!
//! They are kept in the transaction of the edit, at most [`MOST`] of a message, and go with its
//! recall and with its author's account.

use crate::error::Error;
use crate::model::message_id::MessageId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::visitors;
use crate::store::commands::common::permitted;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::store::rows;
use crate::text::body::MessageBody;
use crate::text::content::Format;

/// Earlier versions of one message; older ones are deleted. Who edits more often than that corrects nothing.
const MOST: i64 = 50;

/// One version of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The seq of the change that brought it.
    pub rev: Seq,
    /// When that was, ms since 1970.
    pub at: i64,
    /// The body of the message in this version.
    pub body: MessageBody,
}

/// Stores the body that a message has now, for it is about to change.
pub(in crate::store) fn keep(db: &mut dyn Db, id: MessageId) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO versions (message_id, rev, at, format, content, html) \
         SELECT id, rev, coalesce(edited_at, created_at), format, content, html FROM messages WHERE id = $1",
        &[Value::Message(id)],
    )?;
    db.execute(
        "DELETE FROM versions WHERE message_id = $1 AND rev <= \
         (SELECT rev FROM versions WHERE message_id = $1 ORDER BY rev DESC LIMIT 1 OFFSET $2)",
        &[Value::Message(id), Value::Int(MOST)],
    )?;
    Ok(())
}

/// Deletes all earlier versions of a message.
pub(in crate::store) fn delete(db: &mut dyn Db, id: MessageId) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM versions WHERE message_id = $1",
        &[Value::Message(id)],
    )?;
    Ok(())
}

/// The earlier versions of a message, oldest first.
///
/// # Errors
/// When the database fails.
pub fn earlier(db: &mut dyn Db, id: MessageId) -> Result<Vec<Version>, StoreError> {
    db.query(
        "SELECT rev, at, format, content, html FROM versions WHERE message_id = $1 ORDER BY rev",
        &[Value::Message(id)],
    )?
    .into_iter()
    .map(version)
    .collect()
}

/// All versions of a message, oldest first, as far as `principal` may see them; none when it was
/// recalled.
///
/// # Errors
/// When the database fails; the inner one is why they may not.
pub fn of(
    db: &mut dyn Db,
    room: RoomId,
    id: MessageId,
    principal: &Principal,
) -> Result<Result<Vec<Version>, Error>, StoreError> {
    if let Err(error) = permitted(db, room, principal, Action::Read)? {
        return Ok(Err(error));
    }
    let row = db.first(
        "SELECT author, recalled_at, rev, coalesce(edited_at, created_at), format, content, html \
         FROM messages WHERE room_id = $1 AND id = $2",
        &[Value::Room(room), Value::Message(id)],
    )?;
    let Some(mut row) = row else {
        return Ok(Err(Error::NotFound));
    };
    let author = row.person()?;
    let own = author == principal.id() || visitors::was(db, &principal.person, author)?;
    if let Err(error) = permitted(db, room, principal, Action::ReadVersions { own })? {
        return Ok(Err(error));
    }
    if row.maybe_int()?.is_some() {
        return Ok(Ok(Vec::new()));
    }
    let newest = version(row)?;
    let mut all = earlier(db, id)?;
    all.push(newest);
    Ok(Ok(all))
}

fn version(mut row: Row) -> Result<Version, StoreError> {
    let (rev, at, format) = (row.seq()?, row.int()?, Format::from_code(row.int()?));
    let body = rows::body(&mut row, format)?;
    Ok(Version { rev, at, body })
}
