//! The page's files and the identicons.
//!
//! Release builds carry `static/` inside; debug builds read it from disk, so that a change shows
//! at the next reload. An address has the hash of the whole tree in it, so modules import each
//! other by plain relative paths and every answer may be kept for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, CacheControl, CacheDirective, ContentEncoding, ETag, EntityTag, Header, IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use rust_embed::EmbeddedFile;
use sha2::{Digest, Sha256};

use super::embedded::{Files, text};
use super::{bundle, modules};
use crate::text::catalog::Lang;
use crate::text::identicon;
use crate::web::get_route;
use crate::web::precompress::packed;
use crate::web::strip_comments::bare;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/avatar/{digest}.svg", get_route().to(avatar))
        .route("/static/{hash}/{path:.*}", get_route().to(file));
}

/// A year, in seconds: what caches understand as for ever (RFC 9111 §5.2.2.1).
const FOR_EVER: u32 = 31_536_000;

/// Hex digits of the tree's hash in addresses.
pub(super) const HASH_CHARS: usize = 12;

/// Hex digits of a file's hash in its tag.
const TAG_CHARS: usize = 16;

/// These files are parts of a page, whose policy covers them; opened by themselves they may do nothing.
/// A hundred of them come with a first visit, each with this.
const INERT: &str = "default-src 'none'; frame-ancestors 'none'";

/// The page's style sheets in their order, sent as one: the first paint waits for each request.
const SHEETS: [&str; 17] = [
    "base", "layout", "rail", "header", "timeline", "message", "file", "words", "acts", "composer",
    "emoji", "people", "dialog", "sheets", "states", "settings", "contrast",
];

/// Style sheets that are loaded on demand: with the first search, with the first file that is to be sent.
const LATE_SHEETS: [&str; 3] = ["css/search.css", "css/media.css", "css/gallery.css"];

/// The section of the texts that come on demand, with the first file that is to be sent.
const LATE_WORDS: &str = "media";

/// Path of the joined style sheet, below `static/`.
const SHEET: &str = "css/page.css";

/// A file as it is sent.
#[derive(Clone)]
struct Asset {
    data: Bytes,
    hash: [u8; 32],
}

/// Files that have been asked for; bounded by the files that there are. A debug build makes each anew.
static KNOWN: LazyLock<Mutex<HashMap<String, Asset>>> = LazyLock::new(Mutex::default);

fn find(path: &str) -> Option<Asset> {
    if cfg!(debug_assertions) {
        return make(path);
    }
    if let Some(known) = KNOWN.lock().ok()?.get(path) {
        return Some(known.clone());
    }
    let made = make(path)?;
    KNOWN.lock().ok()?.insert(path.to_owned(), made.clone());
    Some(made)
}

/// A sheet or script without its comments, anything else as it is.
fn make(path: &str) -> Option<Asset> {
    let text = if path == SHEET {
        let sheets = SHEETS.iter().map(|name| text(&format!("css/{name}.css")));
        Some(sheets.collect::<Option<Vec<_>>>()?.join("\n"))
    } else if let Some(name) = module(path) {
        Some(bundle::script(name)?)
    } else if path.ends_with(".css") {
        Some(text(path)?)
    } else {
        None
    };
    if let Some(lang) = words_of(path) {
        let data = words(lang);
        let hash = Sha256::digest(&data).into();
        return Some(Asset {
            data: data.into(),
            hash,
        });
    }
    if let Some(text) = text {
        let data = bare(&text);
        let hash = Sha256::digest(&data).into();
        return Some(Asset {
            data: data.into(),
            hash,
        });
    }
    let EmbeddedFile { data, metadata } = Files::get(path)?;
    let data = match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    Some(Asset {
        data,
        hash: metadata.sha256_hash(),
    })
}

/// The language of the texts at this path: `words/media.en.json`.
fn words_of(path: &str) -> Option<Lang> {
    let tag = path.strip_prefix("words/")?.strip_prefix(LATE_WORDS)?;
    Lang::from_code(tag.strip_prefix('.')?.strip_suffix(".json")?)
}

/// The texts that come on demand, as JSON.
fn words(lang: Lang) -> Vec<u8> {
    serde_json::to_vec(&lang.strings(LATE_WORDS)).unwrap_or_default()
}

/// The name of the page's module at this path.
fn module(path: &str) -> Option<&str> {
    path.strip_prefix("js/")?.strip_suffix(".js")
}

static TREE: LazyLock<String> = LazyLock::new(tree_hash);

/// Path prefix of the page's files, `/static/<hash>`.
#[must_use]
pub fn prefix() -> String {
    if cfg!(debug_assertions) {
        format!("/static/{}", tree_hash())
    } else {
        format!("/static/{}", *TREE)
    }
}

