//! The API of hooks: those who look after a room let tools speak in it, and end that.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::bots::make;
use super::client::Client;
use crate::auth::hook_address::HookAddress;
use crate::config::Bots;
use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::model::policy::may_make;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::accounts::hooks::{self, Hook};
use crate::store::accounts::users::{self, User};
use crate::store::db::{Db, StoreError};
use crate::text::{clock, name};
use crate::web::get_route;
use crate::web::hooks::come_in;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/hooks", get_route().to(list))
        .route("/api/v1/hooks", web::post().to(create))
        .route("/api/v1/hooks/{hook}", web::patch().to(rename))
        .route("/api/v1/hooks/{hook}", web::delete().to(remove));
}

/// Whose hooks are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfRoom {
    /// The room's id; 1 is the lobby.
    #[param(value_type = i64)]
    room: RoomId,
}

/// A new hook.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewHook)]
pub struct New {
    /// The room's id; 1 is the lobby.
    #[schema(value_type = i64)]
    room: RoomId,
    /// The name of the bot that speaks; it is made when there is none.
    bot: String,
    /// What it is for.
    #[serde(default)]
    name: String,
    /// Whether what comes to it must be signed, as GitHub signs.
    #[serde(default)]
    signed: bool,
}

/// An address at which a tool speaks, without the secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Hook)]
pub struct View {
    /// What names it.
    id: String,
    /// The room's id.
    #[schema(value_type = i64)]
    room: RoomId,
    /// The bot that speaks.
    bot: BotView,
    /// What it is for, possibly empty.
    name: String,
    /// The public id of whoever made it, or `operator`.
    made_by: String,
    /// When it was made, ms since 1970.
    at: i64,
    /// When something was last said by it, to some minutes.
    used: Option<i64>,
    /// Whether what comes to it must be signed.
    signed: bool,
}

/// The bot of a hook.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HookBot)]
pub struct BotView {
    /// Its public id.
    #[schema(value_type = String)]
    id: PersonId,
    /// Its name.
    name: String,
}

impl View {
    fn new(hook: Hook, bot: String) -> Self {
        Self {
            bot: BotView {
                id: PersonId::User(hook.bot),
                name: bot,
            },
            id: hook.id,
            room: hook.room,
            name: hook.name,
            made_by: hook.made_by,
            at: hook.made,
            used: hook.used,
            signed: hook.signed,
        }
    }
}

/// The hooks of a room.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HooksAnswer {
    /// The oldest first.
    pub hooks: Vec<View>,
}

/// A hook that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HookAnswer {
    /// The hook.
    pub hook: View,
    /// The address for the tool; it is shown only once.
    pub url: String,
    /// What a signed one signs with; it is shown only once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// `GET /api/v1/hooks?room=`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::NotFound`] for a room that does not exist, or that the sender may not see;
/// [`Error::NotAllowed`], [`Error::Archived`].
#[utoipa::path(
    get,
    path = "/api/v1/hooks",
    operation_id = "list_hooks",
    tag = "Hooks",
    summary = "The hooks of a room",
    params(OfRoom),
    responses((status = 200, description = "For those who look after the room; the oldest first", body = HooksAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    query: web::Query<OfRoom>,
) -> Result<Json<HooksAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let room = query.room;
    let found = state.store.read(move |db| {
        let may = hooks::may_integrate(db, room, &principal)?;
        Ok(may.map(|()| hooks::list(db, Some(room))))
    });
    let found = found.await???.into_iter();
    let hooks = found.map(|(hook, bot)| View::new(hook, bot)).collect();
    Ok(Json(HooksAnswer { hooks }))
}

