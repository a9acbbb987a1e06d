//! The reading part of the API: older messages, who is here; and what probes ask.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::answers;
use super::client::{Client, Refused};
use super::deeds::view;
use crate::chat::load::Work;
use crate::chat::messages::WhoIsHere;
use crate::chat::room::PAGE;
use crate::error::Error;
use crate::house::House;
use crate::protocol::view::{MessageView, Presence};
use crate::store::messages;
use crate::telemetry;

/// People that a member list names; more are a number.
const PEOPLE: usize = 200;

/// Which messages are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Older {
    /// Only those older than the message with this id.
    before: Option<i64>,
    /// At most so many, and never more than a page.
    limit: Option<usize>,
}

/// `GET /api/v1/rooms/{room}/messages`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/messages",
    operation_id = "api_older",
    tag = "Messages",
    summary = "Older messages",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), Older),
    responses((status = 200, description = "Oldest first", body = answers::MessagesAnswer))
)]
pub async fn older(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
    query: web::Query<Older>,
) -> Result<HttpResponse, Refused> {
    let page = read_older(&client, &house, *room, &query).await;
    let (page, more) = page.map_err(|error| client.refused(error))?;
    let views: Vec<MessageView<'_>> = page.iter().map(MessageView::from).collect();
    let told = client.told(&answers::MessagesAnswer {
        messages: views,
        more,
    });
    Ok(HttpResponse::Ok().json(told?))
}

async fn read_older(
    client: &Client,
    house: &House,
    room: i64,
    query: &Older,
) -> Result<(Vec<crate::chat::message::Message>, bool), Error> {
    let onlooker = client.onlooker(house).await?;
    house.load.admit(Work::Reading)?;
    view(house, room, onlooker).await?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let before = query.before;
    // One more than asked for tells whether there is more.
    let wanted = i64::try_from(limit).unwrap_or(0) + 1;
    let mut page = house
        .store
        .read(move |db| messages::page(db, room, before, wanted))
        .await?;
    let more = page.len() > limit;
    if more {
        page.remove(0);
    }
    Ok((page, more))
}

/// `GET /api/v1/rooms/{room}/pins`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/pins",
    operation_id = "api_pins",
    tag = "Messages",
    summary = "Messages that the room keeps at hand",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "At most 50, those first that were pinned last", body = answers::MessagesAnswer))
)]
pub async fn pins(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let read = async {
        let onlooker = client.onlooker(&house).await?;
        house.load.admit(Work::Reading)?;
        let id = view(&house, *room, onlooker).await?.id;
        Ok(house.store.read(move |db| messages::pinned(db, id)).await?)
    };
    let pins = read.await.map_err(|error: Error| client.refused(error))?;
    let told = client.told(&answers::MessagesAnswer {
        messages: pins.iter().map(MessageView::from).collect(),
        more: false,
    });
    Ok(HttpResponse::Ok().json(told?))
}

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
