//! The thread that asks the database twice a second what other nodes have changed.
//!
//! Alone it makes several nodes right, up to [`EVERY`] late: rooms in which something happened pass ChatServer's
//! resequencer, which reads what is missing; notices do what they say, as they do on the node that wrote them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::health::Health;
use super::{Cluster, NodeDetail};
use crate::chat::handle::ChatHandle;
use crate::chat::presence::Neighbour;
use crate::chat::swept::{Head, Sweeps, Swept};
use crate::store::notices::Notice;
use crate::store::postgres::sweep::{GONE, NodeRow, RoomHead, Sweeper, Swept as Found};
use crate::text::clock;
use crate::{telemetry, vital};

/// From one sweep to the next.
const EVERY: Duration = Duration::from_millis(500);

/// From one sweep to the next that was asked for: one that is asked for meanwhile finds what both would.
const SOONEST: Duration = Duration::from_millis(20);

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(2);

/// How often it is logged that there is no sweep.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// A clock that is further off than this from the database's is not looked after, in ms.
const CLOCK: u64 = 60_000;

/// How often that is logged.
const CLOCK_LOG_EVERY: Duration = Duration::from_secs(60 * 60);

/// The way to the thread. Dropped, the thread ends, and this node is none any more: that blocks until the database knows.
#[derive(Debug)]
pub struct SweepThread {
    wake: Wake,
    thread: Option<JoinHandle<()>>,
}

/// Has the thread sweep now, not at its time.
#[derive(Debug, Clone)]
pub struct Wake {
    wake: SyncSender<()>,
    stops: Arc<AtomicBool>,
    /// Who waits for the next sweep.
    asked: Arc<Mutex<Option<oneshot::Sender<()>>>>,
}

impl Wake {
    /// Has the thread sweep now, and tells when that is done.
    fn ask(&self) -> oneshot::Receiver<()> {
        let (asked, done) = oneshot::channel();
        *self.asked() = Some(asked);
        self.soon();
        done
    }

    fn asked(&self) -> MutexGuard<'_, Option<oneshot::Sender<()>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sweeps soon. Nothing needs to be looked at that a sweep would not: it asks for all that was committed, whoever has
    /// told of it.
    pub fn soon(&self) {
        // One that is to wake already does.
        let _awake = self.wake.try_send(());
    }
}

impl SweepThread {
    /// Starts it. `detail` is what this node says of itself, `deleted` is called when an account was deleted, `must_end` when this
    /// program may not run on the database any more or others have another key, with words for the operator.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        sweeper: Sweeper,
        chat: ChatHandle,
        cluster: Arc<Cluster>,
        detail: impl Fn() -> NodeDetail + Send + 'static,
        deleted: impl Fn() + Send + 'static,
        must_end: impl Fn(String) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let stops = Arc::new(AtomicBool::new(false));
        let wake = Wake {
            wake,
            stops,
            asked: Arc::default(),
        };
        let asking = wake.clone();
        let sweeps = Sweeps::new(move || asking.ask());
        chat.sweep_through(sweeps.clone());
        // Everything was read a moment ago.
        cluster.have_swept(Vec::new(), false);
        let sweeping = Sweeping {
            chat,
            cluster,
            wake: wake.clone(),
            sweeps,
            detail: Box::new(detail),
            deleted: Box::new(deleted),
            must_end: Box::new(must_end),
            beat: None,
            logged: None,
            outage_logged: false,
            clock_logged: None,
            health: Health::new(),
            last: None,
        };
        let thread = thread::Builder::new()
            .name("cluster".into())
            .spawn(move || sweeping.run(sweeper, &woken))?;
        let thread = Some(thread);
        Ok(Self { wake, thread })
    }

    /// Has it sweep now.
    #[must_use]
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }
}

