//! Measures what files take: how many wait to be sent, the bytes of those in messages, and what the disk has free.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context;

use super::Job;
use crate::store::files::usage;
use crate::telemetry;
use crate::web::state::AppState;

pub(super) struct FileMetrics;

impl Job for FileMetrics {
    const NAME: &'static str = "file_metrics";
    const PERIOD: Duration = Duration::from_secs(60);

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let depot = Arc::clone(&state.files.depot);
        let free = web::block(move || depot.place().free()).await?;
        telemetry::disk_free(free.context("the system does not say how much of the disk is free")?);
        for (state, number) in state.store.read(usage::loose).await? {
            telemetry::uploads(state.as_str(), number);
        }
        for (kind, bytes) in state.store.read(usage::by_kind).await? {
            telemetry::file_bytes(kind.as_str(), bytes);
        }
        Ok(())
    }
}
