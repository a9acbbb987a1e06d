//! Teahouse (茶馆): a live chat room.
//!
//! How a message travels:
//!
//! ```text
//! browser ─frame→ realtime::session   one actix actor per WebSocket; its own heartbeat; reads frames
//!                    │ typed message: Connect, SendMessage, ChangeMessage, Disconnect, …
//!                    ▼
//!                chat::server   one actix actor: sessions and their people, presence, history
//!                    │ commands                               ▲ committed: id, seq
//!                    ▼                                        │
//!                store::writer  one thread: every waiting command in one transaction
//!
//!            chat::server ─event, encoded once→ realtime::hub    one per worker thread: its connections
//!                                                 └──────→ realtime::client_writer  one per socket → browser
//! ```
//!
//! Read `realtime/session.rs`, `chat/server.rs`, `store/writer.rs`, `realtime/hub.rs`, `realtime/client_writer.rs` in this
//! order for the whole path. `docs/architecture.md` has the floors on which the folders stand.

pub mod app;
pub mod audit;
pub mod auth;
pub mod bench;
pub mod chat;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod data_dir;
pub mod delivery;
pub mod demo;
pub mod error;
pub mod files;
pub mod geo;
pub mod log;
pub mod look;
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
