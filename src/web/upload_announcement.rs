//! The announcement of an upload: everything that can be said against it is said here, before its first byte.

use std::sync::Arc;

use actix_web::{HttpRequest, web};

use super::client::Client;
use super::tus::{self, Metadata};
use crate::error::Error;
use crate::look::VOICE_BYTES;
use crate::model::file::Wanted;
use crate::model::file_id::FileId;
use crate::model::policy::{Action, may_upload};
use crate::model::principal::Principal;
use crate::store::db::Db;
use crate::store::files::uploads::NewUpload;
use crate::store::files::usage::Quotas;
use crate::store::files::{FileRow, uploads};
use crate::store::queries::access;
use crate::text::{clock, file_name};
use crate::web::state::AppState;

/// Most bytes of a poster: a page sends a JPEG of 1,080 pixels, which has 0.3 MB.
const POSTER_BYTES: u64 = 2 * 1024 * 1024;

/// The upload that a request announces, new or known by its nonce.
pub(super) async fn announce(
    request: &HttpRequest,
    client: &Client,
    state: &AppState,
) -> Result<FileRow, Error> {
    let headers = request.headers();
    tus::check(headers)?;
    let size = tus::length(headers)?;
    let metadata = tus::metadata(headers)?;
    let principal = client.principal(state).await?;
    begin(client, state, &principal, size, metadata).await
}

/// A new upload of so many bytes, or the one that `principal` has begun under the same nonce.
pub(super) async fn begin(
    client: &Client,
    state: &AppState,
    principal: &Principal,
    size: u64,
    metadata: Metadata,
) -> Result<FileRow, Error> {
    let settings = &state.config.uploads;
    let who = match metadata.wanted {
        Wanted::Voice => settings.voice,
        _ => settings.who,
    };
    may_upload(principal, who)?;
    if let Some(room) = metadata.room {
        let asks = principal.clone();
        let may = state
            .store
            .read(move |db| access::authorize(db, room, &asks, Action::Send));
        may.await??;
    }
    let (owner, nonce) = (principal.id(), metadata.nonce);
    let known = state
        .store
        .read(move |db| uploads::known(db, owner, nonce))
        .await?;
    // What was granted before is not refused because of what has changed since.
    if let Some(known) = known {
        return Ok(known);
    }
    let limit = match metadata.wanted {
        Wanted::Picture => settings
            .picture_bytes
            .bytes()
            .min(settings.file_bytes.bytes()),
        Wanted::Voice => VOICE_BYTES,
        Wanted::Poster => POSTER_BYTES.min(settings.picture_bytes.bytes()),
        _ => settings.file_bytes.bytes(),
    };
    match size {
        0 => return Err(Error::FileEmpty),
        size if size > limit => return Err(Error::FileTooBig { limit }),
        _ => {}
    }
    if settings.refuse.contains(&file_name::ending(&metadata.name)) {
        return Err(Error::FileRefused);
    }
    state.files.crashes.check(principal.id())?;
    state.uploads.take(&principal.person, client.subscriber())?;
    check_free_space(state, size).await?;
    let quotas = Quotas {
        person: settings.quota.bytes(),
        total: settings.total.bytes(),
    };
    let new = new_upload(principal, size, metadata);
    let create = move |db: &mut dyn Db| uploads::create(db, &new, quotas);
    state.store.write(create).await?
}

fn new_upload(principal: &Principal, size: u64, metadata: Metadata) -> NewUpload {
    NewUpload {
        id: FileId::new(rand::random()),
        owner: principal.id(),
        was: principal.was,
        nonce: metadata.nonce,
        size,
        name: metadata.name,
        wanted: metadata.wanted,
        full: metadata.full,
        poster_of: metadata.poster_of,
        at: clock::now_ms(),
    }
}

/// Whether the disk has `size` bytes beside what open uploads have still to bring and what is to stay free.
async fn check_free_space(state: &AppState, size: u64) -> Result<(), Error> {
    let depot = Arc::clone(&state.files.depot);
    // What is on other machines does not lie on this disk for long.
    let promised = match depot.is_remote() {
        true => 0,
        false => state.store.read(uploads::promised).await?,
    };
    let free = web::block(move || depot.place().free()).await;
    let free = free.map_err(|_pool| Error::Busy)?.map_err(|error| {
        tracing::warn!(%error, "the system does not say how much of the disk is free");
        Error::DiskFull
    })?;
    let spare = state.config.uploads.spare.bytes();
    let needed = promised.saturating_add(size).saturating_add(spare);
    if free < needed {
        return Err(Error::DiskFull);
    }
    Ok(())
}
