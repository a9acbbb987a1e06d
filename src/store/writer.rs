//! The writer: one thread that puts every change waiting into one transaction.
//!
//! Owns the connection that writes commands, and everything else too where the database takes one writer at a time;
//! where it takes several, tasks have a queue, a connection and a thread of their own, and no command waits for them.
//! What arrives while a commit is on its way to the disk
//! makes the next group (group commit), so one fsync serves as many senders as are waiting. An
//! answer leaves only after the commit; when it fails, the whole group gets the error.
//!
//! Bounds: [`QUEUE`] waiting items, then [`StoreError::Busy`]; [`GROUP`] items and about
//! [`GROUP_BYTES`] of content a transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use super::backend::{Backend, Group, RequestId, Role, Task, WriteResult, task};
use super::db::{Db, StoreError};
use crate::model::command::Command;
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

/// Called once per group, with the outcomes in the order in which they were written.
pub type OnCommit = Box<dyn Fn(Vec<WriteResult>) + Send>;

/// Called after each commit with which notices may have been written.
pub type OnNotice = Arc<dyn Fn() + Send + Sync>;

pub(super) enum Item {
    Command(RequestId, Command),
    Task(Box<dyn Task>),
    Close,
}

/// The way to the writer: cheap to clone, usable from any thread.
#[derive(Debug, Clone)]
pub struct Writer {
    commands: SyncSender<Item>,
    /// The same queue where tasks have none of their own.
    tasks: SyncSender<Item>,
    is_healthy: Arc<AtomicBool>,
}

/// The writer's queues before their threads run.
#[derive(Debug)]
pub struct Queues {
    commands: Receiver<Item>,
    tasks: Option<Receiver<Item>>,
    is_healthy: Arc<AtomicBool>,
}

/// A writer and its queues: one for all, or one for tasks alone beside that of the commands. What is submitted before
/// [`Queues::run`] waits.
#[must_use]
pub fn channel(tasks_apart: bool) -> (Writer, Queues) {
    let (commands, commands_waiting) = sync_channel(QUEUE);
    let (tasks, tasks_waiting) = match tasks_apart {
        true => {
            let (tasks, waiting) = sync_channel(QUEUE);
            (tasks, Some(waiting))
        }
        false => (commands.clone(), None),
    };
    let is_healthy = Arc::new(AtomicBool::new(true));
    let writer = Writer {
        commands,
        tasks,
        is_healthy: Arc::clone(&is_healthy),
    };
    (
        writer,
        Queues {
            commands: commands_waiting,
            tasks: tasks_waiting,
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
        push(&self.commands, Item::Command(request, command))
    }

    /// Runs `work` in a coming transaction, all or nothing; nobody waits for it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full.
    pub fn later(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.run(task(work, |written| {
            if let Err(error) = written {
                tracing::warn!(%error, "something that nobody waits for was not written");
            }
        }))
    }

    /// Whether the newest transaction that had something to write could be written: where it could
    /// not, the next one hardly can.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Acquire)
    }

    /// Has a task done.
    pub(super) fn run(&self, task: Box<dyn Task>) -> Result<(), StoreError> {
        push(&self.tasks, Item::Task(task))
    }

    /// Has a task done by the thread that writes commands, among them.
    pub(super) fn run_among_commands(&self, task: Box<dyn Task>) -> Result<(), StoreError> {
        push(&self.commands, Item::Task(task))
    }

    /// Asks the writer to finish what is waiting and end; blocks until its queues have space for that.
    pub fn close(&self) {
        // A writer that is gone is closed; where there is one queue it is so after the first.
        for queue in [&self.commands, &self.tasks] {
            let _gone = queue.send(Item::Close);
        }
    }
}

fn push(queue: &SyncSender<Item>, item: Item) -> Result<(), StoreError> {
    queue.try_send(item).map_err(|refused| match refused {
        TrySendError::Full(_) | TrySendError::Disconnected(_) => StoreError::Busy,
    })
}

