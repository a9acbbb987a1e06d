//! The devices of an account in the API: where it is signed in, and signing out there.
//!
//! A device is a session. Its id is an HMAC of the session id with the server's key: it opens
//! nothing, and means nothing to anybody but the account's owner.

use std::collections::HashSet;

use actix_web::web;
use actix_web::web::Json;
use serde::Serialize;

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::person_id::PersonId;
use crate::store::accounts::sessions;
use crate::store::accounts::sessions::SessionActivity;
use crate::text::clock;
use crate::web::get_route;
use crate::web::responses;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me/devices", get_route().to(list))
        .route("/api/v1/me/devices", web::delete().to(sign_out_others))
        .route("/api/v1/me/devices/{id}", web::delete().to(sign_out));
}

/// Sessions that are looked at: more than [`super::account`] lets an account have, with those in frames of a dozen sites.
const LISTED: i64 = 300;

/// One session of an account, as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Device {
    id: String,
    /// Whether it is the session that asks.
    here: bool,
    /// The site in whose page it is, which has one line here; `null` for a browser.
    host: Option<String>,
    /// Browser and operating system; may be empty.
    name: String,
    place: String,
    /// Time of the sign-in, ms since 1970.
    at: i64,
    /// Last seen, ms since 1970.
    seen: i64,
}

/// Where an account is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DevicesAnswer {
    /// This one first, then those seen last.
    pub devices: Vec<Device>,
}

/// `GET /api/v1/me/devices`
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/devices",
    operation_id = "list_devices",
    tag = "Account",
    summary = "Where the account is signed in",
    responses((status = 200, description = "This one first, then those seen last", body = DevicesAnswer)),
    security(("session" = []))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<DevicesAnswer>, Error> {
    let devices = of(&client, &state).await?;
    Ok(Json(DevicesAnswer { devices }))
}

/// The sender's devices, this one first, then those seen last.
///
/// # Errors
/// As [`list`].
pub(super) async fn of(client: &Client, state: &AppState) -> Result<Vec<Device>, Error> {
    let user = client.account(state).await?.id;
    state.shedding.admit(Workload::Reading)?;
    client.principal(state).await?;
    let now = clock::now_ms();
    let kept = state
        .store
        .read(move |db| sessions::devices(db, user, now, LISTED))
        .await?;
    let id = PersonId::User(user);
    let open = state.chat.open_sessions_of(id).await?;
    let open: HashSet<String> = open.into_iter().collect();
    let here = client.sid();
    let mut devices: Vec<Device> = kept
        .into_iter()
        .map(|device| {
            let SessionActivity {
                device: name,
                place,
                at,
            } = state.last_seen.get(&device.sid).unwrap_or(device.seen);
            Device {
                id: public_id(state, &device.sid),
                host: device.host,
                here: here.as_ref() == Some(&device.sid),
                name,
                place,
                at: device.created,
                seen: if open.contains(&device.sid) { now } else { at },
            }
        })
        .collect();
    devices.sort_by_key(|device| (!device.here, std::cmp::Reverse(device.seen)));
    let mut hosts = HashSet::new();
    devices.retain(|device| {
        device
            .host
            .as_ref()
            .is_none_or(|host| hosts.insert(host.clone()))
    });
    Ok(devices)
}

/// `DELETE /api/v1/me/devices/{id}`
///
/// # Errors
/// [`Error::NotFound`] for an id that is none of the sender's devices.
#[utoipa::path(
    delete,
    path = "/api/v1/me/devices/{id}",
    operation_id = "sign_out_device",
    tag = "Account",
    summary = "Sign out one device, or the account in all pages of one site",
    params(("id" = String, Path, description = "The device's id")),
    responses((status = 200, description = "Done", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn sign_out(
    client: Client,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    try_sign_out(&client, &state, &id).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

/// The public id of a session: the session cannot be derived from it.
fn public_id(state: &AppState, sid: &str) -> String {
    format!("{:016x}", state.secrets.pseudonym(sid))
}

async fn try_sign_out(client: &Client, state: &AppState, id: &str) -> Result<(), Error> {
    let user = client.account(state).await?.id;
    let now = clock::now_ms();
    let devices = state
        .store
        .read(move |db| sessions::devices(db, user, now, LISTED))
        .await?;
    let device = devices
        .into_iter()
        .find(|device| public_id(state, &device.sid) == id)
        .ok_or(Error::NotFound)?;
    let ended = state.store.write(move |db| match &device.host {
        Some(host) => sessions::end_frames_of(db, user, host),
        None => sessions::end_one_of(db, user, &device.sid),
    });
    for sid in ended.await? {
        state.chat.end_session(sid);
    }
    Ok(())
}

/// `DELETE /api/v1/me/devices`: signs out all but this one.
///
/// # Errors
/// [`Error::AccountNeeded`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/me/devices",
    operation_id = "sign_out_other_devices",
    tag = "Account",
    summary = "Sign out everywhere else",
    responses((status = 200, description = "Done", body = responses::EmptyAnswer)),
    security(("session" = []))
)]
pub async fn sign_out_others(
    client: Client,
    state: web::Data<AppState>,
) -> Result<Json<responses::EmptyAnswer>, Error> {
    try_sign_out_others(&client, &state).await?;
    Ok(Json(responses::EmptyAnswer {}))
}

async fn try_sign_out_others(client: &Client, state: &AppState) -> Result<(), Error> {
    let user = client.account(state).await?.id;
    let here = client.sid();
    let ended = state
        .store
        .write(move |db| sessions::end_others_of(db, user, here.as_deref()))
        .await?;
    for sid in ended {
        state.chat.end_session(sid);
    }
    Ok(())
}
