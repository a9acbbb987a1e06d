//! A server's database, as a test looks into it and changes it, whichever that is.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use teahouse::store::Place;
use teahouse::store::backend::Role;
use teahouse::store::db::Db;
use teahouse::store::postgres::Address;

use super::{Server, postgres};

/// Whether servers keep their data in PostgreSQL: `TEAHOUSE_TEST_STORE=postgres` runs the whole suite so.
pub fn on_postgres() -> bool {
    std::env::var_os("TEAHOUSE_TEST_STORE").is_some_and(|store| store == "postgres")
}

/// Whether a test has nothing to look at on PostgreSQL, and `why`.
pub fn skipped_on_postgres(why: &str) -> bool {
    if on_postgres() {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    on_postgres()
}

impl Server {
    /// What `work` finds in this server's database, or makes of it, as the program's own connections see it.
    pub fn database<T: Send>(&self, work: impl FnOnce(&mut dyn Db) -> T + Send) -> T {
        let place = self.place();
        // A thread of its own: no connection waits in the runtime of a test.
        let look = || work(&mut *place.open(Role::Tool).unwrap());
        std::thread::scope(|scope| scope.spawn(look).join().unwrap())
    }

    /// Where this server's database is.
    pub fn place(&self) -> Place {
        match self.postgres() {
            Some(url) => {
                let address = Address::parse(url, None, None).unwrap();
                Place::Postgres(Box::new(address), "test".to_owned())
            }
            None => Place::File(self.data().join("teahouse.db")),
        }
    }

    /// The number that a query has for an answer.
    pub fn number(&self, sql: &str) -> i64 {
        let row = |db: &mut dyn Db| db.first(kept(sql), &[]).unwrap();
        self.database(row).unwrap().int().unwrap()
    }

    /// The first column of an answer, which is text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.database(|db| db.query(kept(sql), &[]).unwrap());
        let rows = rows.into_iter();
        rows.map(|mut row| row.text().unwrap()).collect()
    }

    /// Runs statements one after the other; how many rows the last one has changed.
    pub fn runs(&self, statements: &[&str]) -> usize {
        self.database(|db| {
            let each = statements.iter();
            let changed = each.map(|sql| db.execute(kept(sql), &[]).unwrap());
            changed.last().unwrap_or_default()
        })
    }

    /// Lets the ids of messages go on after those that a test has put in.
    pub fn counts_ids_anew(&self) {
        if self.postgres().is_some() {
            self.number("SELECT setval('message_ids', (SELECT max(id) FROM messages))");
        }
    }

    /// Every cell of the database that has text in it: `table.column`, and what stands there.
    pub fn cells(&self) -> Vec<(String, String)> {
        if self.postgres().is_none() {
            return cells_of(&Connection::open(self.data().join("teahouse.db")).unwrap());
        }
        let columns = self.texts(
            "SELECT CAST(table_name || '.' || column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public'",
        );
        let mut found = Vec::new();
        for name in columns {
            let (table, column) = name.split_once('.').unwrap();
            let texts =
                format!("SELECT CAST({column} AS TEXT) FROM {table} WHERE {column} IS NOT NULL");
            let texts = self.texts(&texts).into_iter();
            found.extend(texts.map(|text| (name.clone(), text)));
        }
        found
    }

    /// Keeps everybody else from writing while it lives.
    pub fn locks(&self) -> Lock {
        let Some(url) = self.postgres() else {
            let other = Connection::open(self.data().join("teahouse.db")).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            return Lock::File { _other: other };
        };
        let (_, database) = url.rsplit_once('/').unwrap();
        let mut psql = postgres::server().psql(database);
        let psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = psql.spawn().unwrap();
        let sql = "BEGIN; SELECT id FROM rooms FOR UPDATE;\n\\echo held\n";
        psql.stdin
            .as_mut()
            .unwrap()
            .write_all(sql.as_bytes())
            .unwrap();
        let said = BufReader::new(psql.stdout.take().unwrap());
        let mut said = said.lines().map(Result::unwrap);
        assert!(said.any(|line| line == "held"), "the rooms are not locked");
        Lock::Rooms(psql)
    }

    /// The address of its database, where that is PostgreSQL's.
    fn postgres(&self) -> Option<&str> {
        let given = self.settings.iter().rev();
        let url = given.into_iter().find(|(key, _)| key == "storage.url")?;
        url.1.starts_with("postgres:").then_some(url.1.as_str())
    }
}

/// What keeps a server from writing.
pub enum Lock {
    File { _other: Connection },
    Rooms(Child),
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Self::Rooms(psql) = self {
            // At the end of what it is told it goes, and its transaction with it.
            drop(psql.stdin.take());
            let _gone = psql.wait();
        }
    }
}

/// SQL for the store, whose own is all in the program.
fn kept(sql: &str) -> &'static str {
    sql.to_owned().leak()
}

fn cells_of(db: &Connection) -> Vec<(String, String)> {
    let mut tables = db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut found = Vec::new();
    for table in tables.map(Result::unwrap) {
        let mut rows = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_names().into_iter();
        let columns: Vec<_> = columns.map(|column| format!("{table}.{column}")).collect();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (place, column) in columns.iter().enumerate() {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(place).unwrap() {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    found.push((column.clone(), text));
                }
            }
        }
    }
    found
}
