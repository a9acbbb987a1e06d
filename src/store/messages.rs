//! Messages and the feed of their changes, read back.

use std::sync::Arc;

use super::changes::{EDITED, RECALLED, SAID};
use super::db::{Db, Row, StoreError, Value};
use crate::chat::message::{By, Change, Event, Message};
use crate::chat::person::{Kind, Person};
use crate::text::content::Format;

/// The newest `limit` messages of a room that are older than message `before` (any, when
/// `None`), oldest first, recalled ones included.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    room: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        "SELECT id, room_id, seq, rev, created_at, kind, format, author, name, avatar, place, address, content, edited_at, recalled_at \
         FROM messages WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        &[Value::Int(room), Value::Int(before.unwrap_or(i64::MAX)), Value::Int(limit)],
    )?;
    let mut messages = rows
        .into_iter()
        .map(message)
        .collect::<Result<Vec<_>, _>>()?;
    messages.reverse();
    Ok(messages)
}

/// Up to `limit` messages of one author, in all rooms, that are newer than message `after`, oldest
/// first.
///
/// # Errors
/// When the database fails.
pub fn of_author(
    db: &mut dyn Db,
    author: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    db.query(
        "SELECT id, room_id, seq, rev, created_at, kind, format, author, name, avatar, place, address, content, edited_at, recalled_at \
         FROM messages WHERE author = $1 AND id > $2 ORDER BY id LIMIT $3",
        &[Value::Text(author), Value::Int(after), Value::Int(limit)],
    )?
    .into_iter()
    .map(message)
    .collect()
}

/// The newest `limit` changes of a room, in order. What has been edited or withdrawn since comes
/// with the words that it has now.
///
/// # Errors
/// When the database fails.
pub fn events(db: &mut dyn Db, room: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    let rows = db.query(
        "SELECT e.seq, e.kind, e.at, e.by_id, e.by_name, \
         m.id, m.room_id, m.seq, m.rev, m.created_at, m.kind, m.format, m.author, m.name, m.avatar, m.place, m.address, m.content, m.edited_at, m.recalled_at \
         FROM events e JOIN messages m ON m.id = e.message_id WHERE e.room_id = $1 ORDER BY e.seq DESC LIMIT $2",
        &[Value::Int(room), Value::Int(limit)],
    )?;
    let mut events = rows.into_iter().map(event).collect::<Result<Vec<_>, _>>()?;
    events.reverse();
    Ok(events)
}

fn event(mut row: Row) -> Result<Event, StoreError> {
    let (seq, kind, at) = (row.int()?, row.int()?, row.int()?);
    let by = By {
        id: row.text()?,
        name: row.text()?,
    };
    let message = message(row)?;
    let id = message.id;
    Ok(Event {
        room: message.room,
        seq,
        change: match kind {
            SAID => Change::Said(Arc::new(message)),
            EDITED => Change::Edited {
                id,
                at,
                by,
                content: message.content,
                format: message.format,
            },
            RECALLED => Change::Recalled { id, at, by },
            _ => return Err(StoreError::Shape),
        },
    })
}

fn message(mut row: Row) -> Result<Message, StoreError> {
    let (id, room, seq, rev, at) = (row.int()?, row.int()?, row.int()?, row.int()?, row.int()?);
    let (kind, format) = (row.int()?, Format::from_code(row.int()?));
    let author = row.text()?;
    Ok(Message {
        id,
        room,
        seq,
        rev,
        at,
        kind,
        format,
        by: Person {
            kind: Kind::from(author.as_str()),
            id: author,
            name: row.text()?,
            avatar: row.text()?,
            place: row.text()?,
        },
        address: row.text()?,
        content: row.text()?,
        edited: row.maybe_int()?,
        recalled: row.maybe_int()?.is_some(),
    })
}
