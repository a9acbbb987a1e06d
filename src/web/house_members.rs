//! The API for the site's own server: its people become members of rooms, and leave them.
//!
//! Into a public room, and out of it, they go by themselves: whatever that room asks of anybody holds for them. Into a private
//! one they are brought, and removed from it, by the program's account, where it may do so.

use actix_web::web::{self, Json};

use super::house_caller::HouseCaller;
use super::house_person::NamedPerson;
use super::room_commands::{room_command, view};
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::web::responses::EmptyAnswer;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/api/v1/house/rooms/{room}/members/{person}",
            web::put().to(add),
        )
        .route(
            "/api/v1/house/rooms/{room}/members/{person}",
            web::delete().to(remove),
        );
}

/// `PUT /api/v1/house/rooms/{room}/members/{person}`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for a room that does not exist or that the program's account may not see, and
/// for somebody who does not exist, has no account, or is banned from a public room; [`Error::NotAllowed`] for a lobby or
/// direct room, for a private room that the program's account may invite nobody to, and for somebody who is banned from it;
/// [`Error::Archived`], [`Error::RoomFull`], [`Error::TooManyRooms`], [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/house/rooms/{room}/members/{person}",
    operation_id = "house_add_member",
    tag = "House",
    summary = "Make somebody a member of a room",
    params(("room" = i64, Path, description = "The room's id"), ("person" = String, Path, description = "A public id such as u12, or issuer:subject")),
    responses((status = 200, description = "They are in it", body = EmptyAnswer))
)]
pub async fn add(
    caller: HouseCaller,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, NamedPerson)>,
) -> Result<Json<EmptyAnswer>, Error> {
    let (room, person) = path.into_inner();
    let Parties {
        program,
        person,
        kind,
    } = parties(&caller, &state, room, person).await?;
    match kind {
        RoomKind::Public => run(&state, &person, room, RoomAction::Join { invitation: None }).await,
        RoomKind::Private => {
            let who = person.person.as_ref().clone();
            run(&state, &program, room, RoomAction::Bring { who }).await
        }
        RoomKind::Lobby | RoomKind::Direct => Err(Error::NotAllowed),
    }
}

/// `DELETE /api/v1/house/rooms/{room}/members/{person}`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for a room that does not exist or that the program's account may not see, and
/// for somebody who does not exist or has no account; [`Error::NotAllowed`] for a lobby or direct room, and for a private
/// room in which the program's account may not remove them; [`Error::OwnerStays`], [`Error::Archived`],
/// [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/house/rooms/{room}/members/{person}",
    operation_id = "house_remove_member",
    tag = "House",
    summary = "Take somebody out of a room",
    params(("room" = i64, Path, description = "The room's id"), ("person" = String, Path, description = "A public id such as u12, or issuer:subject")),
    responses((status = 200, description = "They are not in it. A ban stays", body = EmptyAnswer))
)]
pub async fn remove(
    caller: HouseCaller,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, NamedPerson)>,
) -> Result<Json<EmptyAnswer>, Error> {
    let (room, person) = path.into_inner();
    let Parties {
        program,
        person,
        kind,
    } = parties(&caller, &state, room, person).await?;
    if matches!(kind, RoomKind::Lobby | RoomKind::Direct) {
        return Err(Error::NotAllowed);
    }
    let is_in = match view(&state, room, person.clone()).await {
        Ok(seen) => seen.role.is_some(),
        // To whoever is banned there is no such room.
        Err(Error::NotFound) => false,
        Err(error) => return Err(error),
    };
    if !is_in {
        return Ok(Json(EmptyAnswer {}));
    }
    if kind == RoomKind::Public {
        return run(&state, &person, room, RoomAction::Leave).await;
    }
    let who = person.person.as_ref().clone();
    run(
        &state,
        &program,
        room,
        RoomAction::SetRole { who, to: None },
    )
    .await
}

/// Who a call about a member is by and about, and of which kind the room is.
struct Parties {
    program: Principal,
    person: Principal,
    kind: RoomKind,
}

async fn parties(
    caller: &HouseCaller,
    state: &AppState,
    room: RoomId,
    person: NamedPerson,
) -> Result<Parties, Error> {
    let program = caller.principal(state).await?;
    let kind = view(state, room, program.clone()).await?.kind;
    let user = person.account(state).await?;
    let person = Principal {
        role: user.role,
        was: user.visitor,
        ..Principal::member(user.person(String::new()))
    };
    Ok(Parties {
        program,
        person,
        kind,
    })
}

/// The pace of these calls is that of the token.
async fn run(
    state: &AppState,
    by: &Principal,
    room: RoomId,
    action: RoomAction,
) -> Result<Json<EmptyAnswer>, Error> {
    let command = room_command(state, by, room, action);
    state.chat.run(command, None).await?;
    Ok(Json(EmptyAnswer {}))
}
