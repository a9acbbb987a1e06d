//! The server under test: the real program on a free port of this machine, and clients of every
//! kind that talk to it over real sockets.
//!
//! One of two tiers, which share `tests/support/`: this one needs no browser, `tests/browser/` does. Every
//! module is one feature or one list of promises. Nothing here sleeps and hopes; what must happen is awaited
//! with a deadline, what must not happen is fenced by something that comes after it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod account_life;
mod accounts;
mod answers;
mod api_calls;
mod api_docs;
mod attachments;
mod bad_input;
mod banned;
mod bot_calls;
mod bot_docs;
mod bot_events;
mod bot_events_refusals;
mod bots;
mod bus;
mod classic;
mod clients;
mod connections;
mod cross_site;
mod demo;
mod deploy;
mod deploy_nodes;
mod devices;
mod documents;
mod edits;
mod embed;
mod embed_script;
mod embed_session;
mod erasure;
mod erasure_files;
mod expiry;
mod expiry_restarts;
mod faults;
mod favourites;
mod feed;
mod file_check;
mod file_removal;
mod files;
mod floors;
mod frame_files;
mod gallery;
mod handover;
mod history;
mod hold;
mod hook_makers;
mod hook_signatures;
mod hooks;
mod house;
mod house_accounts;
mod house_docs;
mod house_members;
mod house_nodes;
mod house_refusals;
mod identity;
mod invitations;
mod languages;
mod lifecycle;
mod limits;
mod load_tool;
mod log;
mod look;
mod markdown;
mod marks_nodes;
mod message_events;
mod model;
mod moving;
mod my_files;
mod narrowed;
mod node_list;
mod node_readiness;
mod nodes;
mod nodes_clocks;
mod nodes_standing_still;
mod operator;
mod overload;
mod password_links;
mod passwords_off;
mod person_presence;
mod presence;
mod presence_nodes;
mod preview;
mod privacy;
mod profile;
mod recovery;
mod registration;
mod room_abuse;
mod room_commands;
mod room_deletion;
mod room_events;
mod rooms;
mod rules;
mod s3_files;
mod search;
mod search_truth;
mod search_words;
mod server_invitations;
mod sessions;
mod shared_files;
mod single_scopes;
mod site_accounts;
mod site_key;
mod site_page;
mod site_rooms;
mod site_sign_in;
mod site_sign_in_refusals;
mod site_sign_out;
mod site_socket;
mod slow_readers;
mod smuggling;
mod speaking;
mod speaking_keys;
mod speaking_refusals;
mod standby;
mod startup;
mod token_changes;
mod tokens;
mod torture;
mod traps;
mod trouble;
mod tus_client;
mod upload_interruptions;
mod uploads;
mod versions;
mod versions_nodes;
mod videos;
mod violations;
mod visitor_to_account;
mod voices;
mod waiting;
mod web;