impl Queues {
    /// Starts the writer's threads: `open` opens each one's connection.
    ///
    /// # Errors
    /// When the system gives no thread, or there is no connection.
    pub fn run(
        self,
        mut open: impl FnMut(Role) -> Result<Box<dyn Backend>, StoreError>,
        on_commit: OnCommit,
        on_notice: OnNotice,
    ) -> Result<Vec<JoinHandle<()>>, StoreError> {
        let mut threads = Vec::with_capacity(2);
        if let Some(tasks) = self.tasks {
            let lane = Lane {
                waiting: tasks,
                is_healthy: Arc::clone(&self.is_healthy),
                on_notice: Arc::clone(&on_notice),
            };
            threads.push(lane.run(Role::Tasks, open(Role::Tasks)?, Box::new(|_none| {}))?);
        }
        let lane = Lane {
            waiting: self.commands,
            is_healthy: self.is_healthy,
            on_notice,
        };
        threads.push(lane.run(Role::Writer, open(Role::Writer)?, on_commit)?);
        Ok(threads)
    }
}

/// A queue and the thread that empties it.
struct Lane {
    waiting: Receiver<Item>,
    is_healthy: Arc<AtomicBool>,
    on_notice: OnNotice,
}

impl Lane {
    fn run(
        self,
        role: Role,
        mut db: Box<dyn Backend>,
        on_commit: OnCommit,
    ) -> Result<JoinHandle<()>, StoreError> {
        let thread = thread::Builder::new()
            .name(format!("store-{}", role.name()))
            .spawn(move || {
                vital::thread();
                let mut open = true;
                let mut put_back = Vec::new();
                while open || !put_back.is_empty() {
                    let group = self.next(put_back, &mut open);
                    let written = db.write(group);
                    if let Some(healthy) = written.healthy {
                        self.is_healthy.store(healthy, Ordering::Release);
                    }
                    if written.noticed {
                        (self.on_notice)();
                    }
                    put_back = written.put_back;
                    for (task, result) in written.tasks {
                        task.finish(result);
                    }
                    if !written.outcomes.is_empty() {
                        on_commit(written.outcomes);
                    }
                }
                db.close();
            });
        thread.map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// Takes what waits, after what was put back; waits for something where that is nothing. Nothing comes any more
    /// when it is not `open`.
    fn next(&self, put_back: Vec<(RequestId, Command)>, open: &mut bool) -> Group {
        let mut bytes: usize = put_back.iter().map(|(_, command)| command.weight()).sum();
        let mut group = Group {
            commands: put_back,
            tasks: Vec::new(),
        };
        while group.len() < GROUP && bytes < GROUP_BYTES && *open {
            let next = match group.is_empty() {
                true => self.waiting.recv().unwrap_or(Item::Close),
                false => match self.waiting.try_recv() {
                    Ok(next) => next,
                    Err(_none) => break,
                },
            };
            match next {
                Item::Command(request, command) => {
                    bytes += command.weight();
                    group.commands.push((request, command));
                }
                Item::Task(task) => group.tasks.push(task),
                Item::Close => *open = false,
            }
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel as unbounded;
    use std::time::Duration;

    use super::*;
    use crate::store::Place;

    #[test]
    fn whoever_closes_it_waits_for_space_and_everything_is_done() {
        let (writer, queues) = channel(true);
        for _ in 0..QUEUE {
            writer.later(|_db| Ok(())).unwrap();
        }
        assert_eq!(writer.later(|_db| Ok(())), Err(StoreError::Busy));
        let closing = writer.clone();
        let closing = thread::spawn(move || closing.close());
        let open = |role| Place::Memory.open(role);
        let threads = queues
            .run(open, Box::new(|_none| {}), Arc::new(|| {}))
            .unwrap();
        let (ended, told) = unbounded();
        thread::spawn(move || {
            for thread in threads.into_iter().chain([closing]) {
                thread.join().unwrap();
                ended.send(()).unwrap();
            }
        });
        for _ in 0..3 {
            // While somebody could still write, they end only because they were told to.
            told.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        assert_eq!(writer.later(|_db| Ok(())), Err(StoreError::Busy));
    }
}
