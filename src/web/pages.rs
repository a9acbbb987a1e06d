//! The page's addresses: who asks, which room they see there, and what it holds at this moment.

use std::sync::Arc;

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, web};

use super::client::Client;
use super::file_keys;
use super::invitations;
use super::room_page::{Invitation, View, render};
use crate::auth::session_store::Keys;
use crate::auth::{federation, identity};
use crate::chat::requests::RoomSnapshot;
use crate::chat::room_history::PAGE;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::view::RoomView;
use crate::store::accounts::users;
use crate::store::db::Db;
use crate::store::queries::history::{self, Place};
use crate::store::queries::messages as stored;
use crate::text::clock;
use crate::web::get_route;
use crate::web::room_commands;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", get_route().to(lobby))
        .route("/rooms/{room}", get_route().to(room))
        .route("/rooms/{room}/{message}", get_route().to(message))
        .route("/m/{message}", get_route().to(find))
        .route("/join/{code}", get_route().to(join))
        .route("/password", get_route().to(lobby));
}

/// A visit prolongs the session once per this fraction of its lifetime, not at each request: a write
/// costs more than a read.
const PROLONGED_EVERY: i64 = 10;

/// An id that no room has.
const NOWHERE: RoomId = RoomId(0);

/// `GET /`: the lobby. Whoever is banned from it gets a page that says so, with 404.
///
/// # Errors
/// When ChatServer or the store cannot be asked.
pub async fn lobby(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    show(&client, &state, Wanted::room(LOBBY)).await
}

/// `GET /rooms/{room}`. A room that does not exist, or that the reader may not see, is a page that says so, with 404.
///
/// # Errors
/// As [`lobby`].
pub async fn room(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<HttpResponse, Error> {
    show(&client, &state, Wanted::room(*room)).await
}

/// `GET /rooms/{room}/{message}`: the room, at this message. A message that does not exist is like one that the
/// reader may not see: a page that says so, with 404.
///
/// # Errors
/// As [`lobby`].
pub async fn message(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, MessageId)>,
) -> Result<HttpResponse, Error> {
    let (room, message) = path.into_inner();
    show(&client, &state, Wanted::message(room, message)).await
}

/// `GET /m/{message}`: redirects to the page of a message, whatever room it is in.
///
/// # Errors
/// As [`lobby`].
pub async fn find(
    client: Client,
    state: web::Data<AppState>,
    message: web::Path<MessageId>,
) -> Result<HttpResponse, Error> {
    let message = *message;
    match room_of(&client, &state, message).await {
        Ok(room) => Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, format!("/rooms/{room}/{message}")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()),
        Err(Error::NotFound | Error::Banned | Error::GuestsOff) => {
            show(&client, &state, Wanted::message(NOWHERE, message)).await
        }
        Err(error) => Err(error),
    }
}

/// The room that a message is in, if the sender may read there.
async fn room_of(client: &Client, state: &AppState, message: MessageId) -> Result<RoomId, Error> {
    state.shedding.admit(Workload::Arrival)?;
    let principal = client.principal(state).await?;
    let found = state
        .store
        .read(move |db| stored::one(db, message))
        .await?
        .ok_or(Error::NotFound)?;
    Ok(room_commands::view(state, found.room, principal).await?.id)
}

/// `GET /join/{code}`: the lobby's page with a preview of what the invitation leads to.
///
/// # Errors
/// As [`lobby`].
pub async fn join(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let invited = invitations::invited(&client, &state, code.into_inner()).await;
    let wanted = Wanted {
        invitation: Some(invited),
        ..Wanted::room(LOBBY)
    };
    show(&client, &state, wanted).await
}

/// What an address asks for.
struct Wanted {
    room: RoomId,
    message: Option<MessageId>,
    invitation: Invitation,
}

impl Wanted {
    fn room(room: RoomId) -> Self {
        Self {
            room,
            message: None,
            invitation: None,
        }
    }

    fn message(room: RoomId, message: MessageId) -> Self {
        Self {
            message: Some(message),
            ..Self::room(room)
        }
    }
}

async fn show(client: &Client, state: &AppState, wanted: Wanted) -> Result<HttpResponse, Error> {
    let view = look(client, state, wanted).await?;
    let page = render(&view, state)?;
    let mut answer = if view.snapshot.found && !matches!(view.invitation, Some(Err(_))) {
        HttpResponse::Ok()
    } else {
        HttpResponse::NotFound()
    };
    Ok(answer
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page))
}

