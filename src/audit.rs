//! The audit trail: who came in, who was refused, and who did what to whom; lines for operators, moderators and
//! programs such as fail2ban. Names are quoted and escaped; passwords, cookies and codes are never
//! logged, and an address only with refused sign-ins.

use std::net::IpAddr;

use crate::error::Error;
use crate::log::{SIGN_IN, TRAIL};
use crate::model::command::RoomDeleted;
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::RoomRole;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::invitations::Invitation;
use crate::store::accounts::tokens::Token;
use crate::store::accounts::users::User;

/// A sign-in with a wrong name or password, or one too many; `account` is the one of the name.
/// The name that was typed is not logged: it may be a password.
pub fn sign_in_refused(address: IpAddr, error: &Error, account: Option<i64>) {
    let account = account.map(|account| PersonId::User(account).to_string());
    let reason = error.code();
    tracing::warn!(target: SIGN_IN, %address, reason, account, "sign-in refused");
}

/// Somebody made an account, by an invitation of `invited_by` or without one.
pub fn account_made(user: &User, invited_by: Option<PersonId>) {
    let account = PersonId::User(user.id).to_string();
    let invited_by = invited_by.map(|id| id.to_string());
    tracing::info!(target: SIGN_IN, account, name = ?user.name, invited_by, "account made");
}

/// A token of a site that was not taken: `check` says why, which whoever brought it is not told. The token is not logged: it
/// may be good elsewhere.
pub fn token_refused(address: IpAddr, error: &Error, check: &'static str) {
    let reason = error.code();
    tracing::warn!(target: SIGN_IN, %address, reason, check, "sign-in refused");
}

/// Somebody came in by the word of `issuer` who had not been here before: they have an account now.
pub fn account_made_by(issuer: &str, user: &User) {
    let account = PersonId::User(user.id).to_string();
    tracing::info!(target: SIGN_IN, account, name = ?user.name, issuer = ?issuer, "account made");
}

/// A room that the site names for somebody, and which they could not join.
pub fn room_not_joined(user: i64, room: RoomId, error: &Error) {
    let account = PersonId::User(user).to_string();
    let reason = error.code();
    tracing::info!(target: SIGN_IN, account, room = room.0, reason, "room of the site not joined");
}

/// Somebody made a link by which the owner of an account sets another password.
pub fn password_link_made(by: PersonId, account: PersonId) {
    let (by, account) = (by.to_string(), account.to_string());
    tracing::info!(target: TRAIL, by, account, "password link made");
}

/// Somebody who looks after the server ended a person's connections.
pub fn connections_ended(by: PersonId, whom: PersonId) {
    let (by, whom) = (by.to_string(), whom.to_string());
    tracing::info!(target: TRAIL, by, whom, "connections ended");
}

/// An account was deleted by somebody else.
pub fn account_deleted_by(by: PersonId, whom: PersonId) {
    let (by, whom) = (by.to_string(), whom.to_string());
    tracing::info!(target: TRAIL, by, whom, "account deleted by another");
}

/// Somebody was signed out everywhere.
pub fn signed_out(by: PersonId, whom: PersonId) {
    let (by, whom) = (by.to_string(), whom.to_string());
    tracing::info!(target: TRAIL, by, whom, "signed out everywhere");
}

/// An account's password was changed by such a link.
pub fn password_changed_by_link(user: &User) {
    let account = PersonId::User(user.id).to_string();
    tracing::info!(target: TRAIL, account, "password changed by a link");
}

/// Somebody made a token by which a program speaks for an account.
pub fn token_made(by: PersonId, token: &Token) {
    about_token(by, token, "token made");
}

/// Somebody changed a token: it has another name, or is good for less.
pub fn token_changed(by: PersonId, token: &Token) {
    about_token(by, token, "token changed");
}

fn about_token(by: PersonId, token: &Token, what: &str) {
    let (by, account) = (by.to_string(), PersonId::User(token.user).to_string());
    let scopes = token.grant.scopes.iter().map(|scope| scope.as_str());
    let (id, scopes) = (&token.id, scopes.collect::<Vec<_>>().join(" "));
    tracing::info!(target: TRAIL, by, account, token = id, scopes, "{what}");
}

/// Somebody ended a token.
pub fn token_ended(by: PersonId, id: &str) {
    let by = by.to_string();
    tracing::info!(target: TRAIL, by, token = ?id, "token ended");
}

/// Somebody deleted their account.
pub fn account_deleted(user: i64) {
    let account = PersonId::User(user).to_string();
    tracing::info!(target: SIGN_IN, account, "account deleted");
}

/// A member of a room was muted, banned, removed, made an admin, or one of these was undone.
pub fn happened(event: &Event) {
    let EventContent::Membership {
        by,
        change,
        who,
        room_role,
        ..
    } = &event.change
    else {
        return;
    };
    if matches!(change, MembershipChange::Join | MembershipChange::Leave) {
        return;
    }
    tracing::info!(
        target: TRAIL,
        deed = change.as_str(),
        room = event.room.0,
        by = by.id.to_string(),
        by_name = ?by.name,
        whom = who.id.to_string(),
        whom_name = ?who.name,
        role = room_role.map(RoomRole::as_str),
        "moderation",
    );
}

/// A room was deleted, with all its messages.
pub fn room_deleted(deleted: &RoomDeleted, name: &str) {
    let room = deleted.room.0;
    let by = match deleted.by {
        PersonId::Nobody => "operator".to_owned(),
        by => by.to_string(),
    };
    tracing::info!(target: TRAIL, room, name = ?name, by, "room deleted");
}

/// A server role was changed by the command line, or where `by_site` by the site that says who is an admin.
pub fn role_changed(user: i64, role: ServerRole, by_site: bool) {
    let account = PersonId::User(user).to_string();
    let role = role.as_str();
    let by = if by_site {
        "operator or site"
    } else {
        "operator"
    };
    tracing::info!(target: TRAIL, account, role, by, "server role changed");
}

/// Somebody made an invitation to a room; room 0 is the server.
pub fn invited(new: &Invitation) {
    let Invitation {
        room,
        by,
        uses,
        expires,
        ..
    } = new;
    tracing::info!(target: TRAIL, room = room.0, by = by.id.to_string(), by_name = ?by.name, uses, expires, "invitation made");
}

/// Somebody revoked an invitation.
pub fn uninvited(room: RoomId, by: PersonId) {
    let by = by.to_string();
    tracing::info!(target: TRAIL, room = room.0, by, "invitation taken back");
}
