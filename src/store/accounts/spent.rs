//! What lets somebody in once: the statements.

use crate::store::db::{Db, StoreError, Value};

/// Spends what an issuer calls `jti`, and which is good until `until` (ms since 1970); false when it was spent before.
///
/// # Errors
/// When the database fails.
pub fn spend(db: &mut dyn Db, issuer: &str, jti: &str, until: i64) -> Result<bool, StoreError> {
    let added = db.execute(
        "INSERT INTO spent (issuer, jti, until) VALUES ($1, $2, $3) ON CONFLICT (issuer, jti) DO NOTHING",
        &[Value::Text(issuer), Value::Text(jti), Value::Int(until)],
    )?;
    Ok(added > 0)
}
