//! What is done with tokens, whoever's they are: they are listed, made, changed, and ended.

use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::auth::bearer_token::Carrier;
use crate::auth::codes;
use crate::auth::tokens::{self, Less, MOST_DAYS, Wanted};
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::tokens::{self as stored, Token};
use crate::store::accounts::users;
use crate::text::{clock, name};
use crate::web::responses::{Created, EmptyAnswer};
use crate::web::state::AppState;

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

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
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
    pub(super) scopes: Vec<Scope>,
    /// The only rooms that it is to be good in; all when absent.
    #[schema(value_type = Option<Vec<i64>>)]
    rooms: Option<Vec<RoomId>>,
    /// After how many days it ends; when absent, a person's after 90, a bot's never.
    pub(super) days: Option<i64>,
}

/// What of a token is to be otherwise: what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct TokenChange {
    /// Another name.
    name: Option<String>,
    /// Some of its scopes.
    scopes: Option<Vec<Scope>>,
    /// Some of its rooms; any, when it is good in all.
    #[schema(value_type = Option<Vec<i64>>)]
    rooms: Option<Vec<RoomId>>,
    /// After how many days from now it ends; not later than before.
    days: Option<i64>,
}

/// A token as it is now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenAnswer {
    token: TokenView,
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

/// Whose tokens it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// The number of the account.
    pub(super) user: i64,
    /// Who speaks with them: a person or a bot.
    pub(super) carrier: Carrier,
    /// How many they may have.
    pub(super) most: usize,
}

/// Who makes a token.
#[derive(Debug)]
pub(super) struct Maker {
    /// Their public id.
    pub(super) by: PersonId,
    /// The token by which they are known, if they are a program.
    pub(super) with: Option<Token>,
}

/// The tokens of an account.
///
/// # Errors
/// When the store cannot be asked.
pub(super) async fn list(state: &AppState, user: i64) -> Result<Json<TokensAnswer>, Error> {
    let found = state
        .store
        .read(move |db| stored::of_user(db, user))
        .await?;
    let tokens = found.into_iter().map(TokenView::from).collect();
    Ok(Json(TokensAnswer { tokens }))
}

/// Makes a token for an account.
///
/// # Errors
/// [`Error::TooManyTokens`], [`Error::BadName`], [`Error::BadData`], [`Error::NotSaved`].
pub(super) async fn add(
    state: &AppState,
    owner: Owner,
    new: NewToken,
    days: Option<i64>,
    maker: Maker,
) -> Result<Created<NewTokenAnswer>, Error> {
    let limit = owner.most;
    let wanted = Wanted {
        carrier: owner.carrier,
        user: owner.user,
        name: name::tidy(&new.name).ok_or(Error::BadName)?,
        grant: Grant {
            scopes: scopes(new.scopes)?,
            rooms: new.rooms.map(rooms).transpose()?,
        },
        days,
        by: maker.by.to_string(),
        with: maker.with,
    };
    let (key, token) = tokens::make(wanted, clock::now_ms());
    let (hash, kept) = (codes::hash(&key), token.clone());
    let made = state.store.write(move |db| {
        if users::by_id(db, owner.user)?.is_none() {
            return Ok(Err(Error::NotFound));
        }
        // What it is made with may have ended since the call began.
        if let Some(with) = &kept.made_with
            && stored::by_id(db, with)?.is_none()
        {
            return Ok(Err(Error::BadToken));
        }
        if stored::count_of(db, owner.user)? >= limit {
            return Ok(Err(Error::TooManyTokens { limit }));
        }
        stored::add(db, &kept, &hash)?;
        Ok(Ok(()))
    });
    made.await??;
    audit::token_made(maker.by, &token);
    Ok(Created(NewTokenAnswer {
        token: token.into(),
        key,
    }))
}

