//! A group as one transaction of SQLite: commands first, then tasks, one after the other.

use super::Sqlite;
use crate::model::command::Command;
use crate::store::backend::{Group, RequestId, WriteResult, Written};
use crate::store::commands::apply::apply;
use crate::store::db::{Db, StoreError};

/// Writes a group in one transaction; when that fails, the whole group has the error.
pub(super) fn write(db: &mut Sqlite, group: Group) -> Written {
    let Group { commands, tasks } = group;
    let before = db.changes();
    let mut written = db.begin().and_then(|()| write_together(db, &commands));
    if let Err(error) = &written
        && commands.len() + tasks.len() > 1
        && db.is_in_transaction()
    {
        tracing::warn!(%error, commands = commands.len(), "a group is written one by one");
        db.rollback();
        written = db.begin().and_then(|()| write_one_by_one(db, &commands));
    }
    let mut state = written.as_ref().map(drop).map_err(Clone::clone);
    // Nobody has been answered yet, so tasks may run after commands that were queued behind them.
    let mut done = Vec::with_capacity(tasks.len());
    for mut task in tasks {
        let result = match &state {
            Ok(()) => db.all_or_nothing(|db| task.run(db)),
            Err(error) => Err(error.clone()),
        };
        done.push((task, result));
    }
    if state.is_ok() {
        state = db.commit();
    }
    if let Err(error) = &state {
        db.rollback();
        tracing::error!(%error, commands = commands.len(), tasks = done.len(), "a group was not written");
        for (_, result) in &mut done {
            *result = Err(error.clone());
        }
    }
    let failed = |error: StoreError| {
        let failed = commands
            .iter()
            .map(|(request, _)| (*request, Err(error.clone())));
        failed.collect()
    };
    let healthy = state.is_ok();
    Written {
        outcomes: state.and(written).unwrap_or_else(failed),
        put_back: Vec::new(),
        tasks: done,
        // A group that only reads, or repeats old acks, commits on a full disk too.
        healthy: (!healthy || db.changes() > before).then_some(healthy),
        noticed: false,
    }
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
