//! Changes of a room: the statements.
//!
//! [`apply`] runs inside the writer's transaction and is the only place that hands out ids and
//! seqs. A nonce is looked up in the transaction that would insert it, so a repeated send finds
//! the first one, whichever connection or process brought it; so does a repeated edit or recall.

use std::sync::Arc;

use uuid::Uuid;

use super::db::{Db, StoreError, Value};
use crate::chat::message::{By, Change, Event, Message};
use crate::chat::person::Person;
use crate::error::Error;
use crate::text::content::Format;
use crate::text::name;

/// `events.kind` of a new message.
pub(super) const SAID: i64 = 1;
/// `events.kind` of a withdrawn one.
pub(super) const RECALLED: i64 = 2;
/// `events.kind` of new words.
pub(super) const EDITED: i64 = 3;

/// A change that somebody asks for, complete but for id and seq.
#[derive(Debug, Clone)]
pub enum Draft {
    /// A new message.
    Say {
        /// Everything but `id`, `seq` and `rev`, which are 0 here.
        message: Box<Message>,
        /// The name to fall back to when `message.by.name` belongs to an account.
        fallback_name: Option<String>,
    },
    /// Other words for a message.
    Edit {
        /// Which.
        target: Target,
        /// The new words.
        content: String,
        /// How they are read.
        format: Format,
    },
    /// Withdraw a message.
    Recall {
        /// Which.
        target: Target,
        /// Whether he may withdraw what is not his, at any time.
        any: bool,
        /// Messages older than this (ms since 1970) are too old for their authors.
        not_before: i64,
    },
}

/// The message that somebody wants changed.
#[derive(Debug, Clone)]
pub struct Target {
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// Who asks.
    pub by: Person,
    /// Now, ms since 1970.
    pub at: i64,
}

impl Draft {
    /// Who asks.
    fn by(&self) -> &Person {
        match self {
            Self::Say { message, .. } => &message.by,
            Self::Edit { target, .. } | Self::Recall { target, .. } => &target.by,
        }
    }

    /// Bytes of content that it brings.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Say { message, .. } => message.content.len(),
            Self::Edit { content, .. } => content.len(),
            Self::Recall { .. } => 0,
        }
    }
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

/// Writes one draft, unless its sender's `nonce` has been written before.
///
/// # Errors
/// When the database fails; the caller then gives up the whole transaction.
pub fn apply(db: &mut dyn Db, nonce: Option<Uuid>, draft: Draft) -> Result<Written, StoreError> {
    let nonce = nonce.map(|nonce| nonce.to_string());
    if let Some(nonce) = &nonce {
        let first = db.first(
            "SELECT message_id, seq, at FROM events WHERE by_id = $1 AND nonce = $2",
            &[Value::Text(&draft.by().id), Value::Text(nonce)],
        )?;
        if let Some(mut row) = first {
            return Ok(Written::Repeated {
                id: row.int()?,
                seq: row.int()?,
                at: row.int()?,
            });
        }
    }
    let nonce = nonce.as_deref();
    match draft {
        Draft::Say {
            message,
            fallback_name,
        } => say(db, nonce, *message, fallback_name),
        Draft::Edit {
            target,
            content,
            format,
        } => edit(db, nonce, target, content, format),
        Draft::Recall {
            target,
            any,
            not_before,
        } => recall(db, nonce, target, any, not_before),
    }
}

fn say(
    db: &mut dyn Db,
    nonce: Option<&str>,
    mut message: Message,
    fallback_name: Option<String>,
) -> Result<Written, StoreError> {
    if let Some(fallback) = fallback_name
        && super::users::is_taken(db, &name::key(&message.by.name))?
    {
        message.by.name = fallback;
    }
    message.seq = next_seq(db, message.room)?;
    message.rev = message.seq;
    let row = db.first(
        "INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
         VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        &[
            Value::Int(message.room),
            Value::Int(message.seq),
            Value::Int(message.kind),
            Value::Int(message.format.code()),
            Value::Text(&message.by.id),
            Value::Text(&message.by.name),
            Value::Text(&message.by.avatar),
            Value::Text(&message.by.place),
            Value::Text(&message.address),
            Value::Text(&message.content),
            Value::Int(message.at),
        ],
    )?;
    message.id = row.ok_or(StoreError::Shape)?.int()?;
    let event = Event {
        room: message.room,
        seq: message.seq,
        change: Change::Said(Arc::new(message)),
    };
    insert_event(db, nonce, event)
}