/// Changes a token of an account.
///
/// # Errors
/// [`Error::NotFound`] for one that is not theirs; [`Error::WouldWiden`]; [`Error::BadName`], [`Error::BadData`],
/// [`Error::NotSaved`].
pub(super) async fn change(
    state: &AppState,
    user: i64,
    id: String,
    change: TokenChange,
    by: PersonId,
) -> Result<Json<TokenAnswer>, Error> {
    let now = clock::now_ms();
    if change
        .days
        .is_some_and(|days| !(1..=MOST_DAYS).contains(&days))
    {
        return Err(Error::BadData);
    }
    let less = Less {
        name: match change.name {
            Some(name) => Some(name::tidy(&name).ok_or(Error::BadName)?),
            None => None,
        },
        scopes: change.scopes.map(scopes).transpose()?,
        rooms: change.rooms.map(rooms).transpose()?,
        expires: change.days.map(|days| tokens::after(days, now)),
    };
    let changed = state.store.write(move |db| {
        let own = stored::by_id(db, &id)?.filter(|token| token.user == user);
        let Some(before) = own else {
            return Ok(Err(Error::NotFound));
        };
        let after = match less.clone().of(&before) {
            Ok(after) => after,
            Err(error) => return Ok(Err(error)),
        };
        let ended = stored::change(db, &before, &after, &by.to_string(), now)?;
        Ok(Ok((after, ended)))
    });
    let (token, ended) = changed.await??;
    audit::token_changed(by, &token);
    for mark in ended {
        state.chat.end_session(mark);
    }
    Ok(Json(TokenAnswer {
        token: token.into(),
    }))
}

/// Ends a token of an account.
///
/// # Errors
/// [`Error::NotFound`] for one that is not theirs; [`Error::NotSaved`].
pub(super) async fn end(
    state: &AppState,
    user: i64,
    id: String,
    by: PersonId,
) -> Result<Json<EmptyAnswer>, Error> {
    let (wanted, now) = (id.clone(), clock::now_ms());
    let ended = state.store.write(move |db| {
        let is_own = stored::by_id(db, &wanted)?.is_some_and(|token| token.user == user);
        if is_own {
            stored::end(db, &wanted, &by.to_string(), now)
        } else {
            Ok(Vec::new())
        }
    });
    let ended = ended.await?;
    if ended.is_empty() {
        return Err(Error::NotFound);
    }
    audit::token_ended(by, &id);
    for mark in ended {
        state.chat.end_session(mark);
    }
    Ok(Json(EmptyAnswer {}))
}

/// Ends all tokens of an account.
///
/// # Errors
/// [`Error::NotSaved`].
pub(super) async fn end_all(
    state: &AppState,
    user: i64,
    by: PersonId,
) -> Result<Json<EmptyAnswer>, Error> {
    let now = clock::now_ms();
    let ended = state.store.write(move |db| {
        let tokens = stored::of_user(db, user)?;
        let marks = stored::end_all_of(db, user, &by.to_string(), now)?;
        Ok((tokens, marks))
    });
    let (tokens, marks) = ended.await?;
    for token in tokens {
        audit::token_ended(by, &token.id);
    }
    for mark in marks {
        state.chat.end_session(mark);
    }
    Ok(Json(EmptyAnswer {}))
}

/// What a token is to be good for: something, and each once.
fn scopes(mut scopes: Vec<Scope>) -> Result<Vec<Scope>, Error> {
    scopes.sort_unstable();
    scopes.dedup();
    (!scopes.is_empty()).then_some(scopes).ok_or(Error::BadData)
}

/// The only rooms that it is to be good in: some, each once, and not too many.
fn rooms(mut rooms: Vec<RoomId>) -> Result<Vec<RoomId>, Error> {
    rooms.sort_unstable();
    rooms.dedup();
    let is_good = (1..=MOST_ROOMS).contains(&rooms.len()) && rooms.iter().all(|room| room.0 > 0);
    is_good.then_some(rooms).ok_or(Error::BadData)
}
