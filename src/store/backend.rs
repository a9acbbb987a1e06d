//! One connection as the store's threads know it, whichever database it leads to.
//!
//! Where databases differ is how a [`Group`] of commands becomes a transaction ([`Backend::write`]); every statement
//! beside that is written once, against [`Db`].

use super::db::{Db, StoreError};
use crate::model::command::{Command, Outcome};

/// Work on the database, all or nothing. It may be done again: what it leaves outside the database must be what its
/// last run says.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Db) -> Result<(), StoreError>;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Writes commands.
    Writer,
    /// Writes everything else, where that is not the writer's too.
    Tasks,
    /// Keeps the database in order: what takes long and nobody waits for.
    Upkeep,
    /// Reads.
    Reader,
    /// Asks what other nodes have changed.
    Sweeper,
    /// What the operator does from the command line.
    Tool,
}

impl Role {
    /// Its name, as the threads and the database's own lists have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Tasks => "tasks",
            Self::Upkeep => "upkeep",
            Self::Reader => "reader",
            Self::Sweeper => "sweeper",
            Self::Tool => "tool",
        }
    }
}

/// A connection to the database, owned by one thread.
pub trait Backend: Db + Send {
    /// Does `work` in a transaction of its own.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    fn transaction(&mut self, work: Work<'_>) -> Result<(), StoreError>;

    /// Lets `work`, which changes nothing, see the database as it is at one moment, however many statements it has.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    fn at_one_moment(&mut self, work: Work<'_>) -> Result<(), StoreError>;

    /// Writes a group; when this returns, what it says is on the disk.
    fn write(&mut self, group: Group) -> Written;

    /// From now on a transaction that has returned from COMMIT survives the end of the process, but the last ones may
    /// not survive a crash of the system.
    ///
    /// # Errors
    /// When the database fails.
    fn relax(&mut self) -> Result<(), StoreError>;

    /// Nothing will be asked of this connection any more.
    fn close(&mut self);
}

impl dyn Backend + '_ {
    /// What `work` makes of a transaction of its own, which waits for those of other processes.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub fn in_one<T>(
        &mut self,
        work: impl FnMut(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        kept(work, |work| self.transaction(work))
    }

    /// What `work` makes of the database as it is at one moment.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub fn in_one_moment<T>(
        &mut self,
        work: impl FnMut(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        kept(work, |work| self.at_one_moment(work))
    }
}

/// What `work` returned last, when it is done by `with`.
fn kept<T>(
    mut work: impl FnMut(&mut dyn Db) -> Result<T, StoreError>,
    with: impl FnOnce(Work<'_>) -> Result<(), StoreError>,
) -> Result<T, StoreError> {
    let mut done = None;
    with(&mut |db| {
        done = Some(work(db)?);
        Ok(())
    })?;
    done.ok_or(StoreError::Shape)
}

/// Work that somebody may wait for, and that is no command.
pub trait Task: Send {
    /// Does the work, and keeps what came of it.
    ///
    /// # Errors
    /// Those of the work; nothing of it is written then.
    fn run(&mut self, db: &mut dyn Db) -> Result<(), StoreError>;

    /// Tells whoever waits what came of it, now that it is `written`, or why it is not.
    fn finish(self: Box<Self>, written: Result<(), StoreError>);
}

/// A [`Task`] of two closures.
struct Closures<T, W, A> {
    work: W,
    done: Option<T>,
    answer: A,
}

/// A task that does `work` and gives what came of it to `answer`.
pub(super) fn task<T: Send + 'static>(
    work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    answer: impl FnOnce(Result<T, StoreError>) + Send + 'static,
) -> Box<dyn Task> {
    Box::new(Closures {
        work,
        done: None,
        answer,
    })
}

impl<T, W, A> Task for Closures<T, W, A>
where
    T: Send,
    W: Fn(&mut dyn Db) -> Result<T, StoreError> + Send,
    A: FnOnce(Result<T, StoreError>) + Send,
{
    fn run(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        self.done = Some((self.work)(db)?);
        Ok(())
    }

    fn finish(self: Box<Self>, written: Result<(), StoreError>) {
        let Self { done, answer, .. } = *self;
        answer(written.and_then(|()| done.ok_or(StoreError::Busy)));
    }
}

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

/// What waits for the writer, to be written together.
#[derive(Default)]
pub struct Group {
    /// Commands, in the order in which they came.
    pub commands: Vec<(RequestId, Command)>,
    /// Everything else.
    pub tasks: Vec<Box<dyn Task>>,
}

impl Group {
    /// Commands and tasks in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len() + self.tasks.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What became of a [`Group`].
#[derive(Default)]
pub struct Written {
    /// The outcomes of the commands, in the order in which they were written.
    pub outcomes: Vec<WriteResult>,
    /// Commands that have to be in the next group: others have locked what they are about.
    pub put_back: Vec<(RequestId, Command)>,
    /// The tasks, and whether what they did is on the disk.
    pub tasks: Vec<(Box<dyn Task>, Result<(), StoreError>)>,
    /// Whether it could be written; `None` when it had nothing to write.
    pub healthy: Option<bool>,
    /// Whether there may be notices in it, which other nodes are to look for.
    pub noticed: bool,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "Group({} commands, {} tasks)",
            self.commands.len(),
            self.tasks.len()
        )
    }
}

impl std::fmt::Debug for Written {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "Written({} outcomes, {} tasks)",
            self.outcomes.len(),
            self.tasks.len()
        )
    }
}
