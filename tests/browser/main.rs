//! The page as people have it: real browsers, without a screen, that open it and do what a hand
//! would do. Each [`Person`] has a browser of their own, with cookies of their own.
//!
//! [`Browsers`] starts and ends them, [`Road`] is a way to the server that can be cut, the other
//! modules are what people do. Whoever leaves is asked whether their browser complained: a test
//! fails for a script error, for anything that the content policy stopped, and for a request to
//! another site, whatever it is about.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[expect(
    dead_code,
    unused_imports,
    reason = "the tests without a browser use the rest of it"
)]
#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod acts;
mod answers;
mod around;
mod authors;
mod axe;
mod bans;
mod begins;
mod blocks;
mod blog;
mod bot_page;
mod bots;
mod browsers;
mod company;
mod completion;
mod composer;
mod composing;
mod connection;
mod contrast;
mod crowd;
mod days;
mod departing;
mod doors;
mod editing;
mod embed;
mod embed_access;
mod embed_docs;
mod embed_files;
mod embed_people;
mod emoji;
mod engines;
mod favourites;
mod file_uploads;
mod file_words;
mod files;
mod fingers;
mod first_visit;
mod fits;
mod framed;
mod gallery;
mod heard;
mod history;
mod hook_page;
mod keeper;
mod keepsakes;
mod keyboard;
mod keys;
mod lightbox;
mod looks;
mod markup;
mod modules;
mod newcomer;
mod news;
mod nodes;
mod offices;
mod offline;
mod own_files;
mod passing;
mod paste;
mod permalink;
mod person;
mod phone;
mod places;
mod preview;
mod rail;
mod recall;
mod resume;
mod road;
mod room_deletion;
mod room_role;
mod rooms;
mod rows;
mod save_all;
mod search;
mod settings;
mod shifts;
mod signs;
mod site_page;
mod site_rooms;
mod site_sign_in;
mod strangers;
mod switcher;
mod talk;
mod taps;
mod tour;
mod tour_files;
mod tour_hooks;
mod turning;
mod unanswered;
mod unread;
mod unsent;
mod vanishing;
mod videos;
mod voice;
mod voice_hold;
mod voice_player;
mod voice_rooms;
mod watch;
mod words;

use std::time::Duration;

use browsers::Browsers;
use person::Person;
use road::Road;

use crate::support::Server;

/// How long a page may take for anything, on a machine that is busy with other browsers.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server as a browser addresses it.
fn site(server: &Server) -> String {
    format!("http://{}", server.addr())
}
