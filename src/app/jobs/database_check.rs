//! Checks that the database file is still at its path, and intact: what is written to an unlinked file is lost
//! with the process.

use std::time::Duration;

use super::Job;
use crate::web::state::AppState;

pub(super) struct DatabaseCheck;

impl Job for DatabaseCheck {
    const NAME: &'static str = "database_check";
    const PERIOD: Duration = Duration::from_secs(5);

    fn is_due(&self, state: &AppState) -> bool {
        state.hold.is_some()
    }

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        match &state.hold {
            Some(lock) => lock.check().map_err(anyhow::Error::msg),
            None => Ok(()),
        }
    }

    fn log(error: &anyhow::Error) {
        tracing::error!(
            "{error}: what is said now is lost; stop the server and put the database back"
        );
    }
}
