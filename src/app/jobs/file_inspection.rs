//! Looks at uploads that are whole: as soon as one is, and at the start at those that were broken off.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context;

use super::Job;
use crate::files::inspect::{AT_ONCE, inspect};
use crate::store::db::Db;
use crate::store::files::{FileRow, uploads};
use crate::telemetry;
use crate::web::state::AppState;

/// Uploads that are read from the store at a time.
const BATCH: i64 = 16;

pub(super) struct FileInspection;

impl Job for FileInspection {
    const NAME: &'static str = "file_inspection";
    const PERIOD: Duration = Duration::from_secs(60);

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        const { assert!(AT_ONCE == 1) };
        loop {
            let waiting = state.store.read(|db| uploads::working(db, BATCH)).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            for upload in waiting {
                look(state, upload).await?;
            }
        }
    }

    async fn woken(state: &AppState) {
        state.files.whole.notified().await;
    }
}

async fn look(state: &AppState, upload: FileRow) -> anyhow::Result<()> {
    let (id, place) = (upload.id, Arc::clone(&state.files.place));
    let looked = web::block(move || inspect(&place, &upload)).await?;
    let looked = looked.context("a file cannot be looked at")?;
    let ready = move |db: &mut dyn Db| uploads::ready(db, id, &looked);
    if state.store.write(ready).await? {
        telemetry::file("ready");
    }
    state.files.changed.notify_waiters();
    Ok(())
}
