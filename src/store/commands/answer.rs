//! The message that a command was about, as whoever gave the command is answered.

use crate::error::Error;
use crate::model::command::Ack;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::store::commands::common::permitted;
use crate::store::db::{Db, StoreError};
use crate::store::queries::messages;

/// The message of an ack as it is now. Who may not read its room any more gets of it what they have said themselves, and
/// of others nothing.
///
/// # Errors
/// When the database fails. Within: [`Error::NotFound`] where it is gone, or not theirs and not to be read;
/// nothing of a room that their token is not good in; [`Error::BadData`] where the ack is about no message.
pub fn acked(
    db: &mut dyn Db,
    ack: &Ack,
    principal: &Principal,
) -> Result<Result<Message, Error>, StoreError> {
    if ack.id == MessageId(0) {
        return Ok(Err(Error::BadData));
    }
    if !principal.reaches(ack.room) {
        return Ok(Err(Error::NotFound));
    }
    let found = messages::one(db, ack.id)?.filter(|found| found.room == ack.room);
    let Some(mut message) = found else {
        return Ok(Err(Error::NotFound));
    };
    if permitted(db, ack.room, principal, Action::Read)?.is_err() {
        if message.by.id != principal.id() {
            return Ok(Err(Error::NotFound));
        }
        message.reply = None;
        message.reactions = Vec::new();
        message.pinned = false;
    }
    Ok(Ok(message))
}
