//! Looks at uploads that are whole: as soon as one is, and at the start at those that were broken off. The table
//! is the queue. Of several nodes one looks at all, so that nothing is put in a place at which another one puts something.

use std::collections::HashSet;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Job;
use crate::files::inspect::{Verdict, inspect};
use crate::model::file::{FileKind, Rendition};
use crate::model::file_id::FileId;
use crate::store::db::Db;
use crate::store::files::{FileRow, FileState, find, parts, uploads};
use crate::telemetry;
use crate::web::state::AppState;

/// Uploads that are looked at or about to be: more than any machine looks at at a time, so that none of its
/// decoders waits for the database.
const AT_HAND: usize = 32;

/// How late it may be known that another node has received an upload: a question to the database each time.
const ELSEWHERE: Duration = Duration::from_millis(500);

pub(super) struct FileInspection;

impl Job for FileInspection {
    const NAME: &'static str = "file_inspection";
    const PERIOD: Duration = Duration::from_secs(5);
    const FOR_ALL: bool = true;

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let mut looked_at = HashSet::new();
        let mut under_way = FuturesUnordered::new();
        let mut outcome = Ok(());
        loop {
            let limit = i64::try_from(AT_HAND).unwrap_or(i64::MAX);
            let waiting = state
                .store
                .read(move |db| uploads::working(db, limit))
                .await?;
            for upload in waiting {
                // One that failed is for the next run; those of a node that it is not for any more, for another.
                let is_for_this = under_way.len() < AT_HAND && state.is_on_duty();
                if is_for_this && looked_at.insert(upload.id) {
                    under_way.push(look(state, upload));
                }
            }
            if under_way.is_empty() {
                return outcome;
            }
            tokio::select! {
                done = under_way.next() => {
                    let (id, done) = done.unwrap_or((FileId::new(0), Ok(())));
                    if done.is_ok() {
                        looked_at.remove(&id);
                    }
                    outcome = outcome.and(done);
                }
                () = Self::woken(state) => {}
            }
        }
    }

    async fn woken(state: &AppState) {
        tokio::select! {
            () = state.files.whole.notified() => {}
            () = elsewhere(state) => {}
        }
    }
}

/// Waits until an upload may be whole that another node has received, or looked at.
async fn elsewhere(state: &AppState) {
    match state.has_others() {
        true => tokio::time::sleep(ELSEWHERE).await,
        false => pending().await,
    }
}

async fn look(state: &AppState, upload: FileRow) -> (FileId, anyhow::Result<()>) {
    let done = judge(state, &upload).await;
    state.files.changed.notify_waiters();
    (upload.id, done)
}

async fn judge(state: &AppState, upload: &FileRow) -> anyhow::Result<()> {
    let id = upload.id;
    let files = &state.files;
    // As it is by now, with its parts.
    let found = state.store.read(move |db| parts::all(db, id)).await?;
    let whole = found.filter(|(file, _)| file.state == FileState::Working);
    let Some((upload, parts)) = whole else {
        return clear(state, id).await;
    };
    let looked = (&upload, parts);
    let verdict = match inspect(&files.depot, &files.looks, &files.crashes, looked).await {
        // It was thrown away, or another node was faster: that its bytes are not there is no failure.
        Err(_) if !is_waited_for(state, id).await? => return clear(state, id).await,
        verdict => verdict?,
    };
    let outcome = match verdict {
        Verdict::Ready(inspected) => {
            let ready = move |db: &mut dyn Db| uploads::ready(db, id, &inspected);
            state.store.write(ready).await?.then_some("ready")
        }
        Verdict::Poster(video, picture) => {
            let ids = (id, video);
            let attached = files
                .posters
                .attach(&files.depot, &state.store, ids, picture);
            Some(match attached.await? {
                true => "ready",
                false => "refused",
            })
        }
        Verdict::Refused(error) => {
            let why = error.code();
            let refuse = move |db: &mut dyn Db| uploads::refuse(db, id, why);
            state.store.write(refuse).await?;
            Some("refused")
        }
    };
    if let Some(outcome) = outcome {
        telemetry::file(outcome);
    }
    clear(state, id).await
}

/// Removes what is not needed any more of a file that was looked at, or that nobody waits for. Its row says what that is:
/// another node may have been faster, and what that one has put in its place stays.
async fn clear(state: &AppState, id: FileId) -> anyhow::Result<()> {
    let found = state.store.read(move |db| find(db, id)).await?;
    let depot = Arc::clone(&state.files.depot);
    let clear = move || match found {
        Some(file) if file.state == FileState::Working => Ok(()),
        Some(file) if matches!(file.state, FileState::Ready | FileState::Attached) => {
            // What others get is made of its pixels: nobody needs, or may have, the bytes that were sent.
            depot.remove_incoming(id)?;
            match file.kind {
                FileKind::Video | FileKind::Poster => Ok(()),
                // It was announced as one that has a poster.
                _ => depot.remove_one(id, Rendition::Poster),
            }
        }
        // It was thrown away, has expired or was refused.
        _ => depot.remove(id),
    };
    Ok(web::block(clear).await??)
}

/// Whether somebody still wants to know what a file is.
async fn is_waited_for(state: &AppState, id: FileId) -> anyhow::Result<bool> {
    let found = state.store.read(move |db| find(db, id)).await?;
    Ok(found.is_some_and(|file| file.state == FileState::Working))
}
