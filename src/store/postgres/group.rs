//! A group of commands as one transaction: READ COMMITTED under the locks of its rooms.
//!
//! The lock of a room is held to the end of the transaction, so the order of seqs is the order of commits, without
//! holes, whichever process writes. Nobody waits while holding: rooms that another process has locked are left out, and
//! their commands come back. Messages are written together ([`super::sends`]); every other command is written statement
//! by statement, in its place among those of its room.

use std::collections::{HashMap, HashSet};

use super::rows::Rows;
use super::sends::{Facts, Lock, Sending};
use super::{Postgres, Transaction};
use crate::model::command::{Command, Outcome};
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::backend::{RequestId, WriteResult};
use crate::store::commands::apply::apply;
use crate::store::commands::common::Access;
use crate::store::commands::send;
use crate::store::db::{Db, StoreError};

/// Commands that are written each so that it can fail alone: past 64 subtransactions everybody's snapshots of the
/// database slow down.
const SAVEPOINTS: usize = 32;

/// What was written of a group.
#[derive(Default)]
pub(super) struct Done {
    /// The outcomes, in the order in which they were written.
    pub(super) outcomes: Vec<WriteResult>,
    /// Places of commands whose rooms others have locked.
    pub(super) skipped: Vec<usize>,
}

/// Why a group was not written.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing of it was: others have had the lock of a room for longer than it is waited for.
    Locked(StoreError),
    /// Nothing of it was.
    Nothing(StoreError),
    /// The connection was lost in the COMMIT: all of it was, or nothing.
    Unknown(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Nothing(error)
    }
}

/// Writes commands in one transaction.
///
/// # Errors
/// [`Failure`]; the transaction has been rolled back.
pub(super) fn write_together(
    db: &mut Postgres,
    commands: &[(RequestId, Command)],
    lock: Lock,
) -> Result<Done, Failure> {
    let written = attempt(db, commands, lock);
    if written.is_err() {
        db.rollback();
    }
    written
}

/// Writes commands so that one that cannot be written takes no other with it.
///
/// # Errors
/// When the database fails as a whole.
pub(super) fn write_one_by_one(
    db: &mut Postgres,
    commands: &[(RequestId, Command)],
    lock: Lock,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    for chunk in commands.chunks(SAVEPOINTS) {
        let offset = done.outcomes.len() + done.skipped.len();
        let written = write_chunk(db, chunk, lock, offset);
        let written = written.inspect_err(|_error| db.rollback())?;
        done.outcomes.extend(written.outcomes);
        done.skipped.extend(written.skipped);
    }
    Ok(done)
}

fn write_chunk(
    db: &mut Postgres,
    commands: &[(RequestId, Command)],
    lock: Lock,
    offset: usize,
) -> Result<Done, Failure> {
    let rooms = rooms_of(commands);
    let facts = db.facts(true, lock, &rooms, &[])?;
    let mut done = Done::default();
    for (place, (request, command)) in commands.iter().enumerate() {
        if is_skipped(&facts, command.room()) {
            done.skipped.push(offset + place);
            continue;
        }
        let write = |db: &mut dyn Db| apply(db, request.nonce, command.clone());
        let written = db.all_or_nothing(write);
        match written {
            Err(error) if !db.is_in_transaction() => return Err(Failure::Nothing(error)),
            written => done.outcomes.push((*request, written)),
        }
    }
    commit(db)?;
    Ok(done)
}

fn attempt(
    db: &mut Postgres,
    commands: &[(RequestId, Command)],
    lock: Lock,
) -> Result<Done, Failure> {
    let rooms = rooms_of(commands);
    let mut left: Vec<usize> = (0..commands.len()).collect();
    let mut done = Done::default();
    let mut begun = false;
    while !left.is_empty() {
        let batch = batch_of(commands, &mut left);
        let facts = db.facts(!begun, lock, &rooms, &batch);
        let mut facts = facts.map_err(|error| match error {
            StoreError::Again(_) if !begun && lock == Lock::Wait => Failure::Locked(error),
            error => Failure::Nothing(error),
        })?;
        begun = true;
        left.retain(|place| {
            let command = commands.get(*place).map(|(_, command)| command.room());
            let skipped = command.is_some_and(|room| is_skipped(&facts, room));
            if skipped {
                done.skipped.push(*place);
            }
            !skipped
        });
        if batch.is_empty() {
            // The first that is left is no message that could be written with others.
            let Some((request, command)) = take_first(commands, &mut left) else {
                continue;
            };
            let outcome = apply(db, request.nonce, command.clone())?;
            done.outcomes.push((*request, Ok(outcome)));
            continue;
        }
        let mut rows = Rows::default();
        decide(&mut facts, batch, commands, &mut rows, &mut done, &mut left)?;
        rows.finish(&facts);
        let last = left.is_empty();
        if !rows.is_empty() {
            write(db, &rows, last)?;
            if last {
                return Ok(done);
            }
        }
    }
    commit(db)?;
    Ok(done)
}

