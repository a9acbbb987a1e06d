//! Changes of rooms: what can be asked of the writer, and what they have in common.
//!
//! [`apply`] runs inside the writer's transaction; ids and seqs are handed out there and nowhere
//! else, and permission is asked there once more. A nonce is looked up in the transaction that
//! would insert it, so a repeated send finds the first one, whichever connection or process
//! brought it; so does a repeated edit or recall, and a change that had nothing to change.

use uuid::Uuid;

use crate::error::Error;
use crate::model::event::Event;
use crate::model::membership::RoomRole;
use crate::model::message::Message;
use crate::model::person::{Person, ServerRole};
use crate::model::policy::{Action, Actor, RoomRules, authorize};
use crate::model::room::{RoomKind, RoomSettings};
use crate::store::accounts::users;
use crate::store::commands::rooms::{self, RoomCommand};
use crate::store::commands::{messages, reactions};
use crate::store::db::{Db, StoreError, Value};
use crate::store::event_codec;
use crate::store::room_erasure::Deleted;
use crate::text::body::DraftBody;

/// Who asks for a change, and what he may do wherever he is.
#[derive(Debug, Clone)]
pub struct Doer {
    /// As the others see him.
    pub person: Person,
    /// What he is in the house.
    pub house: ServerRole,
    /// Whether the house lets him talk.
    pub may_write: bool,
}

impl Doer {
    /// The same as an actor who is nothing in particular in any room.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            account: self.person.user_id().is_some(),
            may_write: self.may_write,
            house: self.house,
            standing: None,
        }
    }
}

impl From<Person> for Doer {
    /// Somebody who talks, and is nothing more in the house.
    fn from(person: Person) -> Self {
        Self {
            person,
            house: ServerRole::Member,
            may_write: true,
        }
    }
}

/// A change that somebody asks for, complete but for id and seq.
#[derive(Debug, Clone)]
pub enum Command {
    /// A new message.
    Say {
        /// Everything but `id`, `seq`, `rev`, `words` and `mentions`, which are empty here.
        message: Box<Message>,
        /// What it says.
        words: Box<DraftBody>,
        /// The name to fall back to when `message.by.name` belongs to an account.
        fallback_name: Option<String>,
        /// Who says it.
        doer: Box<Doer>,
    },
    /// Other words for a message.
    Edit {
        /// Which.
        target: Box<Target>,
        /// The new words.
        words: Box<DraftBody>,
    },
    /// Withdraw a message.
    Recall {
        /// Which.
        target: Box<Target>,
        /// Messages older than this (ms since 1970) are too old for their authors.
        not_before: i64,
    },
    /// Put an emoji on a message, or take it away.
    React {
        /// Which.
        target: Box<Target>,
        /// The emoji, as it is kept.
        emoji: &'static str,
        /// Whether it is to be there.
        on: bool,
    },
    /// Keep a message at hand, or no longer.
    Pin {
        /// Which.
        target: Box<Target>,
        /// Whether it is to be.
        on: bool,
    },
    /// Something that is not about a message.
    Room(Box<RoomCommand>),
}

/// The message that somebody wants changed.
#[derive(Debug, Clone)]
pub struct Target {
    /// The room.
    pub room: i64,
    /// The message's id.
    pub id: i64,
    /// Who asks.
    pub doer: Doer,
    /// Now, ms since 1970.
    pub at: i64,
}

impl Command {
    /// Who asks.
    fn by(&self) -> &Person {
        match self {
            Self::Say { message, .. } => &message.by,
            Self::Edit { target, .. }
            | Self::Recall { target, .. }
            | Self::React { target, .. }
            | Self::Pin { target, .. } => &target.doer.person,
            Self::Room(deed) => &deed.doer.person,
        }
    }

    /// Bytes of content that it brings.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Say { words, .. } | Self::Edit { words, .. } => words.weight(),
            Self::Recall { .. } | Self::React { .. } | Self::Pin { .. } | Self::Room(_) => 0,
        }
    }
}

/// A room that has just been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomCreated {
    /// Its id.
    pub id: i64,
    /// Its kind.
    pub kind: RoomKind,
    /// What its seqs count in.
    pub epoch: String,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the store; tell everybody.
    Event(Event),
    /// The same, for a change that is several events of one room, which may be new.
    Events {
        /// The room.
        room: i64,
        /// The room as it was made.
        made: Option<RoomCreated>,
        /// What happened in it, in order; nothing when nothing had to be changed.
        events: Vec<Event>,
    },
    /// The room is no more.
    Deleted(Deleted),
    /// It was there already, under this id, seq and time (ms); tell the sender only.
    Repeated {
        /// The room.
        room: i64,
        /// The message's id, 0 when it was about none.
        id: i64,
        /// The seq of the first time.
        seq: i64,
        /// When it was taken.
        at: i64,
    },
    /// It is not allowed; nothing was written.
    Refused(Error),
}

pub(in crate::store) fn refused(error: Error) -> Result<Outcome, StoreError> {
    Ok(Outcome::Refused(error))
}

