//! One server on several nodes, which share a database.
//!
//! The database is the truth: whatever a node has not heard, its [`sweep`] finds there. What they tell each other over
//! NATS ([`bus`], in [`envelope`]s) makes that fast, and may be lost. A node is a process, known to
//! the others by its boot, a UUID of this run; where there is one node none of this exists.

pub mod bus;
pub mod envelope;
mod health;
pub mod nats;
pub mod replays;
pub mod sweep;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::system::uname;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::config::KEEP;
use crate::store::postgres::sweep::{GONE, NodeRow};

/// After so long without a sweep a node does not know any more what the others do.
const STALE: Duration = Duration::from_secs(3);

/// After so long without an answer to its sweeps a node sends its people to another one, if there is a better one.
const WORSE: Duration = Duration::from_secs(10);

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
    /// Whether NATS is there; nothing where it has none.
    pub nats: Option<bool>,
    /// How long its last sweep took, in ms: the way to the database and back.
    pub store_ms: Option<u64>,
    /// How far the database's clock is ahead of that of its machine, in ms.
    pub clock_ms: Option<i64>,
    /// The hash in the addresses of its page's files.
    pub assets: String,
    /// What tells its settings from those of others, by section.
    pub settings: BTreeMap<String, String>,
}

impl NodeDetail {
    /// What a node says of itself, as far as this program understands it.
    #[must_use]
    pub fn of(row: &NodeRow) -> Self {
        serde_json::from_str(&row.detail).unwrap_or_default()
    }

    /// The sections in which its settings are not these; none where it does not say.
    #[must_use]
    pub fn differs_from(&self, settings: &BTreeMap<String, String>) -> Vec<String> {
        let told = self.settings.iter();
        let other = told.filter(|(section, print)| {
            // Two versions may have other settings in a section.
            let is_known = self.version == env!("CARGO_PKG_VERSION") || *section == KEEP;
            is_known && settings.get(*section).is_some_and(|own| own != *print)
        });
        other.map(|(section, _)| section.clone()).collect()
    }
}

/// What a node knows of itself and the others.
#[derive(Debug)]
pub struct Cluster {
    /// What it is called.
    pub node: String,
    /// What it is known by to the others.
    pub boot: Uuid,
    /// What tells its settings from those of others, by section.
    pub settings: BTreeMap<String, String>,
    /// Whether it does what one node has to do.
    on_duty: watch::Sender<bool>,
    view: Mutex<View>,
}

/// The other nodes, and the way to them.
#[derive(Debug, Default)]
struct View {
    /// As the last sweep has seen them.
    nodes: Vec<NodeRow>,
    swept: Option<Instant>,
    /// Whether the last one was not answered.
    fails: bool,
    /// When some other node is known to have swept.
    others_swept: Option<Instant>,
    /// Whether NATS is there; nothing where there is none in the settings.
    nats: Option<bool>,
}

impl Cluster {
    /// A node of this name, with these settings.
    #[must_use]
    pub fn new(node: String, boot: Uuid, settings: BTreeMap<String, String>) -> Self {
        Self {
            node,
            boot,
            settings,
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

    /// Whether it is better to come to another node: this one does not know what the others do, and one of them does, or may.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let view = self.view();
        view.knew(STALE).is_none()
            && (view.others_know() || view.nats != Some(true) && view.has_others(self.boot))
    }

    /// Whether the database does not answer just now.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        let view = self.view();
        view.fails || view.knew(STALE).is_none()
    }

    /// Whether those who are at this node do better at another one: it has not reached the database for a while, and another
    /// one says that it has. So is a node that stood still, for a moment.
    #[must_use]
    pub fn is_worse_off(&self) -> bool {
        let view = self.view();
        view.knew(WORSE).is_none() && view.others_know()
    }

    /// Whether NATS is there; `None` where there is none in the settings.
    #[must_use]
    pub fn nats(&self) -> Option<bool> {
        self.view().nats
    }

    /// NATS is there, or is not.
    fn have_nats(&self, is_there: bool) {
        self.view().nats = Some(is_there);
    }

    /// Another node has said how long ago it swept.
    fn hear_beat(&self, swept: Duration) {
        let swept = Instant::now().checked_sub(swept);
        let mut view = self.view();
        view.others_swept = view.others_swept.max(swept);
    }

    /// The nodes, this one too, as the last sweep has seen them: those that are [`GONE`] for up to an hour.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeRow> {
        self.view().nodes.clone()
    }

    /// Whether all nodes that live keep messages and files for as long as this one. Where they do not, none deletes any.
    #[must_use]
    pub fn keeps_alike(&self) -> bool {
        let nodes = self.nodes().into_iter();
        let mut living = nodes.filter(|row| row.silent_ms < GONE);
        living.all(|row| {
            let differs = NodeDetail::of(&row).differs_from(&self.settings);
            !differs.iter().any(|section| section == KEEP)
        })
    }

    fn have_swept(&self, nodes: Vec<NodeRow>, on_duty: bool) {
        {
            let mut view = self.view();
            view.nodes = nodes;
            view.swept = Some(Instant::now());
            view.fails = false;
        }
        // Last: what one node has to do may need to know the others.
        self.on_duty
            .send_if_modified(|was| std::mem::replace(was, on_duty) != on_duty);
    }

    /// A sweep was not answered.
    fn have_not_swept(&self) {
        self.view().fails = true;
    }

    fn view(&self) -> std::sync::MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// When this node has swept, where that was not so long ago.
    fn knew(&self, ago: Duration) -> Option<Instant> {
        self.swept.filter(|swept| swept.elapsed() < ago)
    }

    /// Whether another node has known a moment ago what the others do.
    fn others_know(&self) -> bool {
        self.others_swept
            .is_some_and(|swept| swept.elapsed() < STALE)
    }

    /// Whether there was another node when it was last known.
    fn has_others(&self, boot: Uuid) -> bool {
        let is_other = |row: &NodeRow| row.boot != boot && row.silent_ms < GONE;
        self.nodes.iter().any(is_other)
    }
}
