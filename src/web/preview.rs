//! How a message will look, for its author while they write it.
//!
//! Nothing is kept and nobody is notified. Bounded as a frame is ([`content_body`]), and by rate limits of its
//! own in `app/startup.rs`.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::content_body;
use crate::error::Error;
use crate::text::{content, markdown};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/preview", web::post().to(preview));
}

/// The body of a message that is being written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Unsent {
    /// The Markdown source.
    content: String,
}

/// The rendered message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewAnswer {
    /// Sanitized HTML.
    pub html: String,
}

/// `POST /api/v1/preview`
///
/// # Errors
/// [`Error::Empty`], [`Error::TooLong`], [`Error::BadData`]; [`Error::TooFast`],
/// [`Error::GuestsOff`].
#[utoipa::path(
    post,
    path = "/api/v1/preview",
    operation_id = "preview_message",
    tag = "Messages",
    summary = "How a message will look",
    request_body = Unsent,
    responses((status = 200, description = "Nothing is kept, and nobody is notified", body = PreviewAnswer))
)]
pub async fn preview(
    client: Client,
    state: web::Data<AppState>,
    body: web::Payload,
) -> Result<Json<PreviewAnswer>, Error> {
    let principal = client.principal(&state).await?;
    state
        .previews
        .take(&principal.person, client.subscriber())?;
    let Unsent { content } = content_body::read(&state, body).await?;
    let content = content::accept(&content, state.limits.message_chars)?;
    Ok(Json(PreviewAnswer {
        html: markdown::preview(&content),
    }))
}
