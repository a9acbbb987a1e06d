//! The writer: one thread that puts every change waiting into one transaction.
//!
//! Owns the only connection that writes. What arrives while a commit is on its way to the disk
//! makes the next group (group commit), so one fsync serves as many senders as are waiting. An
//! answer leaves only after the commit; when it fails, the whole group gets the error.
//!
//! Bounds: [`QUEUE`] waiting items, then [`StoreError::Busy`]; [`GROUP`] items and about
//! [`GROUP_BYTES`] of content a transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use super::db::{Db, StoreError};
use super::sqlite::Sqlite;
use crate::model::command::{Command, Outcome};
use crate::store::commands::apply::apply;
use crate::vital;

/// Items that may wait: a second or two of the fastest disk measured, and 64 MiB of the longest
/// messages at most.
const QUEUE: usize = 4096;

/// Items in one transaction: beyond this a larger group makes a message hardly cheaper and every
/// answer later.
const GROUP: usize = 256;

/// Content in one transaction, in bytes: what leaves together must fit what a reader may have
/// waiting (`QUEUE_BYTES` of `delivery/mod.rs`), as JSON with HTML beside the text.
const GROUP_BYTES: usize = 128 * 1024;

/// Who sent a command, so that they can be answered: opaque to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    /// The connection's raw id.
    pub connection: u64,
    /// The sender's nonce, when they gave one.
    pub nonce: Option<uuid::Uuid>,
}

/// The outcome of a command, after the commit.
pub type WriteResult = (RequestId, Result<Outcome, StoreError>);

/// Called once per group, with the outcomes in the order in which they were written.
pub type OnCommit = Box<dyn Fn(Vec<WriteResult>) + Send>;

/// Called with whether the commit worked; answers whoever waits.
type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Any other work on the database, all or nothing, in the writer's transaction; given the error
/// where no transaction could begin.
pub(super) type WriteTask = Box<dyn FnOnce(Result<&mut Sqlite, StoreError>) -> Finish + Send>;

pub(super) enum Item {
    Command(RequestId, Command),
    WriteTask(WriteTask),
    Close,
}

impl Item {
    fn weight(&self) -> usize {
        match self {
            Self::Command(_, command) => command.weight(),
            Self::WriteTask(_) | Self::Close => 0,
        }
    }
}

/// The way to the writer: cheap to clone, usable from any thread.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: SyncSender<Item>,
    is_healthy: Arc<AtomicBool>,
}

/// The writer's queue before its thread runs.
#[derive(Debug)]
pub struct Queue {
    waiting: Receiver<Item>,
    is_healthy: Arc<AtomicBool>,
}

/// A writer and its queue. What is submitted before [`Queue::run`] waits.
#[must_use]
pub fn channel() -> (Writer, Queue) {
    let (queue, waiting) = sync_channel(QUEUE);
    let is_healthy = Arc::new(AtomicBool::new(true));
    let writer = Writer {
        queue,
        is_healthy: Arc::clone(&is_healthy),
    };
    (
        writer,
        Queue {
            waiting,
            is_healthy,
        },
    )
}

impl Writer {
    /// Hands a command to the writer. Its outcome comes through [`OnCommit`].
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full.
    pub fn submit(&self, request: RequestId, command: Command) -> Result<(), StoreError> {
        self.push(Item::Command(request, command))
    }

    /// Runs `work` in a coming transaction, all or nothing; nobody waits for it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full.
    pub fn later(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.push(Item::WriteTask(Box::new(move |db| {
            let done = db.and_then(|db| db.all_or_nothing(&work));
            Box::new(move |committed| {
                if let Err(error) = committed.and(done) {
                    tracing::warn!(%error, "something that nobody waits for was not written");
                }
            })
        })))
    }

    /// Whether the newest transaction that had something to write could be written: where it could
    /// not, the next one hardly can.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Acquire)
    }

    pub(super) fn push(&self, item: Item) -> Result<(), StoreError> {
        self.queue.try_send(item).map_err(|refused| match refused {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => StoreError::Busy,
        })
    }

    /// Asks the writer to finish what is waiting and end; blocks until its queue has space for that.
    pub fn close(&self) {
        // A writer that is gone is closed.
        let _gone = self.queue.send(Item::Close);
    }
}

