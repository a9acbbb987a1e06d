//! The index of the messages: the statements that keep it up to date.
//!
//! A message's row here is written in the transaction that writes the message. What was said before
//! there was an index, or before it was begun [anew], is taken in by [`step`]s, the newest first, so
//! that nobody waits for the writer; until they end a search [says](is_whole) that it is not whole.
//!
//! The names and descriptions of a message's files are words of it ([`text`]). Beside its terms
//! ([`tokens::terms`]) a row has tags that no term can be: its room, its author, and of what kinds its links
//! and files are. Bounded by [`STEP`] messages a step.
//!
//! [anew]: begin_anew

mod ask;
pub mod find;
mod proposals;
pub mod scope;

use std::borrow::Cow;

use linkify::{LinkFinder, LinkKind};

use super::db::{Db, Engine, Row, StoreError, Value, list};
use super::files::attached;
use crate::model::file::{File, FileKind};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::rows;
use crate::text::content::Format;
use crate::text::query::Part;
use crate::text::{name, tokens};

/// Messages of one step: some milliseconds of the writer.
const STEP: i64 = 500;

/// The name under which the database keeps up to which id messages have still to be indexed.
const UNREAD: &str = "search_unread";

/// Indexes a message that has just been written.
pub(super) fn add(db: &mut dyn Db, message: &Message) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO search (rowid, words) VALUES ($1, $2)",
        &[Value::Message(message.id), Value::Text(&words_of(message))],
    )?;
    Ok(())
}

/// What an index has of a new message.
pub(super) fn words_of(message: &Message) -> String {
    let Message { room, by, .. } = message;
    words(
        *room,
        by.id,
        &by.name,
        &message.body.plain(),
        &message.files,
    )
}

/// Makes a message's row as the message is now: gone when it has been recalled.
pub(super) fn refresh(db: &mut dyn Db, id: MessageId) -> Result<(), StoreError> {
    let row = db.first(
        "SELECT id, room_id, author, name, files, format, content, html, recalled_at FROM messages WHERE id = $1",
        &[Value::Message(id)],
    )?;
    match row.map(|row| read(db, row)).transpose()? {
        Some((id, Some(words))) => put(db, id, &words),
        _ => delete(db, id),
    }
}

/// Pages of the index that are written in one step of [`settle`]: a few milliseconds of the writer.
const PAGES: i64 = 64;

/// Lets go of terms that no message has any more: they stay in the index until its parts are merged.
/// Begins when it is the `first` step; returns whether there may be more to do.
///
/// # Errors
/// When the database fails.
pub fn settle(db: &mut dyn Db, first: bool) -> Result<bool, StoreError> {
    if db.engine() == Engine::Postgres {
        empty_pending(db)?;
        return Ok(false);
    }
    let before = written(db)?;
    db.execute(
        "INSERT INTO search (search, rank) VALUES ('merge', $1)",
        &[Value::Int(if first { -PAGES } else { PAGES })],
    )?;
    // By FTS5's documentation a merge that finds nothing to do writes less than two rows.
    Ok(written(db)? - before >= 2)
}

/// Puts away what was written lately, on PostgreSQL: it waits in a list of the index's own, which every search reads from
/// end to end, and which a sender would have to empty that makes it too long.
///
/// # Errors
/// When the database fails; [`StoreError::Again`] when somebody else does it.
pub fn empty_pending(db: &mut dyn Db) -> Result<(), StoreError> {
    db.first("SELECT gin_clean_pending_list('search_by_word')", &[])?;
    Ok(())
}

/// Rows that this connection has written.
fn written(db: &mut dyn Db) -> Result<i64, StoreError> {
    let row = db.first("SELECT total_changes()", &[])?;
    row.ok_or(StoreError::Shape)?.int()
}

fn put(db: &mut dyn Db, id: MessageId, words: &str) -> Result<(), StoreError> {
    delete(db, id)?;
    db.execute(
        "INSERT INTO search (rowid, words) VALUES ($1, $2)",
        &[Value::Message(id), Value::Text(words)],
    )?;
    Ok(())
}

