//! Messages as rows: what is read of them, and what becomes of it.

use std::collections::HashMap;
use std::slice;

use super::db::{Db, Row, StoreError, Value, list};
use super::files::attached;
use crate::model::file::FileKind;
use crate::model::mention::Mentions;
use crate::model::message::{Message, Quote};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind, PersonRef};
use crate::model::reaction::{NAMED, Reaction};
use crate::model::room_id::RoomId;
use crate::text::body::{MessageBody, SNIPPET};
use crate::text::content::Format;

/// What [`message`] reads, and the tables it is read from. A message that is gone is quoted as one that
/// was recalled by nobody.
macro_rules! columns {
    () => {
        columns!("messages m")
    };
    ($from:literal) => {
        concat!(
            "m.id, m.room_id, m.seq, m.rev, m.created_at, m.kind, m.format, m.author, m.name, m.avatar, m.place, m.address, \
             m.content, m.html, m.edited_at, m.recalled_at, m.mentions, m.pinned_at, m.files, \
             m.reply_to, CASE WHEN q.id IS NULL THEN 0 ELSE q.recalled_at END, coalesce(q.author, ''), \
             coalesce(q.name, ''), coalesce(q.format, 0), coalesce(q.content, ''), q.html, CASE WHEN q.files > 0 THEN \
             (SELECT f.kind FROM files f WHERE f.message_id = q.id AND f.state IN (3, 7) ORDER BY f.place LIMIT 1) END FROM ",
            $from,
            " LEFT JOIN messages q ON q.id = m.reply_to"
        )
    };
}
pub(super) use columns;

/// Messages of one room with their reactions and files, in the order of their rows.
pub(super) fn messages(db: &mut dyn Db, rows: Vec<Row>) -> Result<Vec<Message>, StoreError> {
    let rows = rows.into_iter().map(message);
    let all: Vec<Bare> = rows.collect::<Result<_, _>>()?;
    let mut reactions = reactions_of(db, &all)?;
    let complete = all.into_iter().map(|bare| {
        let message = bare.with_files(db)?;
        Ok(Message {
            reactions: reactions.remove(&message.id).unwrap_or_default(),
            ..message
        })
    });
    complete.collect()
}

/// A message that lacks what is in other tables.
pub(super) struct Bare {
    message: Message,
    has_files: bool,
}

impl Bare {
    /// The message with its reactions and files.
    pub(super) fn complete(self, db: &mut dyn Db) -> Result<Message, StoreError> {
        let mut reactions = reactions_of(db, slice::from_ref(&self))?;
        let message = self.with_files(db)?;
        Ok(Message {
            reactions: reactions.remove(&message.id).unwrap_or_default(),
            ..message
        })
    }

    /// The message with its files alone.
    pub(super) fn with_files(self, db: &mut dyn Db) -> Result<Message, StoreError> {
        let mut message = self.message;
        if self.has_files {
            message.files = attached::of_message(db, message.id)?;
        }
        Ok(message)
    }
}

/// One message from what [`columns`] reads.
pub(super) fn message(mut row: Row) -> Result<Bare, StoreError> {
    let (id, room) = (row.message()?, row.room()?);
    let (seq, rev, at) = (row.seq()?, row.seq()?, row.int()?);
    let (kind, format) = (row.int()?, Format::from_code(row.int()?));
    let author = row.person()?;
    let message = Message {
        id,
        room,
        seq,
        rev,
        at,
        kind,
        by: Person {
            kind: PersonKind::from(author),
            id: author,
            name: row.text()?,
            avatar: row.text()?,
            place: row.text()?,
        },
        address: row.text()?,
        body: body(&mut row, format)?,
        edited: row.maybe_int()?,
        recalled: row.maybe_int()?.is_some(),
        mentions: Mentions::from_text(&row.text()?),
        pinned: row.maybe_int()?.is_some(),
        reply: None,
        reactions: Vec::new(),
        files: Vec::new(),
    };
    let has_files = row.int()? > 0;
    let reply = quoted(&mut row)?;
    let message = Message { reply, ..message };
    Ok(Bare { message, has_files })
}

