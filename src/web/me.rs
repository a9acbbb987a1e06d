//! The API of oneself: name, colour, preferences.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::account::notify_devices;
use super::client::Client;
use crate::auth::federation;
use crate::auth::preferences::{Preferences, PreferencesPatch};
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::store::accounts::users;
use crate::store::db::Db;
use crate::store::notices::{self, Notice};
use crate::text::{identicon, name};
use crate::web::get_route;
use crate::web::responses;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me", get_route().to(me))
        .route("/api/v1/me/name", web::put().to(rename))
        .route("/api/v1/me/profile", web::put().to(update_profile))
        .route("/api/v1/preferences", web::put().to(update_preferences));
}

/// The new name of the sender.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewName {
    name: String,
}

/// The new colour of the sender's identicon.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewProfile {
    /// Hue in degrees; `null` is the one derived from the id.
    #[serde(deserialize_with = "Option::deserialize")]
    hue: Option<u16>,
}

/// Who the sender is, and their preferences.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MyselfAnswer {
    /// The sender: account or visitor.
    pub me: Principal,
    /// All preferences, those that were never set at their defaults.
    pub preferences: Preferences,
}

/// The sender's preferences.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreferencesAnswer {
    /// All preferences, those that were never set at their defaults.
    pub preferences: Preferences,
}

/// `GET /api/v1/me`
///
/// # Errors
/// [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "get_me",
    tag = "Account",
    summary = "Who the sender is, and their preferences",
    responses((status = 200, description = "Account or visitor", body = MyselfAnswer))
)]
pub async fn me(client: Client, state: web::Data<AppState>) -> Result<Json<MyselfAnswer>, Error> {
    let me = client.principal(&state).await?;
    let preferences = shown(&client, client.preferences(&state).await?);
    Ok(Json(MyselfAnswer { me, preferences }))
}

/// Preferences with the language and theme that the page has now, chosen or not.
fn shown(client: &Client, mut preferences: Preferences) -> Preferences {
    preferences.lang.get_or_insert(client.lang());
    preferences.theme.get_or_insert_default();
    preferences
}

/// `PUT /api/v1/me/name`
///
/// # Errors
/// [`Error::BadName`], [`Error::NameTaken`], [`Error::NameElsewhere`]; [`Error::SignInThrottled`] for too many changes.
#[utoipa::path(
    put,
    path = "/api/v1/me/name",
    operation_id = "rename",
    tag = "Account",
    summary = "Change the name",
    request_body = NewName,
    responses((status = 200, description = "Renamed", body = responses::MeAnswer))
)]
pub async fn rename(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewName>,
) -> Result<Json<responses::MeAnswer>, Error> {
    try_rename(&client, &state, &body.name).await?;
    notify_devices(&client, &state).await
}

async fn try_rename(client: &Client, state: &AppState, wanted: &str) -> Result<(), Error> {
    let before = client.principal(state).await?.person;
    state.count_account_attempt(client.address())?;
    let chosen = name::wanted(wanted)?;
    match before.id.user().filter(|_| before.kind == PersonKind::User) {
        Some(user) => rename_account(state, user, chosen.clone()).await?,
        None => rename_visitor(client, state, &chosen).await?,
    }
    tell_profile(state, before.id, chosen, before.avatar.clone()).await;
    Ok(())
}

/// Tells everybody of a new name, which is changed already: nodes that are not told show the old one until somebody comes back.
pub(super) async fn tell_profile(state: &AppState, id: PersonId, name: String, avatar: String) {
    let profile = Notice::Profile {
        id,
        name: name.clone(),
        avatar: avatar.clone(),
    };
    let told = state.store.write(move |db| notices::write(db, &profile));
    if let Err(error) = told.await {
        tracing::warn!(%error, "other nodes were not told of a new name");
    }
    state.chat.set_profile(id, name, avatar);
}

async fn rename_account(state: &AppState, user: i64, chosen: String) -> Result<(), Error> {
    let site = state.config.site.clone();
    let renamed = state.store.write(move |db| {
        if federation::is_named_by(db, &site, user)? {
            return Ok(Err(Error::NameElsewhere));
        }
        let renamed = users::rename(db, user, &chosen)?;
        Ok(renamed.then_some(()).ok_or(Error::NameTaken))
    });
    renamed.await?
}

