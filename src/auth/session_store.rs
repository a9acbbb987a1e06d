//! Cookie sessions in the server's own store.
//!
//! The cookie carries a random key (encrypted by actix-session); the table keeps its SHA-256, so
//! that reading the database opens no session. What a session holds is in [`Keys`].

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;

use super::codes::{self, hash};
use crate::store::Store;
use crate::store::accounts::sessions::{self, Kept};
use crate::text::clock::now_ms;

/// Characters of a session key: 62^64 of them, far past guessing (OWASP asks for 64 bits).
const KEY_CHARS: usize = 64;

/// The keys of a session's values.
#[derive(Debug)]
pub struct Keys;

impl Keys {
    /// The account's number, while signed in.
    pub const USER: &'static str = "user";
    /// The visitor's private id, a UUID.
    pub const VISITOR: &'static str = "visitor";
    /// The visitor's chosen name.
    pub const NAME: &'static str = "name";
    /// The session id by which its sockets are found; new at each sign-in.
    pub const SID: &'static str = "sid";
    /// The chosen language.
    pub const LANG: &'static str = "lang";
    /// The chosen theme.
    pub const THEME: &'static str = "theme";
    /// A visitor's other preferences, as JSON.
    pub const PREFERENCES: &'static str = "preferences";
    /// Time of the sign-in, ms since 1970.
    pub const SINCE: &'static str = "since";
    /// By what the account has signed in ([`super::via::Via`]).
    pub const VIA: &'static str = "via";
    /// What the site's sign-in was asked for with, and until when it is good.
    pub const NONCE: &'static str = "nonce";
    /// The last visit (ms since 1970) that prolonged the session.
    pub const SEEN: &'static str = "seen";
}

/// The store as a session store of actix-session.
#[derive(Debug, Clone)]
pub struct Sessions(Store);

impl Sessions {
    /// Keeps sessions in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    async fn keep(&self, state: &State, ttl: &Duration) -> anyhow::Result<SessionKey> {
        let key = codes::of_chars(KEY_CHARS);
        let now = now_ms();
        let kept = kept(&key, state, ttl, now)?;
        self.0.write(move |db| sessions::insert(db, &kept)).await?;
        Ok(SessionKey::try_from(key)?)
    }
}

/// The state of actix-session: values as JSON by key.
type State = HashMap<String, String>;

fn kept(key: &str, state: &State, ttl: &Duration, now: i64) -> serde_json::Result<Kept> {
    Ok(Kept {
        key_hash: hash(key),
        user: state.get(Keys::USER).and_then(|user| user.parse().ok()),
        sid: state
            .get(Keys::SID)
            .and_then(|sid| serde_json::from_str(sid).ok()),
        state: serde_json::to_string(state)?,
        created: state
            .get(Keys::SINCE)
            .and_then(|since| since.parse().ok())
            .unwrap_or(now),
        expires: expiry(now, ttl),
        host: None,
        via: state
            .get(Keys::VIA)
            .and_then(|via| serde_json::from_str(via).ok()),
    })
}

fn expiry(now: i64, ttl: &Duration) -> i64 {
    now.saturating_add(i64::try_from(ttl.whole_milliseconds()).unwrap_or(i64::MAX))
}

impl SessionStore for Sessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let (hash, now) = (hash(key.as_ref()), now_ms());
        let state = self
            .0
            .read(move |db| sessions::load(db, &hash, now))
            .await
            .map_err(|error| LoadError::Other(error.into()))?;
        state
            .map(|state| serde_json::from_str(&state))
            .transpose()
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        self.keep(&state, ttl).await.map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let kept = kept(key.as_ref(), &state, ttl, now_ms())
            .map_err(|error| UpdateError::Serialization(error.into()))?;
        let found = self
            .0
            .write(move |db| sessions::update(db, &kept))
            .await
            .map_err(|error| UpdateError::Other(error.into()))?;
        if found {
            Ok(key)
        } else {
            // Signed out in another tab while this request was in progress: the session must not come back
            // to life under another key.
            Err(UpdateError::Other(anyhow::anyhow!("the session has ended")))
        }
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        let (hash, expires) = (hash(key.as_ref()), expiry(now_ms(), ttl));
        Ok(self
            .0
            .write(move |db| sessions::prolong(db, &hash, expires))
            .await?)
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let hash = hash(key.as_ref());
        Ok(self.0.write(move |db| sessions::delete(db, &hash)).await?)
    }
}
