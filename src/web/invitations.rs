//! The API of invitations: links that let people into a room. Those to the server are made in
//! `server_invitations`, and accepted here or by registering.

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
use crate::model::room_id::RoomId;
use crate::protocol::view::RoomView;
use crate::store::accounts::invitations::{self, Invitation, SERVER};
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses;
use crate::web::responses::Created;
use crate::web::room_commands::{run_and_view, view};
use crate::web::state::AppState;

/// Registers this file's routes.
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

/// The longest life of an invitation with an expiry time: a year, in hours.
const MAX_HOURS: i64 = 366 * 24;

/// The most uses of an invitation with a limited number of uses.
const MAX_USES: i64 = 100_000;

/// The terms of a new invitation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewInvitation)]
pub struct New {
    /// Number of uses; unlimited when absent.
    uses: Option<i64>,
    /// Lifetime in hours; unlimited when absent.
    hours: Option<i64>,
}

/// An invitation as people who may manage it see it.
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
    /// [`Error::BadData`] for terms out of range.
    pub(super) fn made(self, room: RoomId, by: PersonRef, now: i64) -> Result<Invitation, Error> {
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

/// What somebody with an invitation is shown before they join.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Invited {
    /// The code in the link.
    pub code: String,
    /// A preview of the room; `null` for an invitation to the server.
    pub room: Option<RoomPreview>,
    /// The person who made the invitation.
    pub by: InvitedBy,
}

/// The person who made an invitation.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct InvitedBy {
    /// Their name; empty when the operator made it on the command line.
    pub name: String,
}

/// An invitation that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationAnswer {
    /// The invitation as people who may manage it see it.
    pub invitation: View,
}

/// A room's valid invitations.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationsAnswer {
    /// The invitations, newest first.
    pub invitations: Vec<View>,
}

/// What an invitation leads to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitedAnswer {
    /// The invitation as somebody with the link sees it.
    pub invitation: Invited,
}

/// `GET /api/v1/rooms/{room}/invitations`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::NotAllowed`],
/// [`Error::Archived`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/invitations",
    operation_id = "list_room_invitations",
    tag = "Invitations",
    summary = "The valid invitations to a room",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby")),
    responses((status = 200, description = "Newest first", body = InvitationsAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
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
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::NotAllowed`],
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
    room: web::Path<RoomId>,
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
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::NotAllowed`],
/// [`Error::Archived`]; [`Error::BadInvitation`].
#[utoipa::path(
    delete,
    path = "/api/v1/rooms/{room}/invitations/{code}",
    operation_id = "revoke_room_invitation",
    tag = "Invitations",
    summary = "Revoke an invitation",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), ("code" = String, Path, description = "The code in the link")),
    responses((status = 200, description = "It is no longer valid", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn revoke(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, String)>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    let (room, code) = path.into_inner();
    let (room, by) = may_invite(&client, &state, room).await?;
    Ok(Json(end(&state, room.id, code, by.id, true).await?))
}

/// Stores a new invitation, unless `limit` valid ones to the same room or the server exist already.
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

/// Revokes an invitation to `room` for `by`: anybody's, or their own only.
///
/// # Errors
/// [`Error::BadInvitation`] for one that does not exist, or is somebody else's.
pub(super) async fn end(
    state: &AppState,
    room: RoomId,
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
    summary = "What an invitation leads to",
    params(("code" = String, Path, description = "The code in the link")),
    responses((status = 200, description = "A valid invitation", body = InvitedAnswer))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<InvitedAnswer>, Error> {
    let invitation = invited(&client, &state, code.into_inner()).await?;
    Ok(Json(InvitedAnswer { invitation }))
}

/// `POST /api/v1/invitations/{code}`: accepts the invitation.
///
/// # Errors
/// [`Error::BadInvitation`], whatever is wrong with it; [`Error::RoomFull`],
/// [`Error::TooManyRooms`], [`Error::Archived`]; [`Error::SignInThrottled`] for too many tries.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{code}",
    operation_id = "accept_invitation",
    tag = "Invitations",
    summary = "Accept an invitation; one to the server leads an account to the lobby",
    params(("code" = String, Path, description = "The code in the link")),
    responses((status = 200, description = "The sender is a member", body = responses::RoomAnswer)),
    security(("session" = []))
)]
pub async fn accept(
    client: Client,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<Json<responses::RoomAnswer>, Error> {
    let principal = client.account_holder(&state).await?;
    let invitation = find(&client, &state, code.into_inner()).await?;
    if invitation.room == SERVER {
        // An invitation to the server does nothing for somebody with an account.
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

/// What an invitation shows of its room.
pub(super) async fn invited(
    client: &Client,
    state: &AppState,
    code: String,
) -> Result<Invited, Error> {
    let invitation = find(client, state, code).await?;
    let room = if invitation.room == SERVER {
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

/// A valid invitation to a room or to the server.
///
/// # Errors
/// [`Error::BadInvitation`], whatever is wrong with it; [`Error::SignInThrottled`] for too many tries.
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
    room: RoomId,
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
