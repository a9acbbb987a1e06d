//! Messages and the feed of their changes: the statements.
//!
//! [`apply`] runs inside the writer's transaction and is the only place that hands out ids and
//! seqs. A nonce is looked up in the transaction that would insert it, so a repeated send finds
//! the first one, whichever connection or process brought it.

use std::sync::Arc;

use uuid::Uuid;

use super::db::{Db, Row, StoreError, Value};
use crate::chat::message::{Change, Event, Message};
use crate::chat::person::{Kind, Person};
use crate::error::Error;
use crate::text::content::Format;
use crate::text::name;

const SAID: i64 = 1;
const RECALLED: i64 = 2;

/// A change that somebody asks for, complete but for id and seq.
#[derive(Debug, Clone)]
pub enum Draft {
    /// A new message.
    Say {
        /// Everything but `id` and `seq`, which are 0 here.
        message: Box<Message>,
        /// The sender's own mark, for exactly once.
        nonce: Option<Uuid>,
        /// The name to fall back to when `message.by.name` belongs to an account.
        fallback_name: Option<String>,
    },
    /// Withdraw a message.
    Recall {
        /// The room.
        room: i64,
        /// The message's id.
        id: i64,
        /// Who asks.
        by: Person,
        /// Whether he may withdraw what is not his, at any time.
        any: bool,
        /// Messages older than this (ms since 1970) are too old for their authors.
        not_before: i64,
        /// Now, ms since 1970.
        at: i64,
    },
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is in the store; tell everybody.
    Event(Event),
    /// It was there already, under this id, seq and time (ms); tell the sender only.
    Repeated {
        /// The message's id.
        id: i64,
        /// The seq of the first time.
        seq: i64,
        /// When it was taken.
        at: i64,
    },
    /// It is not allowed; nothing was written.
    Refused(Error),
}

/// Writes one draft.
///
/// # Errors
/// When the database fails; the caller then gives up the whole transaction.
pub fn apply(db: &mut dyn Db, draft: Draft) -> Result<Written, StoreError> {
    match draft {
        Draft::Say {
            message,
            nonce,
            fallback_name,
        } => say(db, *message, nonce, fallback_name),
        Draft::Recall {
            room,
            id,
            by,
            any,
            not_before,
            at,
        } => {
            let found = db.first(
                "SELECT author, created_at, recalled_at, recalled_seq FROM messages WHERE room_id = $1 AND id = $2",
                &[Value::Int(room), Value::Int(id)],
            )?;
            let Some(mut row) = found else {
                return Ok(Written::Refused(Error::NotFound));
            };
            let (author, created) = (row.text()?, row.int()?);
            let recalled = row.maybe_int()?.zip(row.maybe_int()?);
            if author != by.id && !any {
                return Ok(Written::Refused(Error::NotYours));
            }
            if let Some((at, seq)) = recalled {
                return Ok(Written::Repeated { id, seq, at });
            }
            if created < not_before && !any {
                return Ok(Written::Refused(Error::TooLate));
            }
            recall(db, room, id, by, at)
        }
    }
}

fn say(
    db: &mut dyn Db,
    mut message: Message,
    nonce: Option<Uuid>,
    fallback_name: Option<String>,
) -> Result<Written, StoreError> {
    let nonce = nonce.map(|nonce| nonce.to_string());
    if let Some(nonce) = &nonce {
        let first = db.first(
            "SELECT id, seq, created_at FROM messages WHERE author = $1 AND nonce = $2",
            &[Value::Text(&message.by.id), Value::Text(nonce)],
        )?;
        if let Some(mut row) = first {
            return Ok(Written::Repeated {
                id: row.int()?,
                seq: row.int()?,
                at: row.int()?,
            });
        }
    }
    if let Some(fallback) = fallback_name
        && super::users::is_taken(db, &name::key(&message.by.name))?
    {
        message.by.name = fallback;
    }
    message.seq = next_seq(db, message.room)?;
    let row = db.first(
        "INSERT INTO messages (room_id, seq, kind, format, author, nonce, name, avatar, place, address, content, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        &[
            Value::Int(message.room),
            Value::Int(message.seq),
            Value::Int(message.kind),
            Value::Int(message.format.code()),
            Value::Text(&message.by.id),
            Value::maybe(nonce.as_deref()),
            Value::Text(&message.by.name),
            Value::Text(&message.by.avatar),
            Value::Text(&message.by.place),
            Value::Text(&message.address),
            Value::Text(&message.content),
            Value::Int(message.at),
        ],
    )?;
    message.id = row.ok_or(StoreError::Shape)?.int()?;
    insert_event(
        db,
        message.room,
        message.seq,
        SAID,
        message.id,
        &message.by,
        message.at,
    )?;
    Ok(Written::Event(Event {
        room: message.room,
        seq: message.seq,
        change: Change::Said(Arc::new(message)),
    }))
}

