//! The API of sessions: sign in, sign out. Making an account is in `registration`.
//!
//! Each change of who somebody is gets a new session key and session id (`sid`), and closes the sockets of the
//! old ones.

use std::time::Instant;

use actix_web::web;
use actix_web::web::Json;
use serde::Deserialize;

use super::client::Client;
use super::embed_session;
use crate::audit;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::auth::via::Via;
use crate::auth::{client_address, password};
use crate::error::Error;
use crate::store::accounts::sessions;
use crate::store::accounts::users::{self, User};
use crate::telemetry;
use crate::text::{clock, name};
use crate::web::responses;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/session", web::post().to(sign_in))
        .route("/api/v1/session", web::delete().to(sign_out));
}

/// Sessions of one account; past that, signing in ends the one that was seen longest ago.
const SESSIONS: i64 = 50;

/// Name and password of an account, to sign in.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Credentials {
    name: String,
    password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Credentials")
    }
}

/// `POST /api/v1/session`
///
/// # Errors
/// [`Error::PasswordsOff`]; [`Error::WrongCredentials`], whichever of the two is wrong; [`Error::SignInThrottled`] for too
/// many attempts; [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/session",
    operation_id = "sign_in",
    tag = "Account",
    summary = "Sign in",
    request_body = Credentials,
    responses((status = 200, description = "Signed in, under a new key of the session", body = responses::MeAnswer))
)]
pub async fn sign_in(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Credentials>,
) -> Result<Json<responses::MeAnswer>, Error> {
    passwords_are_on(&state)?;
    let Credentials { name, password } = body.into_inner();
    let user = verify(&client, &state, name, password).await?;
    if client.memory.get(Keys::USER) == Some(user.id) {
        return sign_in_again(&client, &state).await;
    }
    become_user(&client, &state, &user, Via::Password).await
}

/// Whether this server takes passwords.
///
/// # Errors
/// [`Error::PasswordsOff`].
pub(super) fn passwords_are_on(state: &AppState) -> Result<(), Error> {
    let are_on = state.config.accounts.passwords;
    are_on.then_some(()).ok_or(Error::PasswordsOff)
}

/// The session of whoever has just shown once more who they are goes on, and so do its sockets; its key is a new one.
async fn sign_in_again(
    client: &Client,
    state: &AppState,
) -> Result<Json<responses::MeAnswer>, Error> {
    client.memory.remember(Keys::SINCE, clock::now_ms())?;
    client.memory.renew_key()?;
    telemetry::signed_in(Via::Password.as_str());
    notify_devices(client, state).await
}

/// The account with this name and password.
///
/// # Errors
/// [`Error::WrongCredentials`], whichever of the two is wrong; [`Error::SignInThrottled`]; [`Error::Busy`].
pub(super) async fn verify(
    client: &Client,
    state: &AppState,
    name: String,
    password: String,
) -> Result<User, Error> {
    let mut known = None;
    let verified = try_verify(client, state, name, password, &mut known).await;
    if let Err(error @ (Error::WrongCredentials | Error::SignInThrottled { .. })) = &verified {
        audit::sign_in_refused(client.address(), error, known);
    }
    verified
}

async fn try_verify(
    client: &Client,
    state: &AppState,
    name: String,
    password: String,
    known: &mut Option<i64>,
) -> Result<User, Error> {
    let from = client_address::subscriber(client.address());
    let account = name::key(&name);
    state.throttle.admit(&account, from, Instant::now())?;
    state.count_account_attempt(client.address())?;
    if password.chars().count() > password::MAX_CHARS {
        return Err(Error::WrongCredentials);
    }
    let user = state
        .store
        .read(move |db| users::by_name(db, &name))
        .await?;
    *known = user.as_ref().map(|user| user.id);
    let hash = user.as_ref().map(|user| user.password.clone());
    let matches = state.passwords.matches(password, hash).await?;
    match user.filter(|_| matches) {
        Some(user) => {
            state.throttle.succeeded(&account, from, Instant::now());
            Ok(user)
        }
        None => {
            state.throttle.failed(&account, from, Instant::now());
            Err(Error::WrongCredentials)
        }
    }
}

