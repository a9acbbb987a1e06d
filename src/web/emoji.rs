//! The emoji that the page offers, as one file: its address has the hash of what is in it, so it may
//! be kept for ever.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};

use super::asset_tree::{HASH_CHARS, hex};
use super::assets;
use crate::text::emoji;
use crate::web::get_route;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/emoji/{hash}.json", get_route().to(file));
}

/// Made once: the data is compiled in and does not change while the server runs.
static FILE: LazyLock<File> = LazyLock::new(File::make);

struct File {
    hash: String,
    json: web::Bytes,
}

impl File {
    fn make() -> Self {
        let json = serde_json::to_vec(&emoji::offers()).unwrap_or_default();
        Self {
            hash: hex(&Sha256::digest(&json), HASH_CHARS),
            json: json.into(),
        }
    }
}

/// The file's address, with the hash of its content.
#[must_use]
pub fn address() -> String {
    format!("/emoji/{}.json", FILE.hash)
}

/// `GET /emoji/{hash}.json`
pub async fn file(hash: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(assets::cache(*hash == FILE.hash))
        .body(FILE.json.clone())
}
