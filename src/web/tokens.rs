//! The API of one's own tokens: keys by which programs speak for an account.

use actix_web::web;
use actix_web::web::Json;

use super::client::Client;
use super::credentials::signed_in_lately;
use super::token_commands::{
    self, Maker, NewToken, NewTokenAnswer, Owner, TokenAnswer, TokenChange, TokensAnswer,
};
use crate::auth::bearer_token::Carrier;
use crate::auth::tokens::MOST;
use crate::error::Error;
use crate::model::grant::Scope;
use crate::model::person_id::PersonId;
use crate::web::get_route;
use crate::web::responses::{self, Created};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me/tokens", get_route().to(list))
        .route("/api/v1/me/tokens", web::post().to(create))
        .route("/api/v1/me/tokens", web::delete().to(end_all))
        .route("/api/v1/me/tokens/{token}", web::patch().to(change))
        .route("/api/v1/me/tokens/{token}", web::delete().to(end));
}

/// Days that a person's token is good when they do not say, and at most.
const DAYS: i64 = 90;
const MOST_DAYS: i64 = 366;

/// `GET /api/v1/me/tokens`
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/tokens",
    operation_id = "list_tokens",
    tag = "Account",
    summary = "The account's tokens",
    responses((status = 200, description = "Newest first, without their keys", body = TokensAnswer)),
    security(("session" = []))
)]
pub async fn list(client: Client, state: web::Data<AppState>) -> Result<Json<TokensAnswer>, Error> {
    let user = client.account(&state).await?.id;
    token_commands::list(&state, user).await
}

/// `POST /api/v1/me/tokens`: a token by which a program speaks for the sender.
///
/// # Errors
/// [`Error::SignInAgain`] after five minutes; [`Error::TooManyTokens`], [`Error::BadData`]; [`Error::SignInThrottled`].
#[utoipa::path(
    post,
    path = "/api/v1/me/tokens",
    operation_id = "create_token",
    tag = "Account",
    summary = "Make a token",
    request_body = NewToken,
    responses((status = 201, description = "With its key, which is shown this once", body = NewTokenAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewToken>,
) -> Result<Created<NewTokenAnswer>, Error> {
    let user = client.account(&state).await?.id;
    signed_in_lately(&client)?;
    state.count_account_attempt(client.address())?;
    let new = body.into_inner();
    if new.scopes.contains(&Scope::House) {
        return Err(Error::NotAllowed);
    }
    let days = new.days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::BadData);
    }
    let owner = Owner {
        user,
        carrier: Carrier::Person,
        most: MOST,
    };
    let maker = Maker {
        by: PersonId::User(user),
        with: None,
    };
    token_commands::add(&state, owner, new, Some(days), maker).await
}

/// `PATCH /api/v1/me/tokens/{token}`: another name, or less than before; its sockets end where it is good for less.
///
/// # Errors
/// [`Error::NotFound`] for one that is not the sender's; [`Error::WouldWiden`]; [`Error::BadName`], [`Error::BadData`].
#[utoipa::path(
    patch,
    path = "/api/v1/me/tokens/{token}",
    operation_id = "change_token",
    tag = "Account",
    summary = "Rename a token, narrow it, or have it end sooner",
    params(("token" = String, Path, description = "The token's id")),
    request_body = TokenChange,
    responses((status = 200, description = "As it is now", body = TokenAnswer)),
    security(("session" = []))
)]
pub async fn change(
    client: Client,
    state: web::Data<AppState>,
    id: web::Path<String>,
    body: Json<TokenChange>,
) -> Result<Json<TokenAnswer>, Error> {
    let user = client.account(&state).await?.id;
    let (id, by) = (id.into_inner(), PersonId::User(user));
    token_commands::change(&state, user, id, body.into_inner(), by).await
}

/// `DELETE /api/v1/me/tokens/{token}`: its next call is refused, and its sockets close.
///
/// # Errors
/// [`Error::NotFound`] for one that is not the sender's.
#[utoipa::path(
    delete,
    path = "/api/v1/me/tokens/{token}",
    operation_id = "end_token",
    tag = "Account",
    summary = "End a token",
    params(("token" = String, Path, description = "The token's id")),
    responses((status = 200, description = "It is good for nothing any more", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn end(
    client: Client,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let user = client.account(&state).await?.id;
    let by = PersonId::User(user);
    token_commands::end(&state, user, id.into_inner(), by).await
}

/// `DELETE /api/v1/me/tokens`: nobody who has a key of the account does anything with it any more.
///
/// # Errors
/// [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/me/tokens",
    operation_id = "end_tokens",
    tag = "Account",
    summary = "End all tokens of the account",
    responses((status = 200, description = "None is good for anything any more", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn end_all(
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let user = client.account(&state).await?.id;
    token_commands::end_all(&state, user, PersonId::User(user)).await
}
