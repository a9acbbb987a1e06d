//! The API of search: messages in every room that the reader may read.
//!
//! Bounds: [`TIME`] for one search, and a rate limit for each person (`app/startup.rs`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::message_id::MessageId;
use crate::model::person::ServerRole;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::view::MessageView;
use crate::store::db::{Db, StoreError};
use crate::store::search::{self as index, find, scope};
use crate::text::catalog::Lang;
use crate::text::query::{self, Query};
use crate::text::{clock, name};
use crate::web::get_route;
use crate::web::room_commands::view_rooms;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/search", get_route().to(search));
}

/// How long the store may search: what people take for instant.
const TIME: Duration = Duration::from_millis(250);

/// The order of the hits.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SearchOrder)]
pub enum Order {
    /// Newest first.
    #[default]
    New,
    /// Best match first, among the newest 1,000 that have all words.
    Best,
}

/// The query.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Words, "words in this order", and `from:name`, `in:room`, `before:2026-11-01`,
    /// `after:2026-11-01`, `has:link`, `has:file`, `has:picture`, `has:video`, `has:audio`, `has:voice`. At most 200
    /// characters.
    #[serde(default)]
    q: String,
    /// The order of the hits.
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// The `next` of the answer before.
    after: Option<String>,
    /// The time zone of dates: a name such as `Europe/Berlin`, or minutes east of UTC; UTC when
    /// absent.
    #[serde(default)]
    zone: String,
}

/// The room of a hit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HitRoom {
    /// The room's id.
    #[schema(value_type = i64)]
    pub id: RoomId,
    /// Its name, as the reader sees it.
    pub name: String,
}

/// A message that matches.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Hit)]
pub struct HitView<'a> {
    /// The room that it is in.
    pub room: HitRoom,
    /// The message as it is now.
    pub message: MessageView<'a>,
    /// A piece of its plain text and its files' names and descriptions on one line, with `…` where it goes on.
    pub text: String,
    /// Ranges to highlight in `text`: from and to, in UTF-16 units.
    pub marks: Vec<[usize; 2]>,
}

/// A page of hits.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SearchAnswer<'a> {
    /// The hits, in the order that was asked for.
    pub hits: Vec<HitView<'a>>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Whether every message can be found; false while old messages are still being indexed.
    pub complete: bool,
}

/// `GET /api/v1/search`
///
/// # Errors
/// [`Error::TooLong`], [`Error::BadData`] for an invalid cursor; [`Error::TooFast`],
/// [`Error::TooSlow`], [`Error::Busy`], [`Error::GuestsOff`].
#[utoipa::path(
    get,
    path = "/api/v1/search",
    operation_id = "search_messages",
    tag = "Messages",
    summary = "Search messages in every room that the reader may read",
    params(Wanted),
    responses((status = 200, description = "At most 20 and a cursor", body = SearchAnswer))
)]
pub async fn search(
    client: Client,
    state: web::Data<AppState>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let (found, names, complete) = look(&client, &state, &wanted).await?;
    let hits = found.hits.into_iter();
    let hits: Vec<find::Hit> = hits
        .filter(|hit| names.contains_key(&hit.message.room))
        .collect();
    Ok(HttpResponse::Ok().json(SearchAnswer {
        hits: hits
            .iter()
            .map(|hit| HitView {
                room: HitRoom {
                    id: hit.message.room,
                    name: names.get(&hit.message.room).cloned().unwrap_or_default(),
                },
                message: MessageView::from(&hit.message),
                text: hit.piece.text.clone(),
                marks: hit.piece.marks.clone(),
            })
            .collect(),
        next: found.next.map(|next| cursor(&next)),
        complete,
    }))
}

/// The hits, the names of their rooms, and whether the index is complete.
type Looked = (find::Found, HashMap<RoomId, String>, bool);

async fn look(client: &Client, state: &AppState, wanted: &Wanted) -> Result<Looked, Error> {
    let principal = client.principal(state).await?;
    state.shedding.admit(Workload::Searching)?;
    let query = Query::read(&wanted.q, &query::zone(&wanted.zone)?)?;
    let (order, after) = match (
        wanted.order,
        wanted.after.as_deref().map(place).transpose()?,
    ) {
        (Order::New, after @ (None | Some(find::After::New(_)))) => (find::Order::New, after),
        (Order::Best, after @ (None | Some(find::After::Best { .. }))) => {
            (find::Order::Best, after)
        }
        _ => return Err(Error::BadData),
    };
    let address = client.subscriber();
    state.searches.take(&principal.person, address)?;
    let wanted = find::Wanted {
        reader: scope::Reader {
            id: principal.id(),
            runs_server: principal.role >= ServerRole::Admin,
            rooms: principal
                .grant
                .as_ref()
                .and_then(|grant| grant.rooms.clone()),
        },
        lobby: query
            .room
            .as_deref()
            .is_some_and(|key| is_lobby(state, key)),
        query,
        order,
        after,
        now: clock::now_ms(),
    };
    let member = principal.id().user().is_some();
    let permit = state.search_gate.wait(member, address).await?;
    let read = state.store.read(move |db| {
        // The permit is held as long as the search waits for a reader thread and is worked on, even when the client has gone.
        let _until_then = &permit;
        let found = in_time(db, |db| find::page(db, &wanted))?;
        Ok((found, index::is_whole(db)?))
    });
    let (found, complete) = read.await?;
    let names = names(state, &found, principal).await?;
    Ok((found, names, complete))
}

fn in_time<T>(
    db: &mut dyn Db,
    work: impl FnOnce(&mut dyn Db) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    db.set_deadline(Some(Instant::now() + TIME))?;
    let done = work(db);
    db.set_deadline(None)?;
    done
}

/// The names of the rooms that have hits.
async fn names(
    state: &AppState,
    found: &find::Found,
    principal: Principal,
) -> Result<HashMap<RoomId, String>, Error> {
    let mut rooms: Vec<RoomId> = found.hits.iter().map(|hit| hit.message.room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let rooms = view_rooms(state, rooms, principal).await?;
    Ok(rooms
        .into_iter()
        .map(|room| (room.id, room.settings.name.clone()))
        .collect())
}

/// Whether `key` is the lobby's name: the configured one, or else the default one in any language.
fn is_lobby(state: &AppState, key: &str) -> bool {
    let own = state.config.chat.name.as_str();
    let lobbies = Lang::ALL.map(|lang| lang.given_or(own, "room.lobby"));
    lobbies.iter().any(|lobby| name::key(lobby) == key)
}

fn cursor(after: &find::After) -> String {
    match after {
        find::After::New(id) => format!("new.{id}"),
        find::After::Best {
            top,
            now,
            score,
            id,
        } => format!("best.{top}.{now}.{score}.{id}"),
    }
}

fn place(cursor: &str) -> Result<find::After, Error> {
    let (order, numbers) = cursor.split_once('.').ok_or(Error::BadData)?;
    let numbers: Result<Vec<i64>, _> = numbers.split('.').map(str::parse).collect();
    let numbers = numbers.map_err(|_not_ours| Error::BadData)?;
    match (order, numbers.as_slice()) {
        ("new", [id]) => Ok(find::After::New(MessageId(*id))),
        ("best", [top, now, score, id]) => Ok(find::After::Best {
            top: MessageId(*top),
            now: *now,
            score: *score,
            id: MessageId(*id),
        }),
        _ => Err(Error::BadData),
    }
}
