//! The HTTP side: the page, the API, assets, and the checks that every request passes.

pub mod account;
pub mod api;
mod asset_tree;
pub mod assets;
pub mod bearer;
pub mod bearer_gate;
pub mod bounded_gate;
mod bundle;
pub mod classic_voice;
pub mod client;
mod content_body;
pub mod credentials;
pub mod devices;
pub mod direct;
pub mod docs;
pub mod embed;
pub mod embed_session;
mod embedded;
pub mod emoji;
pub mod errors;
pub mod export;
mod file_keys;
pub mod file_streams;
pub mod files;
pub mod files_gone;
pub mod files_zip;
pub mod foreign_assets;
pub mod gallery;
pub mod history;
pub mod hook_memory;
pub mod hooks;
mod house_caller;
pub mod house_members;
pub mod house_messages;
pub mod house_online;
pub mod house_people;
mod house_person;
pub mod house_sessions;
pub mod idempotency;
pub mod invitations;
pub mod manifest;
pub mod me;
pub mod members;
pub mod message_changes;
pub mod message_extras;
pub mod message_files;
pub mod message_voice;
mod modules;
pub mod my_files;
pub mod nodes;
pub mod pages;
pub mod password_links;
pub mod person_presence;
mod precompress;
pub mod preview;
mod range;
pub mod registration;
pub mod responses;
pub mod room_commands;
pub mod room_hooks;
mod room_page;
pub mod rooms;
mod row;
pub mod scopes;
pub mod search;
pub mod security;
pub mod server_invitations;
pub mod site_page;
mod site_sign_in;
mod site_socket;
pub mod speaking;
pub mod state;
mod strip_comments;
pub mod tokens;
mod tus;
pub mod upgrade;
mod upload_announcement;
mod upload_body;
pub mod uploads;
pub mod versions;

use actix_web::{Route, guard, web};

/// A route that reads: a HEAD is answered as a GET without its body (RFC 9110 §9.3.2).
pub(crate) fn get_route() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
