//! What a worker thread's hub is told, and whom it tells: the words that chat and the sockets share.

mod conn_id;
mod dialect;

use actix::Message;
use bytes::Bytes;

pub use conn_id::ConnId;
pub use dialect::{Dialect, EncodedFrames};

use crate::protocol::close::Close;

/// Most bytes that wait for a slow reader: minutes of a busy room, and 100 of them are 100 MiB.
pub const QUEUE_BYTES: usize = 1024 * 1024;

/// What one connection hears.
#[derive(Debug)]
pub struct Unicast {
    /// The connection.
    pub to: ConnId,
    /// Whole frames, possibly none.
    pub frames: Bytes,
    /// What happens after them.
    pub after: AfterSend,
}

/// What a [`Unicast`] does after its frames.
#[derive(Debug, Clone, Copy)]
pub enum AfterSend {
    /// Nothing.
    Nothing,
    /// From now on the connection hears this room or none, in this dialect, and no other.
    Subscribe(Dialect, Option<i64>),
    /// The connection ends with this code.
    Close(Close),
}

/// What everybody who hears a room is told.
#[derive(Debug, Clone)]
pub struct RoomBroadcast {
    /// The room.
    pub room: i64,
    /// Whole frames.
    pub frames: EncodedFrames,
}

/// EncodedFrames for those who hear a room on this thread, then for single connections.
#[derive(Debug, Default, Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// For rooms, in order.
    pub broadcasts: Vec<RoomBroadcast>,
    /// For single connections, in order.
    pub unicasts: Vec<Unicast>,
}

/// The server goes down: everybody is told, with his own time to come back.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseAll {
    /// Clients are asked to come back after this long …
    pub after_ms: u64,
    /// … and up to this much more, so that they do not come all at once.
    pub spread_ms: u64,
}
