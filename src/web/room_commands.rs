//! What calls about rooms have in common: running a command on a room, and viewing a room as a person sees it.

use uuid::Uuid;

use crate::error::Error;
use crate::model::command::{RoomAction, RoomBounds, RoomCommand};
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::view::RoomView;
use crate::text::clock;
use crate::web::responses::RoomAnswer;
use crate::web::state::AppState;

/// Runs a command, and gives the room that it was about.
pub(super) async fn run_room_command(
    state: &AppState,
    principal: &Principal,
    room: RoomId,
    action: RoomAction,
    nonce: Option<Uuid>,
) -> Result<RoomId, Error> {
    state
        .room_command_rates
        .take(&principal.id())
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let command = room_command(state, principal, room, action);
    state.chat.run(command, nonce).await
}

/// Runs a command, and gives the room as its principal sees it afterwards.
pub(super) async fn run_and_view(
    state: &AppState,
    principal: Principal,
    room: RoomId,
    action: RoomAction,
    nonce: Option<Uuid>,
) -> Result<RoomAnswer, Error> {
    let room = run_room_command(state, &principal, room, action, nonce).await?;
    let room = view(state, room, principal).await?;
    Ok(RoomAnswer { room })
}

/// A room action as a command, with this server's bounds.
#[must_use]
pub fn room_command(
    state: &AppState,
    principal: &Principal,
    room: RoomId,
    action: RoomAction,
) -> Box<RoomCommand> {
    let rooms = &state.config.rooms;
    Box::new(RoomCommand {
        principal: principal.clone(),
        at: clock::now_ms(),
        room,
        action,
        bounds: RoomBounds {
            rooms: rooms.most,
            owned: rooms.owned,
            joined: rooms.joined,
            members: rooms.members,
        },
    })
}

/// A room as `principal` sees it.
pub(super) async fn view(
    state: &AppState,
    room: RoomId,
    principal: Principal,
) -> Result<RoomView, Error> {
    let mut found = view_rooms(state, vec![room], principal).await?;
    found.pop().ok_or(Error::NotFound)
}

/// Rooms as `principal` sees them.
pub(super) async fn view_rooms(
    state: &AppState,
    rooms: Vec<RoomId>,
    principal: Principal,
) -> Result<Vec<RoomView>, Error> {
    state.chat.view_rooms(rooms, principal).await
}
