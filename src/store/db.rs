//! The small interface that every database has for the store.
//!
//! SQL is literal text beside the Rust that reads it; parameters are `$1…$n`; values are
//! integers, text or null. One text is for all databases. An adapter ([`super::sqlite`], [`super::postgres`]) is the
//! only place that knows a driver.

use std::fmt;
use std::time::Instant;

use serde::Serialize;

use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// BIGINT and SMALLINT.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// A room's id, as BIGINT.
    Room(RoomId),
    /// A message's id, as BIGINT.
    Message(MessageId),
    /// An event's number, as BIGINT.
    Seq(Seq),
    /// A person's id, as TEXT.
    Person(PersonId),
    /// NULL.
    Null,
}

impl<'a> Value<'a> {
    /// Text, or null when there is none.
    #[must_use]
    pub fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Value::Text)
    }

    /// A person's id, or null when there is none.
    #[must_use]
    pub fn maybe_person(id: Option<PersonId>) -> Self {
        id.map_or(Self::Null, Value::Person)
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// BIGINT and SMALLINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// NULL.
    Null,
}

/// One row of an answer, its columns taken from left to right.
#[derive(Debug)]
pub struct Row(std::vec::IntoIter<Cell>);

impl Row {
    /// A row of these cells.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// The next column as an integer.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn int(&mut self) -> Result<i64, StoreError> {
        self.maybe_int()?.ok_or(StoreError::Shape)
    }

    /// The next column as an integer or null.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn maybe_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Cell::Int(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Shape),
        }
    }

    /// The next column as text or null.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Cell::Text(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            _ => Err(StoreError::Shape),
        }
    }

    /// The next column as a message's id or null.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn maybe_message(&mut self) -> Result<Option<MessageId>, StoreError> {
        Ok(self.maybe_int()?.map(MessageId))
    }

    /// The next column as a message's id.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn message(&mut self) -> Result<MessageId, StoreError> {
        self.int().map(MessageId)
    }

    /// The next column as an event's number.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn seq(&mut self) -> Result<Seq, StoreError> {
        self.int().map(Seq)
    }

    /// The next column as a room's id.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn room(&mut self) -> Result<RoomId, StoreError> {
        self.int().map(RoomId)
    }

    /// The next column as a person's id.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn person(&mut self) -> Result<PersonId, StoreError> {
        self.text()?.parse().map_err(|_other| StoreError::Shape)
    }

    /// The next column as a person's id or null.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn maybe_person(&mut self) -> Result<Option<PersonId>, StoreError> {
        let id = self.maybe_text()?.map(|text| text.parse());
        id.transpose().map_err(|_other| StoreError::Shape)
    }

    /// The next column as text.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is something else.
    pub fn text(&mut self) -> Result<String, StoreError> {
        match self.0.next() {
            Some(Cell::Text(value)) => Ok(value),
            _ => Err(StoreError::Shape),
        }
    }
}

/// Many values as one parameter, for `json_each`: a statement a value would be a round trip each where the database is
/// another process.
///
/// # Errors
/// [`StoreError::Shape`] when they are nothing that JSON has.
pub fn list<T: Serialize>(values: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(values).map_err(|_never| StoreError::Shape)
}

/// Which database it is, where one statement cannot be for both: the index of the messages alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The one that several servers share.
    Postgres,
}

/// What a database can do for the store.
pub trait Db {
    /// Which one it is.
    fn engine(&self) -> Engine;

    /// A notice was written: other nodes are to look for it once the transaction is committed.
    fn noticed(&mut self) {}

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError>;

    /// Inserts one row into a table whose `id` the database hands out; returns that id. The statement has no RETURNING.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    fn insert(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, StoreError>;

    /// From now on a statement that still runs at `until` fails with [`StoreError::TooSlow`]; with
    /// `None` they may take as long as they take. What changes something must not be hurried.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    fn set_deadline(&mut self, until: Option<Instant>) -> Result<(), StoreError>;

    /// The first row, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    fn first(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, values)?.into_iter().next())
    }
}

/// Why the store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The writer's queue is full, or the store has been closed.
    Busy,
    /// It took longer than its [deadline](Db::set_deadline).
    TooSlow,
    /// The database failed: full, locked, read-only, gone. The database's own message.
    Failed(String),
    /// Somebody else was in the way: a lock, or a row that another transaction wrote meanwhile. The transaction is
    /// lost, and the same again may succeed. The database's own message.
    Again(String),
    /// There is no connection to the database, or none that may write: it was lost, the database is stopping, full of
    /// connections, or not the primary any more. What was not committed is lost; of a COMMIT under way nobody knows.
    /// The database's own message.
    Gone(String),
    /// The database's file is not what it was written to be. The database's own message.
    Damaged(String),
    /// A row had another shape than the code that reads it.
    Shape,
    /// The database was written by a newer version of the program.
    Newer {
        /// The schema version of the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => write!(out, "the store has too much to do"),
            Self::TooSlow => write!(out, "it took too long"),
            Self::Failed(words) | Self::Again(words) => write!(out, "{words}"),
            Self::Gone(words) => write!(out, "the database cannot be reached: {words}"),
            Self::Damaged(words) => write!(
                out,
                "{words}: the database is damaged; stop the server, keep a copy of the file, restore a \
                 backup or save what can be read with sqlite3's .recover (docs/what-to-do-when.md)"
            ),
            Self::Shape => write!(out, "a row of the database has an unexpected shape"),
            Self::Newer { found, known } => write!(
                out,
                "the database has version {found}, this program knows versions up to {known}: \
                 run the newer program, or restore the backup made before it ran"
            ),
        }
    }
}

impl std::error::Error for StoreError {}
