//! The API of rooms: browse, make, settle, join, leave; who is in them and what he is.
//!
//! What changes a room is a deed: it goes to the store by way of ChatServer, and comes back as
//! events in the room's feed. What is refused is refused there, by the one permission function.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::client::{Client, Refused};
use crate::chat::about::{self, About, Kind, Patch};
use crate::chat::directory::Notify;
use crate::chat::load::Work;
use crate::chat::messages::{Do, Onlooker, SetNotify, ViewRooms};
use crate::chat::person::Role;
use crate::config::Makers;
use crate::error::Error;
use crate::house::House;
use crate::protocol::view::RoomView;
use crate::store::changes::Doer;
use crate::store::deeds::{Bounds, Deed, What};
use crate::store::{members, rooms};
use crate::text::catalog::Lang;
use crate::text::{clock, name};

/// Rooms of one answer.
const PAGE: usize = 30;

/// The most people of a direct room, with the one who begins it.
const COMPANY: usize = 10;

/// Which rooms are wanted.
#[derive(Debug, Deserialize)]
pub struct Browse {
    /// What their names have in them.
    #[serde(default)]
    q: String,
    /// The cursor of the answer before.
    #[serde(default)]
    after: String,
}

/// A new room.
#[derive(Debug, Deserialize)]
pub struct NewRoom {
    kind: Kind,
    name: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    notice: String,
    /// The asker's mark: the same request again is the same room.
    nonce: Option<Uuid>,
}

/// Whom to talk with.
#[derive(Debug, Deserialize)]
pub struct Company {
    people: Vec<String>,
}

/// What to be told of.
#[derive(Debug, Deserialize)]
pub struct Level {
    /// `null` is what he likes in general.
    #[serde(deserialize_with = "Option::deserialize")]
    level: Option<Notify>,
}

/// `GET /api/v1/rooms`: public rooms by name.
///
/// # Errors
/// [`Error::GuestsOff`], [`Error::Busy`].
pub async fn browse(
    client: Client,
    house: web::Data<House>,
    query: web::Query<Browse>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.onlooker(&house).await?;
        house.load.admit(Work::Reading)?;
        let Browse { q, after } = query.into_inner();
        let wanted = i64::try_from(PAGE).unwrap_or(0);
        let found = house
            .store
            .read(move |db| rooms::public(db, &q, &after, wanted))
            .await?;
        let next = (found.len() == PAGE)
            .then(|| found.last().map(|(_, key)| key.clone()))
            .flatten();
        let ids = found.into_iter().map(|(id, _)| id).collect();
        let rooms = views(&house, ids, onlooker).await?;
        Ok(json!({ "rooms": rooms, "next": next }))
    };
    client.answer(answer).await
}

/// `GET /api/v1/rooms/{room}`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him.
pub async fn one(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.onlooker(&house).await?;
        let room = view(&house, *room, onlooker).await?;
        Ok(json!({ "room": room }))
    };
    client.answer(answer).await
}

/// `POST /api/v1/rooms`
///
/// # Errors
/// Names that are not good enough or taken; [`Error::NoNewRooms`], [`Error::TooManyRooms`].
pub async fn make(
    client: Client,
    house: web::Data<House>,
    body: web::Json<NewRoom>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.member(&house).await?;
        let new = body.into_inner();
        let makers = match new.kind {
            Kind::Public => house.config.rooms.public,
            Kind::Private => house.config.rooms.private,
            Kind::Lobby | Kind::Direct => return Err(Error::BadData),
        };
        may_make(makers, &onlooker)?;
        let patch = Patch {
            name: Some(free_name(&house, &new.name)?),
            topic: Some(new.topic),
            notice: Some(new.notice),
            ..Patch::default()
        };
        let what = What::Make {
            kind: new.kind,
            about: About::default().with(patch.checked()?),
            company: Vec::new(),
        };
        let room = perform(&house, &onlooker, new_id(), what, new.nonce).await?;
        let room = view(&house, room, onlooker).await?;
        Ok(json!({ "room": room }))
    };
    client.created(answer).await
}

/// `PATCH /api/v1/rooms/{room}`
///
/// # Errors
/// As the permission function says; names that are not good enough or taken.
pub async fn settle(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
    body: web::Json<Patch>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.member(&house).await?;
        let patch = body.into_inner().checked()?;
        if let Some(name) = &patch.name {
            free_name(&house, name)?;
        }
        let what = What::Settle(patch);
        let room = perform(&house, &onlooker, *room, what, None).await?;
        let room = view(&house, room, onlooker).await?;
        Ok(json!({ "room": room }))
    };
    client.answer(answer).await
}

