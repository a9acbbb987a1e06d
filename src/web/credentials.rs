//! Calls that ask for the password once more: changing it, and deleting the account.

use actix_web::web;
use actix_web::web::Json;
use serde::Deserialize;

use super::account::{end_sockets, notify_devices, out_of_account, passwords_are_on, verify};
use super::client::Client;
use crate::audit;
use crate::auth::password;
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::store::accounts::users::User;
use crate::store::accounts::{erasure, passwords};
use crate::text::clock;
use crate::web::responses;
use crate::web::state::AppState;

/// How long a sign-in is proof of who somebody is who has no password, in ms.
const FRESH: i64 = 5 * 60 * 1_000;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me", web::delete().to(delete))
        .route("/api/v1/me/password", web::put().to(change));
}

/// The current password and the new one.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewPassword {
    password: String,
    new_password: String,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewPassword")
    }
}

/// `PUT /api/v1/me/password`: every other session ends; this one gets a new key and session id, so that
/// whoever had stolen the old one is out too.
///
/// # Errors
/// [`Error::PasswordsOff`]; [`Error::WrongPassword`], [`Error::SignInAgain`]; [`Error::PasswordShort`], [`Error::PasswordLong`], [`Error::PasswordCommon`];
/// [`Error::SignInThrottled`], [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/me/password",
    operation_id = "change_password",
    tag = "Account",
    summary = "Change the password; every other session ends",
    request_body = NewPassword,
    responses((status = 200, description = "Changed", body = responses::MeAnswer)),
    security(("session" = []))
)]
pub async fn change(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewPassword>,
) -> Result<Json<responses::MeAnswer>, Error> {
    try_change(&client, &state, body.into_inner()).await?;
    notify_devices(&client, &state).await
}

async fn try_change(client: &Client, state: &AppState, given: NewPassword) -> Result<(), Error> {
    passwords_are_on(state)?;
    let user = prove(client, state, given.password).await?;
    password::check(&given.new_password, &user.name)?;
    let hash = state.passwords.hash(given.new_password).await?;
    let here = client.sid();
    let (by, now) = (PersonId::User(user.id).to_string(), clock::now_ms());
    let ended = state
        .store
        .write(move |db| passwords::change(db, user.id, &hash, here.as_deref(), &by, now))
        .await?;
    for sid in ended {
        state.chat.end_session(sid);
    }
    end_sockets(&client.memory, state);
    client.memory.renew()
}

/// What deletes an account.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Farewell {
    /// The current password, as proof.
    password: String,
    /// Whether pictures and files stay with the messages; voices go in any case.
    #[serde(default)]
    keep_files: bool,
}

impl std::fmt::Debug for Farewell {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Farewell")
    }
}

/// `DELETE /api/v1/me`: deletes the account; the browser is a new visitor. The person's messages stay,
/// without their name, and without their files unless these are to be kept.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::SignInAgain`]; [`Error::SignInThrottled`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/me",
    operation_id = "delete_account",
    tag = "Account",
    summary = "Delete the account; its messages stay, without a name",
    request_body = Farewell,
    responses((status = 200, description = "The account is gone, the browser is a new visitor", body = responses::MaybeMeAnswer)),
    security(("session" = []))
)]
pub async fn delete(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Farewell>,
) -> Result<Json<responses::MaybeMeAnswer>, Error> {
    try_delete(&client, &state, body.into_inner()).await?;
    out_of_account(&client, &state).await
}

async fn try_delete(client: &Client, state: &AppState, given: Farewell) -> Result<(), Error> {
    let user = prove(client, state, given.password).await?.id;
    let keep_files = given.keep_files;
    let (by, now) = (PersonId::User(user).to_string(), clock::now_ms());
    let sids = state
        .store
        .write(move |db| erasure::begin(db, user, keep_files, &by, now))
        .await?;
    let_go(state, user, sids);
    Ok(())
}

/// What follows when the erasure of an account has begun: the sockets of its sessions `sids` end, and what it wrote loses its
/// name.
pub(super) fn let_go(state: &AppState, user: i64, sids: Vec<String>) {
    state.chat.disconnect_person(PersonId::User(user), sids);
    audit::account_deleted(user);
    state.deleted.notify_one();
}

/// Whether the sender has signed in just now: whoever found a browser open has not.
///
/// # Errors
/// [`Error::SignInAgain`].
pub(super) fn signed_in_lately(client: &Client) -> Result<(), Error> {
    let since = client.memory.get::<i64>(Keys::SINCE);
    let is_fresh = since.is_some_and(|since| clock::now_ms() - since <= FRESH);
    is_fresh.then_some(()).ok_or(Error::SignInAgain)
}

/// The sender's account, if `password` is its password; if it has none, or none is taken, because somebody else says who they are, if they have
/// just been let in.
async fn prove(client: &Client, state: &AppState, password: String) -> Result<User, Error> {
    let user = client.account(state).await?;
    if user.password.is_empty() || !state.config.accounts.passwords {
        return signed_in_lately(client).map(|()| user);
    }
    match verify(client, state, user.name, password).await {
        // The name may have gone to another account in between.
        Ok(proved) if proved.id == user.id => Ok(proved),
        Ok(_) | Err(Error::WrongCredentials) => Err(Error::WrongPassword),
        Err(error) => Err(error),
    }
}
