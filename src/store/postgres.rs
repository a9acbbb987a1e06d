//! The database that several servers share: PostgreSQL behind the trait [`Db`].
//!
//! A connection belongs to one of the store's threads and runs on a small runtime of its own: nothing moves on it but
//! while that thread waits for an answer. Opened at its first use, and anew at the next use outside of a transaction
//! when it was lost. The tables are [`schema`]'s.
//!
//! A transaction is READ COMMITTED: each statement sees what was committed before it began, which is what the locks of
//! rooms rely on. One that has returned from COMMIT survives a power cut (`synchronous_commit=on`).

mod address;
mod backend;
mod copying;
mod errors;
mod failover;
mod group;
pub mod key;
pub mod others;
mod rows;
pub mod schema;
mod sends;
mod session;
mod settings;
pub mod sweep;
mod tls;
mod values;

use std::fmt;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::backend::Role;
use super::db::{Db, Engine, Row, StoreError, Value};
pub use address::Address;
use session::{Kind, Session};

/// How long the answer to a reader or a sweep may be missing before its connection counts as lost: a server that stands still
/// keeps connections, and its own limits do not pass.
const ANSWER: Duration = Duration::from_secs(6);

/// How long a reader that had no connection tries for none: what waits is told so, and not one after the other that there is none.
const REST: Duration = Duration::from_secs(1);

/// Begins what reads as the database is at one moment.
const AT_ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// A statement in it has failed: until it is rolled back the server refuses everything, and makes a ROLLBACK of a
    /// COMMIT without an error.
    Failed,
}

/// One connection to the database, with its prepared statements.
pub struct Postgres {
    // Before the runtime: it lives there.
    session: Option<Session>,
    runtime: Runtime,
    /// How many connections there have been.
    opened: u64,
    /// When there was none to be had.
    refused: Option<Instant>,
    address: Address,
    node: String,
    role: Role,
    transaction: Transaction,
    deadline: Option<Instant>,
    /// Whether a statement outside of a transaction has had a deadline since there was one.
    hurried: bool,
    changes: u64,
    /// Whether a notice was written since somebody was told of the last one.
    noticed: bool,
    /// Whether a COMMIT does not wait for the disk.
    relaxed: bool,
    /// How often the commands of a room have been left out because another process had locked it.
    skips: group::Skips,
    /// Whether there was no connection for longer than commands wait for one.
    is_down: bool,
}

