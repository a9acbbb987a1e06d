//! Signing in to the page at the site: a button goes there with a nonce, and the site sends people back with a token.
//!
//! The token comes in the fragment of an address, which no server and no other page sees; a script takes it out and posts it. It must
//! have the nonce of this very session: no link signs anybody in as somebody else.

use actix_web::http::header::{self, ContentType};
use actix_web::web::Json;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use url::Url;

use super::account::{enter, notify_devices};
use super::client::Client;
use super::{assets, responses, site_sign_in};
use crate::auth::codes;
use crate::auth::session_store::Keys;
use crate::auth::site_token::Refusal;
use crate::auth::via::Via;
use crate::config::Site;
use crate::error::Error;
use crate::store::accounts::users::User;
use crate::store::db::Db;
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/auth/back", get_route().to(back))
        .route("/api/v1/auth/site/start", web::post().to(start))
        .route("/api/v1/auth/site", web::post().to(sign_in));
}

/// Where the site sends people back to.
const BACK: &str = "/auth/back";

/// How long somebody may take to sign in at the site, in ms.
const NONCE_TIME: i64 = 10 * 60 * 1_000;

/// What people call the site, for a button; `None` where nobody signs in to the page by it.
pub(super) fn called(site: &Site) -> Option<String> {
    if site.sign_in.is_empty() {
        return None;
    }
    let host = || {
        Url::parse(&site.sign_in)
            .ok()?
            .host_str()
            .map(str::to_owned)
    };
    Some(site.name.clone())
        .filter(|name| !name.is_empty())
        .or_else(host)
}

/// What the site's sign-in was asked for with.
#[derive(Serialize, Deserialize)]
struct Nonce {
    nonce: String,
    /// ms since 1970.
    until: i64,
}

/// Where to go.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StartAnswer {
    /// The site's page that signs people in and sends them back.
    address: String,
}

/// `POST /api/v1/auth/site/start`: begins a sign-in at the site, for this session.
///
/// # Errors
/// [`Error::NotFound`] where there is no such site; [`Error::SignInThrottled`] for too many new visitors from one address;
/// [`Error::NotSaved`].
#[utoipa::path(
    post,
    path = "/api/v1/auth/site/start",
    operation_id = "start_site_sign_in",
    tag = "Account",
    summary = "Begin to sign in by the site that the server is part of",
    responses((status = 200, description = "Where to go", body = StartAnswer))
)]
pub async fn start(client: Client, state: web::Data<AppState>) -> Result<Json<StartAnswer>, Error> {
    let config = &state.config;
    // A setting that is no address is refused at the start.
    let mut address = Url::parse(&config.site.sign_in).map_err(|_none| Error::NotFound)?;
    let memory = &client.memory;
    if !memory.has(Keys::USER) && !memory.has(Keys::VISITOR) {
        state.count_new_visitor(client.address())?;
        memory.become_visitor()?;
    }
    let nonce = codes::new();
    address
        .query_pairs_mut()
        .append_pair("nonce", &nonce)
        .append_pair("back", &format!("{}{BACK}", config.server.public_url));
    let until = clock::now_ms().saturating_add(NONCE_TIME);
    memory.remember(Keys::NONCE, Nonce { nonce, until })?;
    let address = address.into();
    Ok(Json(StartAnswer { address }))
}

/// Data of `templates/back.html`.
#[derive(Template)]
#[template(path = "back.html")]
struct BackPage {
    t: Lang,
    lang: &'static str,
    asset: String,
}

/// `GET /auth/back`: the document to which the site sends people back, the same for everybody. Its script posts the token.
///
/// # Errors
/// [`Error::NotFound`] where there is no such site; when it cannot be drawn.
pub async fn back(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    if state.config.site.sign_in.is_empty() {
        return Err(Error::NotFound);
    }
    let t = client.lang();
    let page = BackPage {
        t,
        lang: t.tag(),
        asset: assets::prefix(),
    };
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "the page after a sign-in at the site could not be drawn");
        Error::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html))
}

/// What the site has sent somebody back with.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct SiteToken {
    pub(super) token: String,
}

impl std::fmt::Debug for SiteToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SiteToken")
    }
}

/// `POST /api/v1/auth/site`: signs this session in, which has asked for it.
///
/// # Errors
/// [`Error::BadToken`], [`Error::TokenExpired`], [`Error::TokenUsed`]; [`Error::SignInThrottled`] for too many bad ones;
/// [`Error::NotSaved`].
#[utoipa::path(
    post,
    path = "/api/v1/auth/site",
    operation_id = "sign_in_by_site",
    tag = "Account",
    summary = "Sign in by a token of the site that this session has asked for",
    request_body = SiteToken,
    responses((status = 200, description = "Signed in, under a new key of the session", body = responses::MeAnswer))
)]
pub async fn sign_in(
    client: Client,
    state: web::Data<AppState>,
    body: Json<SiteToken>,
) -> Result<Json<responses::MeAnswer>, Error> {
    let address = client.address();
    let claims = site_sign_in::verify(&state, address, &body.token)?;
    let asked = client.memory.get::<Nonce>(Keys::NONCE);
    let is_ours = asked.is_some_and(|asked| {
        let given = claims.nonce.as_deref().unwrap_or_default();
        codes::are_equal(&asked.nonce, given) && clock::now_ms() < asked.until
    });
    if !is_ours {
        return Err(site_sign_in::refuse(&state, address, Refusal::NotAsked));
    }
    // The cookie's session is written when this is answered: who loses that answer signs in again.
    let begin = |_: &mut dyn Db, user: &User| Ok(user.clone());
    let user = site_sign_in::let_in(&client, &state, &claims, Via::Site, begin).await?;
    client.memory.forget(Keys::NONCE);
    enter(&client, &state, &user, Via::Site).await?;
    notify_devices(&client, &state).await
}
