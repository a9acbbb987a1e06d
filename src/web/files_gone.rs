//! Which files a browser is to let go of: what is taken back while a page is closed stays in nobody's cache.
//!
//! Bounds: [`MOST`] files a question; left out under overload as searching is.

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::file_id::FileId;
use crate::store::files::readable;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/files/gone", web::post().to(list));
}

/// Files in one question: what the page remembers (`static/js/files/copies.js`), some 6 kB.
const MOST: usize = 200;

/// Files of which a browser may have copies.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Copies {
    /// Their ids, 200 at most.
    #[schema(value_type = Vec<String>)]
    files: Vec<FileId>,
}

/// Files of which a browser is to have none.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GoneFiles {
    /// Their ids: those of the question that would be answered with 404 or 410.
    #[schema(value_type = Vec<String>)]
    files: Vec<FileId>,
}

/// `POST /api/v1/files/gone`
///
/// # Errors
/// [`Error::BadData`] for too many; [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/files/gone",
    operation_id = "list_gone_files",
    tag = "Files",
    summary = "Which of these files one may not see, or not any more",
    request_body = Copies,
    responses((status = 200, description = "Those of them, in the same order", body = GoneFiles))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    copies: Json<Copies>,
) -> Result<Json<GoneFiles>, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Searching)?;
    let Copies { files } = copies.into_inner();
    if files.len() > MOST {
        return Err(Error::BadData);
    }
    let gone = state.store.read(move |db| {
        let readable = readable(db, &files, &principal)?;
        let gone = files.iter().filter(|id| !readable.contains(id));
        Ok(gone.copied().collect())
    });
    Ok(Json(GoneFiles { files: gone.await? }))
}
