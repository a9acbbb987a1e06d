//! What is read of rooms and messages: the statements, and rows as the model's types.

pub mod access;
pub mod catch_up;
pub mod epochs;
pub mod heard;
pub mod history;
pub mod lists;
pub mod members;
pub mod messages;
pub mod room_registry;
pub mod rooms;
pub mod times;
pub mod versions;
