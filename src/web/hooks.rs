//! Hooks: addresses at which tools speak as a bot, in Slack's form or GitHub's, and get the answers of Slack.
//!
//! Tools know two letters for "said", and send again what is answered by others: `ok` is all of such an answer. The
//! secret is in the address: whoever has it speaks, and nobody reads by it; where a hook is signed, only who signs, too. No
//! cookie counts here.
//!
//! Bounds: [`BODY`], and the pace of a hook ([`HookMemory`](super::hook_memory::HookMemory)).

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use uuid::Uuid;

use super::idempotency;
use super::room_commands::{room_command, view};
use super::speaking::content;
use crate::auth::client_address;
use crate::auth::hook_address::HookAddress;
use crate::auth::signature;
use crate::chat::requests::Sender;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::message::LOBBY;
use crate::model::principal::Principal;
use crate::protocol::request::Send;
use crate::store::accounts::hooks::{self, Hook};
use crate::store::db::Db;
use crate::telemetry;
use crate::text::github::Delivery;
use crate::text::{clock, slack};
use crate::web::state::AppState;

/// Bytes of a body: GitHub sends up to 25 MB of what nobody reads in a chat; what is worth a line is far shorter.
const BODY: usize = 128 * 1024;

/// The header in which GitHub, Gitea and Forgejo sign a body with the hook's secret.
const SIGNATURE: &str = "x-hub-signature-256";

/// How exact it is known when a hook was last used, in ms.
const USED_EVERY: i64 = 5 * 60 * 1_000;

/// Registers this file's routes, outside of the cookie session.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/hooks/{id}/{secret}", web::post().to(any))
        .route("/hooks/{id}/{secret}/slack", web::post().to(as_slack))
        .route("/hooks/{id}/{secret}/github", web::post().to(as_github));
}

/// In which form a tool speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As Slack is spoken to.
    Slack,
    /// As GitHub tells of a repository.
    GitHub,
}

type Address = web::Path<(String, String)>;

/// `POST /hooks/{id}/{secret}`: GitHub's form where GitHub's header is, else Slack's.
async fn any(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: Address,
    body: web::Payload,
) -> HttpResponse {
    let form = match event_of(&request) {
        Some(_) => Form::GitHub,
        None => Form::Slack,
    };
    answer(&request, &state, &path, form, body).await
}

/// `POST /hooks/{id}/{secret}/slack`
async fn as_slack(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: Address,
    body: web::Payload,
) -> HttpResponse {
    answer(&request, &state, &path, Form::Slack, body).await
}

/// `POST /hooks/{id}/{secret}/github`
async fn as_github(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: Address,
    body: web::Payload,
) -> HttpResponse {
    answer(&request, &state, &path, Form::GitHub, body).await
}

fn header_of<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// What GitHub tells of.
fn event_of(request: &HttpRequest) -> Option<&str> {
    header_of(request, "x-github-event")
}

async fn answer(
    request: &HttpRequest,
    state: &AppState,
    (id, secret): &(String, String),
    form: Form,
    body: web::Payload,
) -> HttpResponse {
    let (status, words, wait) = match say(request, state, id, secret, form, body).await {
        Ok(()) => (StatusCode::OK, "ok", None),
        Err(refusal) => refusal.answer(),
    };
    telemetry::hook_called(words);
    let mut answer = HttpResponse::build(status);
    if let Some(wait) = wait {
        answer.insert_header((header::RETRY_AFTER, wait.as_secs().max(1).to_string()));
    }
    answer.insert_header(ContentType::plaintext());
    answer.body(words)
}

