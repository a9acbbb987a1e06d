//! The API of invitations to the server: links whose holder may make an account where registration is by
//! invitation only.

use actix_web::web;
use actix_web::web::Json;

use super::client::Client;
use super::invitations::{InvitationAnswer, InvitationsAnswer, New, View, add, end};
use crate::config::Registration;
use crate::error::Error;
use crate::model::person::{PersonRef, ServerRole};
use crate::model::principal::Principal;
use crate::store::accounts::invitations::{self, SERVER};
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/invitations", get_route().to(list))
        .route("/api/v1/invitations", web::post().to(create))
        .route("/api/v1/invitations/{code}", web::delete().to(revoke));
}

/// Whether a server role may make invitations to the server.
pub(super) fn may_invite(state: &AppState, role: ServerRole) -> bool {
    let accounts = &state.config.accounts;
    accounts.registration() != Registration::Closed
        && invitations::may_make(accounts.inviters, role)
}

/// `GET /api/v1/invitations`
///
/// # Errors
/// [`Error::ServerRoleOnly`] for whoever may neither invite nor administer the server.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    operation_id = "list_server_invitations",
    tag = "Invitations",
    summary = "The valid invitations to the server",
    responses((status = 200, description = "Newest first; all for owner and admins of the server, else one's own", body = InvitationsAnswer)),
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
        .read(move |db| invitations::of_server(db, inviters, now))
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
/// [`Error::ServerRoleOnly`], [`Error::RegistrationClosed`]; [`Error::TooManyInvitations`],
/// [`Error::BadData`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    operation_id = "create_server_invitation",
    tag = "Invitations",
    summary = "Make an invitation to the server",
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
    if state.config.accounts.registration() == Registration::Closed {
        return Err(Error::RegistrationClosed);
    }
    if !may_invite(&state, principal.role) {
        return Err(Error::ServerRoleOnly);
    }
    let by = PersonRef::from(principal.person.as_ref());
    let new = body.into_inner().made(SERVER, by, clock::now_ms())?;
    Ok(Created(
        add(&state, new, state.config.accounts.open_invitations).await?,
    ))
}

/// `DELETE /api/v1/invitations/{code}`
///
/// # Errors
/// [`Error::ServerRoleOnly`]; [`Error::BadInvitation`] for one that does not exist, or is somebody else's and the
/// sender does not administer the server.
#[utoipa::path(
    delete,
    path = "/api/v1/invitations/{code}",
    operation_id = "revoke_server_invitation",
    tag = "Invitations",
    summary = "Revoke an invitation to the server",
    params(("code" = String, Path, description = "The code in the link")),
    responses((status = 200, description = "It is no longer valid", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn revoke(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let (principal, all) = looks_after(&client, &state).await?;
    Ok(Json(
        end(&state, SERVER, code.into_inner(), principal.id(), all).await?,
    ))
}

/// Who may list and revoke invitations to the server, and whether all of them or only their own.
async fn looks_after(client: &Client, state: &AppState) -> Result<(Principal, bool), Error> {
    let principal = client.account_holder(state).await?;
    let all = principal.role >= ServerRole::Admin;
    if all || may_invite(state, principal.role) {
        Ok((principal, all))
    } else {
        Err(Error::ServerRoleOnly)
    }
}