/// `POST /api/v1/rooms/{room}/join`: a public room.
///
/// # Errors
/// As the permission function says; [`Error::RoomFull`], [`Error::TooManyRooms`].
pub async fn join(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.member(&house).await?;
        let what = What::Join { invitation: None };
        let room = perform(&house, &onlooker, *room, what, None).await?;
        let room = view(&house, room, onlooker).await?;
        Ok(json!({ "room": room }))
    };
    client.answer(answer).await
}

/// `POST /api/v1/rooms/{room}/leave`
///
/// # Errors
/// As the permission function says: an owner stays.
pub async fn leave(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.member(&house).await?;
        perform(&house, &onlooker, *room, What::Leave, None).await?;
        Ok(json!({}))
    };
    client.answer(answer).await
}

/// `POST /api/v1/direct`: the direct room with these people, made when there is none.
///
/// # Errors
/// [`Error::NotFound`] for people who are not there; [`Error::BadData`] for too many or none.
pub async fn direct(
    client: Client,
    house: web::Data<House>,
    body: web::Json<Company>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.member(&house).await?;
        may_make(house.config.rooms.direct, &onlooker)?;
        let mut ids = Vec::new();
        for id in body.into_inner().people {
            let number = id.strip_prefix('u').and_then(|number| number.parse().ok());
            let number: i64 = number.ok_or(Error::NotFound)?;
            if onlooker.person.user_id() != Some(number) && !ids.contains(&number) {
                ids.push(number);
            }
        }
        if ids.is_empty() || ids.len() >= COMPANY {
            return Err(Error::BadData);
        }
        let wanted = ids.len();
        let company = house
            .store
            .read(move |db| members::accounts(db, &ids))
            .await?;
        if company.len() < wanted {
            return Err(Error::NotFound);
        }
        let what = What::Make {
            kind: Kind::Direct,
            about: About::default(),
            company,
        };
        let room = perform(&house, &onlooker, new_id(), what, None).await?;
        let room = view(&house, room, onlooker).await?;
        Ok(json!({ "room": room }))
    };
    client.answer(answer).await
}

/// `PUT /api/v1/rooms/{room}/notify`
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotMember`].
pub async fn notify(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
    body: web::Json<Level>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let set = SetNotify {
            room: *room,
            onlooker: client.member(&house).await?,
            level: body.level,
        };
        house.chat.send(set).await.map_err(|_busy| Error::Busy)??;
        Ok(json!({}))
    };
    client.answer(answer).await
}

/// Does a deed, and gives the room that it was done to.
pub(super) async fn perform(
    house: &House,
    onlooker: &Onlooker,
    room: i64,
    what: What,
    nonce: Option<Uuid>,
) -> Result<i64, Error> {
    house
        .deeds
        .take(&onlooker.person.id)
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let deed = deed(house, onlooker, room, what);
    let done = house.chat.send(Do { deed, nonce }).await;
    done.map_err(|_busy| Error::Busy)?
}

/// A deed, within what the house allows.
#[must_use]
pub fn deed(house: &House, onlooker: &Onlooker, room: i64, what: What) -> Box<Deed> {
    let rooms = &house.config.rooms;
    Box::new(Deed {
        doer: Doer {
            person: onlooker.person.clone(),
            house: onlooker.house,
            may_write: onlooker.may_write,
        },
        at: clock::now_ms(),
        room,
        what,
        bounds: Bounds {
            rooms: rooms.most,
            owned: rooms.owned,
            joined: rooms.joined,
            members: rooms.members,
        },
    })
}

/// A room as somebody sees it.
pub(super) async fn view(house: &House, room: i64, onlooker: Onlooker) -> Result<RoomView, Error> {
    let mut found = views(house, vec![room], onlooker).await?;
    found.pop().ok_or(Error::NotFound)
}

async fn views(house: &House, rooms: Vec<i64>, onlooker: Onlooker) -> Result<Vec<RoomView>, Error> {
    let ask = ViewRooms { rooms, onlooker };
    house.chat.send(ask).await.map_err(|_busy| Error::Busy)
}

/// A room's name as it will be shown, unless it is the lobby's or speaks for the house.
fn free_name(house: &House, given: &str) -> Result<String, Error> {
    let name = about::room_name(given)?;
    let key = name::key(&name);
    let own = house.config.chat.name.as_str();
    let lobbies = Lang::ALL.map(|lang| lang.given_or(own, "room.lobby"));
    let taken = name::is_reserved(&key) || lobbies.iter().any(|lobby| name::key(lobby) == key);
    (!taken).then_some(name).ok_or(Error::RoomNameTaken)
}

fn may_make(makers: Makers, onlooker: &Onlooker) -> Result<(), Error> {
    let may = match makers {
        Makers::Members => true,
        Makers::Admins => onlooker.house >= Role::Admin,
        Makers::Nobody => false,
    };
    may.then_some(()).ok_or(Error::NoNewRooms)
}

fn new_id() -> i64 {
    rand::random_range(about::IDS)
}
