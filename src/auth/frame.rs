//! The session of a frame: a page of another site shows the room, and its browser gives us no cookie there. The frame has a
//! token instead, which it sends with each call.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::bearer_token::Carrier;
use super::codes;
use super::session_store::Keys;
use crate::error::Error;
use crate::store::accounts::sessions::Kept;

/// The session of one frame, as one request has it.
pub struct Frame {
    /// The site that shows the frame, as browsers name it.
    pub host: String,
    key_hash: String,
    /// JSON by key, as a cookie session has it.
    values: RefCell<HashMap<String, String>>,
    changed: Cell<bool>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Frame")
    }
}

impl Frame {
    /// A session for a frame in a page of `host`, and its token.
    ///
    /// # Errors
    /// When its id cannot be written.
    pub fn new(host: String) -> Result<(String, Self), Error> {
        let token = Carrier::Frame.new_token();
        let frame = Self {
            host,
            key_hash: codes::hash(&token),
            values: RefCell::default(),
            changed: Cell::new(false),
        };
        frame.remember(Keys::SID, Uuid::new_v4())?;
        Ok((token, frame))
    }

    /// The session that was kept under the hash of its token; `None` when what was kept is of another shape.
    #[must_use]
    pub fn kept(key_hash: String, host: String, state: &str) -> Option<Self> {
        Some(Self {
            host,
            key_hash,
            values: RefCell::new(serde_json::from_str(state).ok()?),
            changed: Cell::new(false),
        })
    }

    /// The hash of its token.
    #[must_use]
    pub fn key_hash(&self) -> &str {
        &self.key_hash
    }

    /// The value of a key; `None` too when it has another shape.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.values.borrow().get(key)?).ok()
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&self, key: &str, value: impl Serialize) -> Result<(), Error> {
        let json = serde_json::to_string(&value).map_err(|_unwritable| Error::Internal)?;
        self.values.borrow_mut().insert(key.to_owned(), json);
        self.changed.set(true);
        Ok(())
    }

    /// Forgets the value of a key.
    pub fn forget(&self, key: &str) {
        let had = self.values.borrow_mut().remove(key).is_some();
        self.changed.set(self.changed.get() || had);
    }

    /// Whether it has changed since it was read.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.changed.get()
    }

    /// What is to be kept of it, until `expires` (ms since 1970).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_keep(&self, now: i64, expires: i64) -> Result<Kept, Error> {
        let values = &*self.values.borrow();
        let state = serde_json::to_string(values).map_err(|_unwritable| Error::Internal)?;
        Ok(Kept {
            key_hash: self.key_hash.clone(),
            user: self.get(Keys::USER),
            sid: self.get(Keys::SID),
            state,
            created: self.get(Keys::SINCE).unwrap_or(now),
            expires,
            host: Some(self.host.clone()),
        })
    }
}