async fn look(client: &Client, state: &AppState, wanted: Wanted) -> Result<View, Error> {
    state.shedding.admit(Workload::Arrival)?;
    remember_visit(client, state)?;
    let mut preferences = client.preferences(state).await?;
    let lang = *preferences.lang.get_or_insert(client.lang());
    let theme = *preferences.theme.get_or_insert_default();
    let (me, closed) = match client.principal(state).await {
        Ok(me) => (me, false),
        Err(Error::GuestsOff) => (stranger(), true),
        Err(error) => return Err(error),
    };
    let principal = Principal { lang, ..me.clone() };
    let room = if closed { LOBBY } else { wanted.room };
    let mut snapshot = room_snapshot(state, room, &principal).await?;
    let barred = !snapshot.found && room == LOBBY;
    let (mut more, mut newer) = (snapshot.messages.len() == PAGE, false);
    if closed {
        snapshot.messages.clear();
        snapshot.presence.who = None;
    } else if let Some(place) = begins(wanted.message, &snapshot) {
        let there = move |db: &mut dyn Db| history::slice(db, room, place, PAGE);
        match state.store.read(there).await? {
            Some(slice) => {
                (more, newer) = (slice.older, slice.newer);
                snapshot.messages = slice.messages.into_iter().map(Arc::new).collect();
            }
            None => snapshot = room_snapshot(state, NOWHERE, &principal).await?,
        }
    }
    let (has_password, named_by_site) = account(state, &me).await?;
    Ok(View {
        lang,
        theme,
        preferences,
        me,
        closed,
        barred,
        named: wanted.message.is_some(),
        chosen: client.has_chosen_name(),
        has_password,
        named_by_site,
        snapshot,
        more,
        newer,
        invitation: wanted.invitation,
        embedded: client.frame().is_some(),
        files_key: client.frame().map(|frame| file_keys::key_of(frame, state)),
    })
}

/// Whether the reader's account has a password, and whether its name is the site's.
async fn account(state: &AppState, me: &Principal) -> Result<(bool, bool), Error> {
    let Some(user) = me.id().user() else {
        return Ok((true, false));
    };
    let site = state.config.site.clone();
    let look = move |db: &mut dyn Db| {
        let named = federation::is_named_by(db, &site, user)?;
        let account = users::by_id(db, user)?;
        Ok((account.is_none_or(|user| !user.password.is_empty()), named))
    };
    Ok(state.store.read(look).await?)
}

/// Where the page begins when not with the newest messages: at the message that the address names,
/// or at the reader's read marker.
fn begins(message: Option<MessageId>, snapshot: &RoomSnapshot) -> Option<Place> {
    if !snapshot.found {
        return None;
    }
    if let Some(message) = message {
        return Some(Place::Around(message));
    }
    let RoomView { read, unread, .. } = snapshot.room;
    let oldest = snapshot.messages.first()?.seq;
    let further_back = unread > 0 && snapshot.messages.len() == PAGE && oldest > read.next();
    further_back.then_some(Place::Since(read))
}

async fn room_snapshot(
    state: &AppState,
    room: RoomId,
    principal: &Principal,
) -> Result<RoomSnapshot, Error> {
    let principal = principal.clone();
    state.chat.room_snapshot(room, principal).await
}

/// A principal for a page that shows nothing: guests are off, or the reader is banned.
fn stranger() -> Principal {
    let nobody = identity::visitor(PersonId::Nobody, String::new(), String::new());
    Principal {
        may_write: false,
        ..Principal::member(nobody)
    }
}

/// Gives a new browser its visitor session, and prolongs one that is used. The page's scripts ask with the
/// cookie that was there when they began: a session that has ended meanwhile, by signing in or out, is
/// not followed by a visitor's, whose cookie could come after the new one and take its place.
fn remember_visit(client: &Client, state: &AppState) -> Result<(), Error> {
    let memory = &client.memory;
    let known = memory.has(Keys::USER) || memory.has(Keys::VISITOR);
    if !known && client.is_script() && client.has_cookie() {
        return Ok(());
    }
    if !known {
        // Where no session can be kept, people are known by address and browser.
        if !state.store.writer().is_healthy() || state.count_new_visitor(client.address()).is_err()
        {
            return Ok(());
        }
        memory.become_visitor()?;
    }
    let now = clock::now_ms();
    let ttl = i64::try_from(state.config.session.ttl.as_millis()).unwrap_or(i64::MAX);
    let seen = memory.get::<i64>(Keys::SEEN).unwrap_or(0);
    if now.saturating_sub(seen) > ttl / PROLONGED_EVERY {
        memory.remember(Keys::SEEN, now)?;
    }
    Ok(())
}
