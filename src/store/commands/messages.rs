//! Sending, editing and recalling messages: the statements.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::model::command::{Outcome, Target};
use crate::model::event::{Event, EventContent};
use crate::model::file::{Attachment, FileKind};
use crate::model::membership::RoomRole;
use crate::model::mention::{EVERYBODY, Mentions};
use crate::model::message::{KIND_VOICE, Message};
use crate::model::message_id::MessageId;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::commands::common::{Access, insert_event, next_seq, permitted, refused};
use crate::store::commands::reactions;
use crate::store::commands::target::{Found, find};
use crate::store::db::{Db, StoreError, Value};
use crate::store::files::attached;
use crate::store::queries::{times, versions};
use crate::store::{rows, search};
use crate::text::body::{MessageBody, RenderedBody};
use crate::text::mentions;

/// What the store makes the rest of a new message of.
pub(in crate::store) struct New<'a> {
    pub(in crate::store) body: &'a RenderedBody,
    pub(in crate::store) attachments: &'a [Attachment],
    /// The name to fall back to when the author's belongs to an account.
    pub(in crate::store) fallback_name: Option<String>,
}

pub(in crate::store) fn send(
    db: &mut dyn Db,
    nonce: Option<&str>,
    mut message: Message,
    new: New<'_>,
    principal: &Principal,
) -> Result<Outcome, StoreError> {
    let access = match permitted(db, message.room, principal, Action::Send)? {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    if let Err(error) = not_too_soon(db, &message, &access)? {
        return refused(error);
    }
    if let Some(fallback) = new.fallback_name
        && users::is_taken(db, &message.by.name)?
    {
        message.by.name = fallback;
    }
    if !rows::add_quote(db, &mut message)? {
        return refused(Error::NotFound);
    }
    message.files = match attached::claimable(db, new.attachments, principal)? {
        Ok(files) => files,
        Err(error) => return refused(error),
    };
    if message
        .files
        .iter()
        .any(|file| file.kind == FileKind::Voice)
    {
        if message.files.len() > 1 || !new.body.is_empty() {
            return refused(Error::VoiceAlone);
        }
        message.kind = KIND_VOICE;
    }
    (message.body, message.mentions) = settle(db, message.room, new.body, &access)?;
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
        "INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, html, created_at, mentions, reply_to, files) \
         VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
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
        ],
    )?;
    message.id = MessageId(id);
    attached::claim(db, &message.files, message.room, message.id)?;
    times::note(db, message.id, message.at)?;
    search::add(db, &message)?;
    if access.rules.kind == RoomKind::Lobby {
        add_mentioned(db, &message)?;
    }
    let event = Event {
        room: message.room,
        seq: message.seq,
        change: EventContent::Message(Arc::new(message)),
    };
    insert_event(db, nonce, event)
}

/// Whether slow mode lets a person send a message by now: those who moderate the room always.
fn not_too_soon(
    db: &mut dyn Db,
    message: &Message,
    access: &Access,
) -> Result<Result<(), Error>, StoreError> {
    if access.rules.slow == 0 || access.authorize(Action::Configure).is_ok() {
        return Ok(Ok(()));
    }
    let last = db.first(
        "SELECT created_at FROM messages WHERE author = $1 AND room_id = $2 ORDER BY id DESC LIMIT 1",
        &[Value::Person(message.by.id), Value::Room(message.room)],
    )?;
    let Some(mut row) = last else {
        return Ok(Ok(()));
    };
    let slow = i64::from(access.rules.slow) * 1_000;
    let since = message.at - row.int()?;
    // A clock that was far ahead once keeps nobody quiet until it is so late.
    if since.abs() >= slow {
        return Ok(Ok(()));
    }
    let wait = u64::try_from(slow - since.max(0)).unwrap_or_default();
    let retry_after = Duration::from_millis(wait);
    Ok(Err(Error::SlowMode { retry_after }))
}

