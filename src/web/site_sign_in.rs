//! Signing in by a token of the site: what frames, the page and sockets have in common.
//!
//! Owns what is told when somebody comes in so, or is refused: which check failed is for the log alone, whoever brought the token
//! learns a code. Who they are is decided in `auth::federation`. The token itself is nowhere.

use std::net::IpAddr;

use super::client::Client;
use super::room_commands::room_command;
use crate::audit;
use crate::auth::federation::{self, Admitted, Arrival, Known, Rules};
use crate::auth::site_token::{Claims, Refusal};
use crate::auth::via::Via;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::person_id::PersonId;
use crate::store::accounts::users::{self, User};
use crate::store::db::{Db, StoreError};
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// What a token from `address` says.
///
/// # Errors
/// [`Error::BadToken`], [`Error::TokenExpired`]; [`Error::SignInThrottled`] for too many bad ones.
pub(super) fn verify(state: &AppState, address: IpAddr, token: &str) -> Result<Claims, Error> {
    let verified = match &state.site {
        Some(verifier) => verifier.verify(token, clock::now_ms()),
        None => Err(Refusal::NoKeys),
    };
    verified.map_err(|refusal| refuse(state, address, refusal))
}

/// What is answered to whoever has brought a token that does not pass a check. The log has a line of it, as often as an address may
/// try.
pub(super) fn refuse(state: &AppState, address: IpAddr, refusal: Refusal) -> Error {
    if let Err(throttled) = state.count_account_attempt(address) {
        return throttled;
    }
    let error = Error::from(refusal);
    audit::token_refused(address, &error, refusal.check());
    error
}

/// Whether a token is the owner's of account `user`, whose session goes on then: the token is not used up, unless it has another
/// name or role for them.
///
/// # Errors
/// As [`verify`]; when the store cannot be asked.
pub(super) async fn is_still(
    client: &Client,
    state: &AppState,
    claims: &Claims,
    user: i64,
) -> Result<bool, Error> {
    let site = &state.config.site;
    let (arrival, rules) = (Arrival::by_token(site, claims), Rules::from(site));
    let again = arrival.clone();
    let looked = move |db: &mut dyn Db| federation::recognise(db, &arrival, rules, user);
    let known = state.store.read(looked).await?;
    match known.map_err(|refusal| refuse(state, client.address(), refusal))? {
        Known::Other => return Ok(false),
        Known::Same => return Ok(true),
        Known::Changed => {}
    }
    let now = clock::now_ms();
    let renew = move |db: &mut dyn Db| federation::admit(db, &again, rules, now);
    match state.store.write(renew).await? {
        Ok(admitted) => tell(client, state, claims, &admitted).await,
        // What it said is done, or was undone since.
        Err(Refusal::Spent) => {}
        Err(refusal) => return Err(refuse(state, client.address(), refusal)),
    }
    Ok(true)
}

/// Lets somebody in whose token is good. `begin` begins their session, in the transaction that uses the token up, which may be
/// done again.
///
/// # Errors
/// [`Error::BadToken`], [`Error::TokenUsed`]; when the store cannot be written.
pub(super) async fn let_in<T: Send + 'static>(
    client: &Client,
    state: &AppState,
    claims: &Claims,
    via: Via,
    begin: impl Fn(&mut dyn Db, &User) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Error> {
    let site = &state.config.site;
    let (arrival, rules) = (Arrival::by_token(site, claims), Rules::from(site));
    let now = clock::now_ms();
    let work = move |db: &mut dyn Db| {
        let admitted = match federation::admit(db, &arrival, rules, now)? {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let begun = begin(db, &admitted.user)?;
        Ok(Ok((admitted, begun)))
    };
    let done = state.store.write(work).await?;
    let (admitted, begun) = done.map_err(|refusal| refuse(state, client.address(), refusal))?;
    telemetry::signed_in(via.as_str());
    tell(client, state, claims, &admitted).await;
    Ok(begun)
}

/// Has this node follow what a token says, and lets somebody into the rooms that it names.
async fn tell(client: &Client, state: &AppState, claims: &Claims, admitted: &Admitted) {
    let user = &admitted.user;
    follow(state, &state.config.site.issuer, admitted).await;
    let principal = client.as_user(state, user);
    for room in &claims.rooms {
        let command = room_command(state, &principal, *room, RoomAction::JoinBySite);
        if let Err(error) = state.chat.run(command, None).await {
            audit::room_not_joined(user.id, *room, &error);
        }
    }
}

/// Has this node follow what the database has learnt of somebody; others read it there, or are told by notices.
pub(super) async fn follow(state: &AppState, issuer: &str, admitted: &Admitted) {
    let user = &admitted.user;
    if admitted.is_new {
        audit::account_made_by(issuer, user);
    }
    if admitted.is_renamed {
        let person = user.person(String::new());
        state
            .chat
            .set_profile(person.id, person.name, person.avatar);
    }
    if admitted.has_other_role {
        // Where it fails, the job that looks for other roles finds it within seconds.
        if let Ok(in_charge) = state.store.read(users::in_charge).await {
            let roles = in_charge.into_iter();
            let roles = roles.map(|(user, role)| (PersonId::User(user), role));
            state.chat.set_server_roles(roles.collect());
        }
    }
}
