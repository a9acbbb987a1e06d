//! RoomAction calls about rooms have in common: to do something to a room, and to see it as somebody does.

use uuid::Uuid;

use crate::chat::commands::{Onlooker, RunRoomCommand, ViewRooms};
use crate::error::Error;
use crate::model::command::{Doer, RoomAction, RoomBounds, RoomCommand};
use crate::protocol::view::RoomView;
use crate::text::clock;
use crate::web::responses::RoomAnswer;
use crate::web::state::AppState;

/// Does a deed, and gives the room that it was done to.
pub(super) async fn perform(
    house: &AppState,
    onlooker: &Onlooker,
    room: i64,
    what: RoomAction,
    nonce: Option<Uuid>,
) -> Result<i64, Error> {
    house
        .deeds
        .take(&onlooker.person.id)
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let deed = deed(house, onlooker, room, what);
    let done = house.chat.send(RunRoomCommand { deed, nonce }).await;
    done.map_err(|_busy| Error::Busy)?
}

/// Does a deed, and gives the room as its doer sees it then.
pub(super) async fn perform_and_view(
    house: &AppState,
    onlooker: Onlooker,
    room: i64,
    what: RoomAction,
    nonce: Option<Uuid>,
) -> Result<RoomAnswer, Error> {
    let room = perform(house, &onlooker, room, what, nonce).await?;
    let room = view(house, room, onlooker).await?;
    Ok(RoomAnswer { room })
}

/// A deed, within what the house allows.
#[must_use]
pub fn deed(
    house: &AppState,
    onlooker: &Onlooker,
    room: i64,
    what: RoomAction,
) -> Box<RoomCommand> {
    let rooms = &house.config.rooms;
    Box::new(RoomCommand {
        doer: Doer {
            person: onlooker.person.clone(),
            house: onlooker.house,
            may_write: onlooker.may_write,
        },
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
    onlooker: Onlooker,
) -> Result<RoomView, Error> {
    let mut found = views(house, vec![room], onlooker).await?;
    found.pop().ok_or(Error::NotFound)
}

/// Rooms as somebody sees them.
pub(super) async fn views(
    house: &AppState,
    rooms: Vec<i64>,
    onlooker: Onlooker,
) -> Result<Vec<RoomView>, Error> {
    let ask = ViewRooms { rooms, onlooker };
    house.chat.send(ask).await.map_err(|_busy| Error::Busy)
}
