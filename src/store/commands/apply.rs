//! Changes of rooms: what can be asked of the writer.
//!
//! [`apply`] runs inside the writer's transaction; ids and seqs are assigned there and nowhere
//! else, and permission is asked there once more. A nonce is looked up in the transaction that
//! would insert it, so a repeated send finds the first one, whichever connection or process
//! brought it; so does a repeated edit or recall, and a change that had nothing to change.

use uuid::Uuid;

use crate::model::command::{Ack, Command, Outcome};
use crate::model::person_id::PersonId;
use crate::store::commands::send::{self, Send};
use crate::store::commands::{message_files, messages, reactions, rooms};
use crate::store::db::{Db, StoreError, Value};

/// Writes one command, unless its sender's `nonce` has been written before.
///
/// # Errors
/// When the database fails; the caller then gives up the whole transaction.
pub fn apply(
    db: &mut dyn Db,
    nonce: Option<Uuid>,
    command: Command,
) -> Result<Outcome, StoreError> {
    let by = command.by().id;
    if let Some(nonce) = nonce
        && let Some(first) = written(db, by, nonce)?
    {
        return Ok(Outcome::Repeated(first));
    }
    let nonce = nonce.map(|nonce| nonce.to_string());
    let nonce = nonce.as_deref();
    let written = match command {
        Command::Send {
            message,
            body,
            attachments,
            fallback_name,
            principal,
        } => {
            let new = Send {
                message: *message,
                body: &body,
                attachments: &attachments,
                fallback_name,
                principal: &principal,
            };
            send::send(db, nonce, new)
        }
        Command::Edit { target, body } => messages::edit(db, nonce, *target, &body),
        Command::Recall { target, not_before } => messages::recall(db, nonce, *target, not_before),
        Command::React { target, emoji, on } => reactions::react(db, nonce, *target, emoji, on),
        Command::Pin { target, on } => reactions::pin(db, nonce, *target, on),
        Command::TakeFile { target, file } => message_files::take(db, nonce, *target, file),
        Command::Room(command) => rooms::apply(db, nonce, *command),
    }?;
    if let (Some(nonce), Outcome::Repeated(ack)) = (nonce, &written) {
        // Nothing had to be changed, so no event has the nonce.
        db.execute(
            "INSERT INTO nonces (by_id, nonce, room_id, message_id, seq, at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                Value::Person(by),
                Value::Text(nonce),
                Value::Room(ack.room),
                Value::Message(ack.id),
                Value::Seq(ack.seq),
                Value::Int(ack.at),
            ],
        )?;
    }
    Ok(written)
}

/// What person `by` has had written under `nonce`, as the answer to the same again.
///
/// # Errors
/// When the database fails.
pub fn written(db: &mut dyn Db, by: PersonId, nonce: Uuid) -> Result<Option<Ack>, StoreError> {
    let first = db.first(
        "SELECT room_id, message_id, seq, at FROM events WHERE by_id = $1 AND nonce = $2 \
         UNION ALL SELECT room_id, message_id, seq, at FROM nonces WHERE by_id = $1 AND nonce = $2",
        &[Value::Person(by), Value::Text(&nonce.to_string())],
    )?;
    first
        .map(|mut row| {
            Ok(Ack {
                room: row.room()?,
                id: row.message()?,
                seq: row.seq()?,
                at: row.int()?,
            })
        })
        .transpose()
}
