//! The room: who is in it, what was said, what may be done.
//!
//! [`server`] is the one actor that everything passes; what it decides is in plain types beside
//! it ([`room`], [`presence`]) that know neither actors nor SQL nor HTML.

pub mod about;
pub mod directory;
pub mod event;
pub mod fanout;
pub mod hall;
pub mod load;
pub mod mention;
pub mod message;
pub mod messages;
pub mod pace;
pub mod permission;
pub mod person;
pub mod presence;
pub mod reaction;
pub mod ring;
pub mod room;
pub mod server;
pub mod standing;
pub mod tally;
pub mod thread;
