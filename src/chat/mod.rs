//! Rooms while people are in them: messages, presence, and the actor that decides.
//!
//! [`server`] is the one actor that everything passes; what it decides is in plain types beside
//! it ([`room_history`], [`presence`]) that know neither actors nor SQL nor HTML.

pub mod fanout;
pub mod handle;
pub mod live_room;
mod mailbox;
pub mod presence;
pub mod rate_limit;
pub mod requests;
pub mod resequencer;
pub mod ring;
pub mod room_history;
pub mod server;
pub mod shedding;
pub mod swept;
pub mod thread;
pub mod word;
