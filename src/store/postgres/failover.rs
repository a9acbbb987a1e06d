//! Failover: what was committed last may be gone when another PostgreSQL server takes over, or an older copy is put back,
//! and then seqs that clients have seen are handed out again.
//!
//! Which history a database goes on with is seen from the cluster that it is in and the timeline of its log, which is
//! another one after every promotion and every recovery to a point in time; a dump that was put back is another database,
//! with a number of its own. Whoever is first to write to another history gives every room a new epoch: clients begin anew,
//! and show nothing that is gone. Where a synchronous standby has everything that was committed (`[storage] failover =
//! "lossless"`) this is not needed, but for a dump.

use super::Postgres;
use crate::store::backend::Role;
use crate::store::db::{Db, StoreError, Value};
use crate::store::notices::{self, Notice};
use crate::store::queries::epochs;

/// Their names in `house`.
const HISTORY: &str = "history";
const DATABASE: &str = "database";

/// Numbers of accounts that are not given: as many may have been made that this history does not know.
const SKIPPED: &str = "UPDATE house SET value = CAST(CAST(value AS BIGINT) + 1000 AS TEXT) WHERE name = 'last_account'";

/// A number that whoever compares the histories locks.
const COMPARING: &str = "SELECT CAST(pg_advisory_xact_lock(8390885637229506663) AS TEXT)";

const NOW: &str = "SELECT CAST(system_identifier AS TEXT) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8), \
     (SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()), \
     CASE WHEN to_regclass('house') IS NULL THEN 0 ELSE 1 END FROM pg_control_system()";

/// What a database goes on with; what is not known yet is `None`.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    history: Option<String>,
    database: Option<String>,
}

impl Postgres {
    /// Looks, on a connection that was just opened, whether the database goes on with the history that it was left with.
    pub(super) fn follow_history(&mut self) -> Result<(), StoreError> {
        if matches!(self.role, Role::Reader | Role::Sweeper) {
            return Ok(());
        }
        let mut row = self.first(NOW, &[])?.ok_or(StoreError::Shape)?;
        let (history, database, has_tables) = (row.text()?, row.text()?, row.int()? != 0);
        let now = Known {
            history: Some(history.clone()),
            database: Some(database.clone()),
        };
        if !has_tables || known(self)? == now {
            return Ok(());
        }
        let lossless = self.address.is_lossless();
        self.in_one(|db| {
            // Others come here at the same time.
            db.query(COMPARING, &[])?;
            let before = known(db)?;
            let differs = |was: &Option<String>, is: &str| was.as_deref().is_some_and(|was| was != is);
            let is_restored = differs(&before.database, &database);
            if is_restored || differs(&before.history, &history) && !lossless {
                tracing::warn!(history, database, "another history of the database: every room has a new epoch");
                epochs::renew_all(db)?;
                db.execute(SKIPPED, &[])?;
                notices::write(db, &Notice::Epochs)?;
            }
            for (name, value) in [(HISTORY, &history), (DATABASE, &database)] {
                db.execute(
                    "INSERT INTO house (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    &[Value::Text(name), Value::Text(value)],
                )?;
            }
            Ok(())
        })
    }
}

fn known(db: &mut dyn Db) -> Result<Known, StoreError> {
    let row = db.first(
        "SELECT max(CASE WHEN name = $1 THEN value END), max(CASE WHEN name = $2 THEN value END) FROM house",
        &[Value::Text(HISTORY), Value::Text(DATABASE)],
    )?;
    let mut row = row.ok_or(StoreError::Shape)?;
    Ok(Known {
        history: row.maybe_text()?,
        database: row.maybe_text()?,
    })
}