/// Makes the rows of many messages.
fn put_all(db: &mut dyn Db, all: &[(MessageId, String)]) -> Result<(), StoreError> {
    let ids: Vec<_> = all.iter().map(|(id, _)| id).collect();
    db.execute(
        "DELETE FROM search WHERE rowid IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
        &[Value::Text(&list(&ids)?)],
    )?;
    db.execute(
        "INSERT INTO search (rowid, words) SELECT CAST(json_extract(value, '$[0]') AS BIGINT), json_extract(value, '$[1]') FROM json_each($1)",
        &[Value::Text(&list(all)?)],
    )?;
    Ok(())
}

fn delete(db: &mut dyn Db, id: MessageId) -> Result<(), StoreError> {
    db.execute("DELETE FROM search WHERE rowid = $1", &[Value::Message(id)])?;
    Ok(())
}

/// A message's id, and what an index has of it unless it has been recalled.
fn read(db: &mut dyn Db, mut row: Row) -> Result<(MessageId, Option<String>), StoreError> {
    let (id, room) = (row.message()?, row.room()?);
    let (author, name, files) = (row.person()?, row.text()?, row.int()?);
    let format = Format::from_code(row.int()?);
    let said = rows::body(&mut row, format)?;
    let kept = row.maybe_int()?.is_none();
    let files = files_of(db, id, files)?;
    Ok((
        id,
        kept.then(|| words(room, author, &name, &said.plain(), &files)),
    ))
}

/// Those that were not taken out of their message.
fn left(mut files: Vec<File>) -> Vec<File> {
    files.retain(|file| !file.gone);
    files
}

/// The files of a message that has so many: most have none, and cost no statement.
fn files_of(db: &mut dyn Db, id: MessageId, count: i64) -> Result<Vec<File>, StoreError> {
    match count {
        0 => Ok(Vec::new()),
        _ => Ok(left(attached::of_message(db, id)?)),
    }
}

/// Stands between what a message says, the names of its files and their descriptions: no word has it.
const BETWEEN: &str = " · ";

/// What is looked for in a message: what it says, then names and descriptions of its files. A file that is hidden
/// until its reader wants to see it is not described.
fn text<'a>(plain: &'a str, files: &[File]) -> Cow<'a, str> {
    let mut all = Cow::Borrowed(plain);
    for file in files {
        let alt = if file.spoiler { "" } else { &file.alt };
        for part in [&file.name, alt]
            .into_iter()
            .filter(|part| !part.is_empty())
        {
            if !all.is_empty() {
                all.to_mut().push_str(BETWEEN);
            }
            all.to_mut().push_str(part);
        }
    }
    all
}

/// What an index has of a message.
fn words(room: RoomId, author: PersonId, name: &str, plain: &str, files: &[File]) -> String {
    let mut words = tokens::terms(&tokens::tokens(&text(plain, files)));
    words.push_str(&of_room(room));
    words.push(' ');
    words.push_str(&of_author(author, name));
    for part in PARTS.into_iter().filter(|part| has(*part, plain, files)) {
        words.push(' ');
        words.push_str(of_part(part));
    }
    words
}

const PARTS: [Part; 6] = [
    Part::Link,
    Part::File,
    Part::Picture,
    Part::Video,
    Part::Audio,
    Part::Voice,
];

/// The tag of messages that have this.
fn of_part(part: Part) -> &'static str {
    match part {
        Part::Link => "!link",
        Part::File => "!file",
        Part::Picture => "!picture",
        Part::Video => "!video",
        Part::Audio => "!audio",
        Part::Voice => "!voice",
    }
}

