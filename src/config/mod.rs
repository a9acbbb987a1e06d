//! Every setting of Teahouse: its type, its default, the range it may have.
//!
//! Owns the one [`Config`] that the rest of the program is given. Never reads the environment
//! by itself, never changes after the start, holds no secret. `config.toml` in the root of the
//! repository says the same for operators, and a test keeps the two equal. Bounded: every
//! number has a range, every text and list a length.
//!
//! `sections`, `bots`, `cluster`, `embed`, `site` and `uploads` are the settings; `values` says what a value may be; `load` lays the environment
//! over the file and collects every problem, `single` by one setting at a time, `conflicts` what does not go together; `files` looks for what they name, `alike` tells those of two nodes apart; `document` knows
//! lines and columns; `fields` knows names, `unknown` what to say about others; `problem` is
//! how mistakes are shown; `period`, `size` and `origin` are spellings.

mod alike;
mod bots;
mod cluster;
mod conflicts;
pub mod database_url;
mod document;
mod embed;
mod fields;
mod files;
mod geo;
mod load;
mod origin;
mod period;
mod problem;
mod secret;
mod sections;
mod single;
mod site;
mod size;
#[cfg(test)]
mod tests;
mod unknown;
mod uploads;
mod values;

use std::path::PathBuf;

use serde::Deserialize;

pub use alike::KEEP;
pub use bots::{Bots, Hooks};
pub use cluster::Cluster;
pub use embed::Embed;
pub use geo::Geo;
pub use load::environment;
pub use period::{NotAPeriod, Period};
pub use problem::Problems;
pub use secret::{Secret, given_or_in_file};
pub use sections::{
    Accounts, Chat, Durability, Failover, Guests, Heartbeat, Limits, Makers, Registration, Rooms,
    Server, Session, Storage,
};
pub use site::{Names, Site, SiteKey};
pub use size::{NotASize, Size};
pub use uploads::{Uploaders, Uploads};

/// `config.toml` as the program brings it: every setting with its default, explained.
pub const DEFAULT_CONFIG: &str = include_str!("../../config.toml");

/// All settings, by section.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where and for whom the program listens, and where it writes.
    pub server: Server,
    /// Where messages are kept.
    pub storage: Storage,
    /// Other nodes that share the database, and how they are told what this one does.
    pub cluster: Cluster,
    /// The cookie session.
    pub session: Session,
    /// Who may make an account, and who may invite.
    pub accounts: Accounts,
    /// The site that this server is part of, whose people sign in by its tokens.
    pub site: Site,
    /// The lobby, and what may be sent in rooms.
    pub chat: Chat,
    /// Who may make rooms, and how many.
    pub rooms: Rooms,
    /// Which files people may send, and how many.
    pub uploads: Uploads,
    /// How vanished clients are noticed.
    pub heartbeat: Heartbeat,
    /// How much one person, one address and everybody may ask for.
    pub limits: Limits,
    /// Which sites may show the room.
    pub embed: Embed,
    /// Who lets programs have accounts.
    pub bots: Bots,
    /// Who lets tools speak in rooms.
    pub hooks: Hooks,
    /// Which place an address belongs to.
    pub geo: Geo,
}

/// What `[storage] url` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageUrl {
    /// Nothing is kept on disk.
    Memory,
    /// An SQLite file.
    Sqlite(PathBuf),
    /// The SQLite file `teahouse.db` in the data directory.
    InDataDirectory,
    /// A PostgreSQL server, by its URL.
    Postgres,
}

impl StorageUrl {
    /// Reads a storage URL; `None` when it is of no known kind. URLs with slashes
    /// (`sqlite://x`) are refused: other programs disagree on what path they mean.
    pub(crate) fn parse(text: &str) -> Option<StorageUrl> {
        match text {
            "" => Some(StorageUrl::InDataDirectory),
            "memory:" => Some(StorageUrl::Memory),
            _ if text.starts_with("postgres") => {
                database_url::read(text).ok().map(|_| StorageUrl::Postgres)
            }
            _ => {
                let path = text.strip_prefix("sqlite:")?;
                let known = !path.is_empty()
                    && !path.starts_with("//")
                    && !path.starts_with(':')
                    && !path.contains("://");
                known.then(|| StorageUrl::Sqlite(PathBuf::from(path)))
            }
        }
    }
}

impl Config {
    /// The URL of the PostgreSQL database that holds the messages, if one does.
    pub fn postgres(&self) -> Option<&str> {
        let known = StorageUrl::parse(&self.storage.url)?;
        (known == StorageUrl::Postgres).then_some(self.storage.url.as_str())
    }

    /// The SQLite file that holds the messages, or `None` when nothing is kept on disk, or PostgreSQL keeps it.
    pub fn database(&self) -> Option<PathBuf> {
        match StorageUrl::parse(&self.storage.url) {
            Some(StorageUrl::Memory | StorageUrl::Postgres) => None,
            Some(StorageUrl::Sqlite(path)) => Some(path),
            Some(StorageUrl::InDataDirectory) | None => Some(self.server.data.join("teahouse.db")),
        }
    }

    /// The file of the server's key.
    pub fn session_key(&self) -> PathBuf {
        match self.session.key_file.as_os_str().is_empty() {
            true => self.server.data.join("session.key"),
            false => self.session.key_file.clone(),
        }
    }

    /// Whether nothing is kept, neither on disk nor by a database's server.
    pub fn is_in_memory(&self) -> bool {
        StorageUrl::parse(&self.storage.url) == Some(StorageUrl::Memory)
    }

    /// Where a page of this server is found: its public address, or the one that it listens at.
    pub fn address_of(&self, path: &str) -> String {
        match self.server.public_url.as_str() {
            "" => format!("http://{}{path}", self.server.bind),
            site => format!("{site}{path}"),
        }
    }

    /// What is allowed together and may not be meant so, in words for the operator.
    pub fn doubts(&self) -> Vec<&'static str> {
        let shut = self.chat.guests == Guests::Off;
        let open = self.accounts.registration() == Registration::Open;
        let doubt = "[chat] guests = \"off\" keeps out only those who do not register: everybody may still make an account \
             and read; for a server of your own people set [accounts] registration = \"invited\" or \"closed\"";
        (shut && open).then_some(doubt).into_iter().collect()
    }

    /// What the settings make the server do that nothing brings back, in words for the operator.
    pub fn deletes(&self) -> Vec<String> {
        let messages = (self.chat.keep_days > 0).then(|| {
            let days = match self.chat.keep_days {
                1 => "a day".to_owned(),
                days => format!("{days} days"),
            };
            format!(
                "[chat] keep_days = {}: the server deletes for good what was said more than {days} ago, in every room",
                self.chat.keep_days
            )
        });
        let keep = self.uploads.keep;
        let files = (!keep.is_zero()).then(|| {
            format!(
                "[uploads] keep = \"{keep}\": the server deletes for good the files of messages that were uploaded longer ago"
            )
        });
        messages.into_iter().chain(files).collect()
    }

    /// Whether people reach the site over TLS, as far as the settings tell.
    pub fn is_secure(&self) -> bool {
        self.server.public_url.starts_with("https://")
    }
}
