//! What the server remembers of a sender from one request to the next: who they are, and what they like.

use actix_session::Session;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::session_store::Keys;
use crate::error::Error;

/// The sender's memory: the values of [`Keys`], in their cookie session.
#[derive(Clone)]
pub struct Memory(Session);

impl std::fmt::Debug for Memory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Memory")
    }
}

impl Memory {
    /// The memory of a browser with a cookie; empty when there is none yet.
    #[must_use]
    pub fn of_cookie(session: Session) -> Self {
        Self(session)
    }

    /// The value of a key; `None` too when it has another shape.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.0.get(key).ok().flatten()
    }

    /// Whether there is a value under a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.0.entries().contains_key(key)
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&self, key: &str, value: impl Serialize) -> Result<(), Error> {
        self.0
            .insert(key, value)
            .map_err(|_unwritable| Error::Internal)
    }

    /// Forgets the value of a key.
    pub fn forget(&self, key: &str) {
        self.0.remove(key);
    }

    /// Makes it a new visitor's, under a new key.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn become_visitor(&self) -> Result<(), Error> {
        self.remember(Keys::VISITOR, Uuid::new_v4())?;
        self.renew()
    }

    /// A new key and session id: whoever had the old ones has nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn renew(&self) -> Result<(), Error> {
        self.0.renew();
        self.remember(Keys::SID, Uuid::new_v4())
    }
}