fn has(part: Part, plain: &str, files: &[File]) -> bool {
    let any = |kinds: &[FileKind]| files.iter().any(|file| kinds.contains(&file.kind));
    match part {
        Part::Link => has_link(plain),
        Part::File => !files.is_empty(),
        Part::Picture => any(&[FileKind::Picture, FileKind::Animation]),
        Part::Video => any(&[FileKind::Video]),
        Part::Audio => any(&[FileKind::Audio]),
        Part::Voice => any(&[FileKind::Voice]),
    }
}

/// The tag of a room's messages.
fn of_room(room: RoomId) -> String {
    format!(":{room}")
}

/// The tag of an author's messages: an account's by its id, so that it keeps its messages when it has
/// another name and is not found once it has none; a visitor's by the name that they had.
fn of_author(id: PersonId, shown: &str) -> String {
    if id.is_user() {
        format!("@{id}")
    } else {
        of_visitor(&name::key(shown))
    }
}

/// The tag of visitors with this name: what is neither letter nor digit, by its number.
fn of_visitor(key: &str) -> String {
    let mut mark = String::from("@v");
    for c in key.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            mark.push_str(&format!("_{:x}_", u32::from(c)));
        } else {
            mark.push(c);
        }
    }
    mark
}

fn of_account(user: i64) -> String {
    of_author(PersonId::User(user), "")
}

fn has_link(plain: &str) -> bool {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    plain.contains("://") && finder.links(plain).next().is_some()
}

/// Whether all messages can be found.
///
/// # Errors
/// When the database fails.
pub fn is_whole(db: &mut dyn Db) -> Result<bool, StoreError> {
    Ok(unread(db)?.is_none())
}

/// The id up to which messages have still to be taken in, `None` when all have been.
///
/// # Errors
/// When the database fails.
pub fn unread(db: &mut dyn Db) -> Result<Option<MessageId>, StoreError> {
    let row = db.first(
        "SELECT CAST(value AS BIGINT) FROM house WHERE name = $1",
        &[Value::Text(UNREAD)],
    )?;
    row.map(|mut row| row.message()).transpose()
}

/// Forgets the whole index; steps will make it again.
///
/// # Errors
/// When the database fails.
pub fn begin_anew(db: &mut dyn Db) -> Result<(), StoreError> {
    match db.engine() {
        Engine::Sqlite => db.execute("INSERT INTO search (search) VALUES ('delete-all')", &[])?,
        Engine::Postgres => db.execute("TRUNCATE search", &[])?,
    };
    db.execute(
        "INSERT INTO house (name, value) SELECT $1, CAST(coalesce(max(id), 0) AS TEXT) FROM messages WHERE true \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[Value::Text(UNREAD)],
    )?;
    Ok(())
}

/// Indexes the next messages, from the newest back; returns the id up to which there are more, `None`
/// when all have been taken in.
///
/// # Errors
/// When the database fails.
pub fn step(db: &mut dyn Db) -> Result<Option<MessageId>, StoreError> {
    let Some(last) = unread(db)? else {
        return Ok(None);
    };
    let rows = db.query(
        "SELECT id, room_id, author, name, files, format, content, html, recalled_at FROM messages WHERE id <= $1 \
         ORDER BY id DESC LIMIT $2",
        &[Value::Message(last), Value::Int(STEP)],
    )?;
    let (mut first, mut taken_in) = (None, Vec::new());
    // The index takes growing ids at once, and others each by itself.
    for row in rows.into_iter().rev() {
        let (id, words) = read(db, row)?;
        first.get_or_insert(id);
        taken_in.extend(words.map(|words| (id, words)));
    }
    put_all(db, &taken_in)?;
    let Some(first) = first else {
        db.execute("DELETE FROM house WHERE name = $1", &[Value::Text(UNREAD)])?;
        return Ok(None);
    };
    db.execute(
        "UPDATE house SET value = CAST(CAST($2 AS BIGINT) AS TEXT) WHERE name = $1",
        &[Value::Text(UNREAD), Value::Message(first.previous())],
    )?;
    Ok(Some(first.previous()))
}

#[cfg(test)]
mod tests;