/// Writes one draft, unless its sender's `nonce` has been written before.
///
/// # Errors
/// When the database fails; the caller then gives up the whole transaction.
pub fn apply(db: &mut dyn Db, nonce: Option<Uuid>, draft: Command) -> Result<Outcome, StoreError> {
    let by = draft.by().id.clone();
    if let Some(nonce) = nonce
        && let Some(first) = written(db, &by, nonce)?
    {
        return Ok(first);
    }
    let nonce = nonce.map(|nonce| nonce.to_string());
    let nonce = nonce.as_deref();
    let written = match draft {
        Command::Say {
            message,
            words,
            fallback_name,
            doer,
        } => messages::say(db, nonce, *message, &words, fallback_name, &doer),
        Command::Edit { target, words } => messages::edit(db, nonce, *target, &words),
        Command::Recall { target, not_before } => messages::recall(db, nonce, *target, not_before),
        Command::React { target, emoji, on } => reactions::react(db, nonce, *target, emoji, on),
        Command::Pin { target, on } => reactions::pin(db, nonce, *target, on),
        Command::Room(deed) => rooms::apply(db, nonce, *deed),
    }?;
    if let (Some(nonce), Outcome::Repeated { room, id, seq, at }) = (nonce, &written) {
        // Nothing had to be changed, so no event has the nonce.
        db.execute(
            "INSERT INTO nonces (by_id, nonce, room_id, message_id, seq, at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                Value::Text(&by),
                Value::Text(nonce),
                Value::Int(*room),
                Value::Int(*id),
                Value::Int(*seq),
                Value::Int(*at),
            ],
        )?;
    }
    Ok(written)
}

/// What person `by` has had written under `nonce`, as the answer to the same again.
///
/// # Errors
/// When the database fails.
pub fn written(db: &mut dyn Db, by: &str, nonce: Uuid) -> Result<Option<Outcome>, StoreError> {
    let first = db.first(
        "SELECT room_id, message_id, seq, at FROM events WHERE by_id = $1 AND nonce = $2 \
         UNION ALL SELECT room_id, message_id, seq, at FROM nonces WHERE by_id = $1 AND nonce = $2",
        &[Value::Text(by), Value::Text(&nonce.to_string())],
    )?;
    first
        .map(|mut row| {
            Ok(Outcome::Repeated {
                room: row.int()?,
                id: row.int()?,
                seq: row.int()?,
                at: row.int()?,
            })
        })
        .transpose()
}

/// The room as `person` finds it: its kind, what is settled about it, and what he is in it.
pub(in crate::store) fn look(
    db: &mut dyn Db,
    room: i64,
    person: &str,
) -> Result<Option<(RoomKind, RoomSettings, Option<RoomRole>)>, StoreError> {
    let row = db.first(
        "SELECT m.role, r.kind, r.read_only, r.mute_all, r.archived, r.slow, r.name, r.topic, r.notice \
         FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.person = $2 WHERE r.id = $1",
        &[Value::Int(room), Value::Text(person)],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let standing = row.maybe_int()?.and_then(RoomRole::from_code);
    let kind = RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?;
    let about = RoomSettings {
        read_only: row.int()? != 0,
        mute_all: row.int()? != 0,
        archived: row.int()? != 0,
        slow: u32::try_from(row.int()?).unwrap_or_default(),
        name: row.text()?,
        topic: row.text()?,
        notice: row.text()?,
    };
    Ok(Some((kind, about, standing)))
}

/// Who asks, with the role in the house that the store has now: it may have been taken away since the
/// connection began.
pub(in crate::store) fn actor(db: &mut dyn Db, doer: &Doer) -> Result<Actor, StoreError> {
    let house = match doer.person.user_id() {
        Some(user) => users::role(db, user)?,
        None => ServerRole::Member,
    };
    Ok(Actor {
        house,
        ..doer.actor()
    })
}

/// Whether `doer` may do `action` in `room`, as the store has it now.
pub(in crate::store) fn permitted(
    db: &mut dyn Db,
    room: i64,
    doer: &Doer,
    action: Action,
) -> Result<Result<(Actor, RoomRules), Error>, StoreError> {
    let row = db.first(
        "SELECT m.role, r.kind, r.read_only, r.mute_all, r.archived, r.slow \
         FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.person = $2 WHERE r.id = $1",
        &[Value::Int(room), Value::Text(&doer.person.id)],
    )?;
    let Some(mut row) = row else {
        return Ok(Err(Error::NotFound));
    };
    let actor = Actor {
        standing: row.maybe_int()?.and_then(RoomRole::from_code),
        ..actor(db, doer)?
    };
    let place = RoomRules {
        kind: RoomKind::from_code(row.int()?).ok_or(StoreError::Shape)?,
        read_only: row.int()? != 0,
        mute_all: row.int()? != 0,
        archived: row.int()? != 0,
        slow: u32::try_from(row.int()?).unwrap_or_default(),
    };
    Ok(authorize(&actor, action, &place).map(|()| (actor, place)))
}

/// Keeps an event whose seq has been handed out.
pub(in crate::store) fn insert_event(
    db: &mut dyn Db,
    nonce: Option<&str>,
    event: Event,
) -> Result<Outcome, StoreError> {
    let (kind, by, detail) = event_codec::of(&event.change)?;
    db.execute(
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            Value::Int(event.room),
            Value::Int(event.seq),
            Value::Int(kind),
            Value::Int(event.change.message().unwrap_or_default()),
            Value::Text(&by.id),
            Value::Text(&by.name),
            Value::maybe(nonce),
            Value::Int(event.change.at()),
            Value::maybe(detail.as_deref()),
        ],
    )?;
    Ok(Outcome::Event(event))
}

pub(in crate::store) fn next_seq(db: &mut dyn Db, room: i64) -> Result<i64, StoreError> {
    db.first(
        "UPDATE rooms SET head = head + 1 WHERE id = $1 RETURNING head",
        &[Value::Int(room)],
    )?
    .ok_or(StoreError::Shape)?
    .int()
}
