//! The nodes of the server: the processes that share its database.

use actix_web::web::{self, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::client::Client;
use crate::cluster::NodeDetail;
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::store::postgres::sweep::GONE;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/nodes", get_route().to(list));
}

/// The nodes of the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct NodesAnswer {
    /// Those that say that they live, and those that were last heard of within an hour, by name.
    pub nodes: Vec<NodeAnswer>,
}

/// One node.
#[derive(Debug, Serialize, ToSchema)]
pub struct NodeAnswer {
    /// What it is called: `[cluster] node`, or the name of its machine.
    pub node: String,
    /// What the others know it by: a UUID of this run.
    pub boot: String,
    /// The version of its program.
    pub version: String,
    /// When it started, ms since 1970.
    pub since: i64,
    /// WebSockets that are open there.
    pub connections: usize,
    /// People who are there, each once.
    pub people: usize,
    /// Whether it is going down.
    pub draining: bool,
    /// How long ago it said that it lives, in ms, by the clock of the database.
    pub beat_ms: i64,
    /// Whether it is there: it has said so within 6 s.
    pub alive: bool,
    /// Whether it does what one node has to do, such as deleting what has expired.
    pub on_duty: bool,
    /// Whether it is the one that answers.
    pub here: bool,
    /// The sections of the configuration in which its settings are not those of the node that answers; `keep` where it deletes
    /// what is too old after another time.
    pub other_settings: Vec<String>,
    /// Whether NATS is there for it; nothing where it has none.
    pub nats: Option<bool>,
    /// How long it takes to ask the database, in ms; nothing where no node has to.
    pub store_ms: Option<u64>,
    /// How far the database's clock is ahead of that of its machine, in ms; nothing where no node has to know.
    pub clock_ms: Option<i64>,
}

/// `GET /api/v1/nodes`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::ServerRoleOnly`] for whoever does not look after the server.
#[utoipa::path(
    get,
    path = "/api/v1/nodes",
    operation_id = "list_nodes",
    tag = "Server",
    summary = "The nodes of the server, as the one that answers knows them",
    responses((status = 200, description = "The nodes; one where the server has one alone", body = NodesAnswer)),
    security(("session" = []))
)]
pub async fn list(client: Client, state: web::Data<AppState>) -> Result<Json<NodesAnswer>, Error> {
    if client.account(&state).await?.role < ServerRole::Admin {
        return Err(Error::ServerRoleOnly);
    }
    let Some(cluster) = &state.cluster else {
        return Ok(Json(NodesAnswer {
            nodes: vec![alone(&state)],
        }));
    };
    let nodes = cluster.nodes().into_iter().map(|row| {
        let detail = NodeDetail::of(&row);
        let alive = row.silent_ms < GONE;
        NodeAnswer {
            here: row.boot == cluster.boot,
            other_settings: detail.differs_from(&cluster.settings),
            node: row.node,
            boot: row.boot.to_string(),
            version: detail.version,
            since: row.since,
            connections: detail.connections,
            people: detail.people,
            draining: detail.draining,
            beat_ms: row.silent_ms,
            alive,
            on_duty: alive && detail.on_duty,
            nats: detail.nats,
            store_ms: detail.store_ms,
            clock_ms: detail.clock_ms,
        }
    });
    Ok(Json(NodesAnswer {
        nodes: nodes.collect(),
    }))
}

/// The one node of a server that has its database for itself.
fn alone(state: &AppState) -> NodeAnswer {
    NodeAnswer {
        node: crate::cluster::host(),
        boot: state.boot.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        since: state.since,
        connections: state.admission.taken(),
        people: state.headcount.people(),
        draining: !state.shutdown.is_open(),
        beat_ms: 0,
        alive: true,
        on_duty: true,
        here: true,
        other_settings: Vec::new(),
        nats: None,
        store_ms: None,
        clock_ms: None,
    }
}
