//! What changes a room: each command in the writer's transaction, with the policy asked there once more.

pub mod answer;
pub mod apply;
pub mod common;
mod event_writer;
mod memberships;
pub(in crate::store) mod mentions;
mod message_files;
mod messages;
pub mod reactions;
pub mod rooms;
pub(in crate::store) mod send;
mod target;
