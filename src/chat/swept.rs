//! What sweeps of the database have found and ChatServer has not taken in yet, and the way to ask for one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::chat::presence::Neighbour;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::notices::Notice;

/// What other nodes of this server, and the command line, have changed.
#[derive(Debug, Default)]
pub struct Swept {
    /// The other nodes that live, and do not go down.
    pub nodes: Vec<Neighbour>,
    /// What they have changed beside the events of rooms, in order.
    pub notices: Vec<Notice>,
    /// How far rooms are in which something happened.
    pub heads: HashMap<RoomId, Head>,
}

/// How far a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The seq of its newest event.
    pub seq: Seq,
    /// The numbering that it belongs to, where that is known.
    pub epoch: Option<String>,
}

impl Swept {
    /// Adds what a later sweep has found.
    fn add(&mut self, later: Self) {
        self.nodes = later.nodes;
        self.notices.extend(later.notices);
        for (room, mut head) in later.heads {
            let before = self.heads.remove(&room);
            head.epoch = head.epoch.or(before.and_then(|before| before.epoch));
            self.heads.insert(room, head);
        }
    }
}

/// The way from the thread that sweeps, and to it: cheap to clone. What has been found lies here and not in the mailbox, so
/// that it can be taken in before what came into that earlier.
#[derive(Clone)]
pub struct Sweeps {
    found: Arc<Mutex<Option<Swept>>>,
    ask: Arc<dyn Fn() -> oneshot::Receiver<()> + Send + Sync>,
}

impl Sweeps {
    /// `ask` has a sweep begin, and tells when it is done.
    pub fn new(ask: impl Fn() -> oneshot::Receiver<()> + Send + Sync + 'static) -> Self {
        Self {
            found: Arc::default(),
            ask: Arc::new(ask),
        }
    }

    /// Has a sweep begin; what it finds can be taken when the answer comes.
    #[must_use]
    pub fn ask(&self) -> oneshot::Receiver<()> {
        (self.ask)()
    }

    /// Adds what a sweep has found. Whether nothing lay here before, so that ChatServer has to be told.
    #[must_use]
    pub fn put(&self, swept: Swept) -> bool {
        let mut found = self.found();
        match found.as_mut() {
            Some(found) => {
                found.add(swept);
                false
            }
            None => {
                *found = Some(swept);
                true
            }
        }
    }

    /// Takes what has been found.
    #[must_use]
    pub fn take(&self) -> Option<Swept> {
        self.found().take()
    }

    fn found(&self) -> MutexGuard<'_, Option<Swept>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sweeps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sweeps")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_is_added_to_what_was_found_before() {
        let sweeps = Sweeps::new(|| oneshot::channel().1);
        let found = |sid: &str, seq, epoch: Option<&str>| {
            let epoch = epoch.map(str::to_owned);
            let head = Head {
                seq: Seq(seq),
                epoch,
            };
            Swept {
                notices: vec![Notice::SessionEnded { sid: sid.into() }],
                heads: HashMap::from([(RoomId(3), head)]),
                ..Swept::default()
            }
        };
        assert!(sweeps.put(found("a", 5, Some("e"))));
        assert!(!sweeps.put(found("b", 7, None)));
        let both = sweeps.take().unwrap();
        let sid = |sid: &str| Notice::SessionEnded { sid: sid.into() };
        assert_eq!(both.notices, [sid("a"), sid("b")]);
        let head = Head {
            seq: Seq(7),
            epoch: Some("e".to_owned()),
        };
        assert_eq!(both.heads[&RoomId(3)], head);
        assert!(sweeps.take().is_none());
        assert!(sweeps.put(found("c", 8, None)));
    }
}
