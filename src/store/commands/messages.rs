//! Editing and recalling messages: the statements.

use crate::error::Error;
use crate::model::command::{Outcome, Target};
use crate::model::event::{Event, EventContent};
use crate::model::person::PersonRef;
use crate::model::policy::Action;
use crate::store::commands::common::{insert_event, next_seq, permitted, refused};
use crate::store::commands::target::{Found, find};
use crate::store::commands::{mentions, reactions};
use crate::store::db::{Db, StoreError, Value};
use crate::store::files::attached;
use crate::store::queries::versions;
use crate::store::search;
use crate::text::body::RenderedBody;

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
    let room = target.room;
    let (body, mentioned) =
        mentions::resolve(body, &access, |key| mentions::account(db, room, key))?;
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