/// Why nothing is said.
enum Refusal {
    /// There is no such hook, or its secret is another one: which, is not said.
    NoService,
    /// The body is too long.
    TooLong,
    /// It is not signed with the hook's secret.
    Unsigned,
    /// What is in it cannot be read, or is nothing.
    Slack(slack::Refusal),
    /// The hook is faster than it may be.
    TooFast(Duration),
    /// What keeps its bot from speaking.
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refusal {
    /// Status and words as Slack has them, and how long to wait.
    fn answer(self) -> (StatusCode, &'static str, Option<Duration>) {
        let error = match self {
            Self::NoService => return (StatusCode::NOT_FOUND, "no_service", None),
            Self::TooLong => return (StatusCode::PAYLOAD_TOO_LARGE, "invalid_payload", None),
            Self::Unsigned => return (StatusCode::FORBIDDEN, "invalid_token", None),
            Self::Slack(refusal) => return (StatusCode::BAD_REQUEST, refusal.code(), None),
            Self::TooFast(wait) => {
                return (StatusCode::TOO_MANY_REQUESTS, "rate_limited", Some(wait));
            }
            Self::Error(error) => error,
        };
        telemetry::refused(error.code());
        let wait = error.retry_after().map(Duration::from_secs);
        match error.status() {
            _ if error == Error::Archived => (StatusCode::GONE, "channel_is_archived", None),
            StatusCode::TOO_MANY_REQUESTS => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", wait),
            StatusCode::BAD_REQUEST => (StatusCode::BAD_REQUEST, "no_text", None),
            status if status.is_client_error() => {
                (StatusCode::FORBIDDEN, "action_prohibited", None)
            }
            _ => (
                StatusCode::SERVICE_UNAVAILABLE,
                "service_unavailable",
                Some(wait.unwrap_or(Duration::from_secs(5))),
            ),
        }
    }
}

/// Says what a tool has sent.
async fn say(
    request: &HttpRequest,
    state: &AppState,
    id: &str,
    secret: &str,
    form: Form,
    body: web::Payload,
) -> Result<(), Refusal> {
    let (hook, sender) = open(request, state, id, secret).await?;
    // A signed hook's pace is for those who sign; of it alone the body has to be known for that.
    if !hook.signed {
        state.hooks.take(&hook.id).map_err(Refusal::TooFast)?;
    }
    let body = body.to_bytes_limited(BODY).await;
    let body = body.map_err(|_longer| Refusal::TooLong)?;
    let body = body.map_err(|_broken| Refusal::Slack(slack::Refusal::InvalidPayload))?;
    if hook.signed {
        let secret = state.secrets.hook_secret(&hook.id);
        let signature = header_of(request, SIGNATURE).unwrap_or_default();
        if !signature::is_githubs(signature, secret.as_bytes(), &body) {
            return Err(Refusal::Unsigned);
        }
        state.hooks.take(&hook.id).map_err(Refusal::TooFast)?;
    }
    if hook.brings_its_bot() {
        come_in(state, &sender.principal, &hook).await?;
    }
    let Some((words, nonce)) = words(request, state, &hook, &sender, form, &body).await? else {
        return Ok(());
    };
    let message = content(state).message(Send {
        nonce,
        room: hook.room,
        content: words,
        reply: None,
        files: Vec::new(),
    });
    state.chat.post_message(sender, message).await?;
    note_use(state, hook).await;
    Ok(())
}

/// The hook of an address, and who speaks by it. It takes as long where there is none.
async fn open(
    request: &HttpRequest,
    state: &AppState,
    id: &str,
    secret: &str,
) -> Result<(Hook, Sender), Refusal> {
    let address = HookAddress::read(id, secret).ok_or(Refusal::NoService)?;
    let wanted = address.id.clone();
    let found = state.store.read(move |db| hooks::find(db, &wanted)).await;
    let found = found.map_err(Error::from)?;
    let key_hash = found.as_ref().map(|(_, key_hash, _)| &**key_hash);
    let opens = address.opens(key_hash);
    let (hook, _, user) = found.filter(|_| opens).ok_or(Refusal::NoService)?;
    let principal = Principal::member(user.person(String::new()));
    let from = client_address::of(request, &state.config.server.trusted_proxies);
    let from = from.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let sender = Sender {
        named: true,
        address: principal.id().to_string(),
        prefix: client_address::subscriber(from),
        principal,
    };
    Ok((hook, sender))
}

/// Makes a bot a member of the room in which it is to speak; in the lobby everybody is one.
///
/// # Errors
/// What keeps it out.
pub(super) async fn come_in(state: &AppState, bot: &Principal, hook: &Hook) -> Result<(), Error> {
    if hook.room != LOBBY {
        let command = room_command(state, bot, hook.room, RoomAction::Admit);
        state.chat.run(command, None).await?;
    }
    Ok(())
}

/// The message in a body, and its nonce; `None` where nothing is to be said.
async fn words(
    request: &HttpRequest,
    state: &AppState,
    hook: &Hook,
    sender: &Sender,
    form: Form,
    body: &Bytes,
) -> Result<Option<(String, Uuid)>, Refusal> {
    let limit = state.limits.message_chars;
    if form == Form::Slack {
        let seen = view(state, hook.room, sender.principal.clone()).await;
        let for_all = seen.is_ok_and(|room| room.may.contains(&"configure"));
        let words = slack::read(body, limit, for_all).map_err(Refusal::Slack)?;
        return Ok(Some((words, Uuid::new_v4())));
    }
    let delivery = Delivery::read(event_of(request).unwrap_or_default(), body);
    let delivery = delivery.ok_or(Refusal::Slack(slack::Refusal::InvalidPayload))?;
    // Hooks of one event have one delivery: the hook's id keeps what two of one bot say apart.
    let nonce = match header_of(request, "x-github-delivery") {
        Some(id) => idempotency::hashed(&format!("{} {id}", hook.id)),
        None => Uuid::new_v4(),
    };
    let failed_before = delivery
        .run()
        .is_some_and(|run| state.hooks.note(&hook.id, run));
    let words = delivery.words(limit, failed_before);
    Ok(words.map(|words| (words, nonce)))
}

/// Writes down that a hook is used, now and then; what cannot be written is written the next time.
async fn note_use(state: &AppState, hook: Hook) {
    let now = clock::now_ms();
    if hook.used.is_none_or(|used| now - used >= USED_EVERY) {
        let note = move |db: &mut dyn Db| hooks::used(db, &hook.id, now);
        let _next_time = state.store.write(note).await;
    }
}
