//! Failover: what was committed last may be gone when another PostgreSQL server takes over, or an older copy is put back,
//! and then seqs that clients have seen are handed out again.
//!
//! Which history a database goes on with is seen from the cluster that it is in and the timeline of its log, which is
//! another one after every promotion and every recovery to a point in time. Whoever is first to write to another history
//! gives every room a new epoch: clients begin anew, and show nothing that is gone. Where a synchronous standby has
//! everything that was committed this is not needed (`[storage] failover = "lossless"`).

use super::Postgres;
use crate::store::backend::Role;
use crate::store::db::{Db, StoreError, Value};
use crate::store::notices::{self, Notice};
use crate::store::queries::epochs;

/// Its name in `house`.
const HISTORY: &str = "history";

/// A number that whoever compares the histories locks.
const COMPARING: &str = "SELECT CAST(pg_advisory_xact_lock(8390885637229506663) AS TEXT)";

const NOW: &str = "SELECT CAST(system_identifier AS TEXT) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8), \
     CASE WHEN to_regclass('house') IS NULL THEN 0 ELSE 1 END FROM pg_control_system()";

impl Postgres {
    /// Looks, on a connection that was just opened, whether the database goes on with the history that it was left with.
    pub(super) fn follow_history(&mut self) -> Result<(), StoreError> {
        if matches!(self.role, Role::Reader | Role::Sweeper) {
            return Ok(());
        }
        let mut row = self.first(NOW, &[])?.ok_or(StoreError::Shape)?;
        let (history, has_tables) = (row.text()?, row.int()? != 0);
        if !has_tables || known(self)?.as_deref() == Some(&*history) {
            return Ok(());
        }
        let lossless = self.address.is_lossless();
        self.in_one(|db| {
            // Others come here at the same time.
            db.query(COMPARING, &[])?;
            let before = known(db)?;
            if before.as_deref() == Some(&*history) {
                return Ok(());
            }
            if before.is_some() && !lossless {
                tracing::warn!(history, "another history of the database: every room has a new epoch");
                epochs::renew_all(db)?;
                notices::write(db, &Notice::Epochs)?;
            }
            db.execute(
                "INSERT INTO house (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                &[Value::Text(HISTORY), Value::Text(&history)],
            )?;
            Ok(())
        })
    }
}

fn known(db: &mut dyn Db) -> Result<Option<String>, StoreError> {
    let row = db.first(
        "SELECT value FROM house WHERE name = $1",
        &[Value::Text(HISTORY)],
    )?;
    row.map(|mut row| row.text()).transpose()
}
