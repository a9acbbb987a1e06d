//! The API of speaking: messages by whoever a call is from, into a room or to a person, and how far they have read.
//!
//! A call takes the way of a frame: the same checks, the same rates, the same refusals. Its nonce is its
//! [`IdempotencyKey`]. Who has neither account nor a visitor's cookie could be anybody, and is paced as new visitors are.

use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::client::Client;
use super::{content_body, direct};
use crate::chat::requests::{Acked, Sender};
use crate::error::Error;
use crate::model::grant::Scope;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::request::{Read, Send, SentFile};
use crate::protocol::view::MessageView;
use crate::realtime::content::Content;
use crate::store::commands::answer;
use crate::store::db::Db;
use crate::web::idempotency::IdempotencyKey;
use crate::web::responses::EmptyAnswer;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/rooms/{room}/messages", web::post().to(send))
        .route("/api/v1/rooms/{room}/read", web::put().to(read))
        .route(
            "/api/v1/people/{person}/messages",
            web::post().to(send_to_person),
        );
}

/// A new message.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewMessage)]
pub struct Unsent {
    /// The text as the sender typed it, Markdown; empty for files alone.
    content: String,
    /// The message that it answers.
    #[schema(value_type = Option<i64>)]
    reply: Option<MessageId>,
    /// Its files, which have been uploaded before.
    #[serde(default)]
    files: Vec<SentFile>,
    /// The nonce, instead of an `Idempotency-Key`.
    #[schema(value_type = Option<String>)]
    nonce: Option<Uuid>,
}

/// How far a room has been read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ReadUpTo {
    /// The seq up to which it was.
    #[schema(value_type = i64)]
    seq: Seq,
    /// Whether what comes after it is unread again.
    #[serde(default)]
    unread: bool,
}

/// A message that was sent or changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageNowAnswer<'a> {
    /// The id of its room.
    #[schema(value_type = i64)]
    pub room: RoomId,
    /// The message as it is then.
    pub message: MessageView<'a>,
}

/// `POST /api/v1/rooms/{room}/messages`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist or that the sender may not see, and for a `reply` that is not in
/// it; [`Error::Empty`], [`Error::TooLong`], [`Error::BadData`]; [`Error::TooFast`], [`Error::SlowMode`];
/// [`Error::NotMember`], [`Error::Muted`], [`Error::AllMuted`], [`Error::ReadOnly`], [`Error::Archived`],
/// [`Error::Banned`], [`Error::GuestsRead`], [`Error::GuestsOff`]; [`Error::TooManyFiles`], [`Error::FileGone`],
/// [`Error::FileNotReady`], [`Error::VoiceAlone`]; [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/rooms/{room}/messages",
    operation_id = "send_message",
    tag = "Messages",
    summary = "Send a message",
    params(
        ("room" = i64, Path, description = "The room's id; 1 is the lobby"),
        IdempotencyKey
    ),
    request_body = Unsent,
    responses(
        (status = 201, description = "Sent", body = MessageNowAnswer),
        (status = 200, description = "It was sent before under this key: the first one, as it is now", body = MessageNowAnswer)
    )
)]
pub async fn send(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let sender = client.sender(&state).await?;
    let new: Unsent = content_body::read(&state, body).await?;
    let room = pace(&client, &state, &sender).map(|()| *room);
    say(&state, sender, room, key, new).await
}

/// `POST /api/v1/people/{person}/messages`: into the direct room of the two.
///
/// # Errors
/// [`Error::NotFound`] for somebody who does not exist or has no account; [`Error::NoNewRooms`],
/// [`Error::TooManyRooms`]; [`Error::Empty`], [`Error::TooLong`], [`Error::BadData`], for a message to oneself too;
/// [`Error::Archived`], [`Error::TooFast`]; [`Error::TooManyFiles`], [`Error::FileGone`], [`Error::FileNotReady`],
/// [`Error::VoiceAlone`]; [`Error::NotSaved`], [`Error::StoreAway`], [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/people/{person}/messages",
    operation_id = "send_message_to_person",
    tag = "Messages",
    summary = "Send a message into the direct room with a person, made when there is none",
    params(
        ("person" = String, Path, description = "A public id such as u12"),
        IdempotencyKey
    ),
    request_body = Unsent,
    responses(
        (status = 201, description = "Sent", body = MessageNowAnswer),
        (status = 200, description = "It was sent before under this key: the first one, as it is now", body = MessageNowAnswer)
    ),
    security(("session" = []))
)]
pub async fn send_to_person(
    client: Client,
    state: web::Data<AppState>,
    person: web::Path<PersonId>,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let sender = match client.sender(&state).await {
        Ok(sender) if sender.principal.has_account() => sender,
        Ok(_) | Err(Error::GuestsOff) => return Err(Error::AccountNeeded),
        Err(error) => return Err(error),
    };
    let new: Unsent = content_body::read(&state, body).await?;
    say_to(&state, sender, Ok(*person), key, new).await
}

