//! What people do with messages beside saying them: answer, react, pin: the statements.

use crate::error::Error;
use crate::model::command::{Outcome, Target};
use crate::model::event::{Event, EventContent};
use crate::model::message_id::MessageId;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::reaction::{KINDS, Reaction};
use crate::model::room_id::RoomId;
use crate::store::commands::common::{insert_event, next_seq, permitted, refused};
use crate::store::commands::target::{Found, find};
use crate::store::db::{Db, StoreError, Value};
use crate::store::rows::first_reactors;

/// The most pins of a room: what is read at a glance.
pub const PINS: usize = 50;

/// The message that a command is about, if the person may act on it and it has not been recalled.
fn there(
    db: &mut dyn Db,
    target: &Target,
    action: Action,
) -> Result<Result<Found, Error>, StoreError> {
    if let Err(error) = permitted(db, target.room, &target.principal, action)? {
        return Ok(Err(error));
    }
    let found = find(db, target)?.ok_or(Error::NotFound);
    Ok(found.and_then(|found| match found.recalled_at {
        Some(_) => Err(Error::TooLate),
        None => Ok(found),
    }))
}

pub(in crate::store) fn react(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    emoji: &'static str,
    on: bool,
) -> Result<Outcome, StoreError> {
    let found = match there(db, &target, Action::React)? {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    let Target {
        room,
        id,
        principal,
        at,
    } = target;
    let by = PersonRef::from(principal.person.as_ref());
    let mine = [
        Value::Room(room),
        Value::Message(id),
        Value::Text(emoji),
        Value::Person(by.id),
    ];
    let there = db.first(
        "SELECT 1 FROM reactions WHERE room_id = $1 AND message_id = $2 AND emoji = $3 AND person = $4",
        &mine,
    )?;
    if there.is_some() == on {
        return Ok(found.as_it_was(room, id));
    }
    let of_emoji = [Value::Room(room), Value::Message(id), Value::Text(emoji)];
    let counted = db.first(
        "SELECT place, n FROM emoji WHERE room_id = $1 AND message_id = $2 AND emoji = $3",
        &of_emoji,
    )?;
    let counted = match counted {
        Some(mut row) => Some((row.int()?, row.int()?)),
        None => None,
    };
    if on && counted.is_none() && kinds(db, room, id)? >= KINDS {
        return refused(Error::TooManyReactions { limit: KINDS });
    }
    let seq = next_seq(db, room)?;
    let (place, before) = counted.unwrap_or((seq.0, 0));
    let count = if on { before + 1 } else { before - 1 };
    if on {
        db.execute(
            "INSERT INTO reactions (room_id, message_id, emoji, person, name, seq) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                Value::Room(room),
                Value::Message(id),
                Value::Text(emoji),
                Value::Person(by.id),
                Value::Text(&by.name),
                Value::Seq(seq),
            ],
        )?;
    } else {
        db.execute(
            "DELETE FROM reactions WHERE room_id = $1 AND message_id = $2 AND emoji = $3 AND person = $4",
            &mine,
        )?;
    }
    if count == 0 {
        db.execute(
            "DELETE FROM emoji WHERE room_id = $1 AND message_id = $2 AND emoji = $3",
            &of_emoji,
        )?;
    } else {
        db.execute(
            "INSERT INTO emoji (room_id, message_id, emoji, place, n) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (room_id, message_id, emoji) DO UPDATE SET n = excluded.n",
            &[
                Value::Room(room),
                Value::Message(id),
                Value::Text(emoji),
                Value::Int(place),
                Value::Int(count),
            ],
        )?;
    }
    db.execute(
        "UPDATE messages SET rev = $1 WHERE id = $2",
        &[Value::Seq(seq), Value::Message(id)],
    )?;
    let reaction = Reaction {
        emoji: emoji.to_owned(),
        count,
        who: first_reactors(db, room, id, emoji)?,
        place,
    };
    let change = EventContent::Reacted {
        id,
        at,
        by,
        reaction,
        on,
    };
    insert_event(db, nonce, Event { room, seq, change })
}

pub(in crate::store) fn pin(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    on: bool,
) -> Result<Outcome, StoreError> {
    let found = match there(db, &target, Action::Pin)? {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    let Target {
        room,
        id,
        principal,
        at,
    } = target;
    if found.pinned == on {
        return Ok(found.as_it_was(room, id));
    }
    let pins = db
        .first(
            "SELECT count(*) FROM messages WHERE room_id = $1 AND pinned_at IS NOT NULL",
            &[Value::Room(room)],
        )?
        .ok_or(StoreError::Shape)?
        .int()?;
    if on && usize::try_from(pins).unwrap_or(usize::MAX) >= PINS {
        return refused(Error::TooManyPins { limit: PINS });
    }
    let seq = next_seq(db, room)?;
    db.execute(
        "UPDATE messages SET pinned_at = $1, rev = $2 WHERE id = $3",
        &[
            if on { Value::Int(at) } else { Value::Null },
            Value::Seq(seq),
            Value::Message(id),
        ],
    )?;
    let by = PersonRef::from(principal.person.as_ref());
    let change = EventContent::Pinned { id, at, by, on };
    insert_event(db, nonce, Event { room, seq, change })
}

/// The emoji that a person has put on a message.
///
/// # Errors
/// When the database fails.
pub fn of(
    db: &mut dyn Db,
    room: RoomId,
    id: MessageId,
    person: PersonId,
) -> Result<Vec<String>, StoreError> {
    let rows = db.query(
        "SELECT emoji FROM reactions WHERE room_id = $1 AND message_id = $2 AND person = $3 ORDER BY seq",
        &[Value::Room(room), Value::Message(id), Value::Person(person)],
    )?;
    rows.into_iter().map(|mut row| row.text()).collect()
}

/// Takes all reactions from a message.
pub(in crate::store) fn delete(
    db: &mut dyn Db,
    room: RoomId,
    id: MessageId,
) -> Result<(), StoreError> {
    let message = [Value::Room(room), Value::Message(id)];
    db.execute(
        "DELETE FROM reactions WHERE room_id = $1 AND message_id = $2",
        &message,
    )?;
    db.execute(
        "DELETE FROM emoji WHERE room_id = $1 AND message_id = $2",
        &message,
    )?;
    Ok(())
}

/// How many emoji are on a message.
fn kinds(db: &mut dyn Db, room: RoomId, id: MessageId) -> Result<usize, StoreError> {
    let count = db
        .first(
            "SELECT count(*) FROM emoji WHERE room_id = $1 AND message_id = $2",
            &[Value::Room(room), Value::Message(id)],
        )?
        .ok_or(StoreError::Shape)?
        .int()?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
