//! The room in a page of another site: the frame's document, and who one is in it.
//!
//! A frame gets no cookie. It enters with what its site, its browser or its person can show, and has a token of its own from
//! then on, which it sends with each call (`bearer.rs`).

use std::rc::Rc;

use actix_web::http::header::{self, ContentType};
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::client::{Client, reader_lang};
use super::room_page::script_json;
use super::{assets, bearer, pages};
use crate::auth::bearer_token::BearerToken;
use crate::auth::codes;
use crate::auth::frame::Frame;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::{identities, sessions, users};
use crate::store::queries::messages;
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::get_route;
use crate::web::security::Framed;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/embed.js", get_route().to(script))
        .route("/embed/rooms/{room}", get_route().to(shell))
        .route("/embed/rooms/{room}/page", get_route().to(page))
        .route("/embed/connect", get_route().to(connect))
        .route("/api/v1/embed/session", web::post().to(enter))
        .route("/api/v1/embed/grant", web::post().to(grant))
        .route("/api/v1/embed/news", get_route().to(news));
}

/// Sessions of one account in frames of one site; past that, entering ends the one that was seen longest ago.
const FRAMES: i64 = 20;

/// More than this a badge does not say.
const MOST_NEWS: i64 = 100;

/// How long a grant is good, in ms: the window posts it to the frame at once.
const GRANT_TIME: i64 = 60_000;

/// What grants are kept apart by from other tokens that are good once.
const GRANTS: &str = "grant";

/// The policy of a frame's document, as a page's, up to the sites that may show it.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors";

/// `GET /embed.js`: the script that sites put into their pages.
pub async fn script(request: HttpRequest) -> HttpResponse {
    assets::for_other_sites(&request, assets::EMBED)
}

/// What the address of a frame's document says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    host: String,
    lang: Option<Lang>,
}

/// What the scripts of a frame's document begin with, as JSON.
#[derive(Serialize)]
struct Begin<'a> {
    host: &'a str,
    room: RoomId,
    lang: Lang,
    strings: std::collections::BTreeMap<&'static str, &'static str>,
}

/// Data of `templates/embed.html`.
#[derive(Template)]
#[template(path = "embed.html")]
struct ShellPage {
    t: Lang,
    lang: &'static str,
    asset: String,
    boot: String,
}

/// Data of `templates/unlisted.html`.
#[derive(Template)]
#[template(path = "unlisted.html")]
struct UnlistedPage<'a> {
    t: Lang,
    lang: &'static str,
    host: &'a str,
}

/// `GET /embed/rooms/{room}`: the document of a frame, the same for everybody. A site that is not on the list is told by a page
/// which line is missing.
///
/// # Errors
/// When it cannot be drawn.
pub async fn shell(
    request: HttpRequest,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let Wanted { host, lang } = wanted.into_inner();
    let t = lang.unwrap_or_else(|| reader_lang(&request));
    let lang = t.tag();
    let embed = &state.config.embed;
    let is_listed = embed.allows(&host);
    let drawn = if is_listed {
        let strings = t.strings("embed");
        let begin = Begin {
            host: &host,
            room: *room,
            lang: t,
            strings,
        };
        let boot = script_json(&begin)?;
        let asset = assets::prefix();
        ShellPage {
            t,
            lang,
            asset,
            boot,
        }
        .render()
    } else {
        UnlistedPage {
            t,
            lang,
            host: &host,
        }
        .render()
    };
    let html = drawn.map_err(|error| {
        tracing::error!(%error, "the document of a frame could not be drawn");
        Error::Internal
    })?;
    let (mut answer, policy) = if is_listed {
        let policy = format!("{FRAME_POLICY} {}", embed.hosts.join(" "));
        (HttpResponse::Ok(), policy)
    } else {
        // Where anybody may look at it, and nothing of it runs: whoever puts the script in sees what is missing.
        let policy = "default-src 'none'; frame-ancestors *".to_owned();
        (HttpResponse::Forbidden(), policy)
    };
    let mut answer = answer
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(html);
    answer.extensions_mut().insert(Framed);
    Ok(answer)
}

/// `GET /embed/rooms/{room}/page`: what the frame puts into its document, as it is for the person of its token.
///
/// # Errors
/// As the pages of rooms; [`Error::BadToken`] without a token.
pub async fn page(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<HttpResponse, Error> {
    client.frame().ok_or(Error::BadToken)?;
    pages::room(client, state, room).await
}

/// Data of `templates/connect.html`.
#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage<'a> {
    t: Lang,
    lang: &'static str,
    asset: String,
    /// The site's name without its scheme.
    site: &'a str,
    /// The name of the account; empty when nobody is signed in.
    name: &'a str,
    boot: String,
}