fn tree_hash() -> String {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        if let Some(file) = Files::get(&name) {
            hasher.update(name.as_bytes());
            hasher.update(file.metadata.sha256_hash());
        }
    }
    for lang in Lang::ALL {
        hasher.update(words(lang));
    }
    hex(&hasher.finalize(), HASH_CHARS)
}

/// The first `chars` hex digits of a hash.
pub(super) fn hex(digest: &[u8], chars: usize) -> String {
    let bytes = digest.iter().map(|byte| format!("{byte:02x}"));
    bytes.collect::<String>().chars().take(chars).collect()
}

/// `GET /static/{hash}/{path}`
pub async fn file(path: web::Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (hash, path) = path.into_inner();
    let Some(file) = find(&path) else {
        return HttpResponse::NotFound().finish();
    };
    let tag = entity_tag(&file.hash);
    let known = IfNoneMatch::parse(&request).is_ok_and(|known| is_known(&known, &tag));
    let status = if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, INERT))
        .insert_header(ETag(tag))
        .insert_header(cache(prefix().ends_with(&hash)));
    if known {
        response.finish()
    } else {
        response.content_type(content_type(&path));
        // In a debug build the cache would keep every state that a file ever had.
        let small = if cfg!(debug_assertions) || is_packed(&path) {
            None
        } else {
            packed(&request, file.hash, &file.data)
        };
        match small {
            Some(small) => response
                .insert_header(ContentEncoding::Brotli)
                .insert_header((header::VARY, "accept-encoding"))
                .body(small),
            None => response.body(file.data),
        }
    }
}

/// Paths below [`prefix`] that a page in `lang` may need later: a browser may prefetch them.
pub(super) fn later(lang: Lang) -> Vec<String> {
    let modules = modules::later().into_iter();
    let scripts = modules.map(|name| format!("js/{name}.js"));
    let sheets = LATE_SHEETS.map(str::to_owned);
    let words = format!("words/{LATE_WORDS}.{}.json", lang.code());
    scripts.chain(sheets).chain([words]).collect()
}

/// Whether a file's format is compressed already.
fn is_packed(path: &str) -> bool {
    path.ends_with(".png")
}

/// A file at a fixed address, revalidated at each request (`no-cache`).
pub(super) fn asked_anew(path: &str) -> HttpResponse {
    match Files::get(path) {
        Some(file) => HttpResponse::Ok()
            .content_type(content_type(path))
            .insert_header(cache(false))
            .body(file.data.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `GET /avatar/{digest}.svg`: the identicon of 32 hex digits, in the hue `?h=` (degrees), or that of `nobody`.
/// A hue out of range is 404, so that there are only as many pictures of a digest to cache for ever as there
/// are hues.
pub async fn avatar(digest: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let drawn = match digest.as_str() {
        "nobody" => Some(identicon::nobody()),
        digest => hue(request.query_string())
            .ok()
            .zip(
                u128::from_str_radix(digest, 16)
                    .ok()
                    .filter(|_| digest.len() == 32),
            )
            .map(|(hue, number)| identicon::svg(&number.to_be_bytes(), hue)),
    };
    match drawn {
        Some(svg) => HttpResponse::Ok()
            .content_type("image/svg+xml")
            .insert_header((header::CONTENT_SECURITY_POLICY, INERT))
            .insert_header(cache(true))
            .body(svg),
        None => HttpResponse::NotFound().finish(),
    }
}

/// The hue that a query gives as `h`, in degrees; `None` without one.
///
/// # Errors
/// When `h` is no valid hue.
fn hue(query: &str) -> Result<Option<u16>, ()> {
    let named = query.split('&').find_map(|part| part.strip_prefix("h="));
    let Some(named) = named else { return Ok(None) };
    let hue = named.parse().ok().filter(|hue| *hue < identicon::HUES);
    hue.filter(|hue: &u16| hue.to_string() == named)
        .map_or(Err(()), |hue| Ok(Some(hue)))
}

fn entity_tag(hash: &[u8]) -> EntityTag {
    EntityTag::new_strong(hex(hash, TAG_CHARS))
}

fn is_known(known: &IfNoneMatch, tag: &EntityTag) -> bool {
    match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|other| other.weak_eq(tag)),
    }
}

/// How long an answer may be kept: for ever at the current address (`fresh`), else not without asking.
pub(super) fn cache(fresh: bool) -> CacheControl {
    CacheControl(if fresh {
        vec![
            CacheDirective::Public,
            CacheDirective::MaxAge(FOR_EVER),
            CacheDirective::Extension("immutable".to_owned(), None),
        ]
    } else {
        // An address with another hash is an old page's: it must ask again.
        vec![CacheDirective::NoCache]
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
