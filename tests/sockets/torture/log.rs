//! What was asked, acked and heard: what the checker looks at after the run.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use uuid::Uuid;

/// A change that a sender asks for.
#[derive(Debug, Clone)]
pub enum Intent {
    Say(String),
    Edit(i64, String),
    Recall(i64),
}

/// The kinds of change, as the feed names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Message,
    Edit,
    Recall,
}

impl Intent {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Say(_) => Kind::Message,
            Self::Edit(..) => Kind::Edit,
            Self::Recall(_) => Kind::Recall,
        }
    }

    /// The words after it.
    pub fn words(&self) -> Words {
        match self {
            Self::Say(words) | Self::Edit(_, words) => Words::of(words),
            Self::Recall(_) => Words::of(""),
        }
    }
}

/// Words, remembered in 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(u64);

impl Words {
    pub fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// An acked wish.
#[derive(Debug, Clone)]
pub struct Fact {
    pub nonce: Uuid,
    pub kind: Kind,
    pub words: Words,
    pub id: i64,
    pub seq: i64,
}

/// An event that a reader has heard.
#[derive(Debug, Clone)]
pub struct Told {
    pub seq: i64,
    pub kind: Kind,
    pub id: i64,
    pub words: Words,
    /// As it happened, not in a resume.
    pub live: bool,
}

/// A message of a fresh page.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: i64,
    pub rev: i64,
    pub words: Words,
    pub recalled: bool,
}

/// A fresh page that replaced what was missed.
#[derive(Debug, Clone)]
pub struct Reset {
    pub from: i64,
    pub head: i64,
    pub page: Vec<Shown>,
}

/// All that one reader has heard, in order.
#[derive(Debug, Default)]
pub struct Deliveries {
    pub told: Vec<Told>,
    pub resets: Vec<Reset>,
    /// The last seq applied.
    pub seq: i64,
}