/// What the address of the window for signing in says.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    host: String,
    #[serde(default)]
    challenge: String,
}

/// What the scripts of the window for signing in begin with, as JSON.
#[derive(Serialize)]
struct ConnectBegin<'a> {
    host: &'a str,
    challenge: &'a str,
    me: Option<&'a Principal>,
    strings: std::collections::BTreeMap<&'static str, &'static str>,
}

/// `GET /embed/connect`: the window in which a person says that they want to be here under their account in a frame.
///
/// # Errors
/// [`Error::HostNotAllowed`]; when it cannot be drawn.
pub async fn connect(
    client: Client,
    state: web::Data<AppState>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let Asked { host, challenge } = &*asked;
    if !state.config.embed.allows(host) {
        return Err(Error::HostNotAllowed);
    }
    state.shedding.admit(Workload::Arrival)?;
    let me = match client.principal(&state).await {
        Ok(me) => Some(me).filter(Principal::has_account),
        Err(Error::GuestsOff) => None,
        Err(error) => return Err(error),
    };
    let t = client.lang();
    let begin = ConnectBegin {
        host,
        challenge,
        me: me.as_ref(),
        strings: t.strings("embed"),
    };
    let page = ConnectPage {
        t,
        lang: t.tag(),
        asset: assets::prefix(),
        site: host.split_once("://").map_or("", |(_, site)| site),
        name: me.as_ref().map_or("", |me| &me.person.name),
        boot: script_json(&begin)?,
    };
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "the window for signing in could not be drawn");
        Error::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // The window that opened it hears from it.
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "unsafe-none"))
        .body(html))
}

/// What a frame enters with.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// The site that shows the frame, as browsers name it.
    host: String,
    /// Where the site says who comes: a token of it, or `null` for nobody. Absent where the site does not say.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    token: Option<Option<String>>,
    /// The token of the session that the frame has kept.
    session: Option<String>,
    /// The token of a visitor's session that the site has kept for a frame which can keep nothing.
    visitor: Option<String>,
    /// What `grant` gave the window for signing in, and what its challenge was made from.
    code: Option<String>,
    verifier: Option<String>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Entry")
    }
}

/// Tells `null` from what is not there.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The session of a frame.
#[derive(Serialize, utoipa::ToSchema)]
pub struct EnteredAnswer {
    /// Its token, to send as a bearer token.
    session: String,
    /// When it ends if it is not used until then, ms since 1970.
    expires: i64,
    /// Who one is by it; `null` where guests are off and nobody is known.
    me: Option<Principal>,
}

impl std::fmt::Debug for EnteredAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("EnteredAnswer")
    }
}

/// Whose session a frame gets.
enum Who {
    /// Who it was before.
    Same(String, Rc<Frame>),
    /// An account.
    Account(i64),
    /// The visitor that the browser's cookie knows.
    Visitor(Memory),
    /// Somebody new.
    New,
}

/// `POST /api/v1/embed/session`: who one is in a frame. It reads the cookie, if it came, and sets none.
///
/// # Errors
/// [`Error::HostNotAllowed`]; [`Error::BadToken`] for a code that is not good; [`Error::SignInThrottled`] for too many new
/// visitors from one address; [`Error::NotSaved`].
#[utoipa::path(
    post,
    path = "/api/v1/embed/session",
    operation_id = "enter_frame",
    tag = "Account",
    summary = "Who one is in a page of another site: a session for a frame there",
    request_body = Entry,
    responses((status = 200, description = "The session", body = EnteredAnswer))
)]
pub async fn enter(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Entry>,
) -> Result<Json<EnteredAnswer>, Error> {
    let entry = body.into_inner();
    if !state.config.embed.allows(&entry.host) {
        return Err(Error::HostNotAllowed);
    }
    let before = known(&state, entry.session.as_deref(), &entry.host).await?;
    let who = who(&client, &state, &entry, before.clone()).await?;
    let (token, frame, is_new) = match who {
        Who::Same(token, frame) => (token, frame, false),
        other => {
            if let Some((_, frame)) = &before {
                end(frame, &state).await?;
            }
            let (token, frame) = begin(&client, &state, entry.host, other).await?;
            (token, frame, true)
        }
    };
    let now = clock::now_ms();
    let expires = now.saturating_add(bearer::ttl(&frame, &state));
    if is_new {
        frame.remember(Keys::SEEN, now)?;
        let kept = frame.to_keep(now, expires)?;
        state
            .store
            .write(move |db| sessions::insert(db, &kept))
            .await?;
    }
    let me = match client.within(frame).principal(&state).await {
        Ok(me) => Some(me),
        Err(Error::GuestsOff) => None,
        Err(error) => return Err(error),
    };
    Ok(Json(EnteredAnswer {
        session: token,
        expires,
        me,
    }))
}

