//! The HTTP side: the page, the API, assets, and the rules that every request meets.

pub mod account;
pub mod address;
pub mod answers;
pub mod api;
pub mod assets;
mod attached;
pub mod client;
pub mod credentials;
pub mod deeds;
pub mod devices;
pub mod docs;
pub mod emoji;
pub mod export;
pub mod history;
pub mod invitations;
pub mod me;
pub mod members;
pub mod pages;
pub mod preview;
pub mod rooms;
mod row;
pub mod search;
pub mod security;
pub mod turns;
pub mod versions;
