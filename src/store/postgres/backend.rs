//! What the store's threads ask of a connection to PostgreSQL, and how often it tries.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;

use super::group::{self, Done, Failure};
use super::sends::Lock;
use super::{AT_ONE_MOMENT, Postgres};
use crate::model::command::Command;
use crate::store::backend::{Backend, Group, RequestId, Task, Work, Written};
use crate::store::db::{Db, StoreError};

/// How often a group is written anew that met another one's change.
const GROUP_TRIES: u32 = 3;

/// How often the commands of a room come back before the room has a group of its own, which waits for its lock.
const SKIPS: u32 = 3;

/// How long a group waits for a connection: clients have asked again by then, and the pages say that it is not saved.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Between two attempts to have a connection.
const RECONNECT: Duration = Duration::from_millis(100);

/// Tasks of one transaction: each has a savepoint, and past 64 of those everybody's snapshots slow down.
const TASKS: usize = 32;

/// How often a task is done anew. Tasks give way to commands: they wait for a lock for a short time only.
const TASK_TRIES: u32 = 5;

const BEGIN_TASKS: &str = "BEGIN; SET LOCAL lock_timeout = '300ms'";

type Commands = Vec<(RequestId, Command)>;

impl Backend for Postgres {
    fn transaction(&mut self, work: Work<'_>) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let done = self.start(BEGIN_TASKS).and_then(|()| work(self));
            // Of a COMMIT that is lost nobody knows what became: it is never tried again.
            let is_lost = matches!(done, Err(StoreError::Gone(_)));
            let done = done.and_then(|()| self.commit());
            if done.is_err() {
                self.rollback();
            }
            match done {
                Err(StoreError::Again(_)) if tries < TASK_TRIES => pause(tries),
                Err(StoreError::Gone(_)) if is_lost && tries == 1 => thread::sleep(RECONNECT),
                done => return done,
            }
        }
    }

    fn at_one_moment(&mut self, work: Work<'_>) -> Result<(), StoreError> {
        let mut read = || {
            let done = self.start(AT_ONE_MOMENT).and_then(|()| work(self));
            if done.is_err() || self.commit().is_err() {
                self.rollback();
            }
            done
        };
        match read() {
            // Nothing was changed, so it can be read anew on a new connection.
            Err(StoreError::Gone(_)) => read(),
            done => done,
        }
    }

    fn write(&mut self, group: Group) -> Written {
        let before = self.changes;
        let mut written = self.write_commands(group.commands);
        let mut tasks = group.tasks;
        while !tasks.is_empty() {
            let rest = tasks.split_off(tasks.len().min(TASKS));
            let done = self.write_tasks(tasks);
            let lost = |(_, result): &(_, Result<(), StoreError>)| {
                matches!(result, Err(StoreError::Gone(_)))
            };
            if done.iter().any(lost) {
                written.healthy = Some(false);
            }
            written.tasks.extend(done);
            tasks = rest;
        }
        if written.healthy.is_none() && self.changes > before {
            written.healthy = Some(true);
        }
        written.noticed = std::mem::take(&mut self.noticed);
        written
    }

    fn relax(&mut self) -> Result<(), StoreError> {
        self.relaxed = true;
        self.batch("SET synchronous_commit = off")
    }

    fn close(&mut self) {
        if let Some(session) = self.session.take() {
            self.runtime.block_on(session.close());
        }
    }
}

