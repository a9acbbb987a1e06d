//! The WebSocket side: one [`session`] actor per connection, one [`hub`] actor per worker
//! thread, one [`client_writer`] per socket.
//!
//! What comes in goes session → `chat::ChatServer`; what goes out goes hub → client writer → socket. The
//! deprecated `actix-web-actors` is used here and nowhere else.

pub mod admission;
pub mod client_writer;
pub mod content;
pub mod delivery_queue;
pub mod frame_rate;
pub mod frame_reader;
pub mod handover;
pub mod heartbeat;
pub mod hub;
pub mod session;
pub mod shares;
pub mod slot_list;
pub mod socket;
pub mod subscriptions;
mod utf8;
