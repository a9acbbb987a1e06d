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

use super::backend::{Backend, Group, Task, task};
use super::db::{Db, StoreError};
use crate::model::command::{Command, Outcome};
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

pub(super) enum Item {
    Command(RequestId, Command),
    Task(Box<dyn Task>),
    Close,
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
        self.push(Item::Task(task(work, |written| {
            if let Err(error) = written {
                tracing::warn!(%error, "something that nobody waits for was not written");
            }
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
    pub fn run(
        self,
        mut db: Box<dyn Backend>,
        on_commit: OnCommit,
    ) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                vital::thread();
                let mut open = true;
                while open {
                    let group;
                    (group, open) = self.next();
                    let written = db.write(group);
                    if let Some(healthy) = written.healthy {
                        self.is_healthy.store(healthy, Ordering::Release);
                    }
                    for (task, result) in written.tasks {
                        task.finish(result);
                    }
                    if !written.outcomes.is_empty() {
                        on_commit(written.outcomes);
                    }
                }
                db.close();
            })
    }

    /// Waits for something to write and takes what came with it; false when there will be no more.
    fn next(&self) -> (Group, bool) {
        let mut group = Group::default();
        let mut bytes = 0;
        let mut next = self.waiting.recv().unwrap_or(Item::Close);
        let mut open = true;
        loop {
            match next {
                Item::Command(request, command) => {
                    bytes += command.weight();
                    group.commands.push((request, command));
                }
                Item::Task(task) => group.tasks.push(task),
                Item::Close => open = false,
            }
            if group.len() >= GROUP || bytes >= GROUP_BYTES {
                break;
            }
            match self.waiting.try_recv() {
                Ok(item) => next = item,
                Err(_none) => break,
            }
        }
        (group, open)
    }
}
