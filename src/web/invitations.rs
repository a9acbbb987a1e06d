//! The API of invitations: links that let people into a room. Those to the house itself are made in
//! `house_invitations`, and taken up here or by registering.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::audit;
use crate::auth::codes;
use crate::chat::requests::RoomPreview;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::message::LOBBY;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::protocol::view::RoomView;
use crate::store::accounts::invitations::{self, HOUSE, Invitation};
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::room_commands::{run_and_view, view};
use crate::web::state::AppState;

/// The addresses of this file.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/invitations/{code}", get_route().to(get))
        .route("/api/v1/invitations/{code}", web::post().to(accept))
        .route("/api/v1/rooms/{room}/invitations", get_route().to(list))
        .route("/api/v1/rooms/{room}/invitations", web::post().to(create))
        .route(
            "/api/v1/rooms/{room}/invitations/{code}",
            web::delete().to(revoke),
        );
}

/// The longest time that an invitation with an end is good for: a year, in hours.
const MAX_HOURS: i64 = 366 * 24;

/// The most uses of an invitation that has so many.
const MAX_USES: i64 = 100_000;

/// A new invitation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewInvitation)]
pub struct New {
    /// How often it can be used; without end when it is not said.
    uses: Option<i64>,
    /// How long it is good, in hours; for ever when it is not said.
    hours: Option<i64>,
}

/// An invitation as the room's own people see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Invitation)]
pub struct View {
    url: String,
    code: String,
    by: PersonRef,
    uses: Option<i64>,
    left: Option<i64>,
    expires: Option<i64>,
    at: i64,
}

impl New {
    /// The invitation to `room` that `by` makes at `now`.
    ///
    /// # Errors
    /// [`Error::BadData`] for terms that cannot be.
    pub(super) fn made(self, room: i64, by: PersonRef, now: i64) -> Result<Invitation, Error> {
        let New { uses, hours } = self;
        let good = |number: Option<i64>, most| number.is_none_or(|n| (1..=most).contains(&n));
        if !good(uses, MAX_USES) || !good(hours, MAX_HOURS) {
            return Err(Error::BadData);
        }
        Ok(Invitation {
            code: codes::new(),
            room,
            by,
            uses,
            used: 0,
            expires: hours.map(|hours| now + hours * 3_600_000),
            at: now,
        })
    }
}

impl View {
    pub(super) fn new(invitation: Invitation, state: &AppState) -> Self {
        let base = &state.config.server.public_url;
        Self {
            url: format!("{base}/join/{}", invitation.code),
            left: invitation.uses.map(|uses| (uses - invitation.used).max(0)),
            code: invitation.code,
            by: invitation.by,
            uses: invitation.uses,
            expires: invitation.expires,
            at: invitation.at,
        }
    }
}

/// RoomAction somebody with an invitation is shown before he comes in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Invited {
    /// RoomAction stands in the link.
    pub code: String,
    /// The room; `null` for an invitation to the house.
    pub room: Option<RoomPreview>,
    /// Who invites.
    pub by: InvitedBy,
}

/// Who invites.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct InvitedBy {
    /// Their name; empty when the operator invites.
    pub name: String,
}

/// An invitation that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationAnswer {
    /// As the room's own people see it.
    pub invitation: View,
}

/// Invitations to a room.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationsAnswer {
    /// Newest first.
    pub invitations: Vec<View>,
}

/// What an invitation invites to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitedAnswer {
    /// As somebody sees it who has the link.
    pub invitation: Invited,
}

/// `GET /api/v1/rooms/{room}/invitations`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::NotAllowed`],
/// [`Error::Archived`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/invitations",
    operation_id = "list_room_invitations",
    tag = "Invitations",
    summary = "The good invitations to a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "Newest first", body = InvitationsAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<i64>,
) -> Result<Json<InvitationsAnswer>, Error> {
    let (room, _) = may_invite(&client, &state, *room).await?;
    let (id, now) = (room.id, clock::now_ms());
    let found = state
        .store
        .read(move |db| invitations::of_room(db, id, now))
        .await?;
    let views = found.into_iter().map(|one| View::new(one, &state));
    let views: Vec<View> = views.collect();
    Ok(Json(InvitationsAnswer { invitations: views }))
}

/// `POST /api/v1/rooms/{room}/invitations`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::NotAllowed`],
/// [`Error::Archived`]; [`Error::TooManyInvitations`], [`Error::BadData`], [`Error::TooFast`].
#[utoipa::path(
    post,
    path = "/api/v1/rooms/{room}/invitations",
    operation_id = "create_room_invitation",
    tag = "Invitations",
    summary = "Make an invitation",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    request_body = New,
    responses((status = 201, description = "Made", body = InvitationAnswer)),
    security(("session" = []))
)]
pub async fn create(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<i64>,
    body: Json<New>,
) -> Result<Created<InvitationAnswer>, Error> {
    let (room, by) = may_invite(&client, &state, *room).await?;
    let new = body.into_inner().made(room.id, by, clock::now_ms())?;
    Ok(Created(
        add(&state, new, state.config.rooms.invitations).await?,
    ))
}

