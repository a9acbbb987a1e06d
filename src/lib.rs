//! Teahouse (茶馆): a live chat room.
//!
//! The way of a message:
//!
//! ```text
//! browser ─frame→ realtime::session   one actix actor per WebSocket; its own heartbeat; reads frames
//!                    │ typed message: Connect, Say, Recall, Disconnect, …
//!                    ▼
//!                chat::server   one actix actor: sessions and their people, presence, history
//!                    │ drafts                                 ▲ committed: id, seq
//!                    ▼                                        │
//!                store::writer  one thread: every waiting draft in one transaction
//!
//!            chat::server ─event, encoded once→ realtime::hub    one per worker thread: its wires
//!                                                 └──────→ realtime::wire  one per socket → browser
//! ```
//!
//! Read `ws/session.rs`, `chat/server.rs`, `store/writer.rs`, `ws/hub.rs`, `ws/wire.rs` in this
//! order and you have seen it all. Around it: [`protocol`] (what is on the wire), [`auth`] (who
//! somebody is), [`web`] (the page and the API), [`text`] (languages, names, content), [`config`],
//! [`cli`], [`bench`] (the load tool), [`demo`] (a house that looks lived in), [`mod@house`] (what everybody shares), [`housekeeping`] (what
//! it does by itself), and [`app`] (the route table, the life of the server).

pub mod app;
pub mod audit;
pub mod auth;
pub mod bench;
pub mod chat;
pub mod cli;
pub mod config;
pub mod data_dir;
pub mod delivery;
pub mod demo;
pub mod error;
pub mod geo;
pub mod log;
pub mod model;
pub mod protocol;
pub mod realtime;
pub mod shrink;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod vital;
pub mod web;
