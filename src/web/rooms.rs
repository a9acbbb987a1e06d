//! The API of rooms: browse, make, change, delete, join, leave, notification settings.
//!
//! What changes a room is a command: it goes to the store by way of ChatServer, and comes back as
//! events in the room's feed. What is refused is refused there, by the policy.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::config::Makers;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::membership::{Notify, RoomPreference};
use crate::model::person::ServerRole;
use crate::model::room::{self, RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::protocol::view::RoomView;
use crate::store::queries::rooms;
use crate::text::catalog::Lang;
use crate::text::name;
use crate::web::get_route;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::room_commands::{run_and_view, run_room_command, view, view_rooms};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/rooms", get_route().to(list))
        .route("/api/v1/rooms", web::post().to(create))
        .route("/api/v1/rooms/{room}", get_route().to(get))
        .route("/api/v1/rooms/{room}", web::patch().to(update))
        .route("/api/v1/rooms/{room}", web::delete().to(delete))
        .route("/api/v1/rooms/{room}/join", web::post().to(join))
        .route("/api/v1/rooms/{room}/leave", web::post().to(leave))
        .route("/api/v1/rooms/{room}/notify", web::put().to(notify))
        .route("/api/v1/rooms/{room}/favourite", web::put().to(favourite));
}

/// Rooms per page.
const PAGE: usize = 30;

/// Which rooms are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Browse {
    /// Part of a name; all public rooms when empty.
    #[serde(default)]
    q: String,
    /// The `next` of the answer before.
    #[serde(default)]
    after: String,
}

/// A new room's kind, name and settings.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewRoom {
    kind: RoomKind,
    name: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    notice: String,
    /// The sender's nonce: the same request again is the same room.
    #[schema(value_type = Option<String>)]
    nonce: Option<Uuid>,
}

/// The notification setting of a room.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NotifyLevel)]
pub struct Level {
    /// Which messages notify; `null` follows the person's preferences.
    #[serde(deserialize_with = "Option::deserialize")]
    level: Option<Notify>,
}

/// Whether a room is a favourite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Favourite {
    on: bool,
}

/// A page of rooms.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RoomsAnswer {
    /// The rooms, by name.
    pub rooms: Vec<RoomView>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// `GET /api/v1/rooms`: public rooms by name.
///
/// # Errors
/// [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms",
    operation_id = "list_rooms",
    tag = "Rooms",
    summary = "Public rooms by name",
    params(Browse),
    responses((status = 200, description = "At most 30 and a cursor", body = RoomsAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    query: web::Query<Browse>,
) -> Result<Json<RoomsAnswer>, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let Browse { q, after } = query.into_inner();
    let wanted = i64::try_from(PAGE).unwrap_or(0);
    let found = state
        .store
        .read(move |db| rooms::public(db, &q, &after, wanted))
        .await?;
    let next = (found.len() == PAGE)
        .then(|| found.last().map(|(_, key)| key.clone()))
        .flatten();
    let ids = found.into_iter().map(|(id, _)| id).collect();
    let rooms = view_rooms(&state, ids, principal).await?;
    Ok(Json(RoomsAnswer { rooms, next }))
}

/// `GET /api/v1/rooms/{room}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see.
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}",
    operation_id = "get_room",
    tag = "Rooms",
    summary = "One room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "As the reader sees it", body = responses::RoomAnswer))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.principal(&state).await?;
    let room = view(&state, *room, principal).await?;
    Ok(Json(responses::RoomAnswer { room }))
}

/// `POST /api/v1/rooms`
///
/// # Errors
/// [`Error::BadRoomName`], [`Error::RoomNameTaken`], [`Error::TooLong`], [`Error::BadData`];
/// [`Error::NoNewRooms`], [`Error::TooManyRooms`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/rooms",
    operation_id = "create_room",
    tag = "Rooms",
    summary = "Make a room",
    request_body = NewRoom,
    responses((status = 201, description = "Made", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewRoom>,
) -> Result<Created<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let new = body.into_inner();
    if matches!(new.kind, RoomKind::Lobby | RoomKind::Direct) {
        return Err(Error::BadData);
    }
    if !may_make(&state, principal.role, new.kind) {
        return Err(Error::NoNewRooms);
    }
    let patch = RoomPatch {
        name: Some(free_name(&state, &new.name)?),
        topic: Some(new.topic),
        notice: Some(new.notice),
        ..RoomPatch::default()
    };
    let action = RoomAction::Create {
        kind: new.kind,
        settings: RoomSettings::default().with(patch.checked()?),
        company: Vec::new(),
    };
    Ok(Created(
        run_and_view(&state, principal, new_id(), action, new.nonce).await?,
    ))
}

