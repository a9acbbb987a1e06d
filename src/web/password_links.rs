//! Links for a new password: whoever has lost theirs gets one from those who administer the server.
//!
//! The code stands after the `#` of the address, which browsers send to nobody: no log has it, of this
//! program or of a proxy before it. Only its hash is kept. It is valid once, for [`GOOD_FOR`].

use std::time::Instant;

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::account::{become_user, passwords_are_on};
use super::client::Client;
use crate::audit;
use crate::auth::via::Via;
use crate::auth::{client_address, codes, password};
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::store::accounts::users::{self, User};
use crate::store::accounts::{password_links, passwords};
use crate::store::db::{Db, StoreError};
use crate::text::clock;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/password", web::post().to(get))
        .route("/api/v1/password", web::put().to(redeem))
        .route(
            "/api/v1/people/{person}/password-link",
            web::post().to(create),
        );
}

/// How long a link is valid, in ms: a day, so that whoever asked in the evening has it in the morning.
pub const GOOD_FOR: i64 = 24 * 60 * 60 * 1_000;

/// Key under which wrong codes are counted beside the address; no account's key has a blank in it.
const TRIES: &str = "password link";

/// The code of a link.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = PasswordCode)]
pub struct Code {
    code: String,
}

/// The code of a link, and the new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = PasswordByCode)]
pub struct ByCode {
    code: String,
    new_password: String,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Code")
    }
}

impl std::fmt::Debug for ByCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ByCode")
    }
}

/// Creates the link into an account, replacing an older one; gives its path and when it expires (ms since 1970).
///
/// # Errors
/// When the database fails.
pub fn put(db: &mut dyn Db, user: i64, by: PersonId) -> Result<(String, i64), StoreError> {
    let (code, now) = (codes::new(), clock::now_ms());
    let expires = now + GOOD_FOR;
    password_links::put(db, user, &codes::hash(&code), by, expires, now)?;
    Ok((format!("/password#{code}"), expires))
}

/// The account that a link is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PasswordLinkForAnswer {
    /// The account's name.
    pub name: String,
}

/// A link for a new password.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PasswordLinkAnswer {
    /// The address to open; it is shown only once.
    pub url: String,
    /// When it expires, ms since 1970.
    pub expires: i64,
}

/// `POST /api/v1/people/{person}/password-link`
///
/// # Errors
/// [`Error::PasswordsOff`]; [`Error::ServerRoleOnly`] for whoever does not administer the server, for admins also about the owner and other
/// admins, and for one's own account; [`Error::NotFound`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/people/{person}/password-link",
    operation_id = "create_password_link",
    tag = "Account",
    summary = "A link by which somebody who has lost their password sets another one",
    params(("person" = String, Path, description = "A public id such as u12")),
    responses((status = 201, description = "Valid once, for a day; the one before is no longer", body = PasswordLinkAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    person: web::Path<PersonId>,
) -> Result<Created<PasswordLinkAnswer>, Error> {
    try_make(&client, &state, *person).await.map(Created)
}

async fn try_make(
    client: &Client,
    state: &AppState,
    person: PersonId,
) -> Result<PasswordLinkAnswer, Error> {
    passwords_are_on(state)?;
    let keeper = client.account(state).await?;
    if keeper.role < ServerRole::Admin {
        return Err(Error::ServerRoleOnly);
    }
    let (by, keeper) = (PersonId::User(keeper.id), keeper.id);
    state
        .room_command_rates
        .take(&by)
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let whose = person.user().ok_or(Error::NotFound)?;
    let made = state.store.write(move |db| {
        let keeper = users::by_id(db, keeper)?;
        let whose = users::by_id(db, whose)?;
        match (keeper, whose) {
            (_, None) => Ok(Err(Error::NotFound)),
            (Some(keeper), Some(whose)) if may_help(&keeper, &whose) => {
                put(db, whose.id, by).map(Ok)
            }
            _ => Ok(Err(Error::ServerRoleOnly)),
        }
    });
    let (path, expires) = made.await??;
    audit::password_link_made(by, person);
    let url = format!("{}{path}", state.config.server.public_url);
    Ok(PasswordLinkAnswer { url, expires })
}

/// Whether `keeper` may give `whose` another password: an admin not to another admin or the owner, and
/// nobody to themselves, who have to enter their current one; a bot has none.
fn may_help(keeper: &User, whose: &User) -> bool {
    let above = keeper.role == ServerRole::Owner || keeper.role > whose.role;
    keeper.role >= ServerRole::Admin && above && keeper.id != whose.id && !whose.bot
}

/// `POST /api/v1/password`
///
/// # Errors
/// [`Error::PasswordsOff`]; [`Error::BadPasswordLink`], whatever is wrong with it; [`Error::SignInThrottled`] for too many tries.
#[utoipa::path(
    post,
    path = "/api/v1/password",
    operation_id = "get_password_link",
    tag = "Account",
    summary = "Whose password a link is for",
    request_body = Code,
    responses((status = 200, description = "A valid link", body = PasswordLinkForAnswer))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Code>,
) -> Result<Json<PasswordLinkForAnswer>, Error> {
    let hash = admit(&client, &state, &body.code)?;
    let now = clock::now_ms();
    let found = state
        .store
        .read(move |db| password_links::find(db, &hash, now))
        .await?;
    let user = found.ok_or_else(|| missed(&client, &state))?;
    Ok(Json(PasswordLinkForAnswer { name: user.name }))
}

