//! The API for the site's own server: what its program says to a person, and to everybody.

use actix_web::{HttpResponse, web};

use super::content_body;
use super::house_caller::HouseCaller;
use super::house_person::NamedPerson;
use super::speaking::{self, MessageNowAnswer, Unsent};
use crate::error::Error;
use crate::model::message::LOBBY;
use crate::model::person_id::PersonId;
use crate::web::idempotency::IdempotencyKey;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/api/v1/house/people/{person}/messages",
            web::post().to(send_to_person),
        )
        .route("/api/v1/house/messages", web::post().to(send));
}

/// `POST /api/v1/house/people/{person}/messages`: into the direct room of the two.
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for somebody who does not exist or has no account; [`Error::NoNewRooms`],
/// [`Error::TooManyRooms`]; [`Error::Empty`], [`Error::TooLong`], [`Error::BadData`], for a message to oneself too;
/// [`Error::TooFast`]; [`Error::TooManyFiles`], [`Error::FileGone`], [`Error::FileNotReady`], [`Error::VoiceAlone`];
/// [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/house/people/{person}/messages",
    operation_id = "house_send_message_to_person",
    tag = "House",
    summary = "Send a message into the direct room with a person, made when there is none",
    params(
        ("person" = String, Path, description = "A public id such as u12, or issuer:subject"),
        IdempotencyKey
    ),
    request_body = Unsent,
    responses(
        (status = 201, description = "Sent", body = MessageNowAnswer),
        (status = 200, description = "It was sent before under this key: the first one, as it is now", body = MessageNowAnswer)
    )
)]
pub async fn send_to_person(
    caller: HouseCaller,
    state: web::Data<AppState>,
    person: web::Path<NamedPerson>,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let sender = caller.sender(&state).await?;
    let new = content_body::read(&state, body).await?;
    let account = person.into_inner().account(&state).await;
    let person = account.map(|account| PersonId::User(account.id));
    speaking::say_to(&state, sender, person, key, new).await
}

/// `POST /api/v1/house/messages`: into the lobby.
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::NotFound`] for a `reply` that is not in it; [`Error::Empty`], [`Error::TooLong`],
/// [`Error::BadData`]; [`Error::TooFast`], [`Error::SlowMode`]; [`Error::Muted`], [`Error::AllMuted`], [`Error::ReadOnly`],
/// [`Error::Banned`]; [`Error::TooManyFiles`], [`Error::FileGone`], [`Error::FileNotReady`], [`Error::VoiceAlone`];
/// [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/house/messages",
    operation_id = "house_send_message",
    tag = "House",
    summary = "Send a message into the lobby, to everybody",
    params(
        IdempotencyKey
    ),
    request_body = Unsent,
    responses(
        (status = 201, description = "Sent", body = MessageNowAnswer),
        (status = 200, description = "It was sent before under this key: the first one, as it is now", body = MessageNowAnswer)
    )
)]
pub async fn send(
    caller: HouseCaller,
    state: web::Data<AppState>,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let sender = caller.sender(&state).await?;
    let new = content_body::read(&state, body).await?;
    speaking::say(&state, sender, Ok(LOBBY), key, new).await
}
