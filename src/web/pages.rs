//! The page: drawn by the server as the room is at one moment, then kept alive by its scripts,
//! which resume from that moment.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::account;
use super::assets;
use super::attached::Known;
use super::client::{Client, Refused};
use super::deeds;
use super::emoji;
use super::invitations::{self, Invited};
use super::modules;
use super::row::{Row, rows};
use crate::auth::identity;
use crate::auth::preferences::{Preferences, Theme};
use crate::auth::session_store::Keys;
use crate::chat::load::Work;
use crate::chat::message::LOBBY;
use crate::chat::messages::{LookIn, Onlooker};
use crate::chat::person::Role;
use crate::chat::room::PAGE;
use crate::chat::server::Sight;
use crate::error::Error;
use crate::house::House;
use crate::protocol::feed::{Limits, Me};
use crate::protocol::view::{Presence, RoomView};
use crate::store::db::Db;
use crate::store::history::{self, Place};
use crate::store::messages as stored;
use crate::text::catalog::Lang;
use crate::text::clock;

/// A visit prolongs the session once in this part of its life, not at each request: a write is
/// dearer than a read.
const PROLONGED_EVERY: i64 = 10;

/// No room has this id.
const NOWHERE: i64 = 0;

/// The room page's template; see `templates/room.html`.
#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    t: Lang,
    lang: &'static str,
    theme: &'static str,
    asset: String,
    modules: Vec<String>,
    me: MeView<'a>,
    room: &'a RoomView,
    rooms: &'a [RoomView],
    /// Whether there is a room to show.
    found: bool,
    /// Whether the address names a message.
    named: bool,
    /// Whether there is none because he is kept out of the lobby.
    barred: bool,
    presence: &'a Presence,
    messages: Vec<Row<'a>>,
    /// The row that scripts fill.
    blank: Row<'a>,
    more: bool,
    boot: String,
}

struct MeView<'a> {
    kind: &'static str,
    name: &'a str,
    avatar: &'a str,
    place: &'a str,
    may_write: bool,
}

/// What the page's scripts begin with.
#[derive(Serialize)]
struct Boot<'a> {
    me: &'a Me,
    room: &'a RoomView,
    rooms: &'a [RoomView],
    /// Whether the room of this address is there for this person; if not, `room` is the lobby's door.
    found: bool,
    invitation: Option<&'a Invited>,
    limits: Limits,
    lang: Lang,
    theme: Theme,
    preferences: &'a Preferences,
    strings: BTreeMap<&'static str, &'static str>,
    /// The parts that come when they are wanted first, beside the page's others.
    later: Vec<String>,
    /// Where the emoji are.
    emoji: String,
    now: i64,
    /// Whether there are older messages than those of the page, and newer ones.
    more: bool,
    newer: bool,
    /// What hangs on those messages that have something.
    attached: Vec<Known<'a>>,
    presence: &'a Presence,
    /// Whether nobody without an account is let in, and this one has none.
    closed: bool,
}

/// `GET /`: the lobby. Whoever is kept out of it gets a page that says so, with 404.
///
/// # Errors
/// When ChatServer or the store cannot be asked.
pub async fn lobby(client: Client, house: web::Data<House>) -> Result<HttpResponse, Refused> {
    show(&client, &house, Wanted::room(LOBBY)).await
}

/// `GET /rooms/{room}`. A room that is not there, or not for him, is a page that says so, with 404.
///
/// # Errors
/// As [`lobby`].
pub async fn room(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    show(&client, &house, Wanted::room(*room)).await
}

/// `GET /rooms/{room}/{message}`: the room, where this was said. A message that is not there is as one
/// that is not for him: a page that says so, with 404.
///
/// # Errors
/// As [`lobby`].
pub async fn message(
    client: Client,
    house: web::Data<House>,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Refused> {
    let (room, message) = path.into_inner();
    show(&client, &house, Wanted::message(room, message)).await
}

/// `GET /m/{message}`: leads to the page of a message, whatever room it is in.
///
/// # Errors
/// As [`lobby`].
pub async fn find(
    client: Client,
    house: web::Data<House>,
    message: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let message = *message;
    match room_of(&client, &house, message).await {
        Ok(room) => Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, format!("/rooms/{room}/{message}")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()),
        Err(Error::NotFound | Error::Banned | Error::GuestsOff) => {
            show(&client, &house, Wanted::message(NOWHERE, message)).await
        }
        Err(error) => Err(client.refused(error)),
    }
}

/// The room that a message is in, if he may read there.
async fn room_of(client: &Client, house: &House, message: i64) -> Result<i64, Error> {
    house.load.admit(Work::Arrival)?;
    let onlooker = client.onlooker(house).await?;
    let found = house
        .store
        .read(move |db| stored::one(db, message))
        .await?
        .ok_or(Error::NotFound)?;
    Ok(deeds::view(house, found.room, onlooker).await?.id)
}

/// `GET /join/{code}`: the lobby's page with what the invitation invites to.
///
/// # Errors
/// As [`lobby`].
pub async fn join(
    client: Client,
    house: web::Data<House>,
    code: web::Path<String>,
) -> Result<HttpResponse, Refused> {
    let invited = invitations::invited(&client, &house, code.into_inner()).await;
    let wanted = Wanted {
        invitation: Some(invited),
        ..Wanted::room(LOBBY)
    };
    show(&client, &house, wanted).await
}

/// What an address asks for.
struct Wanted {
    room: i64,
    message: Option<i64>,
    invitation: Invitation,
}

impl Wanted {
    fn room(room: i64) -> Self {
        Self {
            room,
            message: None,
            invitation: None,
        }
    }

