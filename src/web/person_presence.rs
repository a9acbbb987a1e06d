//! Where a person is online, and the end of their connections, for those who look after the server.

use actix_web::web::{self, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::client::Client;
use crate::audit;
use crate::chat::requests::PersonPlace;
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::protocol::view::PresenceStatus;
use crate::store::accounts::users;
use crate::store::notices::{self, Notice};
use crate::web::get_route;
use crate::web::responses::EmptyAnswer;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/people/{person}/presence", get_route().to(get))
        .route("/api/v1/people/{person}/connections", web::delete().to(end));
}

/// Where a person is online.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonPresenceAnswer {
    /// Whether they are.
    pub here: PresenceStatus,
    /// The nodes that they are at, the one that answers first.
    pub nodes: Vec<NodePresence>,
    /// Whether some of it may be old, or not known: a node that lives does not say who is there.
    pub stale: bool,
}

/// A person at one node.
#[derive(Debug, Serialize, ToSchema)]
pub struct NodePresence {
    /// What the node is called; empty where that is not known yet.
    pub node: String,
    /// What the others know it by: a UUID of its run.
    pub boot: String,
    /// Their connections there.
    pub connections: usize,
    /// How many of these have been left alone for minutes.
    pub idle: usize,
}

/// `GET /api/v1/people/{person}/presence`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::ServerRoleOnly`] for whoever does not look after the server; [`Error::NotFound`] for
/// an account that does not exist; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/people/{person}/presence",
    operation_id = "get_person_presence",
    tag = "Server",
    summary = "Where a person is online, by node",
    params(("person" = String, Path, description = "A public id such as u12, or a visitor's")),
    responses((status = 200, description = "No nodes for whoever is not online", body = PersonPresenceAnswer)),
    security(("session" = []))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    person: web::Path<PersonId>,
) -> Result<Json<PersonPresenceAnswer>, Error> {
    admin_about(&client, &state, *person).await?;
    let presence = state.chat.person_presence(*person).await?;
    let places = presence.places.into_iter();
    Ok(Json(PersonPresenceAnswer {
        here: presence.here,
        nodes: places.map(|place| at(&state, &place)).collect(),
        stale: presence.stale,
    }))
}

/// `DELETE /api/v1/people/{person}/connections`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::ServerRoleOnly`] for whoever does not look after the server; [`Error::NotFound`] for
/// an account that does not exist; [`Error::NotSaved`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/people/{person}/connections",
    operation_id = "end_person_connections",
    tag = "Server",
    summary = "End a person's connections, at every node; they may come back",
    params(("person" = String, Path, description = "A public id such as u12, or a visitor's")),
    responses((status = 200, description = "They end: at once; where there are several nodes, within a second", body = EmptyAnswer)),
    security(("session" = []))
)]
pub async fn end(
    client: Client,
    state: web::Data<AppState>,
    person: web::Path<PersonId>,
) -> Result<Json<EmptyAnswer>, Error> {
    let id = *person;
    let by = admin_about(&client, &state, id).await?;
    end_connections(&state, by, id).await?;
    Ok(Json(EmptyAnswer {}))
}

/// Ends a person's connections at every node, for `by`.
///
/// # Errors
/// When the other nodes cannot be told.
pub(super) async fn end_connections(
    state: &AppState,
    by: PersonId,
    id: PersonId,
) -> Result<(), Error> {
    match &state.cluster {
        None => state.chat.close_connections(id),
        // Each node learns of it once, this one too.
        Some(_) => {
            let notice = Notice::ConnectionsEnded { id };
            let told = state.store.write(move |db| notices::write(db, &notice));
            told.await?;
        }
    }
    audit::connections_ended(by, id);
    Ok(())
}

/// Sees that whoever asks about somebody looks after the server, and that there is such an account; gives who asks.
async fn admin_about(
    client: &Client,
    state: &AppState,
    person: PersonId,
) -> Result<PersonId, Error> {
    let admin = client.account(state).await?;
    if admin.role < ServerRole::Admin {
        return Err(Error::ServerRoleOnly);
    }
    if let Some(number) = person.user() {
        let account = state.store.read(move |db| users::by_id(db, number));
        account.await?.ok_or(Error::NotFound)?;
    }
    Ok(PersonId::User(admin.id))
}

/// A person at one node, by the name of the node.
pub(super) fn at(state: &AppState, place: &PersonPlace) -> NodePresence {
    let node = match &state.cluster {
        None => crate::cluster::host(),
        Some(cluster) => {
            let mut nodes = cluster.nodes().into_iter();
            let node = nodes.find(|node| node.boot == place.boot);
            node.map(|node| node.node).unwrap_or_default()
        }
    };
    NodePresence {
        node,
        boot: place.boot.to_string(),
        connections: place.connections,
        idle: place.idle,
    }
}
