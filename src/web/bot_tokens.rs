//! The API of the tokens of bots.
//!
//! By a token of the site's own server they are made for bots that its account has made, never for the scope `house`; they end with
//! the token that made them (`docs/adr/0026-tokens-that-make-tokens.md`).

use actix_web::web::{self, Json};

use super::bots::managed;
use super::client::Client;
use super::credentials::signed_in_lately;
use super::token_commands::{
    self, Maker, NewToken, NewTokenAnswer, Owner, TokenAnswer, TokenChange, TokensAnswer,
};
use crate::auth::bearer_token::Carrier;
use crate::auth::tokens::MOST_DAYS;
use crate::error::Error;
use crate::model::grant::Scope;
use crate::model::person_id::PersonId;
use crate::model::policy::BotAction;
use crate::web::get_route;
use crate::web::responses::{Created, EmptyAnswer};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/bots/{bot}/tokens", get_route().to(list))
        .route("/api/v1/bots/{bot}/tokens", web::post().to(create))
        .route("/api/v1/bots/{bot}/tokens/{token}", web::patch().to(change))
        .route("/api/v1/bots/{bot}/tokens/{token}", web::delete().to(end));
}

/// `GET /api/v1/bots/{bot}/tokens`
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after.
#[utoipa::path(
    get,
    path = "/api/v1/bots/{bot}/tokens",
    operation_id = "list_bot_tokens",
    tag = "Bots",
    summary = "A bot's tokens",
    params(("bot" = String, Path, description = "The bot's public id, such as u12")),
    responses((status = 200, description = "Newest first, without their keys", body = TokensAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    bot: web::Path<PersonId>,
) -> Result<Json<TokensAnswer>, Error> {
    let (_, bot) = managed(&client, &state, *bot, |own| BotAction::Manage { own }).await?;
    token_commands::list(&state, bot.id).await
}

/// `POST /api/v1/bots/{bot}/tokens`: a token by which a program is the bot. One that another token has made ends with it, and
/// not later.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after, and for the scope `house` from
/// whoever is no admin of the server; [`Error::SignInAgain`] for a browser after five minutes; [`Error::TooManyTokens`],
/// [`Error::BadName`], [`Error::BadData`]; [`Error::SignInThrottled`].
#[utoipa::path(
    post,
    path = "/api/v1/bots/{bot}/tokens",
    operation_id = "create_bot_token",
    tag = "Bots",
    summary = "Make a token of a bot",
    params(("bot" = String, Path, description = "The bot's public id, such as u12")),
    request_body = NewToken,
    responses((status = 201, description = "With its key, which is shown this once", body = NewTokenAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    bot: web::Path<PersonId>,
    body: Json<NewToken>,
) -> Result<Created<NewTokenAnswer>, Error> {
    let new = body.into_inner();
    let house = new.scopes.contains(&Scope::House);
    let key = |own| BotAction::MakeKey { own, house };
    let (principal, bot) = managed(&client, &state, *bot, key).await?;
    if client.token().is_none() {
        signed_in_lately(&client)?;
        state.count_account_attempt(client.address())?;
    }
    let days = new.days;
    if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        return Err(Error::BadData);
    }
    let owner = Owner {
        user: bot.id,
        carrier: Carrier::Bot,
        most: state.config.bots.tokens,
    };
    let maker = Maker {
        by: principal.id(),
        with: client.token().map(|token| token.as_ref().clone()),
    };
    token_commands::add(&state, owner, new, days, maker).await
}

/// `PATCH /api/v1/bots/{bot}/tokens/{token}`: another name, or less than before; its sockets end where it is good for less.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after; [`Error::WouldWiden`];
/// [`Error::BadName`], [`Error::BadData`].
#[utoipa::path(
    patch,
    path = "/api/v1/bots/{bot}/tokens/{token}",
    operation_id = "change_bot_token",
    tag = "Bots",
    summary = "Rename a bot's token, narrow it, or have it end sooner",
    params(("bot" = String, Path, description = "The bot's public id, such as u12"), ("token" = String, Path, description = "The token's id")),
    request_body = TokenChange,
    responses((status = 200, description = "As it is now", body = TokenAnswer)),
    security(("session" = []))
)]
pub async fn change(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(PersonId, String)>,
    body: Json<TokenChange>,
) -> Result<Json<TokenAnswer>, Error> {
    let (bot, id) = path.into_inner();
    let (principal, bot) = managed(&client, &state, bot, |own| BotAction::Manage { own }).await?;
    token_commands::change(&state, bot.id, id, body.into_inner(), principal.id()).await
}

/// `DELETE /api/v1/bots/{bot}/tokens/{token}`: its next call is refused, and its sockets close.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after.
#[utoipa::path(
    delete,
    path = "/api/v1/bots/{bot}/tokens/{token}",
    operation_id = "end_bot_token",
    tag = "Bots",
    summary = "End a bot's token",
    params(("bot" = String, Path, description = "The bot's public id, such as u12"), ("token" = String, Path, description = "The token's id")),
    responses((status = 200, description = "It is good for nothing any more", body = EmptyAnswer)),
    security(("session" = []))
)]
pub async fn end(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(PersonId, String)>,
) -> Result<Json<EmptyAnswer>, Error> {
    let (bot, id) = path.into_inner();
    let (principal, bot) = managed(&client, &state, bot, |own| BotAction::Manage { own }).await?;
    token_commands::end(&state, bot.id, id, principal.id()).await
}