impl Drop for SweepThread {
    fn drop(&mut self) {
        self.wake.stops.store(true, Ordering::Release);
        self.wake.soon();
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

struct Sweeping {
    chat: ChatHandle,
    cluster: Arc<Cluster>,
    wake: Wake,
    /// What was found goes there.
    sweeps: Sweeps,
    /// What this node says of itself.
    detail: Box<dyn Fn() -> NodeDetail + Send>,
    /// Called when an account was deleted.
    deleted: Box<dyn Fn() + Send>,
    /// Called when this node may not go on, with words for the operator.
    must_end: Box<dyn Fn(String) + Send>,
    /// When this node said that it lives.
    beat: Option<Instant>,
    /// When it was logged that there is no sweep.
    logged: Option<Instant>,
    /// Whether it was, and there is none yet.
    outage_logged: bool,
    /// What was logged of the other nodes.
    health: Health,
    /// When it was logged that the clock of this machine is far off.
    clock_logged: Option<Instant>,
    /// How long the last sweep took, and how far the database's clock was ahead, in ms.
    last: Option<(Duration, i64)>,
}

impl Sweeping {
    fn run(mut self, mut sweeper: Sweeper, woken: &Receiver<()>) {
        vital::thread();
        while !self.wake.stops.load(Ordering::Acquire) {
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
        let who = self.wake.asked().take();
        let swept = sweeper.sweep(beat.as_deref());
        let answered = clock::machine_ms();
        match swept {
            Ok(swept) => {
                let took = began.elapsed();
                telemetry::cluster::swept(Some(took));
                if std::mem::take(&mut self.outage_logged) {
                    tracing::info!("the database answers again");
                }
                if beats {
                    self.beat = Some(began);
                }
                let ahead = swept.now_ms - i64::midpoint(asked, answered);
                clock::follow(ahead);
                self.look_at_clock(ahead);
                self.last = Some((took, ahead));
                // What rooms are called now only the database knows.
                if swept.notices.contains(&Notice::Epochs) {
                    sweeper.look_at_all();
                }
                self.take(swept);
                if let Some(who) = who {
                    let _waits_no_more = who.send(());
                }
            }
            Err(error) => {
                telemetry::cluster::swept(None);
                if let Some(who) = who {
                    self.wake.asked().get_or_insert(who);
                }
                self.cluster.have_not_swept();
                let logged = self
                    .logged
                    .is_some_and(|logged| logged.elapsed() < LOG_EVERY);
                if !logged {
                    self.logged = Some(began);
                    self.outage_logged = true;
                    tracing::warn!(%error, "what other nodes do is not known: the database does not answer");
                }
            }
        }
    }

    /// What the others are told when this node says that it lives, as JSON.
    fn beat_with(&self) -> String {
        let ms = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let detail = NodeDetail {
            on_duty: self.cluster.is_on_duty(),
            nats: self.cluster.nats(),
            store_ms: self.last.map(|(took, _)| ms(took)),
            clock_ms: self.last.map(|(_, ahead)| ahead),
            settings: self.cluster.settings.clone(),
            ..(self.detail)()
        };
        serde_json::to_string(&detail).unwrap_or_default()
    }

    /// Says when the clock of this machine is not the database's.
    fn look_at_clock(&mut self, ahead: i64) {
        let is_known = self
            .clock_logged
            .is_some_and(|logged| logged.elapsed() < CLOCK_LOG_EVERY);
        if ahead.unsigned_abs() > CLOCK && !is_known {
            self.clock_logged = Some(Instant::now());
            let seconds = -ahead / 1_000;
            tracing::warn!(
                seconds,
                "the clock of this machine is ahead of the database's: have both set by NTP; times are the database's"
            );
        }
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
    fn take(&mut self, found: Found) {
        let nodes = self.neighbours(&found.nodes);
        self.health.look(&self.cluster, &found.nodes);
        self.cluster.have_swept(found.nodes, found.on_duty);
        for _ in 0..found.unknown_notices {
            telemetry::cluster::unknown_notice();
        }
        if found.has_other_key {
            (self.must_end)(
                "another node has started with another session.key while this one was taken for gone: copy the right one to both"
                    .to_owned(),
            );
        }
        if let Some(oldest) = found.outdated {
            (self.must_end)(format!(
                "a newer program has changed the database, and this one is too old for it now: it needs version {oldest} of the \
                 tables at least"
            ));
        }
        let is_deletion = |notice: &Notice| matches!(notice, Notice::PersonDeleted { .. });
        if found.notices.iter().any(is_deletion) {
            (self.deleted)();
        }
        let heads = found.heads.into_iter();
        let heads = heads.map(|RoomHead { room, head, epoch }| (room, Head { seq: head, epoch }));
        let swept = Swept {
            nodes,
            notices: found.notices,
            heads: heads.collect(),
        };
        if self.sweeps.put(swept) {
            self.chat.have_swept();
        }
    }
}
