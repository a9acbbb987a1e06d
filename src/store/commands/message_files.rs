//! Taking files out of messages: the statements.
//!
//! The message keeps the file's place, so that its readers see that something was there. One that has neither words nor
//! another file is recalled instead.

use crate::error::Error;
use crate::model::command::{Outcome, Target};
use crate::model::event::{Event, EventContent};
use crate::model::file::File;
use crate::model::file_id::FileId;
use crate::model::person::PersonRef;
use crate::model::principal::Principal;
use crate::store::commands::common::{find_room, insert_event, next_seq, refused};
use crate::store::commands::event_writer::EventWriter;
use crate::store::commands::messages::{recallable, withdraw};
use crate::store::commands::target::{Found, find};
use crate::store::db::{Db, StoreError, Value};
use crate::store::files::{self, FileRow, attached};
use crate::store::search;

/// Files that one step of [`erase`] takes: each is a change that everybody in the room is sent at once, and a slow
/// reader has space for some hundreds.
const STEP: i64 = 100;

/// Takes one file away, for its author at any time, and for whoever may recall anything.
pub(in crate::store) fn take(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    file: FileId,
) -> Result<Outcome, StoreError> {
    let found = match recallable(db, &target)? {
        Ok((found, _any)) => found,
        Err(error) => return refused(error),
    };
    if found.recalled_at.is_some() {
        return Ok(found.as_it_was(target.room, target.id));
    }
    let Some(row) = attached::within(db, target.id, file)? else {
        return refused(Error::NotFound);
    };
    if row.file().gone {
        return Ok(found.as_it_was(target.room, target.id));
    }
    take_or_withdraw(db, nonce, target, &found, &row)
}

/// Takes a file of one's own away, in a room that one may not read any more, too: it counts for its owner.
pub(in crate::store) fn take_own(
    writer: EventWriter<'_>,
    principal: &Principal,
    file: FileId,
) -> Result<Outcome, StoreError> {
    let EventWriter { db, room, at, .. } = writer;
    // One that was deleted takes its files along.
    if find_room(db, room, principal.id())?.is_none() {
        return refused(Error::NotFound);
    }
    let row = files::find(db, file)?.filter(|row| row.is_of(principal));
    let Some((row, (of, id))) = row.and_then(|row| row.message.map(|of| (row, of))) else {
        return refused(Error::NotFound);
    };
    let target = Target {
        room,
        id,
        principal: principal.clone(),
        at,
    };
    let Some(found) = find(db, &target)?.filter(|_| of == room) else {
        return refused(Error::NotFound);
    };
    if row.file().gone {
        return Ok(found.as_it_was(room, id));
    }
    take_or_withdraw(db, None, target, &found, &row)
}

fn take_or_withdraw(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    found: &Found,
    file: &FileRow,
) -> Result<Outcome, StoreError> {
    let files = attached::of_message(db, target.id)?;
    let is_last = !files.iter().any(|other| !other.gone && other.id != file.id);
    if found.wordless && is_last {
        return withdraw(db, nonce, target, found);
    }
    take_out(db, nonce, target, file)
}

/// Takes the next files of a deleted account out of its messages in one room, or its voices alone: messages without
/// words are recalled. Nothing is left when no event came of it.
pub(in crate::store) fn erase(
    writer: EventWriter<'_>,
    principal: &Principal,
    voices: bool,
) -> Result<Outcome, StoreError> {
    let EventWriter { db, room, at, .. } = writer;
    if find_room(db, room, principal.id())?.is_none() {
        return refused(Error::NotFound);
    }
    let mut events = Vec::new();
    for file in attached::of_owner(db, principal.id(), room, voices, STEP)? {
        let Some((_, id)) = file.message else {
            continue;
        };
        // Another file of its message may have taken it along.
        let Some(file) = attached::within(db, id, file.id)? else {
            continue;
        };
        let target = Target {
            room,
            id,
            principal: principal.clone(),
            at,
        };
        let outcome = match find(db, &target)? {
            Some(found) if found.wordless => withdraw(db, None, target, &found)?,
            Some(_) => take_out(db, None, target, &file)?,
            None => {
                attached::doom_of_message(db, id)?;
                continue;
            }
        };
        if let Outcome::Event(event) = outcome {
            events.push(event);
        }
    }
    Ok(Outcome::Events {
        room,
        created: None,
        events,
    })
}

fn take_out(
    db: &mut dyn Db,
    nonce: Option<&str>,
    target: Target,
    file: &FileRow,
) -> Result<Outcome, StoreError> {
    attached::take_out(db, file)?;
    let seq = next_seq(db, target.room)?;
    db.execute(
        "UPDATE messages SET rev = $1 WHERE id = $2",
        &[Value::Seq(seq), Value::Message(target.id)],
    )?;
    search::refresh(db, target.id)?;
    let first = File::first_kind(&attached::of_message(db, target.id)?);
    let Target {
        room,
        id,
        principal,
        at,
    } = target;
    let change = EventContent::FileTaken {
        id,
        at,
        by: PersonRef::from(principal.person.as_ref()),
        file: file.id,
        first,
    };
    insert_event(db, nonce, Event { room, seq, change })
}
