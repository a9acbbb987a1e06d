//! What ChatServer sends to a worker thread's hub: the types that chat and the sockets share.

mod conn_id;
mod dialect;

use actix::Message;
use bytes::Bytes;

pub use conn_id::ConnId;
pub use dialect::{Dialect, EncodedFrames};

use crate::model::room_id::RoomId;
use crate::protocol::close::Close;

/// Most bytes that wait for a slow reader: minutes of a busy room, and 100 of them are 100 MiB.
pub const QUEUE_BYTES: usize = 1024 * 1024;

/// Frames for one connection.
#[derive(Debug)]
pub struct Unicast {
    /// The connection that gets them.
    pub to: ConnId,
    /// Whole frames, possibly none.
    pub frames: Bytes,
    /// What the hub does after they were sent.
    pub after: AfterSend,
}

/// What a [`Unicast`] does after its frames.
#[derive(Debug, Clone, Copy)]
pub enum AfterSend {
    /// The connection stays as it is.
    Nothing,
    /// From now on the connection has this room open or none, in this dialect, and no other.
    Subscribe(Dialect, Option<RoomId>),
    /// The connection ends with this code.
    Close(Close),
}

/// Frames for everybody who has a room open.
#[derive(Debug, Clone)]
pub struct RoomBroadcast {
    /// The room's id.
    pub room: RoomId,
    /// Whole frames, in every dialect.
    pub frames: EncodedFrames,
}

/// Broadcasts for those who have a room open on this thread, then unicasts for single connections.
#[derive(Debug, Default, Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// Broadcasts to rooms, in order.
    pub broadcasts: Vec<RoomBroadcast>,
    /// For single connections, in order.
    pub unicasts: Vec<Unicast>,
}

/// The server shuts down: every client is asked to come back, each at a time of its own.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseAll {
    /// Clients are asked to come back after this long …
    pub after_ms: u64,
    /// … and up to this much more, so that they do not come all at once.
    pub spread_ms: u64,
}
