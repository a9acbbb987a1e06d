//! The thread that asks the database twice a second what other nodes have changed.
//!
//! Alone it makes several nodes right, up to [`EVERY`] late: rooms in which something happened pass ChatServer's
//! resequencer, which reads what is missing; notices do what they say, as they do on the node that wrote them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Cluster, NodeDetail};
use crate::chat::handle::ChatHandle;
use crate::chat::presence::Neighbour;
use crate::error::Error;
use crate::model::command::CommittedEvents;
use crate::store::notices::Notice;
use crate::store::postgres::sweep::{GONE, NodeRow, RoomHead, Sweeper, Swept};
use crate::text::clock;
use crate::{telemetry, vital};

/// From one sweep to the next.
const EVERY: Duration = Duration::from_millis(500);

/// From one sweep to the next that was asked for: one that is asked for meanwhile finds what both would.
const SOONEST: Duration = Duration::from_millis(50);

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(2);

/// How often it is logged that there is no sweep.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// The way to the thread.
#[derive(Debug)]
pub struct SweepThread {
    wake: Wake,
    thread: JoinHandle<()>,
}

/// Has the thread sweep now, not at its time.
#[derive(Debug, Clone)]
pub struct Wake {
    wake: SyncSender<()>,
    stops: Arc<AtomicBool>,
}

impl Wake {
    /// Sweeps soon. Nothing needs to be looked at that a sweep would not: it asks for all that was committed, whoever has
    /// told of it.
    pub fn soon(&self) {
        // One that is to wake already does.
        let _awake = self.wake.try_send(());
    }
}

impl SweepThread {
    /// Starts it. `detail` is what this node says of itself, `deleted` is called when an account was deleted.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        sweeper: Sweeper,
        chat: ChatHandle,
        cluster: Arc<Cluster>,
        detail: impl Fn() -> NodeDetail + Send + 'static,
        deleted: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let stops = Arc::new(AtomicBool::new(false));
        let wake = Wake { wake, stops };
        let stops = Arc::clone(&wake.stops);
        // Everything was read a moment ago.
        cluster.have_swept(Vec::new(), false);
        let sweeping = Sweeping {
            chat,
            cluster,
            detail: Box::new(detail),
            deleted: Box::new(deleted),
            beat: None,
            logged: None,
        };
        let thread = thread::Builder::new()
            .name("cluster".into())
            .spawn(move || sweeping.run(sweeper, &woken, &stops))?;
        Ok(Self { wake, thread })
    }

    /// Has it sweep now.
    #[must_use]
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Ends it: this node is none any more. Blocks until the database knows.
    pub fn stop(self) {
        self.wake.stops.store(true, Ordering::Release);
        self.wake.soon();
        let _panicked = self.thread.join();
    }
}

struct Sweeping {
    chat: ChatHandle,
    cluster: Arc<Cluster>,
    /// What this node says of itself.
    detail: Box<dyn Fn() -> NodeDetail + Send>,
    /// Called when an account was deleted.
    deleted: Box<dyn Fn() + Send>,
    /// When this node said that it lives.
    beat: Option<Instant>,
    /// When it was logged that there is no sweep.
    logged: Option<Instant>,
}

impl Sweeping {
    fn run(mut self, mut sweeper: Sweeper, woken: &Receiver<()>, stops: &AtomicBool) {
        vital::thread();
        while !stops.load(Ordering::Acquire) {
            let began = Instant::now();
            self.sweep(&mut sweeper);
            match woken.recv_timeout(EVERY) {
                Ok(()) => thread::sleep(SOONEST.saturating_sub(began.elapsed())),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Err(error) = sweeper.leave() {
            tracing::warn!(%error, "the other nodes find out by themselves that this one is gone");
        }
    }

    fn sweep(&mut self, sweeper: &mut Sweeper) {
        let beats = self.beat.is_none_or(|beat| beat.elapsed() >= BEAT);
        let (began, asked) = (Instant::now(), clock::machine_ms());
        let beat = beats.then(|| self.beat_with());
        let swept = sweeper.sweep(beat.as_deref());
        let answered = clock::machine_ms();
        match swept {
            Ok(swept) => {
                telemetry::cluster::swept(Some(began.elapsed()));
                if beats {
                    self.beat = Some(began);
                }
                clock::follow(swept.now_ms - i64::midpoint(asked, answered));
                if self.take(swept).is_err() {
                    sweeper.look_at_all();
                }
            }
            Err(error) => {
                telemetry::cluster::swept(None);
                let logged = self
                    .logged
                    .is_some_and(|logged| logged.elapsed() < LOG_EVERY);
                if !logged {
                    self.logged = Some(began);
                    tracing::warn!(%error, "what other nodes do is not known: the database does not answer");
                }
            }
        }
    }

    /// What the others are told when this node says that it lives, as JSON.
    fn beat_with(&self) -> String {
        let detail = NodeDetail {
            on_duty: self.cluster.is_on_duty(),
            ..(self.detail)()
        };
        serde_json::to_string(&detail).unwrap_or_default()
    }

    /// The other nodes that live, and do not go down.
    fn neighbours(&self, nodes: &[NodeRow]) -> Vec<Neighbour> {
        let others = nodes.iter().filter(|row| row.boot != self.cluster.boot);
        let living = others.filter(|row| row.silent_ms < GONE);
        let living = living.map(|row| (row, NodeDetail::of(row)));
        let living = living.filter(|(_, detail)| !detail.draining);
        let living = living.map(|(row, detail)| Neighbour {
            boot: row.boot,
            people: detail.people,
            connections: detail.connections,
            silent: Duration::from_millis(u64::try_from(row.silent_ms).unwrap_or_default()),
        });
        living.collect()
    }

    /// Tells ChatServer what was found.
    ///
    /// # Errors
    /// When it has too much to do; everything is then to be looked at again.
    fn take(&self, swept: Swept) -> Result<(), Error> {
        // It is told again with the next sweep.
        let _busy = self.chat.know_nodes(self.neighbours(&swept.nodes));
        self.cluster.have_swept(swept.nodes, swept.on_duty);
        for _ in 0..swept.unknown_notices {
            telemetry::cluster::unknown_notice();
        }
        let mut told = Ok(());
        for notice in swept.notices {
            if matches!(notice, Notice::PersonDeleted { .. }) {
                (self.deleted)();
            }
            told = told.and(self.chat.learn(notice));
        }
        if swept.heads.is_empty() {
            return told;
        }
        let heads = swept.heads.into_iter();
        let heads = heads.map(|RoomHead { room, head, epoch }| CommittedEvents {
            room,
            epoch,
            created: None,
            events: Vec::new(),
            head,
        });
        told.and(self.chat.hear(heads.collect()))
    }
}
