//! The chat's own terms: people, rooms, memberships, messages, events, commands and the policy.
//!
//! Plain data and rules. Nothing here knows actors, SQL, HTTP, a clock or a thread.

pub mod command;
pub mod event;
pub mod event_cursor;
pub mod expiry;
pub mod file;
pub mod file_id;
pub mod file_part;
pub mod grant;
pub mod membership;
pub mod mention;
pub mod message;
pub mod message_id;
pub mod message_reducer;
pub mod person;
pub mod person_id;
pub mod policy;
pub mod principal;
pub mod reaction;
pub mod room;
pub mod room_id;
pub mod room_registry;
pub mod seq;
pub mod tally;