impl Postgres {
    /// A connection to the database at `address`, opened at its first use. `node` is the name of this server: others
    /// see it in `pg_stat_activity`.
    ///
    /// # Errors
    /// When the system gives no descriptors for it.
    pub fn new(address: Address, node: &str, role: Role) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self {
            session: None,
            runtime,
            opened: 0,
            refused: None,
            address,
            node: node.to_owned(),
            role,
            transaction: Transaction::None,
            deadline: None,
            hurried: false,
            changes: 0,
            noticed: false,
            relaxed: false,
            skips: group::Skips::new(),
            is_down: false,
        })
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// When the database fails; [`StoreError::Gone`] when there is none.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.start("BEGIN")
    }

    /// Makes the transaction durable.
    ///
    /// # Errors
    /// When the database fails, or a statement in the transaction did: nothing of it is kept then. After
    /// [`StoreError::Gone`] nobody knows: the answer was lost, with or without what it was about.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        if self.transaction == Transaction::Failed {
            self.rollback();
            let words = "a statement of the transaction had failed";
            return Err(StoreError::Failed(words.to_owned()));
        }
        self.batch("COMMIT")?;
        self.transaction = Transaction::None;
        Ok(())
    }

    /// How many rows this connection has written, ever.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether a transaction is open, on a connection that is still there.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.transaction != Transaction::None && self.session.is_some()
    }

    /// Ends a transaction that failed.
    pub fn rollback(&mut self) {
        if self.is_in_transaction()
            && let Err(error) = self.batch("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
            // The server ends it with the connection.
            self.session = None;
        }
        self.transaction = Transaction::None;
    }

    /// Runs `work` in a transaction of its own.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub fn in_one<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        let done = work(self).and_then(|done| self.commit().map(|()| done));
        if done.is_err() {
            self.rollback();
        }
        done
    }

    /// Runs `work` so that it leaves either all of its changes in the transaction or none; in one of its own when none
    /// is open.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub fn all_or_nothing<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.transaction == Transaction::None {
            return self.in_one(work);
        }
        self.batch("SAVEPOINT job")?;
        let result = work(self);
        match result {
            Ok(_) => self.batch("RELEASE job")?,
            Err(_) => {
                self.batch("ROLLBACK TO job; RELEASE job")?;
                self.transaction = Transaction::Open;
            }
        }
        result
    }

    /// Begins a transaction, on a new connection where the old one turns out to be lost: nothing is lost with it.
    fn start(&mut self, sql: &'static str) -> Result<(), StoreError> {
        if std::mem::take(&mut self.hurried) {
            self.batch(&self.unhurried(""))?;
        }
        let begun = match self.batch(sql) {
            Err(StoreError::Gone(_)) => self.batch(sql),
            begun => begun,
        };
        if begun.is_ok() {
            self.transaction = Transaction::Open;
        }
        begun
    }

    /// Runs SQL of several statements that has no values.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.ask(None, async |session, _| session.batch(sql).await)
    }

    /// Asks the server something, on a connection that is opened if need be; what `limit` says goes before it.
    fn ask<T>(
        &mut self,
        limit: Option<String>,
        work: impl AsyncFnOnce(&mut Session, Option<String>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.transaction == Transaction::None {
            self.reopen()?;
        }
        let Some(session) = &mut self.session else {
            let words = "the connection was lost in a transaction";
            return Err(StoreError::Gone(words.to_owned()));
        };
        let within = matches!(self.role, Role::Reader | Role::Sweeper).then_some(ANSWER);
        let answer = self.runtime.block_on(async {
            let answer = work(session, limit);
            match within {
                Some(within) => timeout(within, answer).await,
                // Nobody knows what became of what is written, so it takes the time that it takes.
                None => Ok(answer.await),
            }
        });
        let answer = answer.unwrap_or_else(|_elapsed| {
            // Nor would it answer on a new connection.
            self.refused = Some(Instant::now());
            Err(StoreError::Gone("it does not answer".to_owned()))
        });
        self.heard(answer)
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        if let Some(session) = &self.session {
            self.runtime.block_on(session.listen());
            if session.is_open() {
                return Ok(());
            }
        }
        self.session = None;
        let rests = self.refused.is_some_and(|refused| refused.elapsed() < REST);
        if rests && self.role == Role::Reader {
            return Err(StoreError::Gone(
                "it was not reached a moment ago".to_owned(),
            ));
        }
        let opening = Session::open(&self.address, &self.node, self.role, self.relaxed);
        let opened = self.runtime.block_on(opening);
        self.refused = opened.is_err().then(Instant::now);
        self.session = Some(opened?);
        self.opened += 1;
        let followed = self.follow_history();
        if followed.is_err() {
            self.session = None;
        }
        followed
    }

    /// Notes what an answer says of connection and transaction.
    fn heard<T>(&mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        let Err(error) = &answer else { return answer };
        if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed;
        }
        let is_open = self.session.as_ref().is_some_and(Session::is_open);
        if !is_open || matches!(error, StoreError::Gone(_)) {
            self.session = None;
        }
        answer
    }

    /// What has to be said before the next statement so that it ends in time.
    fn limit(&mut self) -> Result<Option<String>, StoreError> {
        let local = match self.transaction {
            Transaction::None => "",
            Transaction::Open | Transaction::Failed => "LOCAL ",
        };
        if let Some(until) = self.deadline {
            let left = until.saturating_duration_since(Instant::now()).as_millis();
            // 0 is no limit at all.
            if left == 0 {
                return Err(StoreError::TooSlow);
            }
            self.hurried |= local.is_empty();
            return Ok(Some(format!("SET {local}statement_timeout = {left}")));
        }
        if self.hurried && local.is_empty() {
            self.hurried = false;
            return Ok(Some(self.unhurried(local)));
        }
        Ok(None)
    }

    fn unhurried(&self, local: &str) -> String {
        let patience = self.role.patience().map_or(0, |time| time.as_millis());
        format!("SET {local}statement_timeout = {patience}")
    }

    fn rows(
        &mut self,
        statement: (&'static str, Kind),
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let limit = self.limit()?;
        self.ask(limit, async |session, limit| {
            session.query(limit, statement, values).await
        })
    }
}

impl Db for Postgres {
    fn noticed(&mut self) {
        self.noticed = true;
    }

    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.rows((sql, Kind::Plain), values)
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        let limit = self.limit()?;
        let changed = self.ask(limit, async |session, limit| {
            session.execute(limit, sql, values).await
        })?;
        self.changes += changed as u64;
        Ok(changed)
    }

    fn insert(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, StoreError> {
        let rows = self.rows((sql, Kind::Insert), values)?;
        self.changes += rows.len() as u64;
        rows.into_iter().next().ok_or(StoreError::Shape)?.int()
    }

    /// In a transaction the deadline ends with it, if not before.
    fn set_deadline(&mut self, until: Option<Instant>) -> Result<(), StoreError> {
        let had = self.deadline.take();
        self.deadline = until;
        let open = self.transaction == Transaction::Open && self.session.is_some();
        if had.is_some() && until.is_none() && open {
            return self.batch(&self.unhurried("LOCAL "));
        }
        Ok(())
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Postgres")
            .field("address", &self.address)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
