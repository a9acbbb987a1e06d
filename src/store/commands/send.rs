//! Sending a message: what decides it is read first, then it is decided without the database, then written.
//!
//! A database that is another process is asked for the facts of many messages at once, and given all their rows at
//! once; the decision is the same.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::model::command::Outcome;
use crate::model::event::{Event, EventContent};
use crate::model::file::{Attachment, File, FileKind};
use crate::model::message::{KIND_VOICE, Message, Quote};
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::store::accounts::users;
use crate::store::commands::common::{Access, insert_event, permitted, refused};
use crate::store::commands::mentions::{self, Account};
use crate::store::db::{Db, StoreError, Value};
use crate::store::files::attached;
use crate::store::queries::times;
use crate::store::{rows, search};
use crate::text::body::RenderedBody;

/// A message that somebody wants to send.
pub(in crate::store) struct Send<'a> {
    /// All that its author decides about it.
    pub(in crate::store) message: Message,
    pub(in crate::store) body: &'a RenderedBody,
    pub(in crate::store) attachments: &'a [Attachment],
    /// The name to fall back to when the author's belongs to an account.
    pub(in crate::store) fallback_name: Option<String>,
    pub(in crate::store) principal: &'a Principal,
}

/// What the database knows that decides a message, beside what its author may do in the room.
#[derive(Default)]
pub(in crate::store) struct Facts {
    /// In a slow room: when the author last said something there, ms since 1970.
    pub(in crate::store) last_sent: Option<i64>,
    /// Whether the name that the author gives themselves belongs to an account.
    pub(in crate::store) name_taken: bool,
    /// The message that it answers, if there is one in the room.
    pub(in crate::store) quote: Option<Quote>,
    /// Its files, or why it cannot have them.
    pub(in crate::store) files: Option<Result<Vec<File>, Error>>,
}