impl Queue {
    /// Starts the writer's thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn run(self, mut db: Sqlite, on_commit: OnCommit) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                vital::thread();
                let mut open = true;
                while open {
                    let Ok(first) = self.waiting.recv() else {
                        return;
                    };
                    let mut bytes = first.weight();
                    let mut group = vec![first];
                    while group.len() < GROUP
                        && bytes < GROUP_BYTES
                        && let Ok(next) = self.waiting.try_recv()
                    {
                        bytes += next.weight();
                        group.push(next);
                    }
                    open = !group.iter().any(|item| matches!(item, Item::Close));
                    let before = db.changes();
                    let committed = write_group(&mut db, group, &on_commit);
                    // A group that only reads, or repeats old acks, commits on a full disk too.
                    if !committed || db.changes() > before {
                        self.is_healthy.store(committed, Ordering::Release);
                    }
                }
                db.checkpoint();
            })
    }
}

/// Writes a group in one transaction, then answers everybody in it; returns whether it could be committed.
fn write_group(db: &mut Sqlite, group: Vec<Item>, on_commit: &OnCommit) -> bool {
    let mut commands = Vec::new();
    let mut jobs = Vec::new();
    for item in group {
        match item {
            Item::Command(request, command) => commands.push((request, command)),
            Item::WriteTask(job) => jobs.push(job),
            Item::Close => {}
        }
    }
    let mut written = db.begin().and_then(|()| write_together(db, &commands));
    if let Err(error) = &written
        && commands.len() + jobs.len() > 1
        && db.is_in_transaction()
    {
        tracing::warn!(%error, commands = commands.len(), "a group is written one by one");
        db.rollback();
        written = db.begin().and_then(|()| write_one_by_one(db, &commands));
    }
    let mut state = written.as_ref().map(drop).map_err(Clone::clone);
    // Nobody has been answered yet, so jobs may run after commands that were queued behind them.
    let mut finishes: Vec<Finish> = Vec::with_capacity(jobs.len());
    for job in jobs {
        finishes.push(job(state.clone().map(|()| &mut *db)));
    }
    if state.is_ok() {
        state = db.commit();
    }
    if let Err(error) = &state {
        db.rollback();
        tracing::error!(%error, commands = commands.len(), jobs = finishes.len(), "a group was not written");
    }
    let failed = |error: StoreError| {
        let failed = commands
            .iter()
            .map(|(request, _)| (*request, Err(error.clone())));
        failed.collect()
    };
    let outcomes = state.clone().and(written).unwrap_or_else(failed);
    for finish in finishes {
        finish(state.clone());
    }
    if !outcomes.is_empty() {
        on_commit(outcomes);
    }
    state.is_ok()
}

/// Writes commands without a savepoint for each: that would make the search index write out what it holds in
/// memory, and double the cost of a message.
///
/// # Errors
/// When one of them cannot be written.
fn write_together(
    db: &mut Sqlite,
    commands: &[(RequestId, Command)],
) -> Result<Vec<WriteResult>, StoreError> {
    let written = commands.iter().map(|(request, command)| {
        let written = apply(db, request.nonce, command.clone())?;
        Ok((*request, Ok(written)))
    });
    written.collect()
}

/// Writes commands so that one that cannot be written takes no other with it.
///
/// # Errors
/// When the database has rolled the whole transaction back.
fn write_one_by_one(
    db: &mut Sqlite,
    commands: &[(RequestId, Command)],
) -> Result<Vec<WriteResult>, StoreError> {
    let written = commands.iter().map(|(request, command)| {
        let write = |db: &mut dyn Db| apply(db, request.nonce, command.clone());
        let written = db.all_or_nothing(write);
        match written {
            Err(error) if !db.is_in_transaction() => Err(error),
            written => Ok((*request, written)),
        }
    });
    written.collect()
}
