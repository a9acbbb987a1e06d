//! Removes sessions, password links and used tokens that have expired, and old rows of the audit, drops rate-limit entries that are no longer needed, and
//! writes down where accounts are signed in.

use std::time::Duration;

use anyhow::Context;

use super::Job;
use crate::store::accounts::{audit, identities, password_links, sessions};
use crate::store::db::Db;
use crate::store::notices;
use crate::text::clock;
use crate::web::state::AppState;

/// Expired sessions, used tokens or rows of the audit removed in one transaction, so that the writer is not held up.
const PURGE_BATCH: i64 = 1_000;

/// Sessions noted as seen in one transaction, so that the writer is not held up.
const SEEN_BATCH: usize = 256;

pub(super) struct Cleanup;

impl Job for Cleanup {
    const NAME: &'static str = "cleanup";
    const PERIOD: Duration = Duration::from_secs(60);

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        state.account_rates.forget_idle();
        state.visitor_rates.forget_idle();
        state.hooks.forget_idle();
        state.room_command_rates.forget_idle();
        state.token_rates.forget_idle();
        state.previews.forget_idle();
        state.searches.forget_idle();
        state.uploads.forget_idle();
        if !state.is_on_duty() {
            return write_last_seen(state).await;
        }
        let forget = state.store.write(notices::forget).await;
        let forget = forget.context("what every node knows was not removed");
        let now = clock::now_ms();
        let purge = move |db: &mut dyn Db| sessions::purge(db, now, PURGE_BATCH);
        let removed = state.store.write(purge).await.map(drop);
        let removed = removed.context("expired sessions were not removed");
        let purge = move |db: &mut dyn Db| password_links::purge(db, now);
        let links = state.store.write(purge).await.map(drop);
        let links = links.context("expired links for a password were not removed");
        let purge = move |db: &mut dyn Db| identities::purge(db, now, PURGE_BATCH);
        let tokens = state.store.write(purge).await.map(drop);
        let tokens = tokens.context("used tokens that have expired were not removed");
        let purge = move |db: &mut dyn Db| audit::purge(db, now, PURGE_BATCH);
        let old = state.store.write(purge).await.map(drop);
        let old = old.context("old rows of the audit were not removed");
        forget
            .and(removed)
            .and(links)
            .and(tokens)
            .and(old)
            .and(write_last_seen(state).await)
    }
}

/// Writes down when and where the sessions of accounts were seen.
///
/// # Errors
/// When the store cannot be written; what had been written before stays.
pub async fn write_last_seen(state: &AppState) -> anyhow::Result<()> {
    let mut written = Ok(());
    for seen in state
        .last_seen
        .unwritten(clock::now_ms())
        .chunks(SEEN_BATCH)
    {
        let seen = seen.to_vec();
        let noted = state.store.write(move |db| sessions::see(db, &seen)).await;
        written = written.and(noted.map(drop));
    }
    written.context("it was not noted where accounts are signed in")
}
