//! What people read and write: languages, names, message content, identicons.
//!
//! Nothing here knows of sockets, actors or SQL.

pub mod agent;
pub mod body;
pub mod catalog;
pub mod clock;
pub mod content;
pub mod cut;
pub mod emoji;
mod error_messages;
pub mod file_name;
pub mod forms;
pub mod github;
pub mod guest_name;
pub mod han;
pub mod hit;
pub mod identicon;
pub mod links;
pub mod markdown;
pub mod markup;
pub mod mentions;
pub mod name;
pub mod posted;
pub mod query;
pub mod size;
pub mod slack;
pub mod tokens;