/// Takes out of `left` the messages that can be written together: those that no other command of their room is before.
fn batch_of<'a>(commands: &'a [(RequestId, Command)], left: &mut Vec<usize>) -> Vec<Sending<'a>> {
    let mut batch = Vec::new();
    let mut waits = HashSet::new();
    left.retain(|place| {
        let Some((request, command)) = commands.get(*place) else {
            return false;
        };
        let sending = Sending::of(*place, request.nonce, command);
        match sending {
            Some(sending) if !waits.contains(&command.room()) => {
                batch.push(sending);
                false
            }
            _ => {
                waits.insert(command.room());
                true
            }
        }
    });
    batch
}

fn take_first<'a>(
    commands: &'a [(RequestId, Command)],
    left: &mut Vec<usize>,
) -> Option<&'a (RequestId, Command)> {
    match left.is_empty() {
        true => None,
        false => commands.get(left.remove(0)),
    }
}

/// Decides the messages of a batch, in order. Those that one before them has to do with go back to what is `left`, to be
/// decided when that is written.
fn decide(
    facts: &mut Facts,
    batch: Vec<Sending<'_>>,
    commands: &[(RequestId, Command)],
    rows: &mut Rows,
    done: &mut Done,
    left: &mut Vec<usize>,
) -> Result<(), StoreError> {
    let mut nonces = HashSet::new();
    let mut slowed = HashSet::new();
    let mut held = HashSet::new();
    for (number, sending) in batch.into_iter().enumerate() {
        let Sending { place, nonce, send } = sending;
        let Some((request, _)) = commands.get(place) else {
            continue;
        };
        let (room, by) = (send.message.room, send.message.by.id);
        if is_skipped(facts, room) {
            done.skipped.push(place);
            continue;
        }
        if let Some(first) = facts.repeated.remove(&number) {
            done.outcomes.push((*request, Ok(Outcome::Repeated(first))));
            continue;
        }
        let Some(locked) = facts.rooms.get(&room) else {
            let missing = Outcome::Refused(crate::error::Error::NotFound);
            done.outcomes.push((*request, Ok(missing)));
            continue;
        };
        let again = nonce.is_some_and(|nonce| !nonces.insert((by, nonce)));
        let slow = locked.rules.slow > 0 && !slowed.insert((by, room));
        // What waits keeps back what comes after it in its room.
        if again || slow || held.contains(&room) {
            held.insert(room);
            left.push(place);
            continue;
        }
        let (role, server_role) = facts.standings.remove(&number).unwrap_or_default();
        let principal = Principal {
            role: server_role,
            ..send.principal.clone()
        };
        let known = send::Facts {
            last_sent: facts.last_sent.remove(&number),
            name_taken: facts.taken.contains(&number),
            quote: facts.quotes.remove(&number),
            files: None,
        };
        let access = Access::new(principal, role, locked.rules, Action::Send);
        let account = |key: &str| Ok(facts.accounts.get(&(room, key.to_owned())).copied());
        let message = match access {
            Ok(access) => send::decide(send, &access, known, account)?,
            Err(error) => Err(error),
        };
        let outcome = match message {
            Ok(message) => rows.add(facts, nonce, message)?,
            Err(error) => Outcome::Refused(error),
        };
        done.outcomes.push((*request, Ok(outcome)));
    }
    left.sort_unstable();
    Ok(())
}

/// Whether somebody else has locked a room that is there.
fn is_skipped(facts: &Facts, room: RoomId) -> bool {
    facts.exist.contains(&room) && !facts.rooms.contains_key(&room)
}

fn rooms_of(commands: &[(RequestId, Command)]) -> Vec<i64> {
    let rooms: HashSet<i64> = commands
        .iter()
        .map(|(_, command)| command.room().0)
        .collect();
    rooms.into_iter().collect()
}

/// How often the commands of each room have come back.
pub(super) type Skips = HashMap<RoomId, u32>;

fn write(db: &mut Postgres, rows: &Rows, last: bool) -> Result<(), Failure> {
    let end = last.then_some("COMMIT");
    let written = db.ask(None, async |session, _| {
        session.write_sends(rows, end).await
    });
    match written {
        Ok(count) => {
            db.changes += count as u64;
            if last {
                db.transaction = Transaction::None;
            }
            Ok(())
        }
        Err(error) if last => Err(lost_in_commit(error)),
        Err(error) => Err(Failure::Nothing(error)),
    }
}

fn commit(db: &mut Postgres) -> Result<(), Failure> {
    db.commit().map_err(lost_in_commit)
}

fn lost_in_commit(error: StoreError) -> Failure {
    match error {
        StoreError::Gone(_) => Failure::Unknown(error),
        error => Failure::Nothing(error),
    }
}

impl Postgres {
    /// See [`Session::facts`](super::session::Session::facts).
    fn facts(
        &mut self,
        begin: bool,
        lock: Lock,
        rooms: &[i64],
        batch: &[Sending<'_>],
    ) -> Result<Facts, StoreError> {
        let begin = begin.then_some(match lock {
            Lock::Skip => "BEGIN",
            Lock::Wait => "BEGIN; SET LOCAL lock_timeout = '3s'",
        });
        let facts = self.ask(None, async |session, _| {
            session.facts(begin, lock, rooms, batch).await
        });
        // Also where a statement after the BEGIN has failed.
        if begin.is_some() && self.session.is_some() {
            self.transaction = match &facts {
                Ok(_) => Transaction::Open,
                Err(_) => Transaction::Failed,
            };
        }
        facts
    }
}
