//! The API for the site's own server: somebody is signed out everywhere, or sent away to come back.

use actix_web::web::{self, Json};

use super::house_caller::HouseCaller;
use super::house_person::NamedPerson;
use super::person_presence;
use crate::audit;
use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::store::accounts::sign_out;
use crate::text::clock;
use crate::web::responses::EmptyAnswer;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/api/v1/house/people/{person}/sign-out",
            web::post().to(sign_out_everywhere),
        )
        .route(
            "/api/v1/house/people/{person}/disconnect",
            web::post().to(disconnect),
        );
}

/// `POST /api/v1/house/people/{person}/sign-out`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for somebody who does not exist or has no account; [`Error::NotSaved`],
/// [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/house/people/{person}/sign-out",
    operation_id = "house_sign_out_person",
    tag = "House",
    summary = "Sign somebody out everywhere: their sessions and sockets end, and older tokens of the site are worthless",
    params(("person" = String, Path, description = "A public id such as u12, or issuer:subject")),
    responses((status = 200, description = "They are out: at once; at other nodes within a second", body = EmptyAnswer))
)]
pub async fn sign_out_everywhere(
    caller: HouseCaller,
    state: web::Data<AppState>,
    person: web::Path<NamedPerson>,
) -> Result<Json<EmptyAnswer>, Error> {
    let by = caller.principal(&state).await?.id();
    let user = person.into_inner().account(&state).await?.id;
    let now = clock::now_ms();
    let end = state
        .store
        .write(move |db| sign_out::everywhere(db, user, now));
    for sid in end.await? {
        state.chat.end_session(sid);
    }
    audit::signed_out(by, PersonId::User(user));
    Ok(Json(EmptyAnswer {}))
}

/// `POST /api/v1/house/people/{person}/disconnect`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for an account that does not exist; [`Error::NotSaved`],
/// [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/house/people/{person}/disconnect",
    operation_id = "house_disconnect_person",
    tag = "House",
    summary = "Close somebody's sockets, at every node; they may come back",
    params(("person" = String, Path, description = "A public id such as u12, a visitor's too, or issuer:subject")),
    responses((status = 200, description = "They close: at once; where there are several nodes, within a second", body = EmptyAnswer))
)]
pub async fn disconnect(
    caller: HouseCaller,
    state: web::Data<AppState>,
    person: web::Path<NamedPerson>,
) -> Result<Json<EmptyAnswer>, Error> {
    let by = caller.principal(&state).await?.id();
    let id = match person.into_inner() {
        NamedPerson::Id(id) if id.is_visitor() => id,
        named => PersonId::User(named.account(&state).await?.id),
    };
    person_presence::end_connections(&state, by, id).await?;
    Ok(Json(EmptyAnswer {}))
}