fn recall(db: &mut dyn Db, room: i64, id: i64, by: Person, at: i64) -> Result<Written, StoreError> {
    let seq = next_seq(db, room)?;
    db.execute(
        "UPDATE messages SET content = '', recalled_at = $1, recalled_seq = $2 WHERE id = $3",
        &[Value::Int(at), Value::Int(seq), Value::Int(id)],
    )?;
    insert_event(db, room, seq, RECALLED, id, &by, at)?;
    Ok(Written::Event(Event {
        room,
        seq,
        change: Change::Recalled {
            id,
            at,
            by_id: by.id,
            by_name: by.name,
        },
    }))
}

fn insert_event(
    db: &mut dyn Db,
    room: i64,
    seq: i64,
    kind: i64,
    message: i64,
    by: &Person,
    at: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Value::Int(room),
            Value::Int(seq),
            Value::Int(kind),
            Value::Int(message),
            Value::Text(&by.id),
            Value::Text(&by.name),
            Value::Int(at),
        ],
    )?;
    Ok(())
}

fn next_seq(db: &mut dyn Db, room: i64) -> Result<i64, StoreError> {
    db.first(
        "UPDATE rooms SET head = head + 1 WHERE id = $1 RETURNING head",
        &[Value::Int(room)],
    )?
    .ok_or(StoreError::Shape)?
    .int()
}

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
        "SELECT id, room_id, seq, created_at, kind, format, author, name, avatar, place, address, content, recalled_at \
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

/// The changes of a room after `seq`, in order, at most `limit` of the newest.
///
/// # Errors
/// When the database fails.
pub fn events(db: &mut dyn Db, room: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    let rows = db.query(
        "SELECT e.seq, e.kind, e.at, e.by_id, e.by_name, \
         m.id, m.room_id, m.seq, m.created_at, m.kind, m.format, m.author, m.name, m.avatar, m.place, m.address, m.content, m.recalled_at \
         FROM events e JOIN messages m ON m.id = e.message_id WHERE e.room_id = $1 ORDER BY e.seq DESC LIMIT $2",
        &[Value::Int(room), Value::Int(limit)],
    )?;
    let mut events = rows.into_iter().map(event).collect::<Result<Vec<_>, _>>()?;
    events.reverse();
    Ok(events)
}

fn event(mut row: Row) -> Result<Event, StoreError> {
    let (seq, kind, at) = (row.int()?, row.int()?, row.int()?);
    let (by_id, by_name) = (row.text()?, row.text()?);
    let message = message(row)?;
    Ok(Event {
        room: message.room,
        seq,
        change: match kind {
            SAID => Change::Said(Arc::new(message)),
            RECALLED => Change::Recalled {
                id: message.id,
                at,
                by_id,
                by_name,
            },
            _ => return Err(StoreError::Shape),
        },
    })
}

fn message(mut row: Row) -> Result<Message, StoreError> {
    let (id, room, seq, at) = (row.int()?, row.int()?, row.int()?, row.int()?);
    let (kind, format) = (row.int()?, Format::from_code(row.int()?));
    let author = row.text()?;
    Ok(Message {
        id,
        room,
        seq,
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
        recalled: row.maybe_int()?.is_some(),
    })
}