async fn rename_visitor(client: &Client, state: &AppState, chosen: &str) -> Result<(), Error> {
    let name = chosen.to_owned();
    if state
        .store
        .read(move |db| users::is_taken(db, &name))
        .await?
    {
        return Err(Error::NameTaken);
    }
    if client.memory.get::<String>(Keys::VISITOR).is_none() {
        client.memory.become_visitor()?;
    }
    client.memory.remember(Keys::NAME, chosen)
}

/// `PUT /api/v1/me/profile`
///
/// # Errors
/// [`Error::BadData`] for a hue out of range; [`Error::SignInThrottled`] for too many changes.
#[utoipa::path(
    put,
    path = "/api/v1/me/profile",
    operation_id = "update_profile",
    tag = "Account",
    summary = "Change the colour of the identicon",
    request_body = NewProfile,
    responses((status = 200, description = "Changed", body = responses::MeAnswer)),
    security(("session" = []))
)]
pub async fn update_profile(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewProfile>,
) -> Result<Json<responses::MeAnswer>, Error> {
    try_dress(&client, &state, body.hue).await?;
    notify_devices(&client, &state).await
}

async fn try_dress(client: &Client, state: &AppState, hue: Option<u16>) -> Result<(), Error> {
    let user = client.account(state).await?;
    if hue.is_some_and(|hue| hue >= identicon::HUES) {
        return Err(Error::BadData);
    }
    state.count_account_attempt(client.address())?;
    let id = PersonId::User(user.id);
    let avatar = Person::coloured(id, hue);
    let (user, name) = (user.id, user.name);
    let profile = Notice::Profile {
        id,
        name: name.clone(),
        avatar: avatar.clone(),
    };
    let change = move |db: &mut dyn Db| {
        users::set_hue(db, user, hue)?;
        notices::write(db, &profile)
    };
    state.store.write(change).await?;
    state.chat.set_profile(id, name, avatar);
    Ok(())
}

/// `PUT /api/v1/preferences`
///
/// # Errors
/// [`Error::SignInThrottled`] for too many new visitors from one address;
/// [`Error::NotSaved`].
#[utoipa::path(
    put,
    path = "/api/v1/preferences",
    operation_id = "update_preferences",
    tag = "Account",
    summary = "Change preferences; what is not named stays",
    request_body = PreferencesPatch,
    responses((status = 200, description = "All preferences", body = PreferencesAnswer))
)]
pub async fn update_preferences(
    client: Client,
    state: web::Data<AppState>,
    body: Json<PreferencesPatch>,
) -> Result<Json<PreferencesAnswer>, Error> {
    let kept = try_prefer(&client, &state, body.into_inner()).await?;
    let preferences = shown(&client, kept);
    Ok(Json(PreferencesAnswer { preferences }))
}

async fn try_prefer(
    client: &Client,
    state: &AppState,
    patch: PreferencesPatch,
) -> Result<Preferences, Error> {
    if !client.has_cookie() {
        state.count_new_visitor(client.address())?;
    }
    let Some(user) = client.user(state).await? else {
        let liked = client.likes().with(patch);
        client.memory.remember(Keys::PREFERENCES, &liked)?;
        remember_profile(client, &liked)?;
        return Ok(liked);
    };
    let liked = state
        .store
        .write(move |db| {
            let kept = users::preferences(db, user.id)?.unwrap_or_default();
            let liked = Preferences::kept(&kept).with(patch);
            let json = serde_json::to_string(&liked).unwrap_or_default();
            users::set_preferences(db, user.id, &json)?;
            Ok(liked)
        })
        .await?;
    remember_profile(client, &liked)?;
    Ok(liked)
}

/// Language and theme are kept in the session too, where each request finds them.
fn remember_profile(client: &Client, liked: &Preferences) -> Result<(), Error> {
    if let Some(lang) = liked.lang {
        client.memory.remember(Keys::LANG, lang)?;
    }
    liked
        .theme
        .map_or(Ok(()), |theme| client.memory.remember(Keys::THEME, theme))
}
