//! Indexes messages that are older than the search index, at the start and after the command line has reset
//! the index.

use std::time::{Duration, Instant};

use anyhow::Context;

use super::Job;
use crate::store::db::StoreError;
use crate::store::search;
use crate::web::state::AppState;

/// Pause between two steps, so that at most half of the writer's time goes there.
const REST: Duration = Duration::from_millis(30);

/// How often the progress of indexing is logged.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

pub(super) struct SearchIndex;

impl Job for SearchIndex {
    const NAME: &'static str = "search_index";
    const PERIOD: Duration = Duration::from_secs(60);
    const FOR_ALL: bool = true;

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let indexed = index_all(state).await;
        indexed.context("not all messages can be found yet")
    }
}

async fn index_all(state: &AppState) -> Result<(), StoreError> {
    if state.store.read(search::is_whole).await? {
        return Ok(());
    }
    let mut logged: Option<Instant> = None;
    while let Some(left) = state.store.write(search::step).await? {
        if logged.is_none_or(|logged| logged.elapsed() >= PROGRESS_EVERY) {
            logged = Some(Instant::now());
            tracing::info!(
                "taking old messages into the index: those up to id {left} cannot be found yet"
            );
        }
        tokio::time::sleep(REST).await;
    }
    tracing::info!("all messages can be found");
    Ok(())
}

/// Removes the words that no message has any more from the index.
pub(super) async fn settle(state: &AppState) -> Result<(), StoreError> {
    let mut first = true;
    while state
        .store
        .keep_up(move |db| search::settle(db, first))
        .await?
    {
        first = false;
    }
    Ok(())
}
