//! What changes a room: each command in the writer's transaction, with the policy asked there once more.

pub mod common;
mod memberships;
mod messages;
pub mod reactions;
pub mod rooms;
