//! Looks at uploads that are whole: as soon as one is, and at the start at those that were broken off. The table
//! is the queue.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Job;
use crate::files::inspect::{Verdict, inspect};
use crate::model::file::{FileKind, Rendition};
use crate::model::file_id::FileId;
use crate::store::db::Db;
use crate::store::files::{FileRow, FileState, find, uploads};
use crate::telemetry;
use crate::web::state::AppState;

/// Uploads that are looked at or about to be: more than any machine looks at at a time, so that none of its
/// decoders waits for the database.
const AT_HAND: usize = 32;

pub(super) struct FileInspection;

impl Job for FileInspection {
    const NAME: &'static str = "file_inspection";
    const PERIOD: Duration = Duration::from_secs(60);

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
                // One that failed is for the next run.
                if under_way.len() < AT_HAND && looked_at.insert(upload.id) {
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
                () = state.files.whole.notified() => {}
            }
        }
    }

    async fn woken(state: &AppState) {
        state.files.whole.notified().await;
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
    let verdict = match inspect(&files.place, &files.looks, &files.crashes, upload).await {
        // It was thrown away: that its bytes are not there is no failure.
        Err(_) if !is_waited_for(state, id).await? => return Ok(files.place.remove(id)?),
        verdict => verdict?,
    };
    match verdict {
        Verdict::Ready(inspected) => {
            let is_video = inspected.kind == FileKind::Video;
            let ready = move |db: &mut dyn Db| uploads::ready(db, id, &inspected);
            if state.store.write(ready).await? {
                telemetry::file("ready");
                // What others get is made of its pixels: nobody needs, or may have, the bytes that were sent.
                files.place.remove_incoming(id)?;
                if !is_video {
                    // It was announced as one that has a poster.
                    files.place.remove_one(id, Rendition::Poster)?;
                }
            } else {
                // It was thrown away, or expired, while it was looked at.
                files.place.remove(id)?;
            }
        }
        Verdict::Poster(video, picture) => {
            let ids = (id, video);
            let attached = files
                .posters
                .attach(&files.place, &state.store, ids, picture);
            let attached = attached.await?;
            files.place.remove_incoming(id)?;
            telemetry::file(if attached { "ready" } else { "refused" });
        }
        Verdict::Refused(error) => {
            let why = error.code();
            let refuse = move |db: &mut dyn Db| uploads::refuse(db, id, why);
            state.store.write(refuse).await?;
            // A poster has come before it.
            files.place.remove(id)?;
            telemetry::file("refused");
        }
    }
    Ok(())
}

/// Whether somebody still wants to know what a file is.
async fn is_waited_for(state: &AppState, id: FileId) -> anyhow::Result<bool> {
    let found = state.store.read(move |db| find(db, id)).await?;
    Ok(found.is_some_and(|file| file.state == FileState::Working))
}
