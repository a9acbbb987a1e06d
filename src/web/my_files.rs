//! One's own files: what they take, where they are, and taking them away.
//!
//! Bounds: [`PAGE`] files in an answer; changes are limited as those of rooms are.

use std::collections::HashMap;

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::search::HitRoom;
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::file::File;
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::files::own::{self, FIRST, OwnFile, Place};
use crate::store::files::{find, usage};
use crate::web::get_route;
use crate::web::responses::EmptyAnswer;
use crate::web::room_commands::{run_room_command, view_rooms};
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/me/files", get_route().to(list))
        .route("/api/v1/me/files/{file}", web::delete().to(remove));
}

/// Files in one answer: what a screen shows of them.
const PAGE: usize = 40;

/// Whose files are meant. A visitor whose browser keeps no session shares an address and a program with others, and
/// has nothing of their own.
async fn owner(client: &Client, state: &AppState) -> Result<Principal, Error> {
    let principal = client.principal(state).await?;
    let is_own = principal.has_account() || client.visitor(state).is_some();
    is_own.then_some(principal).ok_or(Error::AccountNeeded)
}

/// The order of one's own files.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FileOrder)]
pub enum Order {
    /// What takes the most space first.
    #[default]
    Size,
    /// What was sent last first.
    New,
}

/// What part of the list is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The order of the files.
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// The `next` of the answer before.
    before: Option<String>,
}

/// One of one's own files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnFile)]
pub struct OwnFileView {
    /// The room that it is in; `null` when its sender may not read that any more.
    room: Option<HitRoom>,
    /// The message that has it.
    #[schema(value_type = i64)]
    message: MessageId,
    /// When it was sent, ms since 1970.
    at: i64,
    /// What it takes, in bytes: all forms in which it is kept.
    bytes: u64,
    /// The file as its message has it.
    file: File,
}

/// One's own files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OwnFilesAnswer {
    /// What all of them take, those that are not sent yet too, in bytes.
    bytes: u64,
    /// How many they are.
    files: u64,
    /// What they may take, in bytes; 0 = no limit.
    quota: u64,
    /// At most 40 that are in messages.
    list: Vec<OwnFileView>,
    /// The `before` of the next page; `null` on the last one.
    next: Option<String>,
}

/// `GET /api/v1/me/files`
///
/// # Errors
/// [`Error::BadData`] for a cursor that is none; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/files",
    operation_id = "list_own_files",
    tag = "Files",
    summary = "What one's own files take, and those that are in messages",
    params(Wanted),
    responses((status = 200, description = "At most 40 and a cursor", body = OwnFilesAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    wanted: web::Query<Wanted>,
) -> Result<Json<OwnFilesAnswer>, Error> {
    let principal = owner(&client, &state).await?;
    let after = wanted.before.as_deref().map_or(Some(FIRST), place);
    let after = after.ok_or(Error::BadData)?;
    let order = match wanted.order {
        Order::Size => own::Order::Size,
        Order::New => own::Order::New,
    };
    let owners = owners(&principal);
    let read = state.store.read(move |db| {
        let mut taken = (0, 0);
        for owner in &owners {
            let (bytes, files) = usage::both(db, *owner)?;
            taken = (taken.0 + bytes, taken.1 + files);
        }
        let found = own::page(db, &owners, order, after, PAGE + 1)?;
        Ok((found, taken))
    });
    let (mut found, (bytes, files)) = read.await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|own| cursor(own.place));
    let names = names(&state, &found, principal).await?;
    Ok(Json(OwnFilesAnswer {
        bytes,
        files,
        quota: state.config.uploads.quota.bytes(),
        list: found.iter().filter_map(|own| shown(own, &names)).collect(),
        next,
    }))
}

/// `DELETE /api/v1/me/files/{file}`: takes a file out of its message, in a room that one has left, too.
///
/// # Errors
/// [`Error::NotFound`] for one that is not there or not the sender's; [`Error::TooFast`], [`Error::Busy`].
#[utoipa::path(
    delete,
    path = "/api/v1/me/files/{file}",
    operation_id = "remove_own_file",
    tag = "Files",
    summary = "Take a file of one's own out of its message, which is recalled when it has nothing else",
    params(("file" = String, Path, description = "The file's id")),
    responses((status = 200, description = "Nobody gets its bytes any more", body = EmptyAnswer))
)]
pub async fn remove(
    client: Client,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> Result<Json<EmptyAnswer>, Error> {
    let principal = owner(&client, &state).await?;
    let file: FileId = file.parse().map_err(|_other| Error::NotFound)?;
    let found = state.store.read(move |db| find(db, file)).await?;
    let found = found.filter(|found| found.is_of(&principal));
    let (room, _) = found
        .and_then(|found| found.message)
        .ok_or(Error::NotFound)?;
    run_room_command(&state, &principal, room, RoomAction::TakeFile(file), None).await?;
    Ok(Json(EmptyAnswer {}))
}

/// Under which ids somebody has files: as the visitor before their account, too.
pub(super) fn owners(principal: &Principal) -> Vec<PersonId> {
    std::iter::once(principal.id())
        .chain(principal.was)
        .collect()
}

async fn names(
    state: &AppState,
    found: &[OwnFile],
    principal: Principal,
) -> Result<HashMap<RoomId, String>, Error> {
    let rooms = found.iter().filter_map(|own| own.file.message);
    let mut rooms: Vec<RoomId> = rooms.map(|(room, _)| room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let rooms = view_rooms(state, rooms, principal).await?;
    let named = |room: crate::protocol::view::RoomView| (room.id, room.settings.name.clone());
    Ok(rooms.into_iter().map(named).collect())
}

fn shown(own: &OwnFile, names: &HashMap<RoomId, String>) -> Option<OwnFileView> {
    let (id, message) = own.file.message?;
    let name = names.get(&id).cloned();
    Some(OwnFileView {
        room: name.map(|name| HitRoom { id, name }),
        message,
        at: own.at,
        bytes: own.file.stored,
        file: own.file.file(),
    })
}

pub(super) fn cursor((number, id): Place) -> String {
    format!("{number}.{id}")
}

pub(super) fn place(cursor: &str) -> Option<Place> {
    let (number, id) = cursor.split_once('.')?;
    Some((number.parse().ok()?, id.parse().ok()?))
}