/// The body with the mentions marked, and the people whom the message mentions: in a direct
/// room every message is for all who are in it.
fn settle(
    db: &mut dyn Db,
    room: RoomId,
    body: &RenderedBody,
    access: &Access,
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
            let Some(user) = users::id_of_key(db, &name.key)? else {
                continue;
            };
            let id = PersonId::User(user);
            let here = access.rules.kind == RoomKind::Lobby
                || room_role(db, room, id)?.is_some_and(RoomRole::is_in);
            if !here {
                break;
            }
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

fn room_role(
    db: &mut dyn Db,
    room: RoomId,
    person: PersonId,
) -> Result<Option<RoomRole>, StoreError> {
    let row = db.first(
        "SELECT role FROM members WHERE room_id = $1 AND person = $2",
        &[Value::Room(room), Value::Person(person)],
    )?;
    row.map_or(Ok(None), |mut row| Ok(RoomRole::from_code(row.int()?)))
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

pub(in crate::store) fn edit(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    body: &RenderedBody,
) -> Result<Outcome, StoreError> {
    let access = match permitted(db, target.room, &target.principal, Action::Send)? {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    let Some(found) = find(db, &target)? else {
        return refused(Error::NotFound);
    };
    if !found.is_of(db, &target.principal)? {
        return refused(Error::NotYours);
    }
    if found.recalled_at.is_some() {
        return refused(Error::TooLate);
    }
    if found.voice {
        return refused(Error::NotEditable);
    }
    if body.is_empty() && !(found.files > 0 && attached::any(db, target.id)?) {
        return refused(Error::Empty);
    }
    // Those whom the message mentions were notified when it was sent: an edit notifies nobody anew, and
    // whom it names no more it does not mention any longer.
    let (body, mentioned) = settle(db, target.room, body, &access)?;
    let mentions = found.mentions.still(&mentioned);
    let seq = next_seq(db, target.room)?;
    versions::keep(db, target.id)?;
    db.execute(
        "UPDATE messages SET content = $1, format = $2, html = $3, edited_at = $4, rev = $5, mentions = $6 WHERE id = $7",
        &[
            Value::Text(body.source()),
            Value::Int(body.format().code()),
            Value::maybe(body.rendered()),
            Value::Int(target.at),
            Value::Seq(seq),
            Value::Text(&mentions.to_text()),
            Value::Message(target.id),
        ],
    )?;
    search::refresh(db, target.id)?;
    let Target {
        room,
        id,
        principal,
        at,
    } = target;
    let change = EventContent::Edited {
        id,
        at,
        by: PersonRef::from(principal.person.as_ref()),
        body,
        mentions,
        said: found.seq,
    };
    insert_event(db, nonce, Event { room, seq, change })
}

/// The message that a principal may take back, whole or in part, and whether they may do so with anybody's.
pub(super) fn recallable(
    db: &mut dyn Db,
    target: &Target,
) -> Result<Result<(Found, bool), Error>, StoreError> {
    let access = match permitted(db, target.room, &target.principal, Action::Recall)? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let Some(found) = find(db, target)? else {
        return Ok(Err(Error::NotFound));
    };
    let any = access.authorize(Action::RecallAny).is_ok();
    if !any && !found.is_of(db, &target.principal)? {
        return Ok(Err(Error::NotYours));
    }
    Ok(Ok((found, any)))
}

pub(in crate::store) fn recall(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    not_before: i64,
) -> Result<Outcome, StoreError> {
    let (found, any) = match recallable(db, &target)? {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    if found.recalled_at.is_some() {
        // Nothing changes a message after its recall: its rev is the recall's seq.
        return Ok(found.as_it_was(target.room, target.id));
    }
    if found.created_at < not_before && !any {
        return refused(Error::TooLate);
    }
    withdraw(db, nonce, target, &found)
}

/// Takes everything out of a message but that it was there.
pub(super) fn withdraw(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    found: &Found,
) -> Result<Outcome, StoreError> {
    let seq = next_seq(db, target.room)?;
    db.execute(
        "UPDATE messages SET content = '', format = 0, html = NULL, mentions = '', recalled_at = $1, rev = $2, reply_to = NULL, pinned_at = NULL, files = 0 WHERE id = $3",
        &[
            Value::Int(target.at),
            Value::Seq(seq),
            Value::Message(target.id),
        ],
    )?;
    versions::delete(db, target.id)?;
    search::refresh(db, target.id)?;
    reactions::delete(db, target.room, target.id)?;
    if found.files > 0 {
        attached::doom_of_message(db, target.id)?;
    }
    let Target {
        room,
        id,
        principal,
        at,
    } = target;
    let change = EventContent::Recalled {
        id,
        at,
        by: PersonRef::from(principal.person.as_ref()),
        voice: found.voice,
        said: found.seq,
    };
    insert_event(db, nonce, Event { room, seq, change })
}