    fn message(room: i64, message: i64) -> Self {
        Self {
            message: Some(message),
            ..Self::room(room)
        }
    }
}

/// What a link invites to, or why it does not.
type Invitation = Option<Result<Invited, Error>>;

async fn show(client: &Client, house: &House, wanted: Wanted) -> Result<HttpResponse, Refused> {
    let view = look(client, house, wanted).await;
    let view = view.map_err(|error| client.refused(error))?;
    let page = render(&view, house).map_err(|error| client.refused(error))?;
    let mut answer = if view.sight.found && !matches!(view.invitation, Some(Err(_))) {
        HttpResponse::Ok()
    } else {
        HttpResponse::NotFound()
    };
    Ok(answer
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page))
}

async fn look(client: &Client, house: &House, wanted: Wanted) -> Result<View, Error> {
    house.load.admit(Work::Arrival)?;
    remember_visit(client, house)?;
    let mut preferences = client.preferences(house).await?;
    let lang = *preferences.lang.get_or_insert(client.lang());
    let theme = *preferences.theme.get_or_insert_default();
    let (me, closed) = match client.me(house).await {
        Ok(me) => (me, false),
        Err(Error::GuestsOff) => (stranger(), true),
        Err(error) => return Err(error),
    };
    let onlooker = Onlooker {
        person: me.person.clone(),
        house: me.role,
        may_write: me.may_write,
        lang,
    };
    let room = if closed { LOBBY } else { wanted.room };
    let mut sight = look_in(house, room, &onlooker).await?;
    let barred = !sight.found && room == LOBBY;
    let (mut more, mut newer) = (sight.messages.len() == PAGE, false);
    if closed {
        sight.messages.clear();
        sight.presence.who = None;
    } else if let (Some(message), true) = (wanted.message, sight.found) {
        let around = move |db: &mut dyn Db| history::slice(db, room, Place::Around(message), PAGE);
        match house.store.read(around).await? {
            Some(slice) => {
                (more, newer) = (slice.older, slice.newer);
                sight.messages = slice.messages.into_iter().map(Arc::new).collect();
            }
            None => sight = look_in(house, NOWHERE, &onlooker).await?,
        }
    }
    Ok(View {
        lang,
        theme,
        preferences,
        me,
        closed,
        barred,
        named: wanted.message.is_some(),
        sight,
        more,
        newer,
        invitation: wanted.invitation,
    })
}

async fn look_in(house: &House, room: i64, onlooker: &Onlooker) -> Result<Sight, Error> {
    let onlooker = onlooker.clone();
    let seen = house.chat.send(LookIn { room, onlooker }).await;
    seen.map_err(|_busy| Error::Busy)?
}

struct View {
    lang: Lang,
    theme: Theme,
    preferences: Preferences,
    me: Me,
    closed: bool,
    barred: bool,
    named: bool,
    sight: Sight,
    more: bool,
    newer: bool,
    invitation: Invitation,
}

fn render(view: &View, house: &House) -> Result<String, Error> {
    let View { lang, me, .. } = view;
    let Sight {
        found,
        room,
        rooms,
        messages,
        presence,
    } = &view.sight;
    let more = view.more;
    let boot = Boot {
        me,
        room,
        rooms,
        found: *found,
        invitation: view.invitation.as_ref().and_then(|told| told.as_ref().ok()),
        limits: house.limits,
        lang: *lang,
        theme: view.theme,
        preferences: &view.preferences,
        strings: lang.page_strings(),
        later: assets::later(),
        emoji: emoji::address(),
        now: clock::now_ms(),
        more,
        newer: view.newer,
        attached: messages.iter().filter_map(|m| Known::of(m)).collect(),
        presence,
        closed: view.closed,
    };
    let page = RoomPage {
        t: *lang,
        lang: lang.tag(),
        theme: view.theme.as_str(),
        asset: assets::prefix(),
        modules: modules::of_page(),
        me: MeView {
            kind: me.person.kind.as_str(),
            name: &me.person.name,
            avatar: &me.person.avatar,
            place: &me.person.place,
            may_write: me.may_write,
        },
        room,
        rooms,
        found: *found,
        barred: view.barred,
        named: view.named,
        presence,
        messages: rows(messages, &me.person.id, *lang),
        blank: Row::default(),
        more,
        boot: script_json(&boot)?,
    };
    page.render().map_err(|error| {
        tracing::error!(%error, "the page could not be drawn");
        Error::Internal
    })
}

/// A stranger before a closed door.
fn stranger() -> Me {
    Me {
        person: identity::visitor("v".to_owned(), String::new(), String::new()),
        role: Role::Member,
        may_write: false,
    }
}

/// Gives a new browser its visitor session, and keeps one that is used alive.
fn remember_visit(client: &Client, house: &House) -> Result<(), Error> {
    let session = &client.session;
    let known =
        session.entries().contains_key(Keys::USER) || session.entries().contains_key(Keys::VISITOR);
    if !known {
        if house.new_visitor(client.address()).is_err() {
            return Ok(());
        }
        account::become_visitor(session)?;
    }
    let now = clock::now_ms();
    let ttl = i64::try_from(house.config.session.ttl.as_millis()).unwrap_or(i64::MAX);
    let seen = session.get::<i64>(Keys::SEEN).ok().flatten().unwrap_or(0);
    if now.saturating_sub(seen) > ttl / PROLONGED_EVERY {
        session
            .insert(Keys::SEEN, now)
            .map_err(|_unwritable| Error::Internal)?;
    }
    Ok(())
}

/// JSON that may stand in a script element: nothing in it can end the element or open a comment
/// (HTML §4.12.1.3).
fn script_json(value: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|_never| Error::Internal)?;
    Ok(json.replace('<', "\\u003c"))
}