/// The body of a message from its source and HTML, in this order.
pub(super) fn body(row: &mut Row, format: Format) -> Result<MessageBody, StoreError> {
    let source = row.text()?;
    let html = row.maybe_text()?;
    Ok(MessageBody::kept(&source, format, html.as_deref()))
}

fn quoted(row: &mut Row) -> Result<Option<Box<Quote>>, StoreError> {
    match row.maybe_message()? {
        Some(id) => Ok(Some(Box::new(quote_of(id, row)?))),
        None => Ok(None),
    }
}

/// A quote of message `id` from what its row has: when it was recalled, author, name, format, source, HTML, the
/// kind of its first file.
pub(super) fn quote_of(id: MessageId, row: &mut Row) -> Result<Quote, StoreError> {
    let mut quote = Quote {
        id,
        gone: row.maybe_int()?.is_some(),
        by: PersonRef {
            id: row.person()?,
            name: row.text()?,
        },
        text: {
            let format = Format::from_code(row.int()?);
            body(row, format)?.line(SNIPPET)
        },
        file: row.maybe_int()?.and_then(FileKind::from_code),
    };
    if quote.gone {
        quote.withdraw();
    }
    Ok(quote)
}

/// The quote of message `id`, if it is in `room`; one that has been recalled meanwhile costs nobody their answer.
pub(super) fn quote(
    db: &mut dyn Db,
    room: RoomId,
    id: MessageId,
) -> Result<Option<Quote>, StoreError> {
    let row = db.first(
        "SELECT recalled_at, author, name, format, content, html, CASE WHEN files > 0 THEN \
         (SELECT f.kind FROM files f WHERE f.message_id = m.id AND f.state IN (3, 7) ORDER BY f.place LIMIT 1) END \
         FROM messages m WHERE room_id = $1 AND id = $2",
        &[Value::Room(room), Value::Message(id)],
    )?;
    row.map(|mut row| quote_of(id, &mut row)).transpose()
}

/// The reactions to messages of one room.
fn reactions_of(
    db: &mut dyn Db,
    messages: &[Bare],
) -> Result<HashMap<MessageId, Vec<Reaction>>, StoreError> {
    let mut all: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
    let Some(room) = messages.first().map(|bare| bare.message.room) else {
        return Ok(all);
    };
    let ids: Vec<MessageId> = messages.iter().map(|bare| bare.message.id).collect();
    // The list first: a message is looked up, not the room gone through.
    let rows = db.query(
        "SELECT e.message_id, e.emoji, e.n, e.place FROM json_each($2) asked CROSS JOIN emoji e \
         WHERE e.room_id = $1 AND e.message_id = CAST(asked.value AS BIGINT) ORDER BY e.message_id, e.place",
        &[Value::Room(room), Value::Text(&list(&ids)?)],
    )?;
    for mut row in rows {
        let id = row.message()?;
        let (emoji, count, place) = (row.text()?, row.int()?, row.int()?);
        all.entry(id).or_default().push(Reaction {
            who: first_reactors(db, room, id, &emoji)?,
            emoji,
            count,
            place,
        });
    }
    Ok(all)
}

/// Those who put an emoji on a message first.
pub(super) fn first_reactors(
    db: &mut dyn Db,
    room: RoomId,
    id: MessageId,
    emoji: &str,
) -> Result<Vec<PersonRef>, StoreError> {
    let rows = db.query(
        "SELECT person, name FROM reactions WHERE room_id = $1 AND message_id = $2 AND emoji = $3 ORDER BY seq LIMIT $4",
        &[
            Value::Room(room),
            Value::Message(id),
            Value::Text(emoji),
            Value::Int(i64::try_from(NAMED).unwrap_or(i64::MAX)),
        ],
    )?;
    let by = |mut row: Row| {
        Ok(PersonRef {
            id: row.person()?,
            name: row.text()?,
        })
    };
    rows.into_iter().map(by).collect()
}
