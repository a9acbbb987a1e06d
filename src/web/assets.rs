//! The page's files and the identicons.
//!
//! Release builds carry `static/` inside; debug builds read it from disk, so that a change shows
//! at the next reload. An address has the hash of all files in it, so modules import each
//! other by plain relative paths and every answer may be kept for ever. What has the hash of another version is asked of
//! the other nodes of the server, and else answered with this version's file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, CacheControl, CacheDirective, ContentEncoding, ETag, EntityTag, Header, HeaderValue,
    IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use rust_embed::EmbeddedFile;
use sha2::{Digest, Sha256};

use super::asset_tree::{Tree, hex};
use super::embedded::{Files, Made, text};
use super::foreign_assets::{Foreign, unpacked};
use super::{bundle, modules};
use crate::cluster::envelope::Wanted;
use crate::text::catalog::Lang;
use crate::text::identicon;
use crate::web::get_route;
use crate::web::precompress::{once, pack, packed, takes_brotli};
use crate::web::state::AppState;
use crate::web::strip_comments::bare;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/avatar/{digest}.svg", get_route().to(avatar))
        .route("/static/{hash}/{path:.*}", get_route().to(file));
}

/// A year, in seconds: what caches understand as for ever (RFC 9111 §5.2.2.1).
const FOR_EVER: u32 = 31_536_000;

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

/// Path of the script that pages of other sites load, below `static/`.
pub(super) const EMBED: &str = "embed.js";

/// Path of its frozen copy, for pages that hold it to its hash.
pub(super) const EMBED_1_0: &str = "embed/1.0.js";

/// Path of the joined style sheet, below `static/`.
const SHEET: &str = "css/page.css";

/// A file as it is sent.
#[derive(Clone)]
struct Asset {
    data: Bytes,
    hash: [u8; 32],
}

type Known = Arc<Mutex<HashMap<String, Asset>>>;

/// Files that have been asked for; bounded by the files that there are.
static KNOWN: Made<Known> = Made::new();

fn find(path: &str) -> Option<Asset> {
    let all = KNOWN.get(Arc::default);
    if let Some(known) = all.lock().ok()?.get(path) {
        return Some(known.clone());
    }
    let made = make(path)?;
    all.lock().ok()?.insert(path.to_owned(), made.clone());
    Some(made)
}

/// A sheet or script without its comments, anything else as it is.
fn make(path: &str) -> Option<Asset> {
    make_with(path, bundle::script)
}

/// The same with another way to the page's modules as they are sent.
fn make_with(path: &str, script: impl Fn(&str) -> Option<String>) -> Option<Asset> {
    let text = if path == SHEET {
        let sheets = SHEETS.iter().map(|name| text(&format!("css/{name}.css")));
        Some(sheets.collect::<Option<Vec<_>>>()?.join("\n"))
    } else if let Some(name) = module(path) {
        Some(script(name)?)
    } else if path.ends_with(".css") || path == EMBED {
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

static TREE: Made<Arc<Tree>> = Made::new();

/// Path prefix of the page's files, `/static/<hash>`.
#[must_use]
pub fn prefix() -> String {
    format!("/static/{}", hash())
}

/// The hash in it.
#[must_use]
pub fn hash() -> String {
    tree().hash.clone()
}

fn tree() -> Arc<Tree> {
    TREE.get(|| Arc::new(whole()))
}

/// Every file as it is sent.
fn whole() -> Tree {
    let at_once = modules::of_page();
    let made = [SHEET.to_owned()].into_iter();
    let words = Lang::ALL.into_iter().map(late_words);
    let paths = Files::iter().map(Cow::into_owned).chain(made).chain(words);
    Tree::of(paths.filter_map(|path| {
        let asset = make_with(&path, |name| bundle::script_of(name, &at_once))?;
        Some((path, asset.hash))
    }))
}

/// What another node of the server is told that wants a file of this version; `None` where it is not one.
#[must_use]
pub fn told(wanted: &Wanted) -> Option<Vec<u8>> {
    let tree = tree();
    if wanted.tree != tree.hash {
        return None;
    }
    let file = find(&wanted.path).filter(|file| tree.has(&wanted.path, &file.hash))?;
    let packed = if cfg!(debug_assertions) {
        pack(&file.data)?.into()
    } else {
        once(file.hash, &file.data)?
    };
    Some(tree.with(&packed))
}

/// `GET /static/{hash}/{path}`
pub async fn file(
    path: web::Path<(String, String)>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> HttpResponse {
    let (tree, path) = path.into_inner();
    let is_fresh = tree == hash();
    if !is_fresh && let Some(others) = &state.foreign_assets {
        let wanted = Wanted { tree, path };
        if let Some(Foreign { packed, hash }) = others.get(&wanted).await {
            return answer(&request, &wanted.path, hash, true, || {
                let small = takes_brotli(&request).then(|| packed.clone());
                (small, || unpacked(&packed).unwrap_or_default().into())
            });
        }
        return own(&request, &wanted.path, false);
    }
    own(&request, &path, is_fresh)
}

/// The file of this version.
fn own(request: &HttpRequest, path: &str, is_fresh: bool) -> HttpResponse {
    let Some(file) = find(path) else {
        return HttpResponse::NotFound().finish();
    };
    answer(request, path, file.hash, is_fresh, || {
        // In a debug build the cache would keep every state that a file ever had.
        let small = if cfg!(debug_assertions) || is_packed(path) {
            None
        } else {
            packed(request, file.hash, &file.data)
        };
        (small, || file.data)
    })
}

/// Answers with a file of this `hash`, unless it is known; `body` gives it in Brotli, where that is taken, and else as it is.
fn answer<T: FnOnce() -> Bytes>(
    request: &HttpRequest,
    path: &str,
    hash: [u8; 32],
    is_fresh: bool,
    body: impl FnOnce() -> (Option<Bytes>, T),
) -> HttpResponse {
    let tag = entity_tag(&hash);
    let known = IfNoneMatch::parse(request).is_ok_and(|known| is_known(&known, &tag));
    let status = if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, INERT))
        .insert_header(ETag(tag))
        .insert_header(cache(is_fresh));
    if known {
        return response.finish();
    }
    response.content_type(content_type(path));
    match body() {
        (Some(small), _) => response
            .insert_header(ContentEncoding::Brotli)
            .insert_header((header::VARY, "accept-encoding"))
            .body(small),
        (None, plain) => response.body(plain()),
    }
}

/// Paths below [`prefix`] that a page in `lang` may need later: a browser may prefetch them.
pub(super) fn later(lang: Lang) -> Vec<String> {
    let modules = modules::later().into_iter();
    let scripts = modules.map(|name| format!("js/{name}.js"));
    let sheets = LATE_SHEETS.map(str::to_owned);
    scripts.chain(sheets).chain([late_words(lang)]).collect()
}

/// The path of the texts that come on demand.
fn late_words(lang: Lang) -> String {
    format!("words/{LATE_WORDS}.{}.json", lang.code())
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

/// How long browsers keep a script at a fixed address that other sites load: an hour, and for a day what they have while they ask.
const OF_OTHERS: &str = "public, max-age=3600, stale-while-revalidate=86400";

/// A script at a fixed address, for pages of other sites: one that is `frozen` may be kept for ever.
pub(super) fn for_other_sites(request: &HttpRequest, path: &str, frozen: bool) -> HttpResponse {
    let mut response = own(request, path, frozen);
    let headers = response.headers_mut();
    if !frozen {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(OF_OTHERS));
    }
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
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
