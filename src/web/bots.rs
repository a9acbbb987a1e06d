//! The API of bots: accounts of programs, which people make, or the site's own server.

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::credentials;
use super::me::tell_profile;
use crate::audit;
use crate::config::Bots;
use crate::error::Error;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::policy::{BotAction, may_with_bots};
use crate::model::principal::Principal;
use crate::store::accounts::audit as stored;
use crate::store::accounts::bots::{self, Bot};
use crate::store::accounts::users::User;
use crate::store::db::{Db, StoreError};
use crate::text::{clock, name};
use crate::web::get_route;
use crate::web::responses::{Created, EmptyAnswer};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/bots", get_route().to(list))
        .route("/api/v1/bots", web::post().to(create))
        .route("/api/v1/bots/{bot}", web::patch().to(rename))
        .route("/api/v1/bots/{bot}", web::delete().to(remove));
}

/// A bot, for whoever looks after it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Bot)]
pub struct BotView {
    /// Its public id.
    #[schema(value_type = String)]
    id: PersonId,
    /// Its name.
    name: String,
    /// The public id of whoever made it, or `operator`.
    made_by: String,
    /// When it was made, ms since 1970.
    at: i64,
    /// How many tokens it has.
    tokens: i64,
    /// At how many addresses tools speak as it.
    hooks: i64,
}

impl From<Bot> for BotView {
    fn from(bot: Bot) -> Self {
        Self {
            id: PersonId::User(bot.id),
            name: bot.name,
            made_by: stored::author(bot.made_by),
            at: bot.made,
            tokens: bot.tokens,
            hooks: bot.hooks,
        }
    }
}

/// Bots.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BotsAnswer {
    /// The oldest first.
    pub bots: Vec<BotView>,
}

/// A bot as it is now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BotAnswer {
    /// The bot.
    pub bot: BotView,
}

/// The name of a bot.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct BotName {
    name: String,
}

/// `GET /api/v1/bots`
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/bots",
    operation_id = "list_bots",
    tag = "Bots",
    summary = "The bots that the sender looks after",
    responses((status = 200, description = "All for the server's admins; for others, and for a token, those that their account has made", body = BotsAnswer)),
    security(("session" = []))
)]
pub async fn list(client: Client, state: web::Data<AppState>) -> Result<Json<BotsAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let makers = state.config.bots.makers;
    let all = state.store.read(bots::list).await?.into_iter();
    let managed = all.filter(|bot| {
        let own = is_own(bot, &principal);
        may_with_bots(&principal, makers, BotAction::Manage { own }).is_ok()
    });
    Ok(Json(BotsAnswer {
        bots: managed.map(BotView::from).collect(),
    }))
}

/// `POST /api/v1/bots`: a bot without a token, which is another call.
///
/// # Errors
/// [`Error::NotAllowed`] where the setting `makers` of bots leaves the sender out; [`Error::TooManyBots`]; [`Error::BadName`],
/// [`Error::NameTaken`]; [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/bots",
    operation_id = "create_bot",
    tag = "Bots",
    summary = "Make a bot",
    request_body = BotName,
    responses((status = 201, description = "Made; it has no token yet", body = BotAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    body: Json<BotName>,
) -> Result<Created<BotAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let name = name::wanted(&body.name)?;
    count(&state, &principal)?;
    let (rules, now) = (state.config.bots.clone(), clock::now_ms());
    let made = state
        .store
        .write(move |db| match make(db, &name, &principal, &rules, now)? {
            Ok(user) => Ok(bots::find(db, user.id)?.ok_or(Error::NotFound)),
            Err(error) => Ok(Err(error)),
        });
    let bot = made.await??.into();
    Ok(Created(BotAnswer { bot }))
}

/// Makes a bot, where its maker may.
pub(super) fn make(
    db: &mut dyn Db,
    name: &str,
    maker: &Principal,
    rules: &Bots,
    now: i64,
) -> Result<Result<User, Error>, StoreError> {
    if let Err(error) = may_with_bots(maker, rules.makers, BotAction::Make) {
        return Ok(Err(error));
    }
    let limit = rules.most;
    if bots::count(db)? >= limit {
        return Ok(Err(Error::TooManyBots { limit }));
    }
    let made = bots::add(db, name, maker.id().user(), now)?;
    Ok(made.ok_or(Error::NameTaken))
}

