//! The room: who is in it, what was said, what may be done.
//!
//! [`server`] is the one actor that everything passes; what it decides is in plain types beside
//! it ([`room`], [`presence`]) that know neither actors nor SQL nor HTML.

pub mod fanout;
pub mod load;
pub mod message;
pub mod messages;
pub mod pace;
pub mod person;
pub mod presence;
pub mod ring;
pub mod room;
pub mod server;
pub mod thread;
