//! The API for the site's own server: who is online, on all nodes.

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::house_caller::HouseCaller;
use super::house_person::NamedPerson;
use super::person_presence::{self, NodePresence};
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::protocol::view::{PersonHere, PresenceStatus};
use crate::store::db::{Db, StoreError};
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/house/online", get_route().to(count))
        .route("/api/v1/house/online/people", get_route().to(list));
}

/// People that one call may ask about.
const ASKED: usize = 100;

/// People per page.
const PAGE: usize = 50;

/// Who is asked about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Up to 100 people, with commas between them: a public id such as u12, or issuer:subject.
    ids: Option<String>,
}

/// How many are online, and whether some are.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlineAnswer {
    /// People who are online.
    pub people: usize,
    /// Their connections.
    pub connections: usize,
    /// Whether some of it may be old, or not known: a node that lives does not say who is there.
    pub stale: bool,
    /// Those who were asked about, in that order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Vec<AskedPerson>>,
}

/// Somebody who was asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedPerson {
    /// What the call names them.
    pub id: String,
    /// Their public id; `null` for an identity that nobody has come with.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// Whether they are online.
    pub here: PresenceStatus,
}

/// Where a page begins.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// The `next` of the answer before.
    #[param(value_type = Option<String>)]
    after: Option<PersonId>,
}

/// A page of who is online.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlinePeopleAnswer {
    /// Accounts, then visitors, each in the order of their ids.
    pub people: Vec<OnlinePerson>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Whether some of it may be old, or not known.
    pub stale: bool,
}

/// Somebody who is online.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlinePerson {
    /// Who they are.
    #[serde(flatten)]
    pub person: PersonHere,
    /// The nodes that they are at, the one that answers first.
    pub nodes: Vec<NodePresence>,
}

/// `GET /api/v1/house/online`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::BadData`] for more people than may be asked about, and for what is nobody's name;
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/house/online",
    operation_id = "house_count_online",
    tag = "House",
    summary = "How many are online, and whether these people are",
    params(Asked),
    responses((status = 200, description = "Over all nodes", body = OnlineAnswer))
)]
pub async fn count(
    _caller: HouseCaller,
    state: web::Data<AppState>,
    query: web::Query<Asked>,
) -> Result<Json<OnlineAnswer>, Error> {
    state.shedding.admit(Workload::Reading)?;
    let asked = match query.into_inner().ids {
        Some(ids) => Some(asked(&state, &ids).await?),
        None => None,
    };
    let online = state.chat.online(PersonId::Nobody, 0).await?;
    Ok(Json(OnlineAnswer {
        people: online.people,
        connections: online.connections,
        stale: online.stale,
        asked,
    }))
}

async fn asked(state: &AppState, ids: &str) -> Result<Vec<AskedPerson>, Error> {
    let names: Vec<&str> = ids.split(',').collect();
    if names.len() > ASKED {
        return Err(Error::BadData);
    }
    let parsed = names.iter().map(|name| name.parse::<NamedPerson>());
    let named: Vec<_> = parsed
        .collect::<Result<_, _>>()
        .map_err(|_nobody| Error::BadData)?;
    let find = move |db: &mut dyn Db| -> Result<Vec<_>, StoreError> {
        named.iter().map(|named| named.id(db)).collect()
    };
    let people = state.store.read(find).await?;
    // Nobody is never here.
    let ids = people.iter().map(|id| id.unwrap_or_default()).collect();
    let here = state.chat.presence(ids).await?;
    let each = names.into_iter().zip(people).zip(here);
    let each = each.map(|((name, person), here)| AskedPerson {
        id: name.to_owned(),
        person,
        here,
    });
    Ok(each.collect())
}

/// `GET /api/v1/house/online/people`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::BadData`] for an invalid cursor; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/house/online/people",
    operation_id = "house_list_online",
    tag = "House",
    summary = "Who is online, and at which nodes",
    params(After),
    responses((status = 200, description = "At most 50 and a cursor", body = OnlinePeopleAnswer))
)]
pub async fn list(
    _caller: HouseCaller,
    state: web::Data<AppState>,
    query: web::Query<After>,
) -> Result<Json<OnlinePeopleAnswer>, Error> {
    state.shedding.admit(Workload::Reading)?;
    let after = query.into_inner().after.unwrap_or_default();
    let online = state.chat.online(after, PAGE).await?;
    let last = online.some.last().filter(|_| online.some.len() == PAGE);
    let next = last.map(|(here, _)| here.person.id.to_string());
    let people = online.some.into_iter().map(|(person, places)| {
        let nodes = places
            .iter()
            .map(|place| person_presence::at(&state, place));
        OnlinePerson {
            person,
            nodes: nodes.collect(),
        }
    });
    Ok(Json(OnlinePeopleAnswer {
        people: people.collect(),
        next,
        stale: online.stale,
    }))
}
