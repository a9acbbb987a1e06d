//! What the server remembers of a sender from one request to the next: who they are, and what they like.

use std::rc::Rc;

use actix_session::Session;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::frame::Frame;
use super::session_store::Keys;
use crate::error::Error;
use crate::store::accounts::tokens::Token;

/// The sender's memory: the values of [`Keys`], and where they are.
#[derive(Clone)]
pub enum Memory {
    /// In a browser's cookie session, which is empty when there is none yet.
    Cookie(Session),
    /// In the session of a frame.
    Frame(Rc<Frame>),
    /// Nowhere: a token says which account it speaks for, and that is all.
    Token(Rc<Token>),
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Memory")
    }
}

impl Memory {
    /// The value of a key; `None` too when it has another shape.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        match self {
            Self::Cookie(session) => session.get(key).ok().flatten(),
            Self::Frame(frame) => frame.get(key),
            Self::Token(token) => {
                let known = match key {
                    Keys::USER => Some(token.user.into()),
                    Keys::SID => Some(token.mark.as_str().into()),
                    _ => None,
                };
                known.and_then(|value: Value| serde_json::from_value(value).ok())
            }
        }
    }

    /// Whether there is a value under a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get::<Value>(key).is_some()
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::NotForTokens`].
    pub fn remember(&self, key: &str, value: impl Serialize) -> Result<(), Error> {
        match self {
            Self::Cookie(session) => session
                .insert(key, value)
                .map_err(|_unwritable| Error::Internal),
            Self::Frame(frame) => frame.remember(key, value),
            Self::Token(_) => Err(Error::NotForTokens),
        }
    }

    /// Forgets the value of a key.
    pub fn forget(&self, key: &str) {
        match self {
            Self::Cookie(session) => drop(session.remove(key)),
            Self::Frame(frame) => frame.forget(key),
            Self::Token(_) => {}
        }
    }

    /// Makes it a new visitor's, under a new key.
    ///
    /// # Errors
    /// As [`Self::renew`].
    pub fn become_visitor(&self) -> Result<(), Error> {
        self.remember(Keys::VISITOR, Uuid::new_v4())?;
        self.renew()
    }

    /// A new key and session id: whoever had the old ones has nothing.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::NotForTokens`] in a frame, which gets another session where it enters.
    pub fn renew(&self) -> Result<(), Error> {
        self.renew_key()?;
        self.remember(Keys::SID, Uuid::new_v4())
    }

    /// A new key for the same session, whose sockets go on.
    ///
    /// # Errors
    /// As [`Self::renew`].
    pub fn renew_key(&self) -> Result<(), Error> {
        let Self::Cookie(session) = self else {
            return Err(Error::NotForTokens);
        };
        session.renew();
        Ok(())
    }
}
