//! What a device needs to install the page as an app: `/manifest.webmanifest` (W3C Web Application
//! Manifest), and the service worker's script at an address from which it may serve every page.

use actix_web::http::header::{CacheControl, CacheDirective};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::assets;
use super::client::reader_lang;
use crate::web::get_route;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/manifest.webmanifest", get_route().to(manifest))
        .route("/worker.js", get_route().to(worker));
}

/// Background and theme colour of the page's light theme (`static/css/base.css`).
const PAPER: &str = "#fcfbf8";

#[derive(Serialize)]
struct Manifest<'a> {
    id: &'static str,
    start_url: &'static str,
    scope: &'static str,
    display: &'static str,
    name: &'a str,
    short_name: &'a str,
    description: &'a str,
    lang: &'static str,
    theme_color: &'static str,
    background_color: &'static str,
    icons: Vec<Icon>,
}

#[derive(Serialize)]
struct Icon {
    src: String,
    sizes: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    purpose: &'static str,
}

/// `GET /manifest.webmanifest`, in the language that the browser prefers.
pub async fn manifest(request: HttpRequest) -> HttpResponse {
    let lang = reader_lang(&request);
    let name = lang.get("page.brand");
    let icon = |file: &str, sizes, kind, purpose| Icon {
        src: format!("{}/icons/{file}", assets::prefix()),
        sizes,
        kind,
        purpose,
    };
    HttpResponse::Ok()
        .content_type("application/manifest+json")
        .insert_header(CacheControl(vec![CacheDirective::NoCache]))
        .insert_header(("Vary", "Accept-Language, Cookie"))
        .json(Manifest {
            id: "/",
            start_url: "/",
            scope: "/",
            display: "standalone",
            name,
            short_name: name,
            description: lang.get("html.description"),
            lang: lang.tag(),
            theme_color: PAPER,
            background_color: PAPER,
            icons: vec![
                icon("app.svg", "any", "image/svg+xml", "any"),
                icon("app-192.png", "192x192", "image/png", "any"),
                icon("app-512.png", "512x512", "image/png", "any"),
                icon("maskable-512.png", "512x512", "image/png", "maskable"),
            ],
        })
}

/// `GET /worker.js`: revalidated at each request, so that a mistake in it does not last.
pub async fn worker() -> HttpResponse {
    assets::asked_anew("worker.js")
}