/// `POST /api/v1/hooks`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::NotFound`] for a room that does not exist, or that the sender may not see;
/// [`Error::NotAllowed`], also where the setting `makers` of hooks or bots leaves them out; [`Error::Archived`];
/// [`Error::BadName`]; [`Error::NameTaken`] for the name of a person; [`Error::TooManyBots`], [`Error::TooManyHooks`];
/// [`Error::RoomFull`], [`Error::TooManyRooms`] and [`Error::Banned`] for the bot; [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/hooks",
    operation_id = "create_hook",
    tag = "Hooks",
    summary = "Make an address at which a tool speaks in a room",
    request_body = New,
    responses((status = 201, description = "Made; the bot is a member of the room now", body = HookAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    body: Json<New>,
) -> Result<Created<HookAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let New {
        room,
        bot,
        name,
        signed,
    } = body.into_inner();
    let bot = name::tidy(&bot).ok_or(Error::BadName)?;
    let name = hooks::tidy_name(&name).ok_or(Error::BadName)?;
    state
        .room_command_rates
        .take(&principal.id())
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let address = HookAddress::new();
    let key_hash = address.key_hash();
    let (rules, bot_rules) = (state.config.hooks.clone(), state.config.bots.clone());
    let new = Hook {
        id: address.id.clone(),
        bot: 0,
        room,
        name,
        made_by: principal.id().to_string(),
        made: clock::now_ms(),
        used: None,
        signed,
    };
    let made = state.store.write(move |db| {
        if let Err(error) = hooks::may_integrate(db, room, &principal)? {
            return Ok(Err(error));
        }
        if !may_make(&principal, rules.makers) {
            return Ok(Err(Error::NotAllowed));
        }
        let limit = rules.per_room;
        if hooks::count(db, room)? >= limit {
            return Ok(Err(Error::TooManyHooks { limit }));
        }
        let bot = match bot_of(db, &bot, &principal, &bot_rules, new.made)? {
            Ok(bot) => bot,
            Err(error) => return Ok(Err(error)),
        };
        let new = Hook {
            bot: bot.id,
            ..new.clone()
        };
        hooks::add(db, &new, &key_hash)?;
        Ok(Ok((new, bot)))
    });
    let (hook, bot) = made.await??;
    let speaker = Principal::member(bot.person(String::new()));
    if let Err(error) = come_in(&state, &speaker, &hook).await {
        let (id, by, now) = (hook.id, hook.made_by, hook.made);
        let undo = move |db: &mut dyn Db| hooks::remove(db, &id, &by, now);
        state.store.write(undo).await?;
        return Err(error);
    }
    let url = format!("{}{}", state.config.server.public_url, address.path());
    let secret = hook.signed.then(|| state.secrets.hook_secret(&hook.id));
    Ok(Created(HookAnswer {
        secret,
        hook: View::new(hook, bot.name),
        url,
    }))
}

/// The bot of a name, which is made when nobody has it.
fn bot_of(
    db: &mut dyn Db,
    name: &str,
    maker: &Principal,
    rules: &Bots,
    now: i64,
) -> Result<Result<User, Error>, StoreError> {
    match users::by_name(db, name)? {
        Some(user) if user.bot => Ok(Ok(user)),
        Some(_) => Ok(Err(Error::NameTaken)),
        None => make(db, name, maker, rules, now),
    }
}

/// What a hook is for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = HookName)]
pub struct Name {
    /// Possibly empty.
    name: String,
}

/// `PATCH /api/v1/hooks/{hook}`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::NotFound`] for a hook that does not exist, or whose room the sender may not see;
/// [`Error::NotAllowed`], [`Error::Archived`]; [`Error::BadName`].
#[utoipa::path(
    patch,
    path = "/api/v1/hooks/{hook}",
    operation_id = "rename_hook",
    tag = "Hooks",
    summary = "Say what a hook is for",
    params(("hook" = String, Path, description = "The hook's id")),
    request_body = Name,
    responses((status = 200, description = "Its address stays", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn rename(
    client: Client,
    state: web::Data<AppState>,
    hook: web::Path<String>,
    body: Json<Name>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let name = hooks::tidy_name(&body.name).ok_or(Error::BadName)?;
    change(&client, &state, hook.into_inner(), move |db, id, by| {
        hooks::rename(db, id, &name, by, clock::now_ms())
    })
    .await
}

/// `DELETE /api/v1/hooks/{hook}`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::NotFound`] for a hook that does not exist, or whose room the sender may not see;
/// [`Error::NotAllowed`], [`Error::Archived`].
#[utoipa::path(
    delete,
    path = "/api/v1/hooks/{hook}",
    operation_id = "remove_hook",
    tag = "Hooks",
    summary = "End a hook",
    params(("hook" = String, Path, description = "The hook's id")),
    responses((status = 200, description = "Its address says nothing any more", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn remove(
    client: Client,
    state: web::Data<AppState>,
    hook: web::Path<String>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    change(&client, &state, hook.into_inner(), |db, id, by| {
        hooks::remove(db, id, by, clock::now_ms())
    })
    .await
}

/// Does something to a hook, where the sender looks after its room.
async fn change(
    client: &Client,
    state: &AppState,
    id: String,
    apply: impl Fn(&mut dyn Db, &str, &str) -> Result<bool, StoreError> + Send + 'static,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let principal = client.account_holder(state).await?;
    let changed = state.store.write(move |db| {
        let Some((hook, ..)) = hooks::find(db, &id)? else {
            return Ok(Err(Error::NotFound));
        };
        if let Err(error) = hooks::may_integrate(db, hook.room, &principal)? {
            return Ok(Err(error));
        }
        apply(db, &id, &principal.id().to_string())?;
        Ok(Ok(()))
    });
    changed.await??;
    Ok(Json(responses::EmptyAnswer {}))
}
