//! The message that a command is about, as it is before.

use crate::model::command::{Ack, Outcome, Target};
use crate::model::mention::Mentions;
use crate::model::message::KIND_VOICE;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::visitors;
use crate::store::db::{Db, StoreError, Value};

/// What decides whether a message may be changed.
pub(super) struct Found {
    pub(super) author: PersonId,
    pub(super) seq: Seq,
    pub(super) mentions: Mentions,
    rev: Seq,
    pub(super) created_at: i64,
    pub(super) recalled_at: Option<i64>,
    pub(super) pinned: bool,
    pub(super) files: i64,
    pub(super) voice: bool,
    pub(super) wordless: bool,
}

impl Found {
    /// Whether `principal` is its author, by this account or as the visitor before it.
    pub(super) fn is_of(&self, db: &mut dyn Db, principal: &Principal) -> Result<bool, StoreError> {
        Ok(self.author == principal.id() || visitors::was(db, &principal.person, self.author)?)
    }

    /// What is answered to a change that changes nothing: the message as it is.
    pub(super) fn as_it_was(&self, room: RoomId, id: MessageId) -> Outcome {
        Outcome::Repeated(Ack {
            room,
            id,
            seq: self.rev,
            at: self.recalled_at.unwrap_or(self.created_at),
        })
    }
}

pub(super) fn find(db: &mut dyn Db, target: &Target) -> Result<Option<Found>, StoreError> {
    let found = db.first(
        "SELECT author, seq, mentions, rev, created_at, recalled_at, pinned_at, files, kind, CASE WHEN content = '' THEN 1 ELSE 0 END FROM messages WHERE room_id = $1 AND id = $2",
        &[Value::Room(target.room), Value::Message(target.id)],
    )?;
    found
        .map(|mut row| {
            Ok(Found {
                author: row.person()?,
                seq: row.seq()?,
                mentions: Mentions::from_text(&row.text()?),
                rev: row.seq()?,
                created_at: row.int()?,
                recalled_at: row.maybe_int()?,
                pinned: row.maybe_int()?.is_some(),
                files: row.int()?,
                voice: row.int()? == KIND_VOICE,
                wordless: row.int()? != 0,
            })
        })
        .transpose()
}