fn edit(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    content: String,
    format: Format,
) -> Result<Written, StoreError> {
    let Some(found) = find(db, &target)? else {
        return Ok(Written::Refused(Error::NotFound));
    };
    if found.author != target.by.id {
        return Ok(Written::Refused(Error::NotYours));
    }
    if found.recalled_at.is_some() {
        return Ok(Written::Refused(Error::TooLate));
    }
    let seq = next_seq(db, target.room)?;
    db.execute(
        "UPDATE messages SET content = $1, format = $2, edited_at = $3, rev = $4 WHERE id = $5",
        &[
            Value::Text(&content),
            Value::Int(format.code()),
            Value::Int(target.at),
            Value::Int(seq),
            Value::Int(target.id),
        ],
    )?;
    let Target { room, id, by, at } = target;
    let change = Change::Edited {
        id,
        at,
        by: By::from(by),
        content,
        format,
    };
    insert_event(db, nonce, Event { room, seq, change })
}

fn recall(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    any: bool,
    not_before: i64,
) -> Result<Written, StoreError> {
    let Some(found) = find(db, &target)? else {
        return Ok(Written::Refused(Error::NotFound));
    };
    if found.author != target.by.id && !any {
        return Ok(Written::Refused(Error::NotYours));
    }
    if let Some(at) = found.recalled_at {
        // Nothing changes a message after its recall: its rev is the recall's seq.
        return Ok(Written::Repeated {
            id: target.id,
            seq: found.rev,
            at,
        });
    }
    if found.created_at < not_before && !any {
        return Ok(Written::Refused(Error::TooLate));
    }
    let seq = next_seq(db, target.room)?;
    db.execute(
        "UPDATE messages SET content = '', recalled_at = $1, rev = $2 WHERE id = $3",
        &[
            Value::Int(target.at),
            Value::Int(seq),
            Value::Int(target.id),
        ],
    )?;
    let Target { room, id, by, at } = target;
    let by = By::from(by);
    let change = Change::Recalled { id, at, by };
    insert_event(db, nonce, Event { room, seq, change })
}

/// What decides whether a message may be changed.
struct Found {
    author: String,
    rev: i64,
    created_at: i64,
    recalled_at: Option<i64>,
}

fn find(db: &mut dyn Db, target: &Target) -> Result<Option<Found>, StoreError> {
    let found = db.first(
        "SELECT author, rev, created_at, recalled_at FROM messages WHERE room_id = $1 AND id = $2",
        &[Value::Int(target.room), Value::Int(target.id)],
    )?;
    found
        .map(|mut row| {
            Ok(Found {
                author: row.text()?,
                rev: row.int()?,
                created_at: row.int()?,
                recalled_at: row.maybe_int()?,
            })
        })
        .transpose()
}

fn insert_event(db: &mut dyn Db, nonce: Option<&str>, event: Event) -> Result<Written, StoreError> {
    let (kind, by_id, by_name) = match &event.change {
        Change::Said(message) => (SAID, &message.by.id, &message.by.name),
        Change::Edited { by, .. } => (EDITED, &by.id, &by.name),
        Change::Recalled { by, .. } => (RECALLED, &by.id, &by.name),
    };
    db.execute(
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::Int(event.room),
            Value::Int(event.seq),
            Value::Int(kind),
            Value::Int(event.change.message()),
            Value::Text(by_id),
            Value::Text(by_name),
            Value::maybe(nonce),
            Value::Int(event.change.at()),
        ],
    )?;
    Ok(Written::Event(event))
}

fn next_seq(db: &mut dyn Db, room: i64) -> Result<i64, StoreError> {
    db.first(
        "UPDATE rooms SET head = head + 1 WHERE id = $1 RETURNING head",
        &[Value::Int(room)],
    )?
    .ok_or(StoreError::Shape)?
    .int()
}
