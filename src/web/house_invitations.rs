//! The API of invitations to the house: links whose holder may make an account where not everybody
//! may.

use actix_web::web;
use actix_web::web::Json;

use super::client::Client;
use super::invitations::{InvitationAnswer, InvitationsAnswer, New, View, add, end};
use crate::config::Registration;
use crate::error::Error;
use crate::model::person::{PersonRef, ServerRole};
use crate::model::principal::Principal;
use crate::store::accounts::invitations::{self, HOUSE};
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::state::AppState;

/// The addresses of this file.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/invitations", get_route().to(list))
        .route("/api/v1/invitations", web::post().to(create))
        .route("/api/v1/invitations/{code}", web::delete().to(revoke));
}

/// Whether somebody of this role may make invitations to the house.
pub(super) fn may_invite(state: &AppState, role: ServerRole) -> bool {
    let accounts = &state.config.accounts;
    accounts.registration != Registration::Closed && invitations::may_make(accounts.inviters, role)
}

/// `GET /api/v1/invitations`
///
/// # Errors
/// [`Error::HouseOnly`] for whoever neither invites nor runs the house.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    operation_id = "list_server_invitations",
    tag = "Invitations",
    summary = "The good invitations to the house",
    responses((status = 200, description = "Newest first; all for those who run the house, else one's own", body = InvitationsAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<InvitationsAnswer>, Error> {
    let (principal, all) = looks_after(&client, &state).await?;
    let now = clock::now_ms();
    let inviters = state.config.accounts.inviters;
    let found = state
        .store
        .read(move |db| invitations::of_house(db, inviters, now))
        .await?;
    let invitations = found
        .into_iter()
        .filter(|one| all || one.by.id == principal.id())
        .map(|one| View::new(one, &state))
        .collect();
    Ok(Json(InvitationsAnswer { invitations }))
}

/// `POST /api/v1/invitations`
///
/// # Errors
/// [`Error::HouseOnly`], [`Error::RegistrationClosed`]; [`Error::TooManyInvitations`],
/// [`Error::BadData`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    operation_id = "create_server_invitation",
    tag = "Invitations",
    summary = "Make an invitation to the house",
    request_body = New,
    responses((status = 201, description = "Made", body = InvitationAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    body: Json<New>,
) -> Result<Created<InvitationAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    if state.config.accounts.registration == Registration::Closed {
        return Err(Error::RegistrationClosed);
    }
    if !may_invite(&state, principal.role) {
        return Err(Error::HouseOnly);
    }
    let by = PersonRef::from(principal.person.as_ref());
    let new = body.into_inner().made(HOUSE, by, clock::now_ms())?;
    Ok(Created(
        add(&state, new, state.config.accounts.open_invitations).await?,
    ))
}

/// `DELETE /api/v1/invitations/{code}`
///
/// # Errors
/// [`Error::HouseOnly`]; [`Error::BadInvitation`] for one that is not there, or another's for whoever
/// does not run the house.
#[utoipa::path(
    delete,
    path = "/api/v1/invitations/{code}",
    operation_id = "revoke_server_invitation",
    tag = "Invitations",
    summary = "Take an invitation to the house back",
    params(("code" = String, Path, description = "What stands in the link")),
    responses((status = 200, description = "Nobody comes in by it any more", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn revoke(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let (principal, all) = looks_after(&client, &state).await?;
    Ok(Json(
        end(&state, HOUSE, code.into_inner(), principal.id(), all).await?,
    ))
}

/// Who may see invitations to the house and take them back, and whether all of them.
async fn looks_after(client: &Client, state: &AppState) -> Result<(Principal, bool), Error> {
    let principal = client.account_holder(state).await?;
    let all = principal.role >= ServerRole::Admin;
    if all || may_invite(state, principal.role) {
        Ok((principal, all))
    } else {
        Err(Error::HouseOnly)
    }
}