/// Sends one message, statement by statement.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn send(
    db: &mut dyn Db,
    nonce: Option<&str>,
    new: Send<'_>,
) -> Result<Outcome, StoreError> {
    let room = new.message.room;
    let access = match permitted(db, room, new.principal, Action::Send)? {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let facts = facts(db, &new, &access)?;
    let account = |key: &str| mentions::account(db, room, key);
    match decide(new, &access, facts, account)? {
        Ok(message) => write(db, nonce, message, access.rules.kind),
        Err(error) => refused(error),
    }
}

fn facts(db: &mut dyn Db, new: &Send<'_>, access: &Access) -> Result<Facts, StoreError> {
    let message = &new.message;
    let quote = match &message.reply {
        Some(reply) => rows::quote(db, message.room, reply.id)?,
        None => None,
    };
    let files = match new.attachments {
        [] => None,
        wanted => Some(attached::claimable(db, wanted, new.principal)?),
    };
    Ok(Facts {
        last_sent: match access.rules.slow {
            0 => None,
            _ => last_sent(db, message)?,
        },
        name_taken: new.fallback_name.is_some() && users::is_taken(db, &message.by.name)?,
        quote,
        files,
    })
}

/// When the author of a message last said something in its room.
fn last_sent(db: &mut dyn Db, message: &Message) -> Result<Option<i64>, StoreError> {
    let row = db.first(
        "SELECT created_at FROM messages WHERE author = $1 AND room_id = $2 ORDER BY id DESC LIMIT 1",
        &[Value::Person(message.by.id), Value::Room(message.room)],
    )?;
    row.map(|mut row| row.int()).transpose()
}

/// The message as it is to be, but for id and seq, or why it may not be sent. `account` knows the account of a name key.
///
/// # Errors
/// Those of `account`.
pub(in crate::store) fn decide(
    new: Send<'_>,
    access: &Access,
    facts: Facts,
    account: impl FnMut(&str) -> Result<Option<Account>, StoreError>,
) -> Result<Result<Message, Error>, StoreError> {
    let mut message = new.message;
    if let Err(error) = not_too_soon(message.at, facts.last_sent, access) {
        return Ok(Err(error));
    }
    if let Some(fallback) = new.fallback_name
        && facts.name_taken
    {
        message.by.name = fallback;
    }
    if let Some(reply) = &mut message.reply {
        match facts.quote {
            Some(quote) => **reply = quote,
            None => return Ok(Err(Error::NotFound)),
        }
    }
    message.files = match facts.files.unwrap_or(Ok(Vec::new())) {
        Ok(files) => files,
        Err(error) => return Ok(Err(error)),
    };
    if message
        .files
        .iter()
        .any(|file| file.kind == FileKind::Voice)
    {
        if message.files.len() > 1 || !new.body.is_empty() {
            return Ok(Err(Error::VoiceAlone));
        }
        message.kind = KIND_VOICE;
    }
    (message.body, message.mentions) = mentions::resolve(new.body, access, account)?;
    Ok(Ok(message))
}

/// Whether slow mode lets a person send a message at `at`: those who moderate the room always.
fn not_too_soon(at: i64, last_sent: Option<i64>, access: &Access) -> Result<(), Error> {
    let (Some(last), slow @ 1..) = (last_sent, i64::from(access.rules.slow) * 1_000) else {
        return Ok(());
    };
    let since = at - last;
    // A clock that was far ahead once keeps nobody quiet until it is so late.
    if since.abs() >= slow || access.authorize(Action::Configure).is_ok() {
        return Ok(());
    }
    let wait = u64::try_from(slow - since.max(0)).unwrap_or_default();
    let retry_after = Duration::from_millis(wait);
    Err(Error::SlowMode { retry_after })
}

/// Writes a message that was decided, under the next seq of its room.
fn write(
    db: &mut dyn Db,
    nonce: Option<&str>,
    mut message: Message,
    kind: RoomKind,
) -> Result<Outcome, StoreError> {
    // Without RETURNING for the reason of `Sqlite::insert`.
    db.execute(
        "UPDATE rooms SET head = head + 1, said = said + 1, said_at = $2 WHERE id = $1",
        &[Value::Room(message.room), Value::Int(message.at)],
    )?;
    let row = db.first(
        "SELECT head FROM rooms WHERE id = $1",
        &[Value::Room(message.room)],
    )?;
    message.seq = row.ok_or(StoreError::Shape)?.seq()?;
    message.rev = message.seq;
    let id = db.insert(
        "INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, html, created_at, mentions, reply_to, files, bot) \
         VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &[
            Value::Room(message.room),
            Value::Seq(message.seq),
            Value::Int(message.kind),
            Value::Int(message.body.format().code()),
            Value::Person(message.by.id),
            Value::Text(&message.by.name),
            Value::Text(&message.by.avatar),
            Value::Text(&message.by.place),
            Value::Text(&message.address),
            Value::Text(message.body.source()),
            Value::maybe(message.body.rendered()),
            Value::Int(message.at),
            Value::Text(&message.mentions.to_text()),
            message
                .reply
                .as_ref()
                .map_or(Value::Null, |reply| Value::Message(reply.id)),
            Value::Int(i64::try_from(message.files.len()).unwrap_or(i64::MAX)),
            Value::Int(message.by.bot.into()),
        ],
    )?;
    message.id = MessageId(id);
    attached::claim(db, &message.files, message.room, message.id)?;
    times::note(db, message.id, message.at)?;
    search::add(db, &message)?;
    if kind == RoomKind::Lobby {
        add_mentioned(db, &message)?;
    }
    let event = Event {
        room: message.room,
        seq: message.seq,
        change: EventContent::Message(Arc::new(message)),
    };
    insert_event(db, nonce, event)
}

/// Gives those whom a message mentions in the lobby a row, if they have none: they have read what was
/// there before it.
fn add_mentioned(db: &mut dyn Db, message: &Message) -> Result<(), StoreError> {
    let others = |id: &&PersonId| **id != message.by.id;
    for person in message.mentions.people.iter().filter(others) {
        db.execute(
            "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
             VALUES ($1, $2, 3, '', $3, CAST($4 AS BIGINT) - 1, (SELECT said FROM rooms WHERE id = $1) - 1, 0) \
             ON CONFLICT (room_id, person) DO NOTHING",
            &[
                Value::Room(message.room),
                Value::Person(*person),
                Value::Int(message.at),
                Value::Seq(message.seq),
            ],
        )?;
    }
    Ok(())
}
