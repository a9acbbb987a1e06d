//! The still picture of a video, put in its place beside the video.
//!
//! Bounds: one poster at a time is put in its place.

use std::sync::Arc;

use actix_web::web;
use tokio::sync::Mutex;

use crate::error::Error;
use crate::files::depot::Depot;
use crate::look::{Looked, Rendered};
use crate::model::file::{Rendition, Stored};
use crate::model::file_id::FileId;
use crate::store::Store;
use crate::store::db::Db;
use crate::store::files::{find, posters, uploads};

/// What puts posters in their places. All posters of a video have the same, and one that was thrown away while it was
/// looked at must neither take it from the next nor leave it empty: so one after the other.
#[derive(Debug, Default)]
pub struct Posters(Mutex<()>);

impl Posters {
    /// Makes a picture that an upload has brought the poster of a video. `false`, and the upload is refused, when the
    /// video waits for it no longer.
    ///
    /// # Errors
    /// When the disk or the database fails: it is to be tried again.
    pub async fn attach(
        &self,
        depot: &Arc<Depot>,
        store: &Store,
        (upload, video): (FileId, FileId),
        picture: Rendered,
    ) -> anyhow::Result<bool> {
        let _turn = self.0.lock().await;
        let attached = store.read(move |db| posters::is_wanted(db, upload)).await?
            && put(depot, store, (upload, video), picture).await?;
        if !attached {
            let code = Error::FileGone.code();
            let refuse = move |db: &mut dyn Db| uploads::refuse(db, upload, code);
            store.write(refuse).await?;
        }
        Ok(attached)
    }
}

async fn put(
    depot: &Arc<Depot>,
    store: &Store,
    (upload, video): (FileId, FileId),
    picture: Rendered,
) -> anyhow::Result<bool> {
    let stored = Stored {
        media_type: picture.media_type.to_owned(),
        bytes: picture.bytes.len() as u64,
    };
    let to = Arc::clone(depot);
    web::block(move || to.put(video, Rendition::Poster, &picture.bytes)).await??;
    let attach = move |db: &mut dyn Db| posters::attach(db, upload, &stored);
    let attached = store.write(attach).await?;
    // It was thrown away just now, or has been here before a crash.
    if !attached && !has_poster(store, video).await? {
        let depot = Arc::clone(depot);
        web::block(move || depot.remove_one(video, Rendition::Poster)).await??;
    }
    Ok(attached)
}

/// Whether a video has a poster, whose bytes are to stay.
async fn has_poster(store: &Store, video: FileId) -> anyhow::Result<bool> {
    let found = store.read(move |db| find(db, video)).await?;
    Ok(found.is_some_and(|video| video.detail.content.poster))
}

/// Of a picture what is made the poster of a video: one rendition of it, as it was encoded here. `None` of what is no
/// picture.
pub(super) fn of(looked: Looked) -> Option<Rendered> {
    let mut all = looked.renditions.into_iter();
    all.find(|each| each.rendition == Rendition::M)
}

#[cfg(test)]
mod tests;
