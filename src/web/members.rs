//! The API of people: who is in a room and with which room role, and accounts by name.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::membership::RoomRole;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::protocol::view::{PersonHere, PresenceStatus};
use crate::store::queries::members::{self, After, Member};
use crate::text::name;
use crate::web::get_route;
use crate::web::responses;
use crate::web::room_commands::{run_room_command, view};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/people", get_route().to(search))
        .route("/api/v1/rooms/{room}/members", get_route().to(list))
        .route(
            "/api/v1/rooms/{room}/members/{person}",
            web::put().to(set_role),
        )
        .route(
            "/api/v1/rooms/{room}/members/{person}",
            web::delete().to(remove),
        );
}

/// Members per page.
const PAGE: usize = 50;

/// Accounts in one answer of a search by name.
const FOUND: i64 = 20;

/// Which members are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Part of a name; all members when empty.
    #[serde(default)]
    q: String,
    /// The `next` of the answer before.
    after: Option<String>,
}

/// A new room role for a member.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewRole {
    role: RoomRole,
}

/// A member as clients see them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    #[serde(flatten)]
    person: PersonHere,
    role: RoomRole,
}

/// A page of a room's members.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MembersAnswer {
    /// The members: owner, admins, then the others by name.
    pub members: Vec<MemberView>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Members of the room in all, as in Room.
    pub total: usize,
}

/// Accounts that match a name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PeopleAnswer {
    /// The accounts; those whose names begin with the query come first.
    pub people: Vec<PersonHere>,
}

/// `GET /api/v1/rooms/{room}/members`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::GuestsOff`],
/// [`Error::Busy`], [`Error::BadData`] for an invalid cursor.
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/members",
    operation_id = "list_members",
    tag = "People",
    summary = "Who is in a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), Which),
    responses((status = 200, description = "Owner, admins, then by name; at most 50 and a cursor. The banned are listed for those who moderate. Of the lobby only those are listed who are muted or banned", body = MembersAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    query: web::Query<Which>,
) -> Result<Json<MembersAnswer>, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let room = view(&state, *room, principal).await?;
    let banned = room.may.contains(&"moderate");
    let (id, total) = (room.id, room.members);
    let Which { q, after } = query.into_inner();
    let after = after.as_deref().map(cursor).transpose()?;
    let wanted = i64::try_from(PAGE).unwrap_or(0);
    let found = state
        .store
        .read(move |db| members::page(db, id, &q, after.as_ref(), banned, wanted))
        .await?;
    let next = found.last().filter(|_| found.len() == PAGE).map(to_cursor);
    let ids = found.iter().map(|member| member.person.id);
    let here = here(&state, ids.collect()).await?;
    let members: Vec<MemberView> = found
        .into_iter()
        .zip(here)
        .map(|(Member { person, room_role }, here)| MemberView {
            person: PersonHere { person, here },
            role: room_role,
        })
        .collect();
    Ok(Json(MembersAnswer {
        members,
        next,
        total,
    }))
}

/// `PUT /api/v1/rooms/{room}/members/{person}`
///
/// # Errors
/// [`Error::NotFound`] for a room or person that does not exist; [`Error::NotAllowed`],
/// [`Error::Archived`], [`Error::TooFast`].
#[utoipa::path(
    put,
    path = "/api/v1/rooms/{room}/members/{person}",
    operation_id = "set_member_role",
    tag = "People",
    summary = "Change a room role; making somebody the owner transfers the room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("person" = String, Path, description = "A public id such as u12")),
    request_body = NewRole,
    responses((status = 200, description = "Done", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn set_role(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, PersonId)>,
    body: Json<NewRole>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    change(&client, &state, path.into_inner(), Some(body.role)).await
}

/// `DELETE /api/v1/rooms/{room}/members/{person}`: removes a member, or lifts a ban.
///
/// # Errors
/// [`Error::NotFound`] for a room or person that does not exist; [`Error::NotAllowed`],
/// [`Error::Archived`], [`Error::TooFast`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/members/{person}",
    operation_id = "remove_member",
    tag = "People",
    summary = "Remove a member, or lift a ban",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("person" = String, Path, description = "A public id such as u12")),
    responses((status = 200, description = "Done", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn remove(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, PersonId)>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    change(&client, &state, path.into_inner(), None).await
}

async fn change(
    client: &Client,
    state: &AppState,
    (room, id): (RoomId, PersonId),
    to: Option<RoomRole>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let principal = client.account_holder(state).await?;
    let seen = view(state, room, principal.clone()).await?;
    let known = state
        .store
        .read(move |db| members::find(db, room, id))
        .await?;
    let who = match known {
        Some(person) => person,
        // A visitor of the lobby is known while they are online.
        None if seen.kind == RoomKind::Lobby => visitor(state, id).await?,
        None => return Err(Error::NotFound),
    };
    let action = RoomAction::SetRole { who, to };
    run_room_command(state, &principal, room, action, None).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

async fn visitor(state: &AppState, id: PersonId) -> Result<Person, Error> {
    state.chat.find_person(id).await?.ok_or(Error::NotFound)
}

/// `GET /api/v1/people`: accounts by name.
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "search_people",
    tag = "People",
    summary = "Accounts by name",
    params(Which),
    responses((status = 200, description = "At most 20, those first whose names begin with it", body = PeopleAnswer)),
    security(("session" = []))
)]
pub async fn search(
    client: Client,
    state: web::Data<AppState>,
    query: web::Query<Which>,
) -> Result<Json<PeopleAnswer>, Error> {
    client.account_holder(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let q = query.into_inner().q;
    if name::key(&q).is_empty() {
        return Ok(Json(PeopleAnswer { people: Vec::new() }));
    }
    let found = state
        .store
        .read(move |db| members::search(db, &q, FOUND))
        .await?;
    let ids = found.iter().map(|person| person.id).collect();
    let here = here(&state, ids).await?;
    let people: Vec<PersonHere> = found
        .into_iter()
        .zip(here)
        .map(|(person, here)| PersonHere { person, here })
        .collect();
    Ok(Json(PeopleAnswer { people }))
}

async fn here(state: &AppState, ids: Vec<PersonId>) -> Result<Vec<PresenceStatus>, Error> {
    state.chat.presence(ids).await
}

/// A cursor is the sort key of the last member: room role, id and name, which may have any character.
fn to_cursor(last: &Member) -> String {
    let room_role = last.room_role.code();
    let key = name::key(&last.person.name);
    format!("{room_role}.{}.{key}", last.person.id)
}

fn cursor(text: &str) -> Result<After, Error> {
    let mut parts = text.splitn(3, '.');
    let mut part = || parts.next().ok_or(Error::BadData);
    Ok(After {
        room_role: part()?.parse().map_err(|_not_ours| Error::BadData)?,
        person: part()?.parse().map_err(|_not_ours| Error::BadData)?,
        key: part()?.to_owned(),
    })
}