/// `PUT /api/v1/password`: all sessions of the account end, this browser is signed in to it.
///
/// # Errors
/// [`Error::PasswordsOff`]; [`Error::BadPasswordLink`], whatever is wrong with it; [`Error::PasswordShort`], [`Error::PasswordLong`],
/// [`Error::PasswordCommon`]; [`Error::SignInThrottled`] for too many tries; [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/password",
    operation_id = "use_password_link",
    tag = "Account",
    summary = "Another password by a link; every session ends but this new one",
    request_body = ByCode,
    responses((status = 200, description = "Changed, and signed in", body = responses::MeAnswer))
)]
pub async fn redeem(
    client: Client,
    state: web::Data<AppState>,
    body: Json<ByCode>,
) -> Result<Json<responses::MeAnswer>, Error> {
    let user = try_spend(&client, &state, body.into_inner()).await?;
    become_user(&client, &state, &user, Via::PasswordLink).await
}

async fn try_spend(client: &Client, state: &AppState, given: ByCode) -> Result<User, Error> {
    let hash = admit(client, state, &given.code)?;
    let (looked, now) = (hash.clone(), clock::now_ms());
    let found = state
        .store
        .read(move |db| password_links::find(db, &looked, now))
        .await?;
    let user = found.ok_or_else(|| missed(client, state))?;
    password::check(&given.new_password, &user.name)?;
    let password = state.passwords.hash(given.new_password).await?;
    let spent = state
        .store
        .write(move |db| passwords::spend_link(db, &hash, &password, clock::now_ms()))
        .await?;
    let (user, ended) = spent.ok_or(Error::BadPasswordLink)?;
    for sid in ended {
        state.chat.end_session(sid);
    }
    audit::password_changed_by_link(&user);
    Ok(user)
}

/// The hash of a code, if this address may try one now.
fn admit(client: &Client, state: &AppState, code: &str) -> Result<String, Error> {
    passwords_are_on(state)?;
    let from = client_address::subscriber(client.address());
    state.throttle.admit(TRIES, from, Instant::now())?;
    state.count_account_attempt(client.address())?;
    Ok(codes::hash(code))
}

/// Counts a wrong code.
fn missed(client: &Client, state: &AppState) -> Error {
    let from = client_address::subscriber(client.address());
    state.throttle.failed(TRIES, from, Instant::now());
    Error::BadPasswordLink
}
