//! Changes of the cookie session: who its browser is from now on.

use actix_session::Session;
use serde::Serialize;
use uuid::Uuid;

use super::session_store::Keys;
use crate::error::Error;

/// Makes the session a new visitor's, under a new key.
///
/// # Errors
/// When the session cannot be written.
pub fn become_visitor(session: &Session) -> Result<(), Error> {
    remember(session, Keys::VISITOR, Uuid::new_v4())?;
    renew(session)
}

/// A new session key and session id: whoever had the old ones has nothing.
///
/// # Errors
/// When the session cannot be written.
pub fn renew(session: &Session) -> Result<(), Error> {
    session.renew();
    remember(session, Keys::SID, Uuid::new_v4())
}

/// Writes a value into the session.
///
/// # Errors
/// When it cannot be written.
pub fn remember(session: &Session, key: &str, value: impl Serialize) -> Result<(), Error> {
    session
        .insert(key, value)
        .map_err(|_unwritable| Error::Internal)
}