/// `PUT /api/v1/rooms/{room}/read`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::Banned`],
/// [`Error::BadData`], [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/read",
    operation_id = "mark_room_read",
    tag = "Messages",
    summary = "Mark a room as read up to a seq",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    request_body = ReadUpTo,
    responses((status = 200, description = "Taken. A visitor's is kept while they are connected", body = EmptyAnswer))
)]
pub async fn read(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    body: Json<ReadUpTo>,
) -> Result<Json<EmptyAnswer>, Error> {
    let principal = client.principal(&state).await?;
    let ReadUpTo { seq, unread } = body.into_inner();
    let room = *room;
    let read = Read { room, seq, unread };
    state.chat.post_read(principal, read).await?;
    Ok(Json(EmptyAnswer {}))
}

/// How much one message may hold.
pub(super) fn content(state: &AppState) -> Content {
    Content {
        message_chars: state.limits.message_chars,
        files_per_message: state.config.uploads.files_per_message,
    }
}

/// Counts a call of a sender who is known by address and program only: another name for the program is another visitor.
pub(super) fn pace(client: &Client, state: &AppState, sender: &Sender) -> Result<(), Error> {
    if sender.principal.has_account() || client.visitor(state).is_some() {
        return Ok(());
    }
    state
        .visitor_rates
        .take(&client.subscriber())
        .map_err(|retry_after| Error::TooFast { retry_after })
}

/// Sends a message into the direct room with a person, which is made where there is none.
///
/// # Errors
/// As [`send_to_person`].
pub(super) async fn say_to(
    state: &AppState,
    sender: Sender,
    person: Result<PersonId, Error>,
    key: IdempotencyKey,
    new: Unsent,
) -> Result<HttpResponse, Error> {
    key.nonce(new.nonce)?;
    let room = match person {
        Ok(person) => direct::of_two(state, &sender.principal, person).await,
        Err(refused) => Err(refused),
    };
    say(state, sender, room, key, new).await
}

/// Sends a message into a room, or finds what was sent under its nonce where there is no `room` for it.
///
/// # Errors
/// As [`send`].
pub(super) async fn say(
    state: &AppState,
    sender: Sender,
    room: Result<RoomId, Error>,
    key: IdempotencyKey,
    new: Unsent,
) -> Result<HttpResponse, Error> {
    let nonce = key.nonce(new.nonce)?;
    let principal = sender.principal.clone();
    let acked = match room {
        Ok(room) => {
            let message = content(state).message(Send {
                nonce,
                room,
                content: new.content,
                reply: new.reply,
                files: new.files,
            });
            state.chat.post_message(sender, message).await?
        }
        Err(refused) => written_or(state, &principal, nonce, refused).await?,
    };
    let reads = principal
        .grant
        .as_ref()
        .is_none_or(|grant| grant.has(Scope::Read));
    match &acked.sent {
        Some(message) if reads => Ok(told(StatusCode::CREATED, message)),
        // The answer shows whom it answers, which is for those who read.
        Some(_) => Ok(told(
            StatusCode::CREATED,
            &now(state, acked, principal).await?,
        )),
        None => Ok(told(StatusCode::OK, &now(state, acked, principal).await?)),
    }
}

/// What somebody has had written under a nonce, where it is refused now.
pub(super) async fn written_or(
    state: &AppState,
    principal: &Principal,
    nonce: Uuid,
    refused: Error,
) -> Result<Acked, Error> {
    let by = principal.id();
    let ack = state.store.written_or(by, Some(nonce), refused).await?;
    Ok(ack.into())
}

/// The message that was sent or changed, as it is now.
pub(super) async fn now(
    state: &AppState,
    acked: Acked,
    principal: Principal,
) -> Result<Message, Error> {
    let read = move |db: &mut dyn Db| answer::acked(db, &acked.ack, &principal);
    state.store.read(read).await?
}

/// The answer that holds a message.
pub(super) fn told(status: StatusCode, message: &Message) -> HttpResponse {
    HttpResponse::build(status).json(MessageNowAnswer {
        room: message.room,
        message: MessageView::from(message),
    })
}
