//! Who is online in a room, and the endpoints for probes and metrics.

use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::client::Client;
use crate::auth::client_address;
use crate::chat::shedding::Workload;
use crate::config::Server;
use crate::error::Error;
use crate::model::room_id::RoomId;
use crate::protocol::view::Presence;
use crate::telemetry;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers what programs look after the server by: it reads no session, and answers where none can be read.
pub fn probes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", get_route().to(healthz))
        .route("/readyz", get_route().to(readyz))
        .route("/metrics", get_route().to(metrics));
}

/// Registers this file's other routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/rooms/{room}/people", get_route().to(people));
}

/// People that the answer names; the others are counted only.
const PEOPLE: usize = 200;

/// `GET /api/v1/rooms/{room}/people`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::GuestsOff`],
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/people",
    operation_id = "get_room_presence",
    tag = "People",
    summary = "Who is online in a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "Counts, and up to 200 people", body = Presence))
)]
pub async fn people(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<Json<Presence>, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let presence = state.chat.room_presence(*room, principal, PEOPLE).await?;
    Ok(Json(presence))
}

/// `GET /healthz`: the process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// How long each part of the server may take to answer a readiness probe: twice the time that a writer waits
/// for another process's lock, and a second.
const READY: Duration = Duration::from_secs(5);

/// How long a database may take that several nodes share: proxies wait for the probe for a second. Whether it answers say the
/// sweeps too.
const SOON: Duration = Duration::from_millis(800);

/// How the parts of the server are.
#[derive(Debug, Serialize)]
struct Readiness {
    /// Whether it is a good one to come to.
    ready: bool,
    /// Whether it takes connections: it does not go down.
    open: bool,
    /// Whether the database is where it was, and answers a reader and the writer.
    store: bool,
    /// Whether ChatServer answers.
    chat: bool,
    /// Where there may be several nodes: how this one is.
    #[serde(flatten)]
    node: Option<NodeReadiness>,
}

#[derive(Debug, Serialize)]
struct NodeReadiness {
    /// What it is called.
    node: String,
    /// Whether NATS is there; nothing where there is none in the settings.
    nats: Option<bool>,
    /// How long ago it last knew all that the others have changed, in ms.
    sweep_ms: Option<u64>,
}

/// `GET /readyz`: the server takes connections, and its parts answer: a reader, the writer and
/// ChatServer. A database that cannot be written to just now can still be read; one whose file is gone is not ready.
///
/// Of several nodes one is not ready while another one is better off. Where the database is away for all of them all stay
/// ready: those who come see a page that waits, and what is read from memory.
pub async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let store = &state.store;
    let read = store.read(|db| db.first("SELECT 1", &[]).map(|_| ()));
    let answers = async { tokio::try_join!(read, store.writer_answers()) };
    let cluster = state.cluster.as_ref();
    let within = cluster.map_or(READY, |_| SOON);
    let (answers, chat) = tokio::join!(timeout(within, answers), timeout(READY, state.chat.ping()));
    let in_place = state.hold.as_ref().is_none_or(|hold| hold.check().is_ok());
    let open = state.shutdown.is_open();
    let store = in_place && matches!(answers, Ok(Ok(_)));
    let chat = matches!(chat, Ok(Ok(())));
    let is_good = match cluster {
        Some(cluster) => {
            let fails = matches!(answers, Ok(Err(_)));
            in_place && !cluster.is_behind() && (!fails || cluster.is_cut_off())
        }
        None => store,
    };
    let readiness = Readiness {
        ready: open && chat && is_good,
        open,
        store,
        chat,
        node: cluster.map(|cluster| NodeReadiness {
            node: cluster.node.clone(),
            nats: cluster.nats(),
            sweep_ms: cluster
                .since_sweep()
                .and_then(|since| u64::try_from(since.as_millis()).ok()),
        }),
    };
    match readiness.ready {
        true => HttpResponse::Ok().json(readiness),
        false => HttpResponse::ServiceUnavailable().json(readiness),
    }
}

/// `GET /metrics`, for programs on this machine and those that `[server] metrics` names: everybody else
/// gets 404.
pub async fn metrics(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    if may_read_metrics(&request, &state.config.server) {
        HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(telemetry::text())
    } else {
        HttpResponse::NotFound().finish()
    }
}

/// A request through a proxy counts as the client's, and only a trusted proxy says who that is.
fn may_read_metrics(request: &HttpRequest, server: &Server) -> bool {
    let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip", "via"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let local = peer.is_some_and(|peer| peer.is_loopback());
    let proxies = &server.trusted_proxies;
    if !forwarded {
        let named = |peer| client_address::is_proxy(peer, &server.metrics);
        return local || peer.is_some_and(named);
    }
    let from = client_address::of(request, proxies);
    client_address::is_from_proxy(request, proxies)
        && from.is_some_and(|from| client_address::is_proxy(from, &server.metrics))
}