/// Signs the session in to `user`, and answers with who they are now.
///
/// # Errors
/// When the store or the session cannot be written.
pub(super) async fn become_user(
    client: &Client,
    state: &AppState,
    user: &User,
    via: Via,
) -> Result<Json<responses::MeAnswer>, Error> {
    try_become(client, state, user, via).await?;
    notify_devices(client, state).await
}

/// Signs the session in to `user`, under a new key and session id.
///
/// # Errors
/// When the store or the session cannot be written.
pub(super) async fn try_become(
    client: &Client,
    state: &AppState,
    user: &User,
    via: Via,
) -> Result<(), Error> {
    enter(client, state, user, via).await?;
    telemetry::signed_in(via.as_str());
    Ok(())
}

/// The same for whoever is counted elsewhere.
///
/// # Errors
/// As [`try_become`].
pub(super) async fn enter(
    client: &Client,
    state: &AppState,
    user: &User,
    via: Via,
) -> Result<(), Error> {
    let (id, memory) = (user.id, &client.memory);
    let stalest = state
        .store
        .write(move |db| sessions::end_stalest_of(db, id, None, SESSIONS - 1))
        .await?;
    for sid in stalest {
        state.chat.end_session(sid);
    }
    end_sockets(memory, state);
    for key in [Keys::VISITOR, Keys::NAME, Keys::PREFERENCES] {
        memory.forget(key);
    }
    memory.remember(Keys::USER, id)?;
    memory.remember(Keys::VIA, via)?;
    memory.remember(Keys::SINCE, clock::now_ms())?;
    memory.renew()?;
    client.preferences(state).await.map(drop)
}

/// `DELETE /api/v1/session`: the browser is a new visitor; the session of a frame ends.
///
/// # Errors
/// [`Error::SignInThrottled`] for too many new visitors from one address.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    operation_id = "sign_out",
    tag = "Account",
    summary = "Sign out",
    responses((status = 200, description = "A new visitor; `null` where guests are off, and in a frame", body = responses::MaybeMeAnswer))
)]
pub async fn sign_out(
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<responses::MaybeMeAnswer>, Error> {
    if let Some(frame) = client.frame() {
        // The frame enters anew, as whoever its site says.
        embed_session::end(frame, &state).await?;
        return Ok(Json(responses::MaybeMeAnswer { me: None }));
    }
    state.count_new_visitor(client.address())?;
    end_sockets(&client.memory, &state);
    out_of_account(&client, &state).await
}

/// Signs the session out: the browser is a new visitor, and gets that as the answer.
///
/// # Errors
/// When the session cannot be written.
pub(super) async fn out_of_account(
    client: &Client,
    state: &AppState,
) -> Result<Json<responses::MaybeMeAnswer>, Error> {
    for key in [Keys::USER, Keys::NAME, Keys::SINCE, Keys::VIA] {
        client.memory.forget(key);
    }
    client.memory.become_visitor()?;
    if state.config.chat.guests == crate::config::Guests::Off {
        return Ok(Json(responses::MaybeMeAnswer { me: None }));
    }
    let me = Some(client.principal(state).await?);
    Ok(Json(responses::MaybeMeAnswer { me }))
}

/// Closes the WebSockets of this session.
pub(super) fn end_sockets(memory: &Memory, state: &AppState) {
    if let Some(sid) = memory.get::<String>(Keys::SID) {
        state.chat.end_session(sid);
    }
}

/// Answers with who the sender is now.
///
/// # Errors
/// When the store cannot be asked; guests that are not let in.
pub(super) async fn notify_devices(
    client: &Client,
    state: &AppState,
) -> Result<Json<responses::MeAnswer>, Error> {
    let me = client.principal(state).await?;
    Ok(Json(responses::MeAnswer { me }))
}
