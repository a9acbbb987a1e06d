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
use super::via::Via;
use crate::error::Error;
use crate::store::accounts::sessions::{self, Kept};
use crate::store::db::{Db, StoreError};

/// Sessions of one account in frames of one site; past that, opening one ends the one that was seen longest ago.
const FRAMES: i64 = 20;

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

    /// Opens a session of an account at `now` for a frame in a page of `host`, or for a socket of such a page, which lives for
    /// `ttl`; both in ms. Part of a transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open(
        db: &mut dyn Db,
        host: &str,
        user: i64,
        via: Via,
        now: i64,
        ttl: i64,
    ) -> Result<Opened, StoreError> {
        let ended = sessions::end_stalest_of(db, user, Some(host), FRAMES - 1)?;
        let made = || {
            let (token, frame) = Self::new(host.to_owned())?;
            frame.remember(Keys::USER, user)?;
            frame.remember(Keys::VIA, via)?;
            for key in [Keys::SINCE, Keys::SEEN] {
                frame.remember(key, now)?;
            }
            let kept = frame.to_keep(now, now.saturating_add(ttl))?;
            frame.changed.set(false);
            Ok::<_, Error>((token, frame, kept))
        };
        let (token, frame, kept) = made().map_err(|_unwritable| StoreError::Shape)?;
        sessions::insert(db, &kept)?;
        Ok(Opened {
            token,
            frame,
            ended,
        })
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
            via: self.get(Keys::VIA),
        })
    }
}

/// A session that has just been opened.
pub struct Opened {
    /// Its token.
    pub token: String,
    /// The session.
    pub frame: Frame,
    /// The ids of those that had to end for it.
    pub ended: Vec<String>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Opened")
    }
}
