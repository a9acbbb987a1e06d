//! The API for the site's own server: the accounts of its people, which it makes, renews, finds and deletes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credentials;
use super::house_caller::HouseCaller;
use super::house_person::NamedPerson;
use super::site_sign_in::follow;
use crate::audit;
use crate::auth::federation::{self, Arrival, Rules};
use crate::auth::site_token::MAX_SUBJECT;
use crate::error::Error;
use crate::model::person::{Person, ServerRole};
use crate::model::person_id::PersonId;
use crate::store::accounts::erasure;
use crate::store::accounts::users::{self, User};
use crate::store::db::Db;
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses::EmptyAnswer;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/house/people", get_route().to(find))
        .route("/api/v1/house/people", web::put().to(put))
        .route("/api/v1/house/people/{person}", web::delete().to(delete));
}

/// The longest issuer, in characters.
const MAX_ISSUER: usize = 255;

/// Somebody as the site knows them.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SitePerson)]
pub struct SitePerson {
    /// Who says so: what `[site] issuer` says, for those who come in by tokens of the site.
    issuer: String,
    /// The issuer's own id of them, 1 to 128 characters.
    subject: String,
    /// What they are called there.
    name: String,
    /// Their server role, with `[site] roles`; when it is missing it stays as it is.
    role: Option<GivenRole>,
}

/// A server role that can be given from outside.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GivenRole {
    /// No rights beyond those of everybody.
    Member,
    /// Looks after the server.
    Admin,
}

impl From<GivenRole> for ServerRole {
    fn from(given: GivenRole) -> Self {
        match given {
            GivenRole::Member => Self::Member,
            GivenRole::Admin => Self::Admin,
        }
    }
}

/// Whose account is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Identified {
    /// Who says who they are.
    issuer: String,
    /// The issuer's own id of them.
    subject: String,
}

/// How an account is deleted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deletion {
    /// Whether pictures and files stay with the messages; voices go in any case.
    #[serde(default)]
    keep_files: bool,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountAnswer {
    /// Its owner as the others see them.
    pub person: Person,
    /// Their server role.
    pub role: ServerRole,
}

/// An account that was made or renewed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutAccountAnswer {
    /// The account.
    #[serde(flatten)]
    pub account: AccountAnswer,
    /// Whether it was made.
    pub created: bool,
}

impl From<User> for AccountAnswer {
    fn from(user: User) -> Self {
        Self {
            person: user.person(String::new()),
            role: user.role,
        }
    }
}

/// `GET /api/v1/house/people`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for an identity that nobody has come with; [`Error::BadData`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/house/people",
    operation_id = "house_find_person",
    tag = "House",
    summary = "The account of somebody, by who they are at the site",
    params(Identified),
    responses((status = 200, description = "There is one", body = AccountAnswer))
)]
pub async fn find(
    _caller: HouseCaller,
    state: web::Data<AppState>,
    query: web::Query<Identified>,
) -> Result<Json<AccountAnswer>, Error> {
    let Identified { issuer, subject } = query.into_inner();
    let named = NamedPerson::Identity { issuer, subject };
    Ok(Json(named.account(&state).await?.into()))
}

/// `PUT /api/v1/house/people`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotAllowed`] for somebody who was banned when their account was deleted;
/// [`Error::BadData`], [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/house/people",
    operation_id = "house_put_person",
    tag = "House",
    summary = "Make somebody's account, or have it follow what the site says of them",
    request_body = SitePerson,
    responses(
        (status = 201, description = "Made", body = PutAccountAnswer),
        (status = 200, description = "It was there, and has the name and role that it gets from the site", body = PutAccountAnswer)
    )
)]
pub async fn put(
    caller: HouseCaller,
    state: web::Data<AppState>,
    body: Json<SitePerson>,
) -> Result<HttpResponse, Error> {
    caller.principal(&state).await?;
    let person = body.into_inner();
    let is_text = |text: &str, most| {
        (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if !is_text(&person.issuer, MAX_ISSUER) || !is_text(&person.subject, MAX_SUBJECT) {
        return Err(Error::BadData);
    }
    let issuer = person.issuer.clone();
    let arrival = Arrival {
        issuer: person.issuer,
        subject: person.subject,
        name: person.name,
        role: person.role.map(ServerRole::from),
        // It is said in this call, and no sign-out before it is about it, whichever node's clock that was.
        issued: i64::MAX,
        token: None,
    };
    let rules = Rules::from(&state.config.site);
    let now = clock::now_ms();
    let admit = move |db: &mut dyn Db| federation::admit(db, &arrival, rules, now);
    let admitted = state.store.write(admit).await?;
    let admitted = admitted.map_err(|_blocked| Error::NotAllowed)?;
    follow(&state, &issuer, &admitted).await;
    let status = match admitted.is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok(HttpResponse::build(status).json(PutAccountAnswer {
        account: admitted.user.into(),
        created: admitted.is_new,
    }))
}

/// `DELETE /api/v1/house/people/{person}`: as when they delete it themselves.
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for somebody who does not exist or has no account; [`Error::NotAllowed`] for
/// an owner of the server, for a bot, and for oneself; [`Error::BadData`], [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/house/people/{person}",
    operation_id = "house_delete_person",
    tag = "House",
    summary = "Delete an account; its messages stay, without a name",
    params(("person" = String, Path, description = "A public id such as u12, or issuer:subject"), Deletion),
    responses((status = 200, description = "The account is gone", body = EmptyAnswer))
)]
pub async fn delete(
    caller: HouseCaller,
    state: web::Data<AppState>,
    person: web::Path<NamedPerson>,
    query: web::Query<Deletion>,
) -> Result<Json<EmptyAnswer>, Error> {
    let by = caller.principal(&state).await?.id();
    let account = person.into_inner().account(&state).await?;
    // A bot is removed by whoever looks after it, with its hooks.
    if account.bot {
        return Err(Error::NotAllowed);
    }
    let user = account.id;
    if by == PersonId::User(user) {
        return Err(Error::NotAllowed);
    }
    let (keep_files, now) = (query.keep_files, clock::now_ms());
    let eraser = by.to_string();
    let erase = move |db: &mut dyn Db| match users::role(db, user)? {
        ServerRole::Owner => Ok(None),
        ServerRole::Member | ServerRole::Admin => {
            erasure::begin(db, user, keep_files, &eraser, now).map(Some)
        }
    };
    let sids = state.store.write(erase).await?.ok_or(Error::NotAllowed)?;
    credentials::let_go(&state, user, sids);
    audit::account_deleted_by(by, PersonId::User(user));
    Ok(Json(EmptyAnswer {}))
}
