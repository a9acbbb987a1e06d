//! Messages as rows: what is read of them, and what becomes of it.

use std::collections::{BTreeSet, HashMap};

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
            "m.id, m.room_id, m.seq, m.rev, m.created_at, m.kind, m.format, m.author, m.bot, m.name, m.avatar, m.place, m.address, \
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

/// Messages with their reactions and files, in the order of their rows.
pub(super) fn messages(db: &mut dyn Db, rows: Vec<Row>) -> Result<Vec<Message>, StoreError> {
    let all: Result<Vec<Bare>, _> = rows.into_iter().map(message).collect();
    complete(db, all?)
}

/// A message that lacks what is in other tables.
pub(super) struct Bare {
    message: Message,
    has_files: bool,
}

/// Messages with their reactions and files. One of them may be there several times.
pub(super) fn complete(db: &mut dyn Db, all: Vec<Bare>) -> Result<Vec<Message>, StoreError> {
    let reactions = reactions_of(db, &all)?;
    let mut messages = with_files(db, all)?;
    for message in &mut messages {
        let of_message = reactions.get(&message.id);
        message.reactions = of_message.cloned().unwrap_or_default();
    }
    Ok(messages)
}

/// Messages with their files alone.
pub(super) fn with_files(db: &mut dyn Db, all: Vec<Bare>) -> Result<Vec<Message>, StoreError> {
    let having = all.iter().filter(|bare| bare.has_files);
    let having: BTreeSet<MessageId> = having.map(|bare| bare.message.id).collect();
    let files = attached::of_messages(db, &having)?;
    let with_files = all.into_iter().map(|bare| {
        let mut message = bare.message;
        message.files = files.get(&message.id).cloned().unwrap_or_default();
        message
    });
    Ok(with_files.collect())
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
            bot: row.int()? != 0,
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

/// The reactions to messages, with those who put an emoji there first. The list first: a message is looked up, not a
/// room gone through; and of a crowd no more is read than is shown.
const REACTIONS: &str = "SELECT e.message_id, e.emoji, e.n, e.place, r.person, r.name \
     FROM json_each($1) asked CROSS JOIN emoji e LEFT JOIN reactions r \
     ON r.room_id = e.room_id AND r.message_id = e.message_id AND r.emoji = e.emoji AND r.seq <= coalesce( \
     (SELECT s.seq FROM reactions s WHERE s.room_id = e.room_id AND s.message_id = e.message_id AND s.emoji = e.emoji \
     ORDER BY s.seq LIMIT 1 OFFSET $2), 9223372036854775807) \
     WHERE e.room_id = CAST(json_extract(asked.value, '$[0]') AS BIGINT) \
     AND e.message_id = CAST(json_extract(asked.value, '$[1]') AS BIGINT) ORDER BY e.message_id, e.place, r.seq";

/// The reactions to messages.
fn reactions_of(
    db: &mut dyn Db,
    messages: &[Bare],
) -> Result<HashMap<MessageId, Vec<Reaction>>, StoreError> {
    let mut all: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
    let asked = messages
        .iter()
        .map(|bare| (bare.message.room, bare.message.id));
    let asked: Vec<(RoomId, MessageId)> = asked.collect::<BTreeSet<_>>().into_iter().collect();
    if asked.is_empty() {
        return Ok(all);
    }
    let last = i64::try_from(NAMED - 1).unwrap_or(i64::MAX);
    let rows = db.query(REACTIONS, &[Value::Text(&list(&asked)?), Value::Int(last)])?;
    for mut row in rows {
        let of_message = all.entry(row.message()?).or_default();
        let (emoji, count, place) = (row.text()?, row.int()?, row.int()?);
        let person = row.maybe_person()?;
        if of_message
            .last()
            .is_none_or(|reaction| reaction.emoji != emoji)
        {
            of_message.push(Reaction {
                emoji,
                count,
                place,
                who: Vec::new(),
            });
        }
        if let (Some(id), Some(reaction)) = (person, of_message.last_mut())
            && reaction.who.len() < NAMED
        {
            let name = row.text()?;
            reaction.who.push(PersonRef { id, name });
        }
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

#[cfg(test)]
mod tests;
