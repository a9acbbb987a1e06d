//! The API of people: who is in a room and what he is there, and people by name.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::answers;
use super::client::Client;
use super::deeds::{perform, view};
use super::refused::Refused;
use crate::chat::about::Kind;
use crate::chat::load::Work;
use crate::chat::messages::Hearing;
use crate::chat::person::Person;
use crate::chat::standing::Standing;
use crate::error::Error;
use crate::house::House;
use crate::protocol::view::{Here, PersonHere};
use crate::store::deeds::What;
use crate::store::members::{self, After, Member};
use crate::text::name;

/// People of one answer.
const PAGE: usize = 50;

/// People that a search by name gives.
const FOUND: i64 = 20;

/// Which people are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// What their names have in them.
    #[serde(default)]
    q: String,
    /// The cursor of the answer before.
    after: Option<String>,
}

/// Another standing.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewRole {
    role: Standing,
}

/// A member as clients see him.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    #[serde(flatten)]
    person: PersonHere,
    role: Standing,
}

/// `GET /api/v1/rooms/{room}/members`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::GuestsOff`],
/// [`Error::Busy`], [`Error::BadData`] for a cursor that is none.
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/members",
    operation_id = "members_list",
    tag = "People",
    summary = "Who is in a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), Which),
    responses((status = 200, description = "Owner, admins, then by name; at most 50 and a cursor. The banned are listed for those who moderate. Of the lobby only those are listed who are muted or banned", body = answers::MembersAnswer))
)]
pub async fn list(
    client: Client,
    house: web::Data<House>,
    room: web::Path<i64>,
    query: web::Query<Which>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        let onlooker = client.onlooker(&house).await?;
        house.load.admit(Work::Reading)?;
        let room = view(&house, *room, onlooker).await?;
        let banned = room.may.contains(&"moderate");
        let (id, total) = (room.id, room.members);
        let Which { q, after } = query.into_inner();
        let after = after.as_deref().map(cursor).transpose()?;
        let wanted = i64::try_from(PAGE).unwrap_or(0);
        let found = house
            .store
            .read(move |db| members::page(db, id, &q, after.as_ref(), banned, wanted))
            .await?;
        let next = found.last().filter(|_| found.len() == PAGE).map(to_cursor);
        let ids = found.iter().map(|member| member.person.id.clone());
        let here = here(&house, ids.collect()).await?;
        let members: Vec<MemberView> = found
            .into_iter()
            .zip(here)
            .map(|(Member { person, standing }, here)| MemberView {
                person: PersonHere { person, here },
                role: standing,
            })
            .collect();
        Ok(answers::MembersAnswer {
            members,
            next,
            total,
        })
    };
    client.answer(answer).await
}

/// `PUT /api/v1/rooms/{room}/members/{person}`
///
/// # Errors
/// [`Error::NotFound`] for a room or person that is not there; [`Error::NotAllowed`],
/// [`Error::Archived`], [`Error::TooFast`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/members/{person}",
    operation_id = "members_stand",
    tag = "People",
    summary = "Another role for somebody; that of the owner gives the room away",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("person" = String, Path, description = "A public id such as u12")),
    request_body = NewRole,
    responses((status = 200, description = "Done", body = answers::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn stand(
    client: Client,
    house: web::Data<House>,
    path: web::Path<(i64, String)>,
    body: web::Json<NewRole>,
) -> Result<HttpResponse, Refused> {
    let answer = change(&client, &house, path.into_inner(), Some(body.role));
    client.answer(answer).await
}

/// `DELETE /api/v1/rooms/{room}/members/{person}`: removes him, or lets him in again who was banned.
///
/// # Errors
/// [`Error::NotFound`] for a room or person that is not there; [`Error::NotAllowed`],
/// [`Error::Archived`], [`Error::TooFast`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/members/{person}",
    operation_id = "members_remove",
    tag = "People",
    summary = "Remove somebody, or let somebody banned come again",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("person" = String, Path, description = "A public id such as u12")),
    responses((status = 200, description = "Done", body = answers::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn remove(
    client: Client,
    house: web::Data<House>,
    path: web::Path<(i64, String)>,
) -> Result<HttpResponse, Refused> {
    let answer = change(&client, &house, path.into_inner(), None);
    client.answer(answer).await
}

async fn change(
    client: &Client,
    house: &House,
    (room, id): (i64, String),
    to: Option<Standing>,
) -> Result<answers::EmptyAnswer, Error> {
    let onlooker = client.member(house).await?;
    let seen = view(house, room, onlooker.clone()).await?;
    let known = house
        .store
        .read(move |db| members::find(db, room, &id).map(|found| (found, id)))
        .await?;
    let who = match known {
        (Some(person), _) => person,
        // A visitor of the lobby is known while he is there.
        (None, id) if seen.kind == Kind::Lobby => visitor(house, &id).await?,
        (None, _) => return Err(Error::NotFound),
    };
    let what = What::Stand { who, to };
    perform(house, &onlooker, room, what, None).await?;
    Ok(answers::EmptyAnswer {})
}

async fn visitor(house: &House, id: &str) -> Result<Person, Error> {
    let find = crate::chat::messages::FindPerson(id.to_owned());
    let found = house.chat.send(find).await.map_err(|_busy| Error::Busy)?;
    found.ok_or(Error::NotFound)
}

/// `GET /api/v1/people`: accounts by name.
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "members_search",
    tag = "People",
    summary = "Accounts by name",
    params(Which),
    responses((status = 200, description = "At most 20, those first whose names begin with it", body = answers::PeopleAnswer)),
    security(("session" = []))
)]
pub async fn search(
    client: Client,
    house: web::Data<House>,
    query: web::Query<Which>,
) -> Result<HttpResponse, Refused> {
    let answer = async {
        client.member(&house).await?;
        house.load.admit(Work::Reading)?;
        let q = query.into_inner().q;
        if name::key(&q).is_empty() {
            return Ok(answers::PeopleAnswer { people: Vec::new() });
        }
        let found = house
            .store
            .read(move |db| members::search(db, &q, FOUND))
            .await?;
        let ids = found.iter().map(|person| person.id.clone()).collect();
        let here = here(&house, ids).await?;
        let people: Vec<PersonHere> = found
            .into_iter()
            .zip(here)
            .map(|(person, here)| PersonHere { person, here })
            .collect();
        Ok(answers::PeopleAnswer { people })
    };
    client.answer(answer).await
}

async fn here(house: &House, ids: Vec<String>) -> Result<Vec<Here>, Error> {
    let here = house.chat.send(Hearing(ids)).await;
    here.map_err(|_busy| Error::Busy)
}

/// A cursor is the place of the last one: standing, id and name, which may have any character.
fn to_cursor(last: &Member) -> String {
    let standing = last.standing.code();
    let key = name::key(&last.person.name);
    format!("{standing}.{}.{key}", last.person.id)
}

fn cursor(text: &str) -> Result<After, Error> {
    let mut parts = text.splitn(3, '.');
    let mut part = || parts.next().ok_or(Error::BadData);
    Ok(After {
        standing: part()?.parse().map_err(|_not_ours| Error::BadData)?,
        person: part()?.to_owned(),
        key: part()?.to_owned(),
    })
}
