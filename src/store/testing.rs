//! Tests of the store run over each of its databases, as two tests with two names.

use std::sync::OnceLock;
use std::time::Instant;

use super::backend::{Backend, Role};
use super::db::{Db, Engine, Row, StoreError, Value};
use super::postgres::{Address, Postgres};
use super::sqlite::Sqlite;
use super::{postgres, schema};

#[path = "../../tests/support/postgres.rs"]
pub mod server;

/// The database of a test, new, with all tables.
#[derive(Debug)]
pub enum TestDb {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// Opens one.
pub type Open = fn() -> TestDb;

/// Makes two tests of each function `fn(open: Open)`: over SQLite, and over PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[test]
            fn on_sqlite() {
                super::$name($crate::store::testing::sqlite);
            }

            #[test]
            fn on_postgres() {
                super::$name($crate::store::testing::postgres);
            }
        })+
    };
}
pub(in crate::store) use on_both;

/// A database in memory.
pub fn sqlite() -> TestDb {
    TestDb::Sqlite(schema::open(None).unwrap())
}

/// A copy of a database that is migrated once.
pub fn postgres() -> TestDb {
    static TEMPLATE: OnceLock<()> = OnceLock::new();
    let server = server::server();
    TEMPLATE.get_or_init(|| {
        server.create_as("migrated", "");
        let mut db = connect("migrated", Role::Tool);
        postgres::schema::migrate(&mut db).unwrap();
        db.close();
    });
    let mut db = connect(&server.create("migrated"), Role::Tool);
    // A test may be kept waiting in a transaction on a busy machine.
    db.batch("SET idle_in_transaction_session_timeout = 0")
        .unwrap();
    TestDb::Postgres(Box::new(db))
}

/// A connection to a database of the tests' server.
pub fn connect(database: &str, role: Role) -> Postgres {
    let address = Address::parse(&server::server().url(database), None, None).unwrap();
    Postgres::new(address, "test", role).unwrap()
}

impl TestDb {
    /// Runs `work` in a transaction of its own.
    pub fn in_one<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(db) => db.in_one(work),
            Self::Postgres(db) => db.in_one(work),
        }
    }

    /// The number that a statement returns.
    pub fn number(&mut self, sql: &'static str) -> i64 {
        self.first(sql, &[]).unwrap().unwrap().int().unwrap()
    }

    /// The next message gets the id after this one, where that is not so by itself.
    pub fn after_message(&mut self, id: i64) {
        if self.engine() == Engine::Postgres {
            self.first("SELECT setval('message_ids', $1)", &[Value::Int(id)])
                .unwrap();
        }
    }

    /// How many messages the index has for this word.
    pub fn indexed(&mut self, word: &str) -> i64 {
        let sql = match self.engine() {
            Engine::Sqlite => "SELECT count(*) FROM search WHERE search MATCH $1",
            Engine::Postgres => "SELECT count(*) FROM proposed($1, 0, 9223372036854775807)",
        };
        let mut row = self.first(sql, &[Value::Text(word)]).unwrap().unwrap();
        row.int().unwrap()
    }

    /// How SQLite finds what a statement asks for.
    pub fn plan(&mut self, sql: &str) -> String {
        // The database takes statements that are there from the start.
        let explain: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
        let detail = |mut row: Row| {
            for _ in 0..3 {
                row.int().unwrap();
            }
            row.text().unwrap()
        };
        let rows = self.query(explain, &[Value::Null; 9]).unwrap();
        let steps: Vec<_> = rows.into_iter().map(detail).collect();
        steps.join("; ")
    }

    fn db(&mut self) -> &mut dyn Db {
        match self {
            Self::Sqlite(db) => db,
            Self::Postgres(db) => &mut **db,
        }
    }
}

impl Db for TestDb {
    fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(db) => db.engine(),
            Self::Postgres(db) => db.engine(),
        }
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.db().query(sql, values)
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        self.db().execute(sql, values)
    }

    fn insert(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, StoreError> {
        self.db().insert(sql, values)
    }

    fn set_deadline(&mut self, until: Option<Instant>) -> Result<(), StoreError> {
        self.db().set_deadline(until)
    }
}
