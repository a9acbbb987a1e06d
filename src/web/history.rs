//! The API of what was said in a room: from any place in it, and one message.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::room_history::PAGE;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::message::Message;
use crate::protocol::view::MessageView;
use crate::store::commands::reactions as reacted;
use crate::store::queries::history::{self, Place, Slice};
use crate::store::queries::messages as stored;
use crate::web::get_route;
use crate::web::room_commands::view;
use crate::web::state::AppState;

/// The addresses of this file.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/rooms/{room}/messages", get_route().to(list))
        .route(
            "/api/v1/rooms/{room}/messages/{message}",
            get_route().to(get),
        )
        .route("/api/v1/rooms/{room}/pins", get_route().to(pins));
}

/// Which messages are wanted. One place at most; none is the end.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those older than the message with this id.
    before: Option<i64>,
    /// Those newer than the message with this id.
    after: Option<i64>,
    /// The message with this id, and those around it.
    around: Option<i64>,
    /// Those around this time.
    at: Option<i64>,
    /// Those around the first message after this seq of the room.
    since: Option<i64>,
    /// At most so many, and never more than a page.
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

/// Some messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessagesAnswer<'a> {
    /// Oldest first.
    pub messages: Vec<MessageView<'a>>,
    /// Whether there are older ones: ask with the first one's id as `before`.
    pub more: bool,
    /// Whether there are newer ones: ask with the last one's id as `after`.
    pub newer: bool,
}

/// A message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageAnswer<'a> {
    /// As it is now.
    pub message: MessageView<'a>,
    /// The emoji that the reader has put on it: of a crowd only the first are named.
    pub mine: Vec<String>,
}

/// `GET /api/v1/rooms/{room}/messages`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him, and for an `around` that is not
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
    room: web::Path<i64>,
    query: web::Query<Which>,
) -> Result<HttpResponse, Error> {
    let slice = read(&client, &state, *room, &query).await?;
    Ok(HttpResponse::Ok().json(MessagesAnswer {
        messages: slice.messages.iter().map(MessageView::from).collect(),
        more: slice.older,
        newer: slice.newer,
    }))
}

async fn read(client: &Client, state: &AppState, room: i64, which: &Which) -> Result<Slice, Error> {
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
/// [`Error::NotFound`] for a room that is not there, or not for him, and for a message that is not in
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
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Error> {
    let (message, mine) = read_one(&client, &state, path.into_inner()).await?;
    let message = MessageView::from(&message);
    Ok(HttpResponse::Ok().json(MessageAnswer { message, mine }))
}

async fn read_one(
    client: &Client,
    state: &AppState,
    (room, id): (i64, i64),
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
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/pins",
    operation_id = "list_pins",
    tag = "Messages",
    summary = "Messages that the room keeps at hand",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "At most 50, those first that were pinned last", body = MessagesAnswer))
)]
pub async fn pins(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<i64>,
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
