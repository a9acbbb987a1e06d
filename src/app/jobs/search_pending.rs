//! Puts the words of new messages in their place in PostgreSQL's index, so that no sender ever has to.

use std::time::Duration;

use anyhow::Context;

use super::Job;
use crate::store::db::StoreError;
use crate::store::search;
use crate::web::state::AppState;

pub(super) struct SearchPending;

impl Job for SearchPending {
    const NAME: &'static str = "search_pending";

    /// What waits is read by every search: a second of a busy server is some thousand messages.
    const PERIOD: Duration = Duration::from_secs(1);

    const FOR_ALL: bool = true;

    fn is_due(&self, state: &AppState) -> bool {
        state.cluster.is_some()
    }

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        match state.store.keep_up(search::empty_pending).await {
            // PostgreSQL's own autovacuum is at it.
            Ok(()) | Err(StoreError::Again(_)) => Ok(()),
            Err(error) => Err(error).context("new words were not put in their place in the index"),
        }
    }
}
