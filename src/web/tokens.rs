//! The API of one's own tokens: keys by which programs speak for an account.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::credentials::signed_in_lately;
use crate::audit;
use crate::auth::bearer_token::Carrier;
use crate::auth::codes;
use crate::auth::tokens::{self, MOST, Wanted};
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::tokens as stored;
use crate::text::{clock, name};
use crate::web::get_route;
use crate::web::responses::{self, Created};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me/tokens", get_route().to(list))
        .route("/api/v1/me/tokens", web::post().to(create))
        .route("/api/v1/me/tokens/{token}", web::delete().to(end));
}

/// Days that a person's token is good when they do not say, and at most.
const DAYS: i64 = 90;
const MOST_DAYS: i64 = 366;

/// Rooms that one token may be narrowed to.
const MOST_ROOMS: usize = 100;

/// A token, as the owner of its account sees it. The key is not known any more.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenView {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    /// The only rooms that it is good in; `null` is all.
    #[schema(value_type = Option<Vec<i64>>)]
    rooms: Option<Vec<RoomId>>,
    /// When it was made, ms since 1970.
    at: i64,
    /// When it ends, ms since 1970; `null` is never.
    expires: Option<i64>,
    /// When it was used last, to five minutes, ms since 1970.
    used: Option<i64>,
    /// From where.
    place: Option<String>,
}

impl From<stored::Token> for TokenView {
    fn from(token: stored::Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.grant.scopes,
            rooms: token.grant.rooms,
            at: token.created,
            expires: token.expires,
            used: token.used,
            place: token.place,
        }
    }
}

/// Tokens of one account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokensAnswer {
    /// The newest first.
    pub tokens: Vec<TokenView>,
}

/// A new token.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// What its maker calls it.
    name: String,
    scopes: Vec<Scope>,
    /// The only rooms that it is to be good in; all when absent.
    #[schema(value_type = Option<Vec<i64>>)]
    rooms: Option<Vec<RoomId>>,
    /// After how many days it ends; 90 when absent.
    days: Option<i64>,
}

/// A token that has just been made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewTokenAnswer {
    token: TokenView,
    /// The key itself, which is shown this once.
    key: String,
}

impl std::fmt::Debug for NewTokenAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewTokenAnswer")
    }
}

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
    let found = state
        .store
        .read(move |db| stored::of_user(db, user))
        .await?;
    let tokens = found.into_iter().map(TokenView::from).collect();
    Ok(Json(TokensAnswer { tokens }))
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
    let by = PersonId::User(user);
    Ok(Created(
        add(&state, Carrier::Person, user, new, Some(days), by).await?,
    ))
}

/// Makes a token for an account.
///
/// # Errors
/// [`Error::TooManyTokens`], [`Error::BadData`], [`Error::NotSaved`].
async fn add(
    state: &AppState,
    carrier: Carrier,
    user: i64,
    new: NewToken,
    days: Option<i64>,
    by: PersonId,
) -> Result<NewTokenAnswer, Error> {
    let wanted = Wanted {
        carrier,
        user,
        name: name::tidy(&new.name).ok_or(Error::BadName)?,
        grant: grant(new)?,
        days,
        by,
    };
    let (key, token) = tokens::make(wanted, clock::now_ms());
    let (hash, kept) = (codes::hash(&key), token.clone());
    let made = state.store.write(move |db| {
        if stored::count_of(db, user)? >= MOST {
            return Ok(false);
        }
        stored::add(db, &kept, &hash)?;
        Ok(true)
    });
    if !made.await? {
        return Err(Error::TooManyTokens { limit: MOST });
    }
    audit::token_made(by, &token);
    Ok(NewTokenAnswer {
        token: token.into(),
        key,
    })
}

/// What a token is to be good for: something, and each once.
fn grant(new: NewToken) -> Result<Grant, Error> {
    let NewToken {
        mut scopes, rooms, ..
    } = new;
    scopes.sort_unstable();
    scopes.dedup();
    let few = rooms
        .as_ref()
        .is_none_or(|rooms| (1..=MOST_ROOMS).contains(&rooms.len()));
    (!scopes.is_empty() && few)
        .then_some(Grant { scopes, rooms })
        .ok_or(Error::BadData)
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
    let id = id.into_inner();
    let wanted = id.clone();
    let ended = state.store.write(move |db| {
        let is_own = stored::by_id(db, &wanted)?.is_some_and(|token| token.user == user);
        if is_own {
            stored::end(db, &wanted)
        } else {
            Ok(Vec::new())
        }
    });
    let ended = ended.await?;
    if ended.is_empty() {
        return Err(Error::NotFound);
    }
    audit::token_ended(PersonId::User(user), &id);
    for mark in ended {
        state.chat.end_session(mark);
    }
    Ok(Json(responses::EmptyAnswer {}))
}