impl Postgres {
    /// Writes commands; those of rooms that others have locked come back.
    fn write_commands(&mut self, commands: Commands) -> Written {
        if commands.is_empty() {
            return Written::default();
        }
        let (now, lock, mut put_back) = self.in_turn(commands);
        let written = self.settle(&now, lock);
        let Done { outcomes, skipped } = match written {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, commands = now.len(), "a group was not written");
                let failed = now
                    .iter()
                    .map(|(request, _)| (*request, Err(error.clone())));
                return Written {
                    outcomes: failed.collect(),
                    put_back,
                    healthy: Some(false),
                    ..Written::default()
                };
            }
        };
        let skipped: HashSet<usize> = skipped.into_iter().collect();
        let mut again = Vec::with_capacity(skipped.len() + put_back.len());
        for (place, command) in now.into_iter().enumerate() {
            let room = command.1.room();
            match skipped.contains(&place) {
                true => again.push(command),
                false => drop(self.skips.remove(&room)),
            }
        }
        let rooms: HashSet<_> = again.iter().map(|(_, command)| command.room()).collect();
        for room in rooms {
            *self.skips.entry(room).or_default() += 1;
        }
        again.append(&mut put_back);
        Written {
            outcomes,
            put_back: again,
            ..Written::default()
        }
    }

    /// Which commands are written now, how, and which after them: a room that was left out often enough has its turn.
    fn in_turn(&mut self, commands: Commands) -> (Commands, Lock, Commands) {
        let waits_longest = commands
            .iter()
            .map(|(_, command)| command.room())
            .find(|room| self.skips.get(room).is_some_and(|skips| *skips >= SKIPS));
        match waits_longest {
            None => (commands, Lock::Skip, Vec::new()),
            Some(room) => {
                let (now, later) = commands
                    .into_iter()
                    .partition(|(_, command)| command.room() == room);
                (now, Lock::Wait, later)
            }
        }
    }

    /// Writes commands, and tries again what may be written yet.
    fn settle(
        &mut self,
        commands: &[(RequestId, Command)],
        lock: Lock,
    ) -> Result<Done, StoreError> {
        let began = Instant::now();
        let (mut tries, mut is_alone) = (0, false);
        loop {
            tries += 1;
            let written = match is_alone {
                true => group::write_one_by_one(self, commands, lock),
                false => group::write_together(self, commands, lock),
            };
            let error = match written {
                Ok(done) => {
                    self.is_down = false;
                    return Ok(done);
                }
                Err(Failure::Locked(error)) => return Err(error),
                Err(Failure::Nothing(error)) => error,
                // Whatever became of it: the next transaction meets the locks of the lost one, which it keeps until it
                // has ended, then the nonces. What was committed is found there, the rest is written now.
                Err(Failure::Unknown(error)) => {
                    tracing::warn!(%error, commands = commands.len(), "nobody knows whether a group was written: it is looked up");
                    error
                }
            };
            match error {
                StoreError::Again(_) if tries < GROUP_TRIES && lock == Lock::Skip => pause(tries),
                StoreError::Gone(words) => {
                    // What the first try takes is no wait for a connection: the process may have stood still in it.
                    let waited = tries > 1 && began.elapsed() >= PATIENCE;
                    if self.is_down || waited {
                        self.is_down = true;
                        return Err(StoreError::Gone(words));
                    }
                    thread::sleep(RECONNECT);
                }
                error if is_alone || commands.len() == 1 => return Err(error),
                error => {
                    tracing::warn!(%error, commands = commands.len(), "a group is written one by one");
                    is_alone = true;
                }
            }
        }
    }

    /// Does tasks in one transaction, each all or nothing, and again alone those that had to give way, or lost the connection
    /// before they were committed.
    fn write_tasks(
        &mut self,
        tasks: Vec<Box<dyn Task>>,
    ) -> Vec<(Box<dyn Task>, Result<(), StoreError>)> {
        let begun = self.start(BEGIN_TASKS);
        let mut done: Vec<_> = tasks
            .into_iter()
            .map(|mut task| {
                let result = match &begun {
                    Ok(()) => self.all_or_nothing(|db| task.run(db)),
                    Err(error) => Err(error.clone()),
                };
                (task, result)
            })
            .collect();
        let is_lost = begun.is_ok() && !self.is_in_transaction();
        if is_lost {
            self.rollback();
        } else if let Err(error) = begun.and_then(|()| self.commit()) {
            self.rollback();
            for (_, result) in &mut done {
                *result = Err(error.clone());
            }
        }
        for (task, result) in &mut done {
            if is_lost || matches!(result, Err(StoreError::Again(_))) {
                *result = self.transaction(&mut |db: &mut dyn Db| task.run(db));
            }
        }
        done
    }
}

/// Lets the other one end: nobody wakes at the same moment as another.
fn pause(tries: u32) {
    let ms = rand::rng().random_range(5..=20) * u64::from(tries);
    thread::sleep(Duration::from_millis(ms));
}
