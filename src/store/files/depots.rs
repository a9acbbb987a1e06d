//! Where the files of this server have lain, so that an empty place is not taken for it.

use crate::store::db::{Db, StoreError, Value};

/// Whether this is where they were last, as the setting names it.
///
/// # Errors
/// When the database fails.
pub fn is_known(db: &mut dyn Db, store: &str) -> Result<bool, StoreError> {
    let known = db.first(
        "SELECT 1 FROM house WHERE name = 'files_in' AND value = $1",
        &[Value::Text(store)],
    )?;
    Ok(known.is_some())
}

/// Notes that it is.
///
/// # Errors
/// When the database fails.
pub fn know(db: &mut dyn Db, store: &str) -> Result<(), StoreError> {
    if is_known(db, store)? {
        return Ok(());
    }
    db.execute(
        "INSERT INTO house (name, value) VALUES ('files_in', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[Value::Text(store)],
    )?;
    Ok(())
}