/// `PATCH /api/v1/rooms/{room}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::NotAllowed`],
/// [`Error::Archived`]; [`Error::BadRoomName`], [`Error::RoomNameTaken`], [`Error::TooLong`],
/// [`Error::BadData`]; [`Error::TooFast`].
#[utoipa::path(
    patch,
    path = "/api/v1/rooms/{room}",
    operation_id = "update_room",
    tag = "Rooms",
    summary = "Change a room's settings",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    request_body = RoomPatch,
    responses((status = 200, description = "As it is now", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn update(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    body: Json<RoomPatch>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let patch = body.into_inner().checked()?;
    if let Some(name) = &patch.name {
        free_name(&state, name)?;
    }
    let action = RoomAction::Update(patch);
    Ok(Json(
        run_and_view(&state, principal, *room, action, None).await?,
    ))
}

/// `DELETE /api/v1/rooms/{room}`: deletes it for good, with all its messages.
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::NotAllowed`], for lobby
/// and direct rooms too; [`Error::TooFast`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}",
    operation_id = "delete_room",
    tag = "Rooms",
    summary = "Delete a room for good, with all its messages",
    params(("room" = i64, Path, description = "The room's id; lobby and direct rooms stay")),
    responses((status = 200, description = "It is gone", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn delete(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    run_room_command(&state, &principal, *room, RoomAction::Delete, None).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

/// `POST /api/v1/rooms/{room}/join`: joins a public room.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Archived`]; [`Error::RoomFull`],
/// [`Error::TooManyRooms`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/rooms/{room}/join",
    operation_id = "join_room",
    tag = "Rooms",
    summary = "Join a public room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "The sender is a member", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn join(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let action = RoomAction::Join { invitation: None };
    Ok(Json(
        run_and_view(&state, principal, *room, action, None).await?,
    ))
}

/// `POST /api/v1/rooms/{room}/leave`
///
/// # Errors
/// [`Error::OwnerStays`]; [`Error::NotFound`], [`Error::NotAllowed`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/rooms/{room}/leave",
    operation_id = "leave_room",
    tag = "Rooms",
    summary = "Leave a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "The sender is no longer a member", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn leave(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    run_room_command(&state, &principal, *room, RoomAction::Leave, None).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

/// `PUT /api/v1/rooms/{room}/notify`
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotMember`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/notify",
    operation_id = "set_room_notifications",
    tag = "Rooms",
    summary = "Which messages of a room notify",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    request_body = Level,
    responses((status = 200, description = "Saved", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn notify(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    body: Json<Level>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    prefer(&client, &state, *room, RoomPreference::Notify(body.level)).await
}

/// `PUT /api/v1/rooms/{room}/favourite`
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotMember`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/favourite",
    operation_id = "set_room_favourite",
    tag = "Rooms",
    summary = "Whether a room is a favourite",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    request_body = Favourite,
    responses((status = 200, description = "Saved", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn favourite(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    body: Json<Favourite>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    prefer(&client, &state, *room, RoomPreference::Favourite(body.on)).await
}

async fn prefer(
    client: &Client,
    state: &AppState,
    room: RoomId,
    preference: RoomPreference,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let principal = client.account_holder(state).await?;
    state
        .chat
        .set_preference(room, principal, preference)
        .await?;
    Ok(Json(responses::EmptyAnswer {}))
}

/// A room's name in its normal form, unless it is the lobby's or reserved for the server.
fn free_name(state: &AppState, given: &str) -> Result<String, Error> {
    let name = room::room_name(given)?;
    let own = state.config.chat.name.as_str();
    let lobbies = Lang::ALL.map(|lang| lang.given_or(own, "room.lobby"));
    let taken = name::is_reserved(&name) || lobbies.iter().any(|lobby| name::is_same(lobby, &name));
    (!taken).then_some(name).ok_or(Error::RoomNameTaken)
}

/// Whether an account with this server role may make rooms of a kind.
pub(super) fn may_make(state: &AppState, role: ServerRole, kind: RoomKind) -> bool {
    let rooms = &state.config.rooms;
    let makers = match kind {
        RoomKind::Public => rooms.public,
        RoomKind::Private => rooms.private,
        RoomKind::Direct => rooms.direct,
        RoomKind::Lobby => Makers::Nobody,
    };
    match makers {
        Makers::Members => true,
        Makers::Admins => role >= ServerRole::Admin,
        Makers::Nobody => false,
    }
}

/// A random id for a new room.
pub(super) fn new_id() -> RoomId {
    RoomId(rand::random_range(room::IDS))
}
