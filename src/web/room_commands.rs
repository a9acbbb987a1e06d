//! RoomAction calls about rooms have in common: to do something to a room, and to see it as somebody does.

use uuid::Uuid;

use crate::error::Error;
use crate::model::command::{RoomAction, RoomBounds, RoomCommand};
use crate::model::principal::Principal;
use crate::protocol::view::RoomView;
use crate::text::clock;
use crate::web::responses::RoomAnswer;
use crate::web::state::AppState;

/// Does a deed, and gives the room that it was done to.
pub(super) async fn perform(
    house: &AppState,
    principal: &Principal,
    room: i64,
    what: RoomAction,
    nonce: Option<Uuid>,
) -> Result<i64, Error> {
    house
        .deeds
        .take(&principal.id())
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let deed = deed(house, principal, room, what);
    house.chat.run(deed, nonce).await
}

/// Does a deed, and gives the room as its principal sees it then.
pub(super) async fn perform_and_view(
    house: &AppState,
    principal: Principal,
    room: i64,
    what: RoomAction,
    nonce: Option<Uuid>,
) -> Result<RoomAnswer, Error> {
    let room = perform(house, &principal, room, what, nonce).await?;
    let room = view(house, room, principal).await?;
    Ok(RoomAnswer { room })
}

/// A deed, within what the house allows.
#[must_use]
pub fn deed(
    house: &AppState,
    principal: &Principal,
    room: i64,
    what: RoomAction,
) -> Box<RoomCommand> {
    let rooms = &house.config.rooms;
    Box::new(RoomCommand {
        principal: principal.clone(),
        at: clock::now_ms(),
        room,
        what,
        bounds: RoomBounds {
            rooms: rooms.most,
            owned: rooms.owned,
            joined: rooms.joined,
            members: rooms.members,
        },
    })
}

/// A room as somebody sees it.
pub(super) async fn view(
    house: &AppState,
    room: i64,
    principal: Principal,
) -> Result<RoomView, Error> {
    let mut found = views(house, vec![room], principal).await?;
    found.pop().ok_or(Error::NotFound)
}

/// Rooms as somebody sees them.
pub(super) async fn views(
    house: &AppState,
    rooms: Vec<i64>,
    principal: Principal,
) -> Result<Vec<RoomView>, Error> {
    house.chat.view_rooms(rooms, principal).await
}
