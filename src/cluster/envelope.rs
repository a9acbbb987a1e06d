//! What nodes say to each other over NATS: JSON that can be read with `nats sub`, and a keyed hash of it in a header.
//!
//! Whoever reaches the NATS server can read along, but not speak: what has not the hash that only nodes of this server
//! can make is refused, and so is what was said long ago. Whatever is refused is found in the database. Bound: [`MAX`].

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use uuid::Uuid;

use crate::auth::throttle::Attempt;
use crate::chat::word::Word;
use crate::model::command::CommittedEvents;

/// The longest envelope, in bytes: half of what NATS takes by default. Of a group that is longer only the room's head is
/// told.
pub const MAX: usize = 512 * 1024;

/// The header with the keyed hash.
pub const HEADER: &str = "Teahouse-Mac";

/// How long ago something may have been said, in ms; or how far ahead the clock of who said it may be.
const FRESH: i64 = 60_000;

/// Bytes of a keyed hash: nobody guesses one of 2^128.
const MAC: usize = 16;

/// How envelopes are written. Nodes of another version learn of what happens from the database.
const VERSION: u32 = 1;

/// What an envelope has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Events of a room were committed.
    Events(CommittedEvents),
    /// A notice was committed: it is to be looked for in the database, where it stands between those before and after it.
    Notice,
    /// Something about people: who is there, who types.
    Word(Word),
    /// How an attempt to sign in has ended.
    Attempt(Attempt),
    /// A node has not this file of the page.
    Asset(Wanted),
    /// How its node is.
    Beat(Beat),
}

/// How a node is, said every second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// How long ago it last knew all that the others have changed, in ms.
    pub swept_ms: u64,
}

/// A file of some version's page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wanted {
    /// The hash in its address.
    pub tree: String,
    /// What comes after it.
    pub path: String,
}

impl Content {
    /// The subject that it is told under, behind the prefix of the server.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Events(committed) => format!("ev.{}", committed.room.0),
            Self::Notice => "notice".to_owned(),
            Self::Word(Word::Here(_)) => "here".to_owned(),
            Self::Word(Word::Ask(_)) => "ask".to_owned(),
            Self::Word(Word::Types(_)) => "typing".to_owned(),
            Self::Word(Word::Marks(_)) => "mark".to_owned(),
            Self::Beat(_) => "beat".to_owned(),
            Self::Attempt(_) => "attempt".to_owned(),
            Self::Asset(_) => "asset".to_owned(),
        }
    }

    /// What it is called in the metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Events(_) => "events",
            Self::Notice => "notice",
            Self::Word(_) => "word",
            Self::Beat(_) => "beat",
            Self::Attempt(_) => "attempt",
            Self::Asset(_) => "asset",
        }
    }

    /// Reads what was heard under a subject; `None` when it is of a kind that this program does not know.
    fn read(subject: &str, json: &str) -> serde_json::Result<Option<Self>> {
        Ok(Some(match subject {
            "notice" => Self::Notice,
            "here" => Self::Word(Word::Here(serde_json::from_str(json)?)),
            "ask" => Self::Word(Word::Ask(serde_json::from_str(json)?)),
            "typing" => Self::Word(Word::Types(serde_json::from_str(json)?)),
            "mark" => Self::Word(Word::Marks(serde_json::from_str(json)?)),
            "beat" => Self::Beat(serde_json::from_str(json)?),
            "attempt" => Self::Attempt(serde_json::from_str(json)?),
            "asset" => Self::Asset(serde_json::from_str(json)?),
            _ if subject.starts_with("ev.") => Self::Events(serde_json::from_str(json)?),
            _ => return Ok(None),
        }))
    }
}

/// What was in an envelope, and who has said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The boot of the node.
    pub node: Uuid,
    /// How many envelopes it has written, with this one.
    pub count: u64,
    /// When it has said it, ms since 1970, by the clock that all nodes follow.
    pub at: i64,
    /// What it has said.
    pub content: Content,
}

/// Why an envelope was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than any that a node writes.
    Long,
    /// It has no hash, or not that of a node of this server.
    Forged,
    /// This node has said it.
    Own,
    /// It was said too long ago, or by a clock that is too far off.
    Stale,
    /// It was heard before, or is older than one that was.
    Old,
    /// A program of another version has written it, or it is of a kind that this one does not know.
    Unknown,
}

impl Refused {
    /// Its name in the metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Forged => "forged",
            Self::Own => "own",
            Self::Stale => "stale",
            Self::Old => "old",
            Self::Unknown => "unknown",
        }
    }
}

/// An envelope as it leaves.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Its JSON.
    pub json: Bytes,
    /// The value of [`HEADER`].
    pub mac: String,
}

/// Seals what this node says, and opens what others do.
#[derive(Debug)]
pub struct Envelopes {
    key: Hmac<Sha256>,
    boot: Uuid,
    /// Envelopes written.
    count: AtomicU64,
}

