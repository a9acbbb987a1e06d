//! The tables on PostgreSQL: what brings those of an older program up to date.
//!
//! Each number is a migration of both databases; those before the first here were SQLite's alone. Whoever comes first
//! migrates, the others wait for it. `house` has under `schema` the number of the newest migration, and under `oldest`
//! that of the oldest program that may still run.

use super::Postgres;
use crate::store::db::{Db, StoreError};

/// In order, with their numbers.
const MIGRATIONS: [(i64, &str); 6] = [
    (17, include_str!("../migrations/postgres/0017_house.sql")),
    (
        18,
        include_str!("../migrations/postgres/0018_file_parts.sql"),
    ),
    (
        19,
        include_str!("../migrations/postgres/0019_identities.sql"),
    ),
    (20, include_str!("../migrations/postgres/0020_tokens.sql")),
    (
        21,
        include_str!("../migrations/postgres/0021_token_makers.sql"),
    ),
    (
        22,
        include_str!("../migrations/postgres/0022_site_rooms.sql"),
    ),
];

/// A number that no other program locks: only who migrates does.
const LOCK: &str = "SELECT pg_advisory_xact_lock(8390885637229506661)";

/// How long to wait for somebody else who migrates.
const WAIT: &str = "SET LOCAL lock_timeout = '60s'";

/// The versions that a database tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Versions {
    schema: i64,
    oldest: i64,
}

/// Brings the tables of `db` up to date.
///
/// # Errors
/// In words for the operator: when the database is a newer program's, or not Teahouse's, or may not be changed.
pub fn migrate(db: &mut Postgres) -> Result<(), StoreError> {
    if found(db)?.is_some_and(|found| found.schema >= known()) {
        return Ok(());
    }
    db.begin()?;
    let done = bring_up_to_date(db).and_then(|()| db.commit());
    if done.is_err() {
        db.rollback();
    }
    done.map_err(|error| match error {
        StoreError::Again(_) => StoreError::Failed(
            "another server has been changing the tables for a minute: wait until it is ready, or look at what it does"
                .to_owned(),
        ),
        StoreError::Failed(words) if words.ends_with("(42501)") => StoreError::Failed(format!(
            "{words}: Teahouse makes its tables itself, and must own the database: ALTER DATABASE … OWNER TO …"
        )),
        error => error,
    })
}

fn bring_up_to_date(db: &mut Postgres) -> Result<(), StoreError> {
    db.batch(WAIT)?;
    db.batch(LOCK)?;
    // Somebody else may have done it meanwhile.
    let found = found(db)?.map_or(0, |found| found.schema);
    if found == 0 && !is_empty(db)? {
        return Err(StoreError::Failed(
            "the database has tables of another program: make one for Teahouse alone with CREATE DATABASE".to_owned(),
        ));
    }
    for (number, sql) in MIGRATIONS {
        if number > found {
            db.batch(sql)?;
            db.batch(&format!(
                "INSERT INTO house (name, value) VALUES ('schema', '{number}') \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value; \
                 INSERT INTO house (name, value) VALUES ('oldest', '{number}') ON CONFLICT (name) DO NOTHING"
            ))?;
        }
    }
    Ok(())
}

/// What the database tells of itself; nothing when it has no tables of the store.
fn found(db: &mut Postgres) -> Result<Option<Versions>, StoreError> {
    let house = db.first(
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'house'",
        &[],
    )?;
    if house.is_none() {
        return Ok(None);
    }
    let mut row = db
        .first(
            "SELECT max(CAST(value AS BIGINT)) FILTER (WHERE name = 'schema'), \
             max(CAST(value AS BIGINT)) FILTER (WHERE name = 'oldest') FROM house WHERE name IN ('schema', 'oldest')",
            &[],
        )?
        .ok_or(StoreError::Shape)?;
    let (Some(schema), oldest) = (row.maybe_int()?, row.maybe_int()?) else {
        return Ok(None);
    };
    let oldest = oldest.unwrap_or(schema);
    if oldest > known() {
        let (found, known) = (schema, known());
        return Err(StoreError::Newer { found, known });
    }
    Ok(Some(Versions { schema, oldest }))
}

fn is_empty(db: &mut Postgres) -> Result<bool, StoreError> {
    let any = db.first(
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1",
        &[],
    )?;
    Ok(any.is_none())
}

/// The newest version that this program knows.
pub(in crate::store) fn known() -> i64 {
    MIGRATIONS
        .iter()
        .map(|(number, _)| *number)
        .max()
        .unwrap_or_default()
}
