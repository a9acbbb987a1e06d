//! The embedded database: SQLite behind the trait [`Db`].
//!
//! Owns opening and the pragmas; the tables are [`super::schema`]'s. WAL with `synchronous=FULL`: a
//! transaction that has returned from COMMIT survives a power cut, unless the connection was
//! [relaxed](Backend::relax).

mod group;

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement, ToSql};

use super::backend::{Backend, Group, Work, Written};
use super::db::{Cell, Db, Engine, Row, StoreError, Value};
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// How long a statement waits for another process's lock before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Pages of the file that a connection which only reads keeps in memory, in KiB; the system's own
/// cache is behind it. SQLite's 2,000 is for the one that writes.
const READ_CACHE: i64 = 160;

/// Steps of SQLite's virtual machine after which a statement with a [deadline](Db::set_deadline) looks at the
/// clock: some tens of microseconds.
const STEPS: i32 = 1_000;

/// Prepared statements kept per connection: more than the store has.
const STATEMENTS: usize = 160;

/// One connection to the database, with its prepared statements.
#[derive(Debug)]
pub struct Sqlite(pub(super) Connection);

impl Sqlite {
    /// Opens the file at `path`, or a database in memory, as it is.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn connect(path: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(Self(connection))
    }

    /// Keeps less of the file in memory, for a connection that only reads.
    ///
    /// # Errors
    /// When the database fails.
    pub fn small_cache(&mut self) -> Result<(), StoreError> {
        Ok(self.0.pragma_update(None, "cache_size", -READ_CACHE)?)
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// When the database fails: because it is locked, for one.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.run("BEGIN IMMEDIATE")
    }

    /// Makes the transaction durable.
    ///
    /// # Errors
    /// When the database fails: because the disk is full, for one. The transaction is then still open.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.run("COMMIT")
    }

    /// How many rows this connection has written, ever.
    fn changes(&self) -> u64 {
        self.0.total_changes()
    }

    /// Whether a transaction is open: some errors end it, such as a full disk
    /// (<https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>).
    fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Ends a transaction that failed, if SQLite has not done so itself.
    pub(super) fn rollback(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
        }
    }

    /// Moves what is in the write-ahead log into the database file, so that the file alone is a
    /// whole backup once the process has ended.
    fn checkpoint(&mut self) {
        if let Err(error) = self.0.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the write-ahead log was not folded in; it will be at the next start");
        }
    }

    /// Runs `work` in a transaction of its own, which waits for those of other processes.
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

    /// Runs `work` so that it leaves either all of its changes in the transaction or none.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub fn all_or_nothing<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run("SAVEPOINT job")?;
        let result = work(self);
        if result.is_err() {
            self.run("ROLLBACK TO job")?;
        }
        self.run("RELEASE job")?;
        result
    }

    /// Runs a statement without values or rows, parsed once.
    fn run(&self, sql: &'static str) -> Result<(), StoreError> {
        self.0.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// The number of its newest migration.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn version(&self) -> Result<i64, StoreError> {
        let version = self
            .0
            .query_row("PRAGMA user_version", [], |row| row.get(0));
        Ok(version?)
    }

    /// Gives each row of a query without values to `take`, one after the other.
    ///
    /// # Errors
    /// Those of `take`, and when the database fails.
    pub(super) fn each(
        &mut self,
        sql: &str,
        take: &mut dyn FnMut(&[Cell]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            take(&cells(row, columns)?)?;
        }
        Ok(())
    }

    /// Runs SQL of several statements that has no values.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.0.execute_batch(sql)?)
    }
}

impl Db for Sqlite {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Row::new(cells(row, columns)?));
        }
        Ok(all)
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()?)
    }

    /// RETURNING would make it a statement of several writes, and SQLite lets the search index write all it has before each of
    /// those: twice the cost of a message in a group.
    fn insert(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, StoreError> {
        self.execute(sql, values)?;
        Ok(self.0.last_insert_rowid())
    }

    fn set_deadline(&mut self, until: Option<Instant>) -> Result<(), StoreError> {
        let late = until.map(|until| move || Instant::now() >= until);
        Ok(self.0.progress_handler(STEPS, late)?)
    }
}

impl Backend for Sqlite {
    fn transaction(&mut self, work: Work<'_>) -> Result<(), StoreError> {
        self.in_one(work)
    }

    fn at_one_moment(&mut self, work: Work<'_>) -> Result<(), StoreError> {
        let begun = self.run("BEGIN");
        let done = work(self);
        if begun.is_ok() && self.run("COMMIT").is_err() {
            self.rollback();
        }
        done
    }

    fn write(&mut self, group: Group) -> Written {
        group::write(self, group)
    }

    /// `synchronous=NORMAL`, <https://sqlite.org/pragma.html#pragma_synchronous>.
    fn relax(&mut self) -> Result<(), StoreError> {
        self.batch("PRAGMA synchronous = NORMAL")
    }

    fn close(&mut self) {
        self.checkpoint();
    }
}

fn cells(row: &rusqlite::Row<'_>, columns: usize) -> Result<Vec<Cell>, StoreError> {
    let cell = |column| match row.get_ref(column)? {
        ValueRef::Integer(value) => Ok(Cell::Int(value)),
        ValueRef::Text(text) => Ok(Cell::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Shape),
    };
    (0..columns).map(cell).collect()
}

/// Binds each value to the parameter of its number. SQLite takes `$2` for a name, and numbers names
/// as it meets them.
fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    for place in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        statement.raw_bind_parameter(place, value.ok_or(StoreError::Shape)?)?;
    }
    Ok(())
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Int(id)
            | Self::Room(RoomId(id))
            | Self::Message(MessageId(id))
            | Self::Seq(Seq(id)) => ToSqlOutput::Borrowed(ValueRef::Integer(*id)),
            Self::Person(id) => ToSqlOutput::from(id.to_string()),
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
        })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::TooSlow,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