/// `PATCH /api/v1/bots/{bot}`
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after; [`Error::BadName`],
/// [`Error::NameTaken`]; [`Error::TooFast`].
#[utoipa::path(
    patch,
    path = "/api/v1/bots/{bot}",
    operation_id = "rename_bot",
    tag = "Bots",
    summary = "Give a bot another name",
    params(("bot" = String, Path, description = "The bot's public id, such as u12")),
    request_body = BotName,
    responses((status = 200, description = "It has the name from now on", body = BotAnswer)),
    security(("session" = []))
)]
pub async fn rename(
    client: Client,
    state: web::Data<AppState>,
    bot: web::Path<PersonId>,
    body: Json<BotName>,
) -> Result<Json<BotAnswer>, Error> {
    let (principal, bot) = managed(&client, &state, *bot, |own| BotAction::Manage { own }).await?;
    let chosen = name::wanted(&body.name)?;
    count(&state, &principal)?;
    let (by, now, name) = (principal.id().user(), clock::now_ms(), chosen.clone());
    let renamed = state.store.write(move |db| {
        if !bots::rename(db, bot.id, &name, by, now)? {
            return Ok(Err(Error::NameTaken));
        }
        let user = bots::by_id(db, bot.id)?;
        Ok(user.zip(bots::find(db, bot.id)?).ok_or(Error::NotFound))
    });
    let (user, bot) = renamed.await??;
    let Person { id, avatar, .. } = user.person(String::new());
    tell_profile(&state, id, chosen, avatar).await;
    Ok(Json(BotAnswer { bot: bot.into() }))
}

/// `DELETE /api/v1/bots/{bot}`: its messages stay, without a name.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotAllowed`] for a bot that the sender does not look after.
#[utoipa::path(
    delete,
    path = "/api/v1/bots/{bot}",
    operation_id = "remove_bot",
    tag = "Bots",
    summary = "End a bot, with its tokens and hooks",
    params(("bot" = String, Path, description = "The bot's public id, such as u12")),
    responses((status = 200, description = "It is gone; its messages stay, without its name", body = EmptyAnswer)),
    security(("session" = []))
)]
pub async fn remove(
    client: Client,
    state: web::Data<AppState>,
    bot: web::Path<PersonId>,
) -> Result<Json<EmptyAnswer>, Error> {
    let (principal, bot) = managed(&client, &state, *bot, |own| BotAction::Manage { own }).await?;
    let (by, now) = (principal.id(), clock::now_ms());
    let removed = state
        .store
        .write(move |db| bots::remove(db, bot.id, by.user(), now));
    let sids = removed.await?.ok_or(Error::NotFound)?;
    credentials::let_go(&state, bot.id, sids);
    audit::account_deleted_by(by, PersonId::User(bot.id));
    Ok(Json(EmptyAnswer {}))
}

/// The sender, and a bot with which they may do something.
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::NotFound`], [`Error::NotAllowed`].
pub(super) async fn managed(
    client: &Client,
    state: &AppState,
    bot: PersonId,
    action: impl FnOnce(bool) -> BotAction,
) -> Result<(Principal, Bot), Error> {
    let principal = client.account_holder(state).await?;
    let number = bot.user().ok_or(Error::NotFound)?;
    let found = state.store.read(move |db| bots::find(db, number)).await?;
    let bot = found.ok_or(Error::NotFound)?;
    let action = action(is_own(&bot, &principal));
    may_with_bots(&principal, state.config.bots.makers, action)?;
    Ok((principal, bot))
}

fn is_own(bot: &Bot, principal: &Principal) -> bool {
    bot.made_by.map(PersonId::User) == Some(principal.id())
}

fn count(state: &AppState, principal: &Principal) -> Result<(), Error> {
    state
        .room_command_rates
        .take(&principal.id())
        .map_err(|retry_after| Error::TooFast { retry_after })
}