/// `DELETE /api/v1/rooms/{room}/invitations/{code}`
///
/// # Errors
/// [`Error::NotFound`] for a room that is not there, or not for him; [`Error::NotAllowed`],
/// [`Error::Archived`]; [`Error::BadInvitation`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/invitations/{code}",
    operation_id = "revoke_room_invitation",
    tag = "Invitations",
    summary = "Take an invitation back",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("code" = String, Path, description = "What stands in the link")),
    responses((status = 200, description = "Nobody comes in by it any more", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn revoke(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(i64, String)>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let (room, code) = path.into_inner();
    let (room, by) = may_invite(&client, &state, room).await?;
    Ok(Json(end(&state, room.id, code, by.id, true).await?))
}

/// Keeps a new invitation, unless `limit` of the same are open already.
///
/// # Errors
/// [`Error::TooManyInvitations`], [`Error::TooFast`].
pub(super) async fn add(
    state: &AppState,
    new: Invitation,
    limit: usize,
) -> Result<InvitationAnswer, Error> {
    state
        .room_command_rates
        .take(&new.by.id)
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let kept = new.clone();
    let added = state
        .store
        .write(move |db| invitations::add(db, &kept, most))
        .await?;
    if !added {
        return Err(Error::TooManyInvitations { limit });
    }
    audit::invited(&new);
    let invitation = View::new(new, state);
    Ok(InvitationAnswer { invitation })
}

/// Ends an invitation to `room` for `by`: anybody's, or their own only.
///
/// # Errors
/// [`Error::BadInvitation`] for one that is not there, or another's.
pub(super) async fn end(
    state: &AppState,
    room: i64,
    code: String,
    by: PersonId,
    anybodys: bool,
) -> Result<responses::EmptyAnswer, Error> {
    let own = (!anybodys).then_some(by);
    let ended = state
        .store
        .write(move |db| invitations::revoke(db, room, &code, own))
        .await?;
    if !ended {
        return Err(Error::BadInvitation);
    }
    audit::uninvited(room, by);
    Ok(responses::EmptyAnswer {})
}

/// `GET /api/v1/invitations/{code}`
///
/// # Errors
/// [`Error::BadInvitation`], whatever is wrong with it; [`Error::SignInThrottled`] for too many tries.
#[utoipa::path(
    get,
    path = "/api/v1/invitations/{code}",
    operation_id = "get_invitation",
    tag = "Invitations",
    summary = "What an invitation invites to",
    params(("code" = String, Path, description = "What stands in the link")),
    responses((status = 200, description = "A good one", body = InvitedAnswer))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<InvitedAnswer>, Error> {
    let invitation = invited(&client, &state, code.into_inner()).await?;
    Ok(Json(InvitedAnswer { invitation }))
}

/// `POST /api/v1/invitations/{code}`: comes in.
///
/// # Errors
/// [`Error::BadInvitation`], whatever is wrong with it; [`Error::RoomFull`],
/// [`Error::TooManyRooms`], [`Error::Archived`]; [`Error::SignInThrottled`] for too many tries.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{code}",
    operation_id = "accept_invitation",
    tag = "Invitations",
    summary = "Come in by an invitation; one to the house leads an account to the lobby",
    params(("code" = String, Path, description = "What stands in the link")),
    responses((status = 200, description = "He is in", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn accept(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let invitation = find(&client, &state, code.into_inner()).await?;
    if invitation.room == HOUSE {
        // Whoever has an account is in already.
        let room = view(&state, LOBBY, principal).await?;
        return Ok(Json(responses::RoomAnswer { room }));
    }
    let action = RoomAction::Join {
        invitation: Some(invitation.code),
    };
    Ok(Json(
        run_and_view(&state, principal, invitation.room, action, None).await?,
    ))
}

/// RoomAction an invitation shows of its room.
pub(super) async fn invited(
    client: &Client,
    state: &AppState,
    code: String,
) -> Result<Invited, Error> {
    let invitation = find(client, state, code).await?;
    let room = if invitation.room == HOUSE {
        None
    } else {
        let room = state.chat.room_preview(invitation.room).await?;
        Some(room.ok_or(Error::BadInvitation)?)
    };
    Ok(Invited {
        code: invitation.code,
        room,
        by: InvitedBy {
            name: invitation.by.name,
        },
    })
}

/// A good invitation, whatever it is to.
///
/// # Errors
/// [`Error::BadInvitation`], whatever is wrong with it; too many tries.
pub(super) async fn find(
    client: &Client,
    state: &AppState,
    code: String,
) -> Result<Invitation, Error> {
    state.count_new_visitor(client.address())?;
    let inviters = state.config.accounts.inviters;
    let now = clock::now_ms();
    let found = state
        .store
        .read(move |db| invitations::find(db, &code, inviters, now))
        .await?;
    found.ok_or(Error::BadInvitation)
}

async fn may_invite(
    client: &Client,
    state: &AppState,
    room: i64,
) -> Result<(RoomView, PersonRef), Error> {
    let principal = client.account_holder(state).await?;
    let by = PersonRef::from(principal.person.as_ref());
    let room = view(state, room, principal).await?;
    if room.may.contains(&"invite") {
        Ok((room, by))
    } else if room.settings.archived {
        Err(Error::Archived)
    } else {
        Err(Error::NotAllowed)
    }
}
