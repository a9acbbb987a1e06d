//! The API by which a program hears what happens: it asks with its cursor, and the call waits until there is something.
//!
//! It hears the lobby, the rooms that its account is in, and those that its token names; of each room every event, once
//! and in order. Rooms have no order among each other. Nothing is kept here: where a program is, its cursor says.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};
use utoipa::ToSchema;

use super::client::Client;
use crate::chat::requests::{HeardRoom, Wake};
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::event::{Event, EventContent};
use crate::model::event_cursor::{EventCursor, ROOMS, RoomPosition};
use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::view;
use crate::store::accounts::bots;
use crate::store::accounts::tokens::{self, Token};
use crate::store::db::{Db, StoreError};
use crate::store::queries::{catch_up, heard};
use crate::telemetry;
use crate::text::clock;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/bot/events", get_route().to(list));
}

/// Events of one answer, at most and when the call does not say.
const PAGE: usize = 100;

/// Seconds that a call waits, at most and when it does not say: less than proxies do.
const WAIT: u64 = 25;

/// A call that has waited is not answered sooner than this after it began: a busy room is told in bundles, and a program
/// that asks again at once stays within what one token may call.
const BUNDLED: Duration = Duration::from_millis(200);

/// From where on, and how.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The `next` of the answer before. Without it nothing is told but where to begin.
    #[serde(default)]
    after: String,
    /// Seconds to wait until there is something, 0 to 25.
    #[serde(default = "wait")]
    wait: u64,
    /// Events at most, 1 to 100.
    #[serde(default = "page")]
    limit: usize,
    /// Whether the doings of other bots are told, too.
    #[serde(default)]
    bots: bool,
}

const fn wait() -> u64 {
    WAIT
}

const fn page() -> usize {
    PAGE
}

/// What has happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct BotEventsAnswer {
    /// The events, those of a room in their order.
    pub events: Vec<BotEvent>,
    /// The `after` of the next call.
    pub next: String,
}

/// Something that has happened in a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct BotEvent {
    /// Its id, the same for ever.
    pub id: String,
    /// `room.` and the kind of the event; `gap` where events are gone, or belong to another numbering: the history has
    /// what is there.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where.
    pub room: EventRoom,
    /// The data of frame 17 of the feed; of a gap, the last seq before it and the last one of it.
    #[schema(value_type = Object)]
    pub event: Box<RawValue>,
}

/// The room of an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventRoom {
    /// The room's id; 1 is the lobby.
    #[schema(value_type = i64)]
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// Its name.
    pub name: String,
}

/// The `event` of a gap.
#[derive(Debug, Serialize)]
struct Gap {
    room: RoomId,
    /// The last seq before it; `null` where the room's numbering is another now.
    after: Option<Seq>,
    /// The last seq of it.
    to: Seq,
}

