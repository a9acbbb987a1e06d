//! The API of direct rooms, of which there is one for the same people.

use actix_web::web;
use actix_web::web::Json;
use serde::Deserialize;

use super::client::Client;
use super::rooms::{may_make, new_id};
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::queries::{members, rooms};
use crate::web::responses;
use crate::web::room_commands::{run_and_view, run_room_command};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/direct", web::post().to(open));
}

/// The most people in a direct room, its maker included.
const COMPANY: usize = 10;

/// The other people of a direct room.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Company {
    people: Vec<String>,
}

/// `POST /api/v1/direct`: the direct room with these people, made when there is none.
///
/// # Errors
/// [`Error::NotFound`] for people who do not exist; [`Error::BadData`] for too many or none;
/// [`Error::NoNewRooms`], [`Error::TooManyRooms`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/direct",
    operation_id = "open_direct_room",
    tag = "Rooms",
    summary = "The direct room with these people, made when there is none",
    request_body = Company,
    responses((status = 200, description = "Made or found", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn open(
    client: Client,
    state: web::Data<AppState>,
    body: Json<Company>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    may_begin(&state, &principal)?;
    let mut ids = Vec::new();
    for id in body.into_inner().people {
        let id = id.parse().unwrap_or(PersonId::Nobody);
        let number = id.user().ok_or(Error::NotFound)?;
        if principal.id().user() != Some(number) && !ids.contains(&number) {
            ids.push(number);
        }
    }
    if ids.is_empty() || ids.len() >= COMPANY {
        return Err(Error::BadData);
    }
    let action = with(&state, ids).await?;
    Ok(Json(
        run_and_view(&state, principal, new_id(), action, None).await?,
    ))
}

fn may_begin(state: &AppState, principal: &Principal) -> Result<(), Error> {
    let may = may_make(state, principal.role, RoomKind::Direct);
    may.then_some(()).ok_or(Error::NoNewRooms)
}

/// The making of a direct room with the accounts of these numbers.
async fn with(state: &AppState, ids: Vec<i64>) -> Result<RoomAction, Error> {
    let wanted = ids.len();
    let company = state
        .store
        .read(move |db| members::accounts(db, &ids))
        .await?;
    if company.len() < wanted {
        return Err(Error::NotFound);
    }
    Ok(RoomAction::Create {
        kind: RoomKind::Direct,
        settings: RoomSettings::default(),
        company,
    })
}

/// The direct room of two people, made when there is none.
///
/// # Errors
/// As [`open`].
pub(super) async fn of_two(
    state: &AppState,
    principal: &Principal,
    other: PersonId,
) -> Result<RoomId, Error> {
    let (me, number) = (principal.id(), other.user().ok_or(Error::NotFound)?);
    if me == other {
        return Err(Error::BadData);
    }
    let found = state.store.read(move |db| rooms::direct(db, me, other));
    if let Some(room) = found.await? {
        return Ok(room);
    }
    may_begin(state, principal)?;
    let action = with(state, vec![number]).await?;
    run_room_command(state, principal, new_id(), action, None).await
}
