//! The tables: what brings those of an older program up to date.
//!
//! A migration is SQL; what a database needs beside it is done here after the last of them.

use std::path::Path;

use super::accounts::skeletons;
use super::db::StoreError;
use super::sqlite::Sqlite;

/// In order; the number of a migration is its position, counted from 1, kept in `user_version`.
const MIGRATIONS: [&str; 22] = [
    include_str!("migrations/sqlite/0001_house.sql"),
    include_str!("migrations/sqlite/0002_changes.sql"),
    include_str!("migrations/sqlite/0003_rooms.sql"),
    include_str!("migrations/sqlite/0004_accounts.sql"),
    include_str!("migrations/sqlite/0005_words.sql"),
    include_str!("migrations/sqlite/0006_search.sql"),
    include_str!("migrations/sqlite/0007_answers.sql"),
    include_str!("migrations/sqlite/0008_nonces.sql"),
    include_str!("migrations/sqlite/0009_waiting.sql"),
    include_str!("migrations/sqlite/0010_doors.sql"),
    include_str!("migrations/sqlite/0011_looks.sql"),
    include_str!("migrations/sqlite/0012_beginnings.sql"),
    include_str!("migrations/sqlite/0013_times.sql"),
    include_str!("migrations/sqlite/0014_deleted_rooms.sql"),
    include_str!("migrations/sqlite/0015_favourites.sql"),
    include_str!("migrations/sqlite/0016_expiry.sql"),
    include_str!("migrations/sqlite/0017_files.sql"),
    include_str!("migrations/sqlite/0018_file_parts.sql"),
    include_str!("migrations/sqlite/0019_identities.sql"),
    include_str!("migrations/sqlite/0020_tokens.sql"),
    include_str!("migrations/sqlite/0021_token_makers.sql"),
    include_str!("migrations/sqlite/0022_site_rooms.sql"),
];

/// Opens the file at `path`, or a database in memory, and brings its tables up to date.
///
/// # Errors
/// When the file cannot be opened or was written by a newer program.
pub fn open(path: Option<&Path>) -> Result<Sqlite, StoreError> {
    let mut db = Sqlite::connect(path)?;
    migrate(&mut db)?;
    Ok(db)
}

/// Whether the tables of `db` are those of an older program, or not there.
///
/// # Errors
/// When the file cannot be read or was written by a newer program.
pub fn is_older(db: &Sqlite) -> Result<bool, StoreError> {
    let (found, known) = (db.version()?, known());
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    Ok(found < known)
}

/// Brings the tables of `db` up to date.
///
/// # Errors
/// As [`is_older`], and when the database fails.
pub fn migrate(db: &mut Sqlite) -> Result<(), StoreError> {
    let found = match is_older(db)? {
        true => db.version()?,
        false => known(),
    };
    for (number, sql) in (1..).zip(MIGRATIONS) {
        if number > found {
            db.batch(&format!(
                "BEGIN IMMEDIATE; {sql} PRAGMA user_version = {number}; COMMIT"
            ))?;
        }
    }
    db.all_or_nothing(skeletons::fill)
}

/// The newest version that this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