#[derive(Serialize)]
struct Outgoing<'a, T> {
    v: u32,
    node: Uuid,
    n: u64,
    at: i64,
    d: &'a T,
}

#[derive(Deserialize)]
struct Incoming<'a> {
    v: u32,
    node: Uuid,
    n: u64,
    at: i64,
    #[serde(borrow)]
    d: &'a RawValue,
}

impl Envelopes {
    /// Of the node `boot` of the server that has this key.
    #[must_use]
    pub fn new(key: [u8; 32], boot: Uuid) -> Self {
        Self {
            key: <Hmac<Sha256> as KeyInit>::new(&block(key)),
            boot,
            count: AtomicU64::new(0),
        }
    }

    /// Seals something that is said now, `at` ms since 1970, in `max` bytes at most. Events that are too long are left out:
    /// who hears that there are some reads them.
    #[must_use]
    pub fn seal(&self, mut content: Content, at: i64, max: usize) -> Option<Sealed> {
        let mut json = self.write(&content, at)?;
        if json.len() > max.min(MAX) {
            let Content::Events(committed) = &mut content else {
                return None;
            };
            committed.events.clear();
            json = self.write(&content, at)?;
        }
        Some(Sealed {
            mac: self.sign(&content.subject(), &json),
            json: json.into(),
        })
    }

    /// The value of [`HEADER`] for what is said under `subject`.
    #[must_use]
    pub fn sign(&self, subject: &str, said: &[u8]) -> String {
        let hash = self.hash(subject, said).finalize().into_bytes();
        let mut mac = String::with_capacity(2 * MAC);
        for byte in hash.iter().take(MAC) {
            // Text takes everything.
            let _whole = write!(mac, "{byte:02x}");
        }
        mac
    }

    /// Whether a node of this server has said this under `subject`.
    #[must_use]
    pub fn has_signed(&self, subject: &str, mac: Option<&str>, said: &[u8]) -> bool {
        let mac = mac.and_then(from_hex);
        mac.is_some_and(|mac| self.hash(subject, said).verify_truncated_left(&mac).is_ok())
    }

    /// Opens what was heard under `subject`, without the prefix of the server, `now` in ms since 1970.
    ///
    /// # Errors
    /// Why it is not believed, or not understood.
    pub fn open(
        &self,
        subject: &str,
        mac: Option<&str>,
        json: &[u8],
        now: i64,
    ) -> Result<Opened, Refused> {
        if json.len() > MAX {
            return Err(Refused::Long);
        }
        if !self.has_signed(subject, mac, json) {
            return Err(Refused::Forged);
        }
        let unknown = |_: serde_json::Error| Refused::Unknown;
        let envelope: Incoming<'_> = serde_json::from_slice(json).map_err(unknown)?;
        if envelope.v != VERSION {
            return Err(Refused::Unknown);
        }
        if envelope.node == self.boot {
            return Err(Refused::Own);
        }
        if now.abs_diff(envelope.at) > FRESH.unsigned_abs() {
            return Err(Refused::Stale);
        }
        let content = Content::read(subject, envelope.d.get()).map_err(unknown)?;
        Ok(Opened {
            node: envelope.node,
            count: envelope.n,
            at: envelope.at,
            content: content.ok_or(Refused::Unknown)?,
        })
    }

    fn write(&self, content: &Content, at: i64) -> Option<Vec<u8>> {
        let n = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        match content {
            Content::Events(events) => self.json(n, at, events),
            Content::Notice => self.json(n, at, &()),
            Content::Word(Word::Here(here)) => self.json(n, at, here),
            Content::Word(Word::Ask(ask)) => self.json(n, at, ask),
            Content::Word(Word::Types(types)) => self.json(n, at, types),
            Content::Word(Word::Marks(marks)) => self.json(n, at, marks),
            Content::Beat(beat) => self.json(n, at, beat),
            Content::Attempt(attempt) => self.json(n, at, attempt),
            Content::Asset(wanted) => self.json(n, at, wanted),
        }
    }

    fn json(&self, n: u64, at: i64, d: &impl Serialize) -> Option<Vec<u8>> {
        let (v, node) = (VERSION, self.boot);
        serde_json::to_vec(&Outgoing { v, node, n, at, d }).ok()
    }

    fn hash(&self, subject: &str, json: &[u8]) -> Hmac<Sha256> {
        self.key
            .clone()
            .chain_update(subject)
            .chain_update([0])
            .chain_update(json)
    }
}

/// A key as long as a block of the hash, which HMAC fills up with zeros itself.
fn block(key: [u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = from;
    }
    block
}

/// The bytes that these digits stand for.
fn from_hex(text: &str) -> Option<[u8; MAC]> {
    let mut bytes = [0; MAC];
    let digits = text.as_bytes();
    if digits.len() != 2 * MAC {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        let is_hex = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *byte = is_hex.then(|| u8::from_str_radix(pair, 16).ok())??;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
