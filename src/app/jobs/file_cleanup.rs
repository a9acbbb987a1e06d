//! Removes the bytes of files that are gone: those of recalled messages soon, and those that were never sent
//! when their time is over.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use actix_web::web;
use anyhow::Context;

use super::Job;
use crate::files::depot::Depot;
use crate::files::entry::{Entry, Part};
use crate::model::file_id::FileId;
use crate::store::db::Db;
use crate::store::files::{FileState, attached, find, parts, uploads};
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// Files in one step: some milliseconds of the writer, and of the disk.
const STEP: i64 = 100;

/// How often what crashes have left is looked for.
const SWEEP: Duration = Duration::from_secs(3_600);

/// What is looked at in one sweep: some 20 MB of names.
const SWEPT: usize = 100_000;

/// What was written within this time may have no row yet.
const YOUNG: Duration = Duration::from_secs(3_600);

/// Removes what is gone; the first run also what a crash has left, and every now and then what a node has left that is not this
/// one.
#[derive(Default)]
pub(super) struct FileCleanup {
    swept: Option<Instant>,
}

impl Job for FileCleanup {
    const NAME: &'static str = "file_cleanup";
    const PERIOD: Duration = Duration::from_secs(5);
    const FOR_ALL: bool = true;

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        if self.swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
            sweep(state)
                .await
                .context("what a crash has left was not removed")?;
            self.swept = Some(Instant::now());
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

/// Removes the bytes that came in of files that are ready, or gone, because a server ended before it could; and parts that
/// are no upload's.
async fn sweep(state: &AppState) -> anyhow::Result<()> {
    for entry in list(state).await? {
        let depot = Arc::clone(&state.files.depot);
        match entry.part {
            Part::Incoming(id) | Part::Part(id, _) if !is_open(state, id).await? => {
                web::block(move || depot.remove_incoming(id)).await??;
            }
            Part::Part(id, part) if is_old(&entry) => {
                let wanted = state.store.read(move |db| parts::wanted(db, id));
                if !wanted.await?.contains(&part) {
                    web::block(move || depot.drop_part(id, part)).await??;
                }
            }
            Part::Half if is_old(&entry) => {
                web::block(move || depot.remove_entry(&entry)).await??;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What comes in, as much as is at hand at a time: what is left over is found by the next sweep.
async fn list(state: &AppState) -> anyhow::Result<Vec<Entry>> {
    let depot = Arc::clone(&state.files.depot);
    let listed = web::block(move || {
        let mut all = Vec::new();
        let walked = depot.walk_incoming(&mut |entry| {
            if all.len() < SWEPT {
                all.push(entry);
            }
            Ok(())
        });
        walked.map(|()| all)
    });
    listed.await?
}

/// Whether bytes that came in of a file are still needed.
async fn is_open(state: &AppState, id: FileId) -> anyhow::Result<bool> {
    let found = state.store.read(move |db| find(db, id)).await?;
    Ok(found.is_some_and(|file| matches!(file.state, FileState::Receiving | FileState::Working)))
}

fn is_old(entry: &Entry) -> bool {
    let age = SystemTime::now().duration_since(entry.written);
    age.unwrap_or_default() > YOUNG
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
    if keep.is_zero() || !state.keeps_alike() {
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
    let depot = Arc::clone(&state.files.depot);
    let unlinked = web::block(move || remove_all(&depot, &ids)).await?;
    unlinked.context("files cannot be reached")
}

fn remove_all(depot: &Depot, ids: &[FileId]) -> std::io::Result<()> {
    ids.iter().try_for_each(|id| depot.remove(*id))
}
