//! Making an account: who may, by which invitation, and what is taken over from the visitor before.

use actix_web::web;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};

use super::account::try_become;
use super::client::Client;
use super::invitations;
use crate::audit;
use crate::auth::password;
use crate::auth::via::Via;
use crate::config::Registration;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::membership::RoomRole;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::protocol::view::RoomView;
use crate::store::accounts::invitations::{self as stored, Invitation, SERVER};
use crate::store::accounts::users::{self, User};
use crate::store::accounts::visitors;
use crate::store::notices::{self, Notice};
use crate::text::{clock, name};
use crate::web::room_commands::run_and_view;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/register", web::post().to(register));
}

/// Name, password and invitation of a new account.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewAccount {
    name: String,
    password: String,
    /// The code of an invitation, to the server or to a room, which the new account joins at once.
    invitation: Option<String>,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewAccount")
    }
}

/// A new account, and the room that it has joined.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegisteredAnswer {
    /// The new account.
    pub me: Principal,
    /// The room that they have joined by their invitation; `null` without one, for one to the
    /// server, and where it did not let them in.
    pub room: Option<RoomView>,
}

/// `POST /api/v1/register`
///
/// # Errors
/// [`Error::RegistrationClosed`], [`Error::InvitationNeeded`], [`Error::BadInvitation`] where one is needed;
/// [`Error::BadName`], [`Error::NameTaken`], [`Error::PasswordShort`], [`Error::PasswordLong`],
/// [`Error::PasswordCommon`]; [`Error::SignInThrottled`] for too many attempts; [`Error::Busy`].
#[utoipa::path(
    post,
    path = "/api/v1/register",
    operation_id = "register",
    tag = "Account",
    summary = "Make an account and sign in; by an invitation to a room, join it at once",
    request_body = NewAccount,
    responses((status = 200, description = "Signed in, and in `room` where the invitation let them in", body = RegisteredAnswer))
)]
pub async fn register(
    client: Client,
    state: web::Data<AppState>,
    body: Json<NewAccount>,
) -> Result<Json<RegisteredAnswer>, Error> {
    try_register(&client, &state, body.into_inner())
        .await
        .map(Json)
}

async fn try_register(
    client: &Client,
    state: &AppState,
    wanted: NewAccount,
) -> Result<RegisteredAnswer, Error> {
    let needed = match state.config.accounts.registration() {
        Registration::Open => false,
        Registration::Invited => true,
        Registration::Closed => return Err(Error::RegistrationClosed),
    };
    state.count_account_attempt(client.address())?;
    let invitation = match wanted.invitation {
        Some(code) => match invitations::find(client, state, code).await {
            Ok(found) => Some(found),
            // Where everybody may register nobody is turned away for an expired link.
            Err(Error::BadInvitation) if !needed => None,
            Err(error) => return Err(error),
        },
        None if needed => return Err(Error::InvitationNeeded),
        None => None,
    };
    let name = name::wanted(&wanted.name)?;
    password::check(&wanted.password, &name)?;
    let hash = state.passwords.hash(wanted.password).await?;
    let paid = invitation.as_ref().filter(|_| needed);
    let (user, room_role) =
        make(client, state, name, hash, paid.map(|one| one.code.clone())).await?;
    if let Some(room_role) = room_role {
        let person = PersonId::User(user.id);
        state.chat.inherit_lobby_role(person, room_role).await?;
    }
    let by = invitation.as_ref().map(|one| one.by.id);
    audit::account_made(&user, by);
    try_become(client, state, &user, Via::Registration).await?;
    let room = match invitation {
        Some(invitation) => come_in(client, state, invitation, needed).await,
        None => None,
    };
    let me = client.principal(state).await?;
    Ok(RegisteredAnswer { me, room })
}

/// Makes the account, and gives its room role in the lobby if its visitor was muted or banned there. Where an
/// invitation is needed, one of its uses goes in the same transaction, or there is no account.
async fn make(
    client: &Client,
    state: &AppState,
    name: String,
    hash: String,
    paid: Option<String>,
) -> Result<(User, Option<RoomRole>), Error> {
    // Preferences and messages of the visitor become the account's, and so does the room role in the lobby.
    let likes = serde_json::to_string(&client.likes()).map_err(|_never| Error::Internal)?;
    let visitor = client.visitor(state);
    let now = clock::now_ms();
    let inviters = state.config.accounts.inviters;
    let made = state.store.write(move |db| {
        if users::is_taken(db, &name)? {
            return Ok(Err(Error::NameTaken));
        }
        if let Some(code) = &paid
            && !stored::spend(db, code, inviters, now)?
        {
            return Ok(Err(Error::BadInvitation));
        }
        let Some(user) = users::add(db, &name, &hash, ServerRole::Member, now)? else {
            return Ok(Err(Error::NameTaken));
        };
        users::set_preferences(db, user.id, &likes)?;
        let room_role = match visitor {
            Some(visitor) => visitors::set(db, user.id, visitor)?,
            None => None,
        };
        if let Some(role) = room_role {
            let person = PersonId::User(user.id);
            notices::write(db, &Notice::LobbyRole { person, role })?;
        }
        Ok(Ok((user, room_role)))
    });
    made.await?
}

/// The room of an invitation, with the new account as a member; `None` when there is none, or it does not let
/// them in: the account is theirs all the same.
async fn come_in(
    client: &Client,
    state: &AppState,
    Invitation { code, room, .. }: Invitation,
    paid: bool,
) -> Option<RoomView> {
    if room == SERVER {
        return None;
    }
    let principal = client.principal(state).await.ok()?;
    let action = if paid {
        RoomAction::Admit
    } else {
        RoomAction::Join {
            invitation: Some(code),
        }
    };
    let answer = run_and_view(state, principal, room, action, None).await;
    answer.ok().map(|answer| answer.room)
}
