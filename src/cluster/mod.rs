//! One server on several nodes, which share a database.
//!
//! The database is the truth: whatever a node has not heard, its [`sweep`] finds there. What they tell each other over
//! NATS ([`bus`], in [`envelope`]s) makes that fast, and may be lost. A node is a process, known to
//! the others by its boot, a UUID of this run; where there is one node none of this exists.

pub mod bus;
pub mod envelope;
pub mod nats;
pub mod replays;
pub mod sweep;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::system::uname;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::store::postgres::sweep::NodeRow;

/// After so long without a sweep a node does not know any more what the others do.
pub const STALE: Duration = Duration::from_secs(3);

/// What this machine is called.
#[must_use]
pub fn host() -> String {
    uname().nodename().to_string_lossy().into_owned()
}

/// What a node says of itself beside that it lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeDetail {
    /// The version of its program.
    pub version: String,
    /// WebSockets that are open there.
    pub connections: usize,
    /// People who are there, each once.
    pub people: usize,
    /// Whether it is going down.
    pub draining: bool,
    /// Whether it does what one node has to do.
    pub on_duty: bool,
    /// The hash in the addresses of its page's files.
    pub assets: String,
}

impl NodeDetail {
    /// What a node says of itself, as far as this program understands it.
    #[must_use]
    pub fn of(row: &NodeRow) -> Self {
        serde_json::from_str(&row.detail).unwrap_or_default()
    }
}

/// What a node knows of itself and the others.
#[derive(Debug)]
pub struct Cluster {
    /// What it is called.
    pub node: String,
    /// What it is known by to the others.
    pub boot: Uuid,
    /// Whether it does what one node has to do.
    on_duty: watch::Sender<bool>,
    view: Mutex<View>,
}

/// The other nodes, as the last sweep has seen them.
#[derive(Debug, Default)]
struct View {
    nodes: Vec<NodeRow>,
    swept: Option<Instant>,
}

impl Cluster {
    /// A node of this name.
    #[must_use]
    pub fn new(node: String, boot: Uuid) -> Self {
        Self {
            node,
            boot,
            on_duty: watch::Sender::new(false),
            view: Mutex::default(),
        }
    }

    /// Whether this node does what one node has to do, such as deleting what has expired.
    #[must_use]
    pub fn is_on_duty(&self) -> bool {
        *self.on_duty.borrow()
    }

    /// Tells when that changes from now on.
    #[must_use]
    pub fn duty(&self) -> watch::Receiver<bool> {
        self.on_duty.subscribe()
    }

    /// How long ago the last sweep was; `None` before the first.
    #[must_use]
    pub fn since_sweep(&self) -> Option<Duration> {
        self.view().swept.map(|swept| swept.elapsed())
    }

    /// The nodes, this one too, as the last sweep has seen them: those that are [`GONE`] for up to an hour.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeRow> {
        self.view().nodes.clone()
    }

    fn have_swept(&self, nodes: Vec<NodeRow>, on_duty: bool) {
        self.on_duty
            .send_if_modified(|was| std::mem::replace(was, on_duty) != on_duty);
        *self.view() = View {
            nodes,
            swept: Some(Instant::now()),
        };
    }

    fn view(&self) -> std::sync::MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