/// `GET /api/v1/bot/events`
///
/// # Errors
/// [`Error::BadToken`] without a token, and when it has ended meanwhile; [`Error::TooManyRooms`] for a program in more than a
/// cursor holds; [`Error::BadData`] for a cursor that is none, and
/// for numbers out of range; [`Error::PolledElsewhere`] when the same token asks again before this is answered;
/// [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/bot/events",
    operation_id = "list_events",
    tag = "Messages",
    summary = "What has happened in all rooms of a program since it asked last; waits until there is something",
    params(Asked),
    responses((status = 200, description = "At most 100 and a cursor", body = BotEventsAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    query: web::Query<Asked>,
) -> Result<Json<BotEventsAnswer>, Error> {
    state.shedding.admit(Workload::Reading)?;
    let began = Instant::now();
    let token = client.token().ok_or(Error::BadToken)?.id.clone();
    let asked = query.into_inner();
    if asked.wait > WAIT || !(1..=PAGE).contains(&asked.limit) {
        return Err(Error::BadData);
    }
    let mut cursor = match asked.after.as_str() {
        "" => None,
        after => Some(after.parse::<EventCursor>()?),
    };
    let last = began + Duration::from_secs(WAIT);
    let until = match cursor {
        Some(_) => began + Duration::from_secs(asked.wait),
        None => began,
    };
    let mut principal = client.sender(&state).await?.principal;
    let (me, bots, limit) = (principal.id(), asked.bots, asked.limit);
    loop {
        let (wake, woken) = oneshot::channel();
        let rooms = state
            .chat
            .wait_for_events(token.clone(), principal.clone(), wake)
            .await?;
        if rooms.len() > ROOMS {
            return Err(Error::TooManyRooms { limit: ROOMS });
        }
        let from = cursor.take();
        let read = move |db: &mut dyn Db| {
            let walk = Walk {
                me,
                bots,
                left: limit,
                events: Vec::new(),
            };
            walk.through(db, &rooms, from.as_ref())
        };
        let heard = state.store.read(read).await?;
        let answer = |cursor: EventCursor, events| {
            Ok(Json(BotEventsAnswer {
                events,
                next: cursor.to_string(),
            }))
        };
        // Reading past what is not for it may take longer than it wants to wait, but not for ever.
        let until = if heard.is_behind { last } else { until };
        let is_over = Instant::now() >= until || !state.shutdown.is_open();
        if !heard.events.is_empty() || is_over {
            return answer(heard.cursor, heard.events);
        }
        if !heard.is_behind {
            let waiting = Waiting::new();
            let woken = timeout_at(until, woken).await;
            if let Ok(Ok(Wake::Happened)) = woken {
                sleep_until(began + BUNDLED).await;
            }
            drop(waiting);
            let grant = still_good(&state, token.clone()).await?;
            principal.grant = Some(Arc::new(grant));
            match woken {
                Ok(Ok(Wake::Happened)) => {}
                Ok(Ok(Wake::GoingDown)) | Err(_) => return answer(heard.cursor, Vec::new()),
                Ok(Ok(Wake::TakenOver) | Err(_)) => return Err(Error::PolledElsewhere),
            }
        }
        cursor = Some(heard.cursor);
    }
}

/// A call that waits, as it is counted.
struct Waiting(());

impl Waiting {
    fn new() -> Self {
        telemetry::event_polls(1);
        Self(())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        telemetry::event_polls(-1);
    }
}

/// What a token is good for now: it may have ended or become less while its call waited.
async fn still_good(state: &AppState, token: String) -> Result<Grant, Error> {
    let found = state
        .store
        .read(move |db| tokens::by_id(db, &token))
        .await?;
    let now = clock::now_ms();
    let is_good = |token: &Token| token.expires.is_none_or(|expires| expires > now);
    let grant = found.filter(is_good).ok_or(Error::BadToken)?.grant;
    let reads = grant.has(Scope::Read);
    reads.then_some(grant).ok_or(Error::ScopeNeeded)
}

/// What was read in all rooms.
struct Heard {
    events: Vec<BotEvent>,
    cursor: EventCursor,
    /// Whether there is more to read.
    is_behind: bool,
}

/// Reading on in one room after the other.
struct Walk {
    me: PersonId,
    bots: bool,
    /// Events that may still be read.
    left: usize,
    events: Vec<BotEvent>,
}

impl Walk {
    /// Reads on in each room from where `cursor` is, from its head on where there is none. Rooms of which something was
    /// read are last in the new cursor, so that a busy one holds up no other.
    fn through(
        mut self,
        db: &mut dyn Db,
        rooms: &[HeardRoom],
        cursor: Option<&EventCursor>,
    ) -> Result<Heard, StoreError> {
        let known = cursor.map_or(&[][..], |cursor| &cursor.0);
        let place = |room: &HeardRoom| known.iter().position(|position| position.room == room.id);
        let mut rooms: Vec<_> = rooms.iter().map(|room| (place(room), room)).collect();
        rooms.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
        let (mut still, mut moved, mut is_behind) = (Vec::new(), Vec::new(), false);
        for (place, room) in rooms {
            let from = match place.and_then(|place| known.get(place)) {
                Some(position) if position.epoch == room.epoch => position.seq,
                Some(_) => {
                    self.gap(room, None, room.head);
                    room.head
                }
                None if cursor.is_none() => room.head,
                None => heard::before_coming(db, room.id, self.me, room.head)?,
            };
            let seq = self.read_on(db, room, from)?;
            is_behind |= seq < room.head;
            let list = if seq == from { &mut still } else { &mut moved };
            list.push(RoomPosition {
                room: room.id,
                seq,
                epoch: room.epoch.clone(),
            });
        }
        still.append(&mut moved);
        Ok(Heard {
            events: self.events,
            cursor: EventCursor(still),
            is_behind,
        })
    }

    /// Reads on in one room; returns how far.
    fn read_on(&mut self, db: &mut dyn Db, room: &HeardRoom, from: Seq) -> Result<Seq, StoreError> {
        // Another node may have told of more than is known here.
        if from >= room.head || self.left == 0 {
            return Ok(from);
        }
        let start = from.max(room.begin);
        if start > from {
            self.gap(room, Some(from), start);
        }
        let left = i64::try_from(self.left).unwrap_or(i64::MAX);
        let to = room.head.min(Seq(start.0.saturating_add(left)));
        let read = usize::try_from(to.0 - start.0).unwrap_or(0);
        self.left = self.left.saturating_sub(read);
        for event in catch_up::events_between(db, room.id, start, to)? {
            if self.wants(db, &event.change)? {
                self.events.push(happened(room, &event)?);
            }
        }
        Ok(to)
    }

    fn gap(&mut self, room: &HeardRoom, after: Option<Seq>, to: Seq) {
        let gap = Gap {
            room: room.id,
            after,
            to,
        };
        if let Ok(event) = serde_json::value::to_raw_value(&gap) {
            self.events.push(BotEvent {
                id: id(room, to),
                kind: "gap".to_owned(),
                room: EventRoom::from(room),
                event,
            });
        }
    }

    /// Whether the program is told of this: not of what it does itself, and of other bots' doings where it wants them, so
    /// that two do not talk to each other for ever.
    fn wants(&self, db: &mut dyn Db, change: &EventContent) -> Result<bool, StoreError> {
        let by = change.by();
        if by == self.me {
            return Ok(false);
        }
        let is_bots = match (change, by.user()) {
            (EventContent::Message(message), _) => message.by.bot,
            (_, Some(user)) if !self.bots => bots::by_id(db, user)?.is_some(),
            _ => false,
        };
        Ok(self.bots || !is_bots)
    }
}

fn happened(room: &HeardRoom, event: &Event) -> Result<BotEvent, StoreError> {
    let data = String::from_utf8(view::event_data(event).to_vec());
    let data = data.map_err(|_never| StoreError::Shape)?;
    Ok(BotEvent {
        id: id(room, event.seq),
        kind: format!("room.{}", event.change.kind()),
        room: EventRoom::from(room),
        event: RawValue::from_string(data).map_err(|_never| StoreError::Shape)?,
    })
}

fn id(room: &HeardRoom, seq: Seq) -> String {
    format!("evt_{}_{}_{seq}", room.epoch, room.id)
}

impl From<&HeardRoom> for EventRoom {
    fn from(room: &HeardRoom) -> Self {
        Self {
            id: room.id,
            kind: room.kind,
            name: room.name.clone(),
        }
    }
}
