//! The API of messages that are there: edit, recall, react, pin. As in [`super::speaking`], a call takes the way of a
//! frame; its answer is the message as it is then.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::client::Client;
use super::content_body;
use super::speaking::{MessageNowAnswer, content, now, pace, told, written_or};
use crate::error::Error;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::protocol::request::{Action, Change};
use crate::web::idempotency::IdempotencyKey;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/api/v1/rooms/{room}/messages/{message}",
            web::patch().to(edit),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}",
            web::delete().to(recall),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
            web::put().to(react),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
            web::delete().to(take_reaction),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}/pin",
            web::put().to(pin),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}/pin",
            web::delete().to(unpin),
        );
}

/// Where a message is.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct Place {
    /// The room's id; 1 is the lobby
    #[param(value_type = i64)]
    room: RoomId,
    /// The message's id
    #[param(value_type = i64)]
    message: MessageId,
}

/// A message's new text.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct EditedMessage {
    /// The text as its author typed it, Markdown.
    content: String,
    /// The nonce, instead of an `Idempotency-Key`.
    #[schema(value_type = Option<String>)]
    nonce: Option<Uuid>,
}

/// `PATCH /api/v1/rooms/{room}/messages/{message}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::NotYours`], [`Error::NotEditable`], [`Error::Empty`], [`Error::TooLong`], [`Error::BadData`];
/// those of sending into the room, such as [`Error::Muted`]; [`Error::TooFast`], [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    patch,
    path = "/api/v1/rooms/{room}/messages/{message}",
    operation_id = "edit_message",
    tag = "Messages",
    summary = "Edit a message of one's own",
    params(Place, IdempotencyKey),
    request_body = EditedMessage,
    responses((status = 200, description = "As it is now", body = MessageNowAnswer))
)]
pub async fn edit(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<Place>,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let EditedMessage { content, nonce } = content_body::read(&state, body).await?;
    let nonce = key.nonce(nonce)?;
    change(&client, &state, *place, nonce, Action::Edit { content }).await
}

/// `DELETE /api/v1/rooms/{room}/messages/{message}`: recalls it.
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::NotYours`], [`Error::NotAllowed`], [`Error::TooLate`], [`Error::Archived`]; [`Error::TooFast`],
/// [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/messages/{message}",
    operation_id = "recall_message",
    tag = "Messages",
    summary = "Recall a message",
    params(Place, IdempotencyKey),
    responses((status = 200, description = "Its place is left, without what it said", body = MessageNowAnswer))
)]
pub async fn recall(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<Place>,
    key: IdempotencyKey,
) -> Result<HttpResponse, Error> {
    let nonce = key.nonce(None)?;
    change(&client, &state, *place, nonce, Action::Recall).await
}

/// `PUT /api/v1/rooms/{room}/messages/{message}/reactions/{emoji}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::BadEmoji`], [`Error::TooManyReactions`]; those of sending into the room, such as [`Error::Muted`];
/// [`Error::TooFast`], [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
    operation_id = "add_reaction",
    tag = "Messages",
    summary = "Put an emoji on a message",
    params(Place, ("emoji" = String, Path, description = "The emoji itself, percent-encoded"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = MessageNowAnswer))
)]
pub async fn react(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<(RoomId, MessageId, String)>,
    key: IdempotencyKey,
) -> Result<HttpResponse, Error> {
    let (room, message, emoji) = place.into_inner();
    let (place, nonce) = (Place { room, message }, key.nonce(None)?);
    let action = Action::React { emoji, on: true };
    change(&client, &state, place, nonce, action).await
}

/// `DELETE /api/v1/rooms/{room}/messages/{message}/reactions/{emoji}`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::BadEmoji`]; those of sending into the room, such as [`Error::Muted`]; [`Error::TooFast`],
/// [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
    operation_id = "remove_reaction",
    tag = "Messages",
    summary = "Take one's emoji off a message",
    params(Place, ("emoji" = String, Path, description = "The emoji itself, percent-encoded"), IdempotencyKey),
    responses((status = 200, description = "As it is now", body = MessageNowAnswer))
)]
pub async fn take_reaction(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<(RoomId, MessageId, String)>,
    key: IdempotencyKey,
) -> Result<HttpResponse, Error> {
    let (room, message, emoji) = place.into_inner();
    let (place, nonce) = (Place { room, message }, key.nonce(None)?);
    let action = Action::React { emoji, on: false };
    change(&client, &state, place, nonce, action).await
}

/// `PUT /api/v1/rooms/{room}/messages/{message}/pin`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::NotAllowed`], [`Error::TooManyPins`], [`Error::Archived`]; [`Error::TooFast`], [`Error::NotSaved`],
/// [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/messages/{message}/pin",
    operation_id = "pin_message",
    tag = "Messages",
    summary = "Pin a message",
    params(Place, IdempotencyKey),
    responses((status = 200, description = "As it is now", body = MessageNowAnswer))
)]
pub async fn pin(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<Place>,
    key: IdempotencyKey,
) -> Result<HttpResponse, Error> {
    let nonce = key.nonce(None)?;
    change(&client, &state, *place, nonce, Action::Pin { on: true }).await
}

/// `DELETE /api/v1/rooms/{room}/messages/{message}/pin`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a message that is not in
/// it; [`Error::NotAllowed`], [`Error::Archived`]; [`Error::TooFast`], [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/messages/{message}/pin",
    operation_id = "unpin_message",
    tag = "Messages",
    summary = "Take the pin off a message",
    params(Place, IdempotencyKey),
    responses((status = 200, description = "As it is now", body = MessageNowAnswer))
)]
pub async fn unpin(
    client: Client,
    state: web::Data<AppState>,
    place: web::Path<Place>,
    key: IdempotencyKey,
) -> Result<HttpResponse, Error> {
    let nonce = key.nonce(None)?;
    change(&client, &state, *place, nonce, Action::Pin { on: false }).await
}

async fn change(
    client: &Client,
    state: &AppState,
    Place { room, message: id }: Place,
    nonce: Uuid,
    action: Action,
) -> Result<HttpResponse, Error> {
    let sender = client.sender(state).await?;
    let principal = sender.principal.clone();
    let acked = match pace(client, state, &sender) {
        Ok(()) => {
            let change = content(state).change(Change {
                nonce,
                room,
                id,
                action,
            });
            state.chat.post_change(sender, change).await?
        }
        Err(refused) => written_or(state, &principal, nonce, refused).await?,
    };
    let message = now(state, acked, principal).await?;
    Ok(told(StatusCode::OK, &message))
}
