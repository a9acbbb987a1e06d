//! Signing an account out everywhere: nothing that was given to it before lets anybody in.

use super::{identities, sessions};
use crate::store::db::{Db, StoreError};

/// Ends every session of an account, at whichever node, and what its site has said of it before `now` (ms since 1970). Returns
/// the ids of the sessions, whose sockets end: those of this process are for the caller to close.
///
/// # Errors
/// When the database fails.
pub fn everywhere(db: &mut dyn Db, user: i64, now: i64) -> Result<Vec<String>, StoreError> {
    identities::end_tokens_of(db, user, now)?;
    sessions::end_others_of(db, user, None)
}
