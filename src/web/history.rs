//! The API of a room's history: messages from any place in it, and one message.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::room_history::PAGE;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::view::MessageView;
use crate::store::commands::reactions as reacted;
use crate::store::queries::history::{self, Place, Slice};
use crate::store::queries::messages as stored;
use crate::web::get_route;
use crate::web::room_commands::view;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/rooms/{room}/messages", get_route().to(list))
        .route(
            "/api/v1/rooms/{room}/messages/{message}",
            get_route().to(get),
        )
        .route("/api/v1/rooms/{room}/pins", get_route().to(pins));
}

/// Which messages are wanted. At most one place; without one, the newest.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Messages older than the one with this id.
    #[param(value_type = Option<i64>)]
    before: Option<MessageId>,
    /// Messages newer than the one with this id.
    #[param(value_type = Option<i64>)]
    after: Option<MessageId>,
    /// The message with this id, and those around it.
    #[param(value_type = Option<i64>)]
    around: Option<MessageId>,
    /// Messages around this time, ms since 1970.
    at: Option<i64>,
    /// Messages around the first one after this seq of the room.
    #[param(value_type = Option<i64>)]
    since: Option<Seq>,
    /// At most so many; a page is the maximum.
    limit: Option<usize>,
}

impl Which {
    fn place(&self) -> Result<Place, Error> {
        let places = [
            self.before.map(Place::Before),
            self.after.map(Place::After),
            self.around.map(Place::Around),
            self.at.map(Place::At),
            self.since.map(Place::Since),
        ];
        let mut given = places.into_iter().flatten();
        let place = given.next().unwrap_or(Place::End);
        given
            .next()
            .is_none()
            .then_some(place)
            .ok_or(Error::BadData)
    }
}

/// A page of a room's history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessagesAnswer<'a> {
    /// The messages, oldest first.
    pub messages: Vec<MessageView<'a>>,
    /// Whether there are older ones: ask with the first one's id as `before`.
    pub more: bool,
    /// Whether there are newer ones: ask with the last one's id as `after`.
    pub newer: bool,
}

/// One message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageAnswer<'a> {
    /// The message as it is now.
    pub message: MessageView<'a>,
    /// Emoji with which the reader has reacted: a message names only the first people of a reaction.
    pub mine: Vec<String>,
}

/// `GET /api/v1/rooms/{room}/messages`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see, and for an `around` that is not
/// in it; [`Error::BadData`] for two places at once; [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/messages",
    operation_id = "list_messages",
    tag = "Messages",
    summary = "Messages from any place in a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), Which),
    responses((status = 200, description = "Oldest first", body = MessagesAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    query: web::Query<Which>,
) -> Result<HttpResponse, Error> {
    let slice = read(&client, &state, *room, &query).await?;
    Ok(HttpResponse::Ok().json(MessagesAnswer {
        messages: slice.messages.iter().map(MessageView::from).collect(),
        more: slice.older,
        newer: slice.newer,
    }))
}

async fn read(
    client: &Client,
    state: &AppState,
    room: RoomId,
    which: &Which,
) -> Result<Slice, Error> {
    let principal = client.principal(state).await?;
    state.shedding.admit(Workload::Reading)?;
    let place = which.place()?;
    view(state, room, principal).await?;
    let limit = which.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let read = state
        .store
        .read(move |db| history::slice(db, room, place, limit));
    read.await?.ok_or(Error::NotFound)
}

/// `GET /api/v1/rooms/{room}/messages/{message}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see, and for a message that is not in
/// it; [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/messages/{message}",
    operation_id = "get_message",
    tag = "Messages",
    summary = "One message",
    params(
        ("room" = i64, Path, description = "The room's id; 1 is the lobby"),
        ("message" = i64, Path, description = "The message's id")
    ),
    responses((status = 200, description = "As it is now", body = MessageAnswer))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, MessageId)>,
) -> Result<HttpResponse, Error> {
    let (message, mine) = read_one(&client, &state, path.into_inner()).await?;
    let message = MessageView::from(&message);
    Ok(HttpResponse::Ok().json(MessageAnswer { message, mine }))
}

async fn read_one(
    client: &Client,
    state: &AppState,
    (room, id): (RoomId, MessageId),
) -> Result<(Message, Vec<String>), Error> {
    let principal = client.principal(state).await?;
    state.shedding.admit(Workload::Reading)?;
    let reader = principal.id();
    view(state, room, principal).await?;
    let found = state.store.read(move |db| {
        let message = stored::one(db, id)?.filter(|found| found.room == room);
        Ok((message, reacted::of(db, room, id, reader)?))
    });
    let (message, mine) = found.await?;
    Ok((message.ok_or(Error::NotFound)?, mine))
}

/// `GET /api/v1/rooms/{room}/pins`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/pins",
    operation_id = "list_pins",
    tag = "Messages",
    summary = "The pinned messages of a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "At most 50, those first that were pinned last", body = MessagesAnswer))
)]
pub async fn pins(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<HttpResponse, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let id = view(&state, *room, principal).await?.id;
    let pins = state.store.read(move |db| stored::pinned(db, id)).await?;
    Ok(HttpResponse::Ok().json(MessagesAnswer {
        messages: pins.iter().map(MessageView::from).collect(),
        more: false,
        newer: false,
    }))
}
