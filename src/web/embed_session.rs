//! Who one is in a frame: a page of another site shows the room, and its browser gives us no cookie there. The frame enters with
//! what its site, its browser or its person can show, and has a session of its own from then on.

use std::rc::Rc;

use actix_web::web::Json;
use actix_web::{HttpRequest, web};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::client::Client;
use super::{bearer, embed_preview, site_sign_in};
use crate::auth::bearer_token::BearerToken;
use crate::auth::codes;
use crate::auth::frame::Frame;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::auth::via::Via;
use crate::config::Period;
use crate::error::Error;
use crate::model::principal::Principal;
use crate::store::accounts::users::{self, User};
use crate::store::accounts::{identities, sessions};
use crate::store::db::Db;
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/embed/session", web::post().to(enter))
        .route("/api/v1/embed/grant", web::post().to(grant));
}

/// How long a grant is good, in ms: the window posts it to the frame at once.
const GRANT_TIME: i64 = 60_000;

/// What grants are kept apart by from other tokens that are good once.
const GRANTS: &str = "grant";

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
    /// An account of this server.
    Account(i64),
    /// The visitor that the browser's cookie knows.
    Visitor(Memory),
    /// Somebody new.
    New,
}

/// `POST /api/v1/embed/session`: who one is in a frame. It reads the cookie, if it came, and sets none.
///
/// # Errors
/// [`Error::HostNotAllowed`]; [`Error::BadToken`] for a token or code that is not good, [`Error::TokenExpired`], [`Error::TokenUsed`];
/// [`Error::SignInThrottled`] for too many new visitors or bad tokens from one address; [`Error::NotSaved`].
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
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: Json<Entry>,
) -> Result<Json<EnteredAnswer>, Error> {
    let entry = body.into_inner();
    let host = &entry.host;
    if !state.config.embed.allows(host)
        && !embed_preview::is_preview(&request, &client, &state, host).await?
    {
        return Err(Error::HostNotAllowed);
    }
    let before = known(&state, entry.session.as_deref(), &entry.host).await?;
    let (token, frame) = if let Some(Some(token)) = &entry.token {
        by_site(&client, &state, token, &entry.host, before).await?
    } else {
        match who(&client, &state, &entry, before.clone()).await? {
            Who::Same(token, frame) => (token, frame),
            other => {
                if let Some((_, frame)) = &before {
                    end(frame, &state).await?;
                }
                begin(&client, &state, entry.host, other).await?
            }
        }
    };
    let expires = clock::now_ms().saturating_add(bearer::ttl(&frame, &state));
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

/// The session of whoever the site's token names. One that is theirs already is kept, and the token is good for another page;
/// another one ends with what begins theirs, or not at all.
async fn by_site(
    client: &Client,
    state: &AppState,
    token: &str,
    host: &str,
    before: Option<(String, Rc<Frame>)>,
) -> Result<(String, Rc<Frame>), Error> {
    let claims = site_sign_in::verify(state, client.address(), token)?;
    if let Some((token, frame)) = &before
        && let Some(user) = frame.get::<i64>(Keys::USER)
        && site_sign_in::is_still(client, state, &claims, user).await?
    {
        return Ok((token.clone(), Rc::clone(frame)));
    }
    let old = before
        .as_ref()
        .map(|(_, frame)| frame.key_hash().to_owned());
    let host = host.to_owned();
    let ttl = millis(state.config.embed.session);
    let begin = move |db: &mut dyn Db, user: &User| {
        if let Some(old) = &old {
            sessions::delete(db, old)?;
        }
        Frame::open(db, &host, user.id, Via::Site, clock::now_ms(), ttl)
    };
    let opened = site_sign_in::let_in(client, state, &claims, Via::Site, begin).await?;
    let sid = before.and_then(|(_, frame)| frame.get::<String>(Keys::SID));
    for sid in sid.into_iter().chain(opened.ended) {
        state.chat.end_session(sid);
    }
    Ok((opened.token, Rc::new(opened.frame)))
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
    if !by_site && let (Some(code), Some(verifier)) = (&entry.code, &entry.verifier) {
        let user = redeem(state, code, &entry.host, verifier).await?;
        return Ok(Who::Account(user));
    }
    // Of a site that says who comes, only that counts: nobody, here. Whoever it has named before is not kept.
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
    let now = clock::now_ms();
    if let Who::Account(user) = who {
        let ttl = millis(state.config.embed.session);
        let open = move |db: &mut dyn Db| Frame::open(db, &host, user, Via::Window, now, ttl);
        let opened = state.store.write(open).await?;
        telemetry::signed_in(Via::Window.as_str());
        for sid in opened.ended {
            state.chat.end_session(sid);
        }
        return Ok((opened.token, Rc::new(opened.frame)));
    }
    let (token, frame) = Frame::new(host)?;
    if let Who::Visitor(memory) = who {
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
    } else {
        state.count_new_visitor(client.address())?;
        frame.remember(Keys::VISITOR, Uuid::new_v4())?;
    }
    frame.remember(Keys::SEEN, now)?;
    let kept = frame.to_keep(now, now.saturating_add(millis(state.config.session.ttl)))?;
    let keep = move |db: &mut dyn Db| sessions::insert(db, &kept);
    state.store.write(keep).await?;
    Ok((token, Rc::new(frame)))
}

fn millis(period: Period) -> i64 {
    i64::try_from(period.as_millis()).unwrap_or(i64::MAX)
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
