//! From a request to a session: who may open a WebSocket.
//!
//! Owns the checks before the 101: shutdown, origin, guests, permits. What is refused is refused in HTTP, with a
//! status and a localized message.

use std::rc::Rc;

use actix_http::ws::verify_handshake;
use actix_web::http::{Version, header};
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use actix_web_actors::ws;

use crate::chat::requests::Arrival;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::realtime::admission::ConnectionPermit;
use crate::realtime::handover::{Handover, PendingUpgrade};
use crate::realtime::session;
use crate::realtime::socket::RawSocket;
use crate::realtime::subscriptions::Subscriptions;
use crate::web::bearer::InAddress;
use crate::web::client::Client;
use crate::web::get_route;
use crate::web::state::AppState;
use crate::web::{bearer, responses, security, site_socket};

/// Frames a second that a connection may send beyond its messages: heartbeats and requests.
const SPARE_FRAMES_PER_SECOND: u32 = 20;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/connect/check", get_route().to(check));
}

/// `GET /ws`.
///
/// # Errors
/// See [`admit`] and [`site_socket::enter`]; and when the request is no WebSocket handshake.
pub async fn upgrade(
    request: HttpRequest,
    body: web::Payload,
    client: Client,
    state: web::Data<AppState>,
    subscriptions: web::Data<Rc<Subscriptions>>,
) -> Result<HttpResponse, Error> {
    let mut handshake = handshake(&request)?;
    let (arrival, permit) = match bearer::of_site(&request) {
        Some(InAddress(token)) => admit_by_token(&request, client, &state, &token).await?,
        None => admit(&request, &client, &state).await?,
    };
    let socket = request
        .conn_data::<Rc<RawSocket>>()
        .and_then(|raw| raw.take())
        .ok_or(Error::Internal)?;
    let pending_upgrade = PendingUpgrade {
        socket,
        body,
        subscriptions: Rc::clone(&subscriptions),
        chat: state.chat.clone(),
        settings: session::Settings {
            heartbeat_times: state.heartbeat_times,
            frames_per_second: frames_per_second(&state, arrival.principal.person.bot),
            message_chars: state.limits.message_chars,
            files_per_message: state.config.uploads.files_per_message,
        },
        arrival,
        permit,
    };
    Ok(handshake.streaming(Handover::new(pending_upgrade)))
}

/// Frames per second of one connection of a person, or of a bot; `None` = unlimited.
fn frames_per_second(state: &AppState, bot: bool) -> Option<u32> {
    let messages = match bot {
        true => state.config.bots.messages_per_minute,
        false => state.config.limits.messages_per_minute,
    };
    (messages > 0).then(|| messages.div_ceil(60).saturating_mul(4) + SPARE_FRAMES_PER_SECOND)
}

/// The head of the 101, for a request that follows RFC 6455 §4.2.1 to the letter: a proxy or a
/// script of another site shall not get a socket by chance.
fn handshake(request: &HttpRequest) -> Result<HttpResponseBuilder, Error> {
    let keys = request.headers().get_all(header::SEC_WEBSOCKET_KEY).count();
    if request.version() < Version::HTTP_11
        || keys != 1
        || verify_handshake(request.head()).is_err()
    {
        return Err(Error::NotWebSocket);
    }
    ws::handshake_with_protocols(request, &[bearer::SUBPROTOCOL])
        .map_err(|_none| Error::NotWebSocket)
}

/// `GET /api/v1/connect/check`: what an upgrade would be answered now. A browser hides the answer to a refused
/// WebSocket from its page, so the page asks here.
///
/// # Errors
/// [`Error::Restarting`], [`Error::GuestsOff`], [`Error::ServerFull`], [`Error::AddressFull`], [`Error::CrossSite`],
/// [`Error::Busy`]: as an upgrade, the handshake aside.
#[utoipa::path(
    get,
    path = "/api/v1/connect/check",
    operation_id = "check_connection",
    tag = "Account",
    summary = "Whether a WebSocket would be accepted now",
    responses((status = 200, description = "It would", body = responses::EmptyAnswer))
)]
pub async fn check(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    admit(&request, &client, &state).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

/// Whether the sender is greeted as classic clients are.
fn greets(request: &HttpRequest) -> bool {
    !request.query_string().split('&').any(|flag| flag == "feed")
}

async fn admit(
    request: &HttpRequest,
    client: &Client,
    state: &AppState,
) -> Result<(Arrival, ConnectionPermit), Error> {
    ask(request, client, state)?;
    let arrival = client.arrival(state, greets(request)).await?;
    let permit = state.admission.take(arrival.prefix)?;
    Ok((arrival, permit))
}

/// The same for the owner of a token, which is good once: it is used when nothing else is in the way.
async fn admit_by_token(
    request: &HttpRequest,
    client: Client,
    state: &AppState,
    token: &str,
) -> Result<(Arrival, ConnectionPermit), Error> {
    ask(request, &client, state)?;
    let permit = state.admission.take(client.subscriber())?;
    let client = site_socket::enter(request, client, state, token).await?;
    let permit = permit.and_then(site_socket::farewell(&client, state));
    let arrival = client.arrival(state, greets(request)).await?;
    Ok((arrival, permit))
}

/// What is asked of everybody, whoever they are.
fn ask(request: &HttpRequest, client: &Client, state: &AppState) -> Result<(), Error> {
    let is_worse_off = state
        .cluster
        .as_ref()
        .is_some_and(|node| node.is_worse_off());
    if !state.shutdown.is_open() || is_worse_off {
        return Err(Error::Restarting);
    }
    if client.has_cookie() && !security::is_own_origin(request, state) {
        return Err(Error::CrossSite);
    }
    state.shedding.admit(Workload::Arrival)
}
