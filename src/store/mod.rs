//! What must outlive the process.
//!
//! Owns every SQL statement and the threads they run on: one [`writer`], a few readers. The rest
//! of the server sends commands or awaits an answer ([`Store::read`], [`Store::write`]);
//! nothing outside blocks on a disk.
//!
//! Bounds: the writer's queue, [`READ_QUEUE`] reads waiting and [`UPKEEP_QUEUE`] works of upkeep.

pub mod accounts;
pub mod backend;
mod backup;
pub mod commands;
pub mod db;
pub mod event_codec;
pub mod expiry;
pub mod files;
pub mod moving;
pub mod notices;
pub mod postgres;
pub mod queries;
pub mod read_markers;
pub mod room_erasure;
mod rows;
pub mod schema;
pub mod search;
pub mod sqlite;
#[cfg(test)]
mod testing;
pub mod writer;

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::Error;
use crate::model::command::Ack;
use crate::model::person_id::PersonId;
use crate::vital;
use backend::{Backend, Role, Task, task};
use db::{Db, StoreError};
use postgres::Postgres;
use writer::Writer;

/// Reads that may wait for a reader's thread.
const READ_QUEUE: usize = 1024;

/// Works of upkeep that may wait: jobs ask for one at a time each.
const UPKEEP_QUEUE: usize = 16;

/// Reading threads: a read is tens of microseconds, and two cores are the small machine.
const READERS: usize = 2;

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// No file: kept in memory, gone with the process.
    Memory,
    /// A PostgreSQL server, and how it is to know this process.
    Postgres(Box<postgres::Address>, String),
}

impl Place {
    /// Opens one connection; one that may write brings the tables up to date.
    ///
    /// # Errors
    /// When the database cannot be opened or is newer than the program.
    pub fn open(&self, role: Role) -> Result<Box<dyn Backend>, StoreError> {
        let mut sqlite = match self {
            Self::File(path) => schema::open(Some(path))?,
            Self::Memory => schema::open(None)?,
            Self::Postgres(address, node) => {
                if matches!(role, Role::Writer | Role::Tool) {
                    let mut tool = Postgres::new(address.as_ref().clone(), node, Role::Tool)?;
                    postgres::schema::migrate(&mut tool)?;
                    tool.close();
                }
                let db = Postgres::new(address.as_ref().clone(), node, role)?;
                return Ok(Box::new(db));
            }
        };
        if role == Role::Reader {
            sqlite.small_cache()?;
        }
        Ok(Box::new(sqlite))
    }

    /// Whether other processes may have the same database, which then takes several who write at a time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }
}

/// The store as the rest of the server knows it: cheap to clone, usable from any thread.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Writer,
    /// None in memory: there is one connection, and the writer has it.
    readers: Option<SyncSender<Box<dyn Task>>>,
    /// None where one connection writes at a time, which is the writer's.
    upkeep: Option<SyncSender<Box<dyn Task>>>,
}

impl Store {
    /// Starts the readers beside a writer.
    ///
    /// # Errors
    /// When a connection cannot be opened or the system gives no thread.
    pub fn start(place: &Place, writer: Writer) -> Result<Self, StoreError> {
        if matches!(place, Place::Memory) {
            return Ok(Self {
                writer,
                readers: None,
                upkeep: None,
            });
        }
        let (sender, receiver) = sync_channel::<Box<dyn Task>>(READ_QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..READERS {
            let mut db = place.open(Role::Reader)?;
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || {
                    vital::thread();
                    loop {
                        let task = receiver
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .recv();
                        let Ok(mut task) = task else { return };
                        let done = db.at_one_moment(&mut |db| task.run(db));
                        task.finish(done);
                    }
                })
                .map_err(|error| StoreError::Failed(error.to_string()))?;
        }
        let upkeep = place.is_shared().then(|| start_upkeep(place));
        Ok(Self {
            writer,
            readers: Some(sender),
            upkeep: upkeep.transpose()?,
        })
    }

