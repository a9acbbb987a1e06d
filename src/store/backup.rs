//! A copy of the database, made beside a server that writes.

use std::path::Path;

use rusqlite::Connection;

use super::db::StoreError;
use super::sqlite::Sqlite;

impl Sqlite {
    /// Writes a whole, compacted copy to a new file, as the database is at one moment, and checks
    /// whether it can be read.
    ///
    /// # Errors
    /// When the database fails.
    pub fn copy_to(&mut self, file: &Path) -> Result<(), StoreError> {
        let name = file.to_string_lossy();
        self.0.execute("VACUUM INTO ?1", [name.as_ref()])?;
        let copy = Connection::open(file)?;
        let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(StoreError::Damaged(found)),
        }
    }
}
