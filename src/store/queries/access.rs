//! What somebody may do in a room, asked outside of a command.

use crate::error::Error;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::commands::common::permitted;
use crate::store::db::{Db, StoreError};

/// Whether `principal` may do `action` in `room`, as the store has it now.
///
/// # Errors
/// When the database fails.
pub fn authorize(
    db: &mut dyn Db,
    room: RoomId,
    principal: &Principal,
    action: Action,
) -> Result<Result<(), Error>, StoreError> {
    Ok(permitted(db, room, principal, action)?.map(|_access| ()))
}