    /// Sends commands to the writer.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Runs `work` on a reader's thread.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Busy`] when too many wait.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Some(readers) = &self.readers else {
            return self.write(work).await;
        };
        let (answer, result) = oneshot::channel();
        readers
            .try_send(task(work, move |done| {
                // Whoever asked may have gone meanwhile.
                let _nobody = answer.send(done);
            }))
            .map_err(|_full| StoreError::Busy)?;
        result.await.unwrap_or(Err(StoreError::Busy))
    }

    /// Waits until the writer has taken this question out of its queue, whether the database can be
    /// written to just then or not.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too much waits, or nobody writes any more.
    pub async fn writer_answers(&self) -> Result<(), StoreError> {
        let (answer, result) = oneshot::channel();
        let nothing = |_: &mut dyn Db| Ok(());
        self.writer
            .run_among_commands(task(nothing, move |_written| {
                let _nobody = answer.send(());
            }))?;
        result.await.map_err(|_gone| StoreError::Busy)
    }

    /// What is answered to a command of `by` that is refused: what they have had written under its `nonce` before,
    /// whatever the rules are by now, or else the refusal.
    ///
    /// # Errors
    /// `refused`; where it cannot be found out, why: trying again may help.
    pub async fn written_or(
        &self,
        by: PersonId,
        nonce: Option<Uuid>,
        refused: Error,
    ) -> Result<Ack, Error> {
        let Some(nonce) = nonce else {
            return Err(refused);
        };
        let (answer, result) = oneshot::channel();
        let found = move |db: &mut dyn Db| commands::apply::written(db, by, nonce);
        // Behind the commands, because the first attempt may still wait in their queue.
        self.writer.run_among_commands(task(found, move |found| {
            let _nobody = answer.send(found);
        }))?;
        let found = result.await.unwrap_or(Err(StoreError::Busy))?;
        found.ok_or(refused)
    }

    /// Runs `work` in the writer's transaction, all or nothing; the answer comes after the
    /// commit. A database that several servers share may have it done again: it gives way to commands.
    ///
    /// # Errors
    /// Those of `work` and of the commit; [`StoreError::Busy`] when too much waits.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        self.writer.run(task(work, move |written| {
            let _nobody = answer.send(written);
        }))?;
        result.await.unwrap_or(Err(StoreError::Busy))
    }

    /// As [`Store::write`], for what takes long and nobody waits for: where the database takes several who write at a
    /// time it holds up no other work, and keeps no locks of any.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn keep_up<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Some(upkeep) = &self.upkeep else {
            return self.write(work).await;
        };
        let (answer, result) = oneshot::channel();
        upkeep
            .try_send(task(work, move |done| {
                let _nobody = answer.send(done);
            }))
            .map_err(|_full| StoreError::Busy)?;
        result.await.unwrap_or(Err(StoreError::Busy))
    }
}

/// Starts the thread of [`Store::keep_up`], which ends with the last [`Store`].
fn start_upkeep(place: &Place) -> Result<SyncSender<Box<dyn Task>>, StoreError> {
    let (sender, receiver) = sync_channel::<Box<dyn Task>>(UPKEEP_QUEUE);
    let mut db = place.open(Role::Upkeep)?;
    thread::Builder::new()
        .name("store-upkeep".into())
        .spawn(move || {
            vital::thread();
            for mut task in receiver {
                let done = db.transaction(&mut |db| task.run(db));
                task.finish(done);
            }
        })
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(sender)
}

/// Whether there has ever been an account or a message.
///
/// # Errors
/// When the database fails.
pub fn is_lived_in(db: &mut dyn Db) -> Result<bool, StoreError> {
    let row = db.first(
        "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM messages)",
        &[],
    )?;
    Ok(row.ok_or(StoreError::Shape)?.int()? != 0)
}

/// Notes that this server is a demo, in which everybody has one password.
///
/// # Errors
/// When the database fails.
pub fn mark_demo(db: &mut dyn Db) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO house (name, value) VALUES ('demo', '') ON CONFLICT (name) DO NOTHING",
        &[],
    )?;
    Ok(())
}

/// Whether this server was filled as a demo.
///
/// # Errors
/// When the database fails.
pub fn is_demo(db: &mut dyn Db) -> Result<bool, StoreError> {
    Ok(db
        .first("SELECT 1 FROM house WHERE name = 'demo'", &[])?
        .is_some())
}

/// By what this server is told from others that may use the same NATS; made when it is asked for first.
///
/// # Errors
/// When the database fails.
pub fn server_id(db: &mut dyn Db) -> Result<Uuid, StoreError> {
    let made = Uuid::new_v4().to_string();
    db.execute(
        "INSERT INTO house (name, value) VALUES ('id', $1) ON CONFLICT (name) DO NOTHING",
        &[db::Value::Text(&made)],
    )?;
    let row = db.first("SELECT value FROM house WHERE name = 'id'", &[])?;
    let id = row.ok_or(StoreError::Shape)?.text()?;
    id.parse().map_err(|_other| StoreError::Shape)
}