/// Who comes, of all that a frame has to show.
async fn who(
    client: &Client,
    state: &AppState,
    entry: &Entry,
    before: Option<(String, Rc<Frame>)>,
) -> Result<Who, Error> {
    let is_account = |frame: &Frame| frame.get::<i64>(Keys::USER).is_some();
    let by_site = entry.token.is_some();
    if let (Some(code), Some(verifier)) = (&entry.code, &entry.verifier) {
        let user = redeem(state, code, &entry.host, verifier).await?;
        return Ok(Who::Account(user));
    }
    // Of a site that says who comes, only that counts: nobody, here.
    if let Some((token, frame)) = before
        && !(by_site && is_account(&frame))
    {
        return Ok(Who::Same(token, frame));
    }
    if !by_site && client.has_cookie() {
        if let Some(user) = client.user(state).await? {
            return Ok(Who::Account(user.id));
        }
        if client.memory.has(Keys::VISITOR) {
            return Ok(Who::Visitor(client.memory.clone()));
        }
    }
    let kept = known(state, entry.visitor.as_deref(), &entry.host).await?;
    // The site could plant what it keeps: a visitor at most.
    if let Some((token, frame)) = kept.filter(|(_, frame)| !is_account(frame)) {
        return Ok(Who::Same(token, frame));
    }
    Ok(Who::New)
}

/// The live session of a token, of a frame in a page of `host`.
async fn known(
    state: &AppState,
    token: Option<&str>,
    host: &str,
) -> Result<Option<(String, Rc<Frame>)>, Error> {
    let Some((token, bearer)) =
        token.and_then(|token| Some((token, token.parse::<BearerToken>().ok()?)))
    else {
        return Ok(None);
    };
    let (hash, now) = (bearer.hash(), clock::now_ms());
    let looked = hash.clone();
    let found = state
        .store
        .read(move |db| sessions::load_frame(db, &looked, now))
        .await?;
    let frame = found
        .filter(|(of, _)| of == host)
        .and_then(|(host, values)| Frame::kept(hash, host, &values));
    Ok(frame.map(|frame| (token.to_owned(), Rc::new(frame))))
}

/// A new session for whoever comes.
async fn begin(
    client: &Client,
    state: &AppState,
    host: String,
    who: Who,
) -> Result<(String, Rc<Frame>), Error> {
    let (token, frame) = Frame::new(host.clone())?;
    match who {
        Who::Account(user) => {
            let stalest = state
                .store
                .write(move |db| sessions::end_stalest_of(db, user, Some(&host), FRAMES - 1))
                .await?;
            for sid in stalest {
                state.chat.end_session(sid);
            }
            frame.remember(Keys::USER, user)?;
            frame.remember(Keys::SINCE, clock::now_ms())?;
        }
        Who::Visitor(memory) => {
            for key in [
                Keys::VISITOR,
                Keys::NAME,
                Keys::PREFERENCES,
                Keys::LANG,
                Keys::THEME,
            ] {
                if let Some(value) = memory.get::<serde_json::Value>(key) {
                    frame.remember(key, value)?;
                }
            }
        }
        Who::Same(..) | Who::New => {
            state.count_new_visitor(client.address())?;
            frame.remember(Keys::VISITOR, Uuid::new_v4())?;
        }
    }
    Ok((token, Rc::new(frame)))
}

/// Ends the session of a frame, and its sockets.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn end(frame: &Frame, state: &AppState) -> Result<(), Error> {
    let hash = frame.key_hash().to_owned();
    state
        .store
        .write(move |db| sessions::delete(db, &hash))
        .await?;
    if let Some(sid) = frame.get::<String>(Keys::SID) {
        state.chat.end_session(sid);
    }
    Ok(())
}

/// Which frame a person wants to be signed in in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Wish {
    /// The site that shows the frame, as browsers name it.
    host: String,
    /// The SHA-256 of what the frame keeps to itself, in base64url without padding (RFC 7636 §4.2).
    challenge: String,
}

/// What lets one frame be signed in, once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct GrantAnswer {
    /// For 60 s, and for the frame with the verifier alone.
    code: String,
}

