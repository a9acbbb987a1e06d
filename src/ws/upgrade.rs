//! From a request to a session: who may open a WebSocket.
//!
//! Owns the checks before the 101: house open, origin, guests, seats. What is refused is refused in HTTP, with a status and a localized message.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;

use super::handover::{Handover, Newcomer};
use super::seats::Seat;
use super::session;
use super::socket::RawSocket;
use super::wires::Wires;
use crate::chat::load::Work;
use crate::chat::messages::Arrival;
use crate::error::Error;
use crate::house::House;
use crate::web::address;
use crate::web::answers;
use crate::web::client::{Client, Refused};
use crate::web::security;

/// `GET /ws`.
///
/// # Errors
/// See [`admit`]; and when the request is no WebSocket handshake.
pub async fn upgrade(
    request: HttpRequest,
    body: web::Payload,
    client: Client,
    house: web::Data<House>,
    wires: web::Data<Rc<Wires>>,
) -> Result<HttpResponse, Refused> {
    let lang = client.lang();
    let refused = |error| Refused { error, lang };
    let handshake = ws::handshake(&request);
    let mut handshake = handshake.map_err(|_none| refused(Error::NotWebSocket))?;
    let (arrival, seat) = admit(&request, &client, &house).await.map_err(refused)?;
    let socket = request
        .conn_data::<Rc<RawSocket>>()
        .and_then(|raw| raw.take())
        .ok_or_else(|| refused(Error::Internal))?;
    let newcomer = Newcomer {
        socket,
        body,
        wires: Rc::clone(&wires),
        chat: house.chat.clone(),
        settings: session::Settings {
            pulse: house.pulse,
            frames_per_second: house.frames_per_second,
            message_chars: house.limits.message_chars,
        },
        arrival,
        seat,
    };
    Ok(handshake.streaming(Handover::new(newcomer)))
}

/// `GET /api/v1/door`: what an upgrade would be told now. A browser hides the answer to a refused
/// WebSocket from its page, so the page asks here.
///
/// # Errors
/// [`Error::Restarting`], [`Error::GuestsOff`], [`Error::HouseFull`], [`Error::AddressFull`], [`Error::CrossSite`],
/// [`Error::Busy`]: as an upgrade, the handshake aside.
#[utoipa::path(
    get,
    path = "/api/v1/door",
    operation_id = "upgrade_door",
    tag = "Account",
    summary = "Whether a WebSocket would be let in now",
    responses((status = 200, description = "It would", body = answers::EmptyAnswer))
)]
pub async fn door(
    request: HttpRequest,
    client: Client,
    house: web::Data<House>,
) -> Result<HttpResponse, Refused> {
    let admitted = admit(&request, &client, &house).await;
    admitted.map_err(|error| client.refused(error))?;
    Ok(HttpResponse::Ok().json(answers::EmptyAnswer {}))
}

async fn admit(
    request: &HttpRequest,
    client: &Client,
    house: &House,
) -> Result<(Arrival, Seat), Error> {
    if !house.shutdown.is_open() {
        return Err(Error::Restarting);
    }
    if client.has_cookie() && !security::is_own_origin(request, house) {
        return Err(Error::CrossSite);
    }
    house.load.admit(Work::Arrival)?;
    let identity = client.identity(house).await?;
    let prefix = address::subscriber(client.address());
    let seat = house.seats.take(prefix)?;
    let greet = !request.query_string().split('&').any(|flag| flag == "feed");
    Ok((
        Arrival {
            identity,
            greet,
            prefix,
        },
        seat,
    ))
}
