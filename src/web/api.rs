//! Who is here, and what probes ask.

use actix_web::{HttpRequest, HttpResponse, web};

use super::client::{Client, Refused};
use crate::chat::load::Work;
use crate::chat::messages::WhoIsHere;
use crate::error::Error;
use crate::house::House;
use crate::protocol::view::Presence;
use crate::telemetry;

/// People that a member list names; more are a number.
const PEOPLE: usize = 200;

/// `GET /api/v1/rooms/{room}/people`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/people",
    operation_id = "api_people",
    tag = "People",
    summary = "Who is online in a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "Counts, and up to 200 people", body = Presence))
)]
pub async fn people(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let presence = read_people(&client, &house, *room).await;
    let presence = presence.map_err(|error| client.refused(error))?;
    Ok(HttpResponse::Ok().json(presence))
}

async fn read_people(client: &Client, house: &House, room: i64) -> Result<Presence, Error> {
    let onlooker = client.onlooker(house).await?;
    house.load.admit(Work::Reading)?;
    let who = WhoIsHere {
        room,
        onlooker,
        limit: PEOPLE,
    };
    house.chat.send(who).await.map_err(|_busy| Error::Busy)?
}

/// `GET /healthz`: the process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the house takes connections, and its store answers.
pub async fn readyz(house: web::Data<House>) -> HttpResponse {
    let store = house
        .store
        .read(|db| db.first("SELECT 1", &[]).map(|_| ()))
        .await;
    if house.shutdown.is_open() && store.is_ok() {
        HttpResponse::Ok().body("ready\n")
    } else {
        HttpResponse::ServiceUnavailable().body("not ready\n")
    }
}

/// `GET /metrics`, for programs on this machine only: a request from elsewhere, or one that a
/// proxy passed on, finds nothing.
pub async fn metrics(request: HttpRequest) -> HttpResponse {
    let local = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip", "via"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    if local && !forwarded {
        HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(telemetry::text())
    } else {
        HttpResponse::NotFound().finish()
    }
}
