//! What changes a room: each command in the writer's transaction, with the policy asked there once more.

pub mod apply;
pub mod common;
mod event_writer;
mod memberships;
mod mentions;
mod message_files;
mod messages;
pub mod reactions;
pub mod rooms;
mod send;
mod target;
