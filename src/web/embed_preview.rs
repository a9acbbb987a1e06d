//! A page of the server itself that shows a room as a page of another site would, with the attributes of the snippet: for those who
//! look after the server, before they put the snippet into their site.
//!
//! Its frame is asked for by the server's own origin, which is on no list. That origin counts as listed for an admin who comes with
//! their cookie, and for nobody else: pages of the server are in no other site's frame, so only this page can be around such a frame.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::assets;
use super::client::Client;
use super::security::is_ours;
use crate::error::Error;
use crate::text::catalog::Lang;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/embed/preview", get_route().to(preview));
}

/// What a site's own policy would have to let in, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The attributes of the snippet, and whether it is the room inside the page.
#[derive(Debug, Deserialize)]
pub struct Look {
    #[serde(default)]
    room: String,
    #[serde(default)]
    accent: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    inside: bool,
}

/// Data of `templates/preview.html`.
#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage<'a> {
    t: Lang,
    lang: &'static str,
    asset: String,
    /// Of the page around the room: the one that the snippet has, so that both look alike.
    scheme: &'static str,
    look: &'a Look,
}

/// `GET /embed/preview`
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::ServerRoleOnly`]; when it cannot be drawn.
pub async fn preview(
    client: Client,
    state: web::Data<AppState>,
    look: web::Query<Look>,
) -> Result<HttpResponse, Error> {
    client.server_admin(&state).await?;
    let t = client.lang();
    let page = PreviewPage {
        t,
        lang: t.tag(),
        asset: assets::prefix(),
        scheme: match &*look.theme {
            "light" => "light",
            "dark" => "dark",
            _ => "light dark",
        },
        look: &look,
    };
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "the preview could not be drawn");
        Error::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html))
}

/// Whether the page around a frame is the server's own preview: its origin, before an admin.
///
/// # Errors
/// When the store cannot be asked.
pub(super) async fn is_preview(
    request: &HttpRequest,
    client: &Client,
    state: &AppState,
    host: &str,
) -> Result<bool, Error> {
    if !is_ours(host, request, state) || client.frame().is_some() {
        return Ok(false);
    }
    match client.server_admin(state).await {
        Ok(_) => Ok(true),
        Err(Error::AccountNeeded | Error::ServerRoleOnly) => Ok(false),
        Err(error) => Err(error),
    }
}
