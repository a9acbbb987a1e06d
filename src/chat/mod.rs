//! The room: who is in it, what was said, what may be done.
//!
//! [`server`] is the one actor that everything passes; what it decides is in plain types beside
//! it ([`room`], [`presence`]) that know neither actors nor SQL nor HTML.

mod commands;
pub mod fanout;
pub mod handle;
pub mod live_room;
pub mod presence;
pub mod rate_limit;
pub mod requests;
pub mod ring;
pub mod room_history;
pub mod server;
pub mod shedding;
pub mod thread;
