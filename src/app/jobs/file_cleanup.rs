//! Removes the bytes of files that are gone: those of recalled messages soon, and those that were never sent
//! when their time is over.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context;

use super::Job;
use crate::files::place::FilePlace;
use crate::model::file_id::FileId;
use crate::store::db::Db;
use crate::store::files::{FileState, attached, find, uploads};
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// Files in one step: some milliseconds of the writer, and of the disk.
const STEP: i64 = 100;

/// Removes what is gone; the first run also what a crash has left.
#[derive(Default)]
pub(super) struct FileCleanup {
    has_swept: bool,
}

impl Job for FileCleanup {
    const NAME: &'static str = "file_cleanup";
    const PERIOD: Duration = Duration::from_secs(5);

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        if !self.has_swept {
            sweep(state)
                .await
                .context("what a crash has left was not removed")?;
            self.has_swept = true;
        }
        expire(state)
            .await
            .context("unsent files were not removed")?;
        outlive(state)
            .await
            .context("files that are too old were not removed")?;
        remove(state)
            .await
            .context("files of recalled messages were not removed")
    }
}

/// Removes the bytes that came in of files that are ready, or gone: the server ended before it could.
async fn sweep(state: &AppState) -> anyhow::Result<()> {
    let place = Arc::clone(&state.files.place);
    for id in web::block(move || place.all_incoming()).await?? {
        let found = state.store.read(move |db| find(db, id)).await?;
        let waits = found
            .is_some_and(|file| matches!(file.state, FileState::Receiving | FileState::Working));
        if !waits {
            state.files.place.remove_incoming(id)?;
        }
    }
    Ok(())
}

/// Removes what was never sent. Its row says so for as long again.
async fn expire(state: &AppState) -> anyhow::Result<()> {
    let unsent = state.config.uploads.unsent.as_millis();
    let unsent = i64::try_from(unsent).unwrap_or(i64::MAX);
    let before = clock::now_ms().saturating_sub(unsent);
    loop {
        let old = state
            .store
            .write(move |db| uploads::expire(db, before, STEP));
        let expired = old.await?;
        if expired.is_empty() {
            break;
        }
        for id in &expired {
            state.files.incoming.settled(*id).await?;
            telemetry::file("expired");
        }
        unlink(state, expired).await?;
    }
    let before = before.saturating_sub(unsent);
    let forget = move |db: &mut dyn Db| uploads::forget_expired(db, before, STEP);
    state.store.write(forget).await?;
    Ok(())
}

/// Removes the bytes of files that are older than files are kept.
async fn outlive(state: &AppState) -> anyhow::Result<()> {
    let keep = state.config.uploads.keep;
    if keep.is_zero() {
        return Ok(());
    }
    let kept = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let before = clock::now_ms().saturating_sub(kept);
    loop {
        let old = state
            .store
            .write(move |db| attached::expire(db, before, STEP));
        let old = old.await?;
        if old.is_empty() {
            return Ok(());
        }
        for _ in &old {
            telemetry::file("removed");
        }
        unlink(state, old).await?;
    }
}

/// Removes what nobody gets any more.
async fn remove(state: &AppState) -> anyhow::Result<()> {
    loop {
        let doomed = state.store.read(|db| uploads::doomed(db, STEP)).await?;
        if doomed.is_empty() {
            return Ok(());
        }
        unlink(state, doomed.clone()).await?;
        for _ in &doomed {
            telemetry::file("removed");
        }
        let forget = move |db: &mut dyn Db| uploads::forget(db, &doomed);
        state.store.write(forget).await?;
    }
}

async fn unlink(state: &AppState, ids: Vec<FileId>) -> anyhow::Result<()> {
    let place = Arc::clone(&state.files.place);
    let unlinked = web::block(move || remove_all(&place, &ids)).await?;
    unlinked.context("the disk failed")
}

fn remove_all(place: &FilePlace, ids: &[FileId]) -> std::io::Result<()> {
    ids.iter().try_for_each(|id| place.remove(*id))
}