impl std::fmt::Debug for GrantAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("GrantAnswer")
    }
}

/// `POST /api/v1/embed/grant`: lets a frame be signed in to the sender's account.
///
/// # Errors
/// [`Error::HostNotAllowed`], [`Error::BadData`].
#[utoipa::path(
    post,
    path = "/api/v1/embed/grant",
    operation_id = "grant_frame",
    tag = "Account",
    summary = "Let a frame in a page of another site be signed in to the account",
    request_body = Wish,
    responses((status = 200, description = "A code for that frame", body = GrantAnswer)),
    security(("session" = []))
)]
pub async fn grant(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Wish>,
) -> Result<Json<GrantAnswer>, Error> {
    let Wish { host, challenge } = body.into_inner();
    if !state.config.embed.allows(&host) {
        return Err(Error::HostNotAllowed);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(&challenge)
        .unwrap_or_default();
    if bytes.len() != <Sha256 as Digest>::output_size() {
        return Err(Error::BadData);
    }
    let user = client.account(&state).await?;
    state.count_account_attempt(client.address())?;
    let until = clock::now_ms().saturating_add(GRANT_TIME);
    let open = format!("{}.{until}.{}", user.id, Uuid::new_v4().simple());
    let seal = seal(&state, &open, &host, &challenge);
    Ok(Json(GrantAnswer {
        code: format!("{open}.{seal}"),
    }))
}

/// The account that a code lets the frame be signed in to, which holds the verifier; once.
async fn redeem(state: &AppState, code: &str, host: &str, verifier: &str) -> Result<i64, Error> {
    let (open, given) = code.rsplit_once('.').ok_or(Error::BadToken)?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    if !codes::are_equal(&seal(state, open, host, &challenge), given) {
        return Err(Error::BadToken);
    }
    let mut parts = open.split('.');
    let mut part = || parts.next().ok_or(Error::BadToken);
    let user: i64 = part()?.parse().map_err(|_forged| Error::BadToken)?;
    let until: i64 = part()?.parse().map_err(|_forged| Error::BadToken)?;
    let mark = part()?.to_owned();
    if until < clock::now_ms() {
        return Err(Error::BadToken);
    }
    let spent = state.store.write(move |db| {
        let known = users::by_id(db, user)?.is_some();
        Ok(known && identities::spend(db, GRANTS, &mark, until)?)
    });
    spent.await?.then_some(user).ok_or(Error::BadToken)
}

fn seal(state: &AppState, open: &str, host: &str, challenge: &str) -> String {
    let sealed = format!("{open} {host} {challenge}");
    format!("{:032x}", state.secrets.digest(GRANTS, &sealed))
}

/// What a frame that is not shown asks for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// The room's id.
    #[param(value_type = i64)]
    room: RoomId,
    /// The seq up to which a visitor has seen it, who has no read marker; without it nothing waits for them.
    #[param(value_type = Option<i64>)]
    since: Option<Seq>,
}

/// What waits in a room.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NewsAnswer {
    /// The seq of the room's newest event.
    #[schema(value_type = i64)]
    head: Seq,
    /// Messages that the person has not read; a visitor is told at most 100.
    unread: i64,
    /// How many of them mention the person.
    mentions: i64,
}

/// `GET /api/v1/embed/news`: what waits in a room, for a frame that nobody has opened yet and that has no socket.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadToken`] without a frame's token.
#[utoipa::path(
    get,
    path = "/api/v1/embed/news",
    operation_id = "frame_news",
    tag = "Account",
    summary = "What waits in a room, for a frame that nobody has opened yet",
    params(Since),
    responses((status = 200, description = "Counts", body = NewsAnswer))
)]
pub async fn news(
    client: Client,
    state: web::Data<AppState>,
    since: web::Query<Since>,
) -> Result<Json<NewsAnswer>, Error> {
    client.frame().ok_or(Error::BadToken)?;
    state.shedding.admit(Workload::Reading)?;
    let principal = client.principal(&state).await?;
    let rooms = state.chat.view_rooms(vec![since.room], principal).await?;
    let room = rooms.first().ok_or(Error::NotFound)?;
    let unread = match since.since {
        Some(seen) if room.role.is_none() && seen < room.head => {
            let id = room.id;
            state
                .store
                .read(move |db| messages::count_since(db, id, seen, MOST_NEWS))
                .await?
        }
        _ => room.unread,
    };
    Ok(Json(NewsAnswer {
        head: room.head,
        unread,
        mentions: room.mentions,
    }))
}
