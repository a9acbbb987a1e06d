//! The sections of the configuration, one struct each, with their defaults and ranges.
//!
//! Owns which settings there are. Never says how a value is read or how a mistake is shown:
//! that is `values` and `load`. A new setting is a field with its reader, a line in `Default`
//! and a paragraph in `config.toml`; the tests miss whichever is forgotten.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::period::{DAY, HOUR, Period, SECOND};
use super::secret::{self, Secret};
use super::values;

/// More threads than this help no machine there is.
pub(super) const MAX_WORKERS: u64 = 1_024;
/// Browsers keep a cookie for at most 400 days (RFC 6265bis, section 5.5).
const MAX_SESSION: u64 = 400 * DAY;
/// Each connection starts with this many messages in one frame: 1000 is some 300 KB for each.
const MAX_HISTORY: u64 = 1_000;
/// Longer than a year is better said as "always".
const MAX_RECALL: u64 = 365 * DAY;
/// Five pages of text; a frame with it stays well under a connection's delivery queue.
const MAX_MESSAGE_CHARS: u64 = 20_000;
/// A room's name stands in a heading and in the window's title.
const MAX_NAME: usize = 40;
/// A notice is a line or a short paragraph.
const MAX_NOTICE: usize = 500;
/// A hundred years: beyond that, 0 ("for ever") says it better.
pub(super) const MAX_DAYS: u64 = 36_500;
/// Shorter than any real network's answer.
const MIN_GRACE: u64 = 100;
/// Each stands in the welcome of everybody who is in it.
const MAX_JOINED: u64 = 1_000;
/// More links than that nobody keeps in mind.
const MAX_INVITATIONS: u64 = 1_000;
/// Beyond this, 0 ("no limit") says it better.
const MAX_LIMIT: u64 = 1_000_000;

/// `[server]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on; port 0 picks a free one.
    #[serde(deserialize_with = "values::bind")]
    pub bind: SocketAddr,
    /// Threads that serve connections; 0 means one per core.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_WORKERS>")]
    pub workers: usize,
    /// `scheme://host[:port]` of the site in normal spelling, or empty: what the request says.
    #[serde(deserialize_with = "values::public_url")]
    pub public_url: String,
    /// Proxies whose headers about the client's address are believed.
    #[serde(deserialize_with = "values::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Other sites that may open the socket, in the spelling a browser sends.
    #[serde(deserialize_with = "values::origins")]
    pub allowed_origins: Vec<String>,
    /// Who may read `/metrics` beside programs on this machine.
    #[serde(deserialize_with = "values::networks")]
    pub metrics: Vec<IpNet>,
    /// Directory of everything that is written.
    #[serde(deserialize_with = "values::directory")]
    pub data: PathBuf,
}

/// `[storage]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// `sqlite:PATH`, `memory:`, `postgres://…` or empty; [`Config::database`](super::Config::database) and
    /// [`Config::postgres`](super::Config::postgres) tell what it means.
    #[serde(deserialize_with = "values::storage_url")]
    pub url: String,
    /// The password for PostgreSQL; empty where none is needed.
    pub password: Secret,
    /// A file that has the password for PostgreSQL alone in it; empty where there is none.
    #[serde(deserialize_with = "values::file")]
    pub password_file: PathBuf,
    /// A file of certificates in PEM against which PostgreSQL is verified; empty for those that the machine trusts.
    #[serde(deserialize_with = "values::file")]
    pub tls_ca: PathBuf,
    /// What may be missing when another PostgreSQL server takes over.
    pub failover: Failover,
    /// What an ack waits for.
    pub durability: Durability,
}

impl Storage {
    /// The file of certificates against which PostgreSQL is verified, if one is named.
    #[must_use]
    pub fn tls_ca(&self) -> Option<&Path> {
        let file = self.tls_ca.as_path();
        (!file.as_os_str().is_empty()).then_some(file)
    }

    /// The password for PostgreSQL, from where it is kept.
    ///
    /// # Errors
    /// When its file cannot be read, in words for the operator.
    pub fn password(&self) -> anyhow::Result<Option<String>> {
        let (given, file) = (&self.password, &self.password_file);
        secret::given_or_in_file(given, file, "[storage] password_file")
    }
}

/// What is missing when another PostgreSQL server takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Failover {
    /// Perhaps what was committed last: clients begin anew.
    #[default]
    Lossy,
    /// Nothing: a standby has everything before it is committed.
    Lossless,
}

/// What an ack waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Until the disk says that it has the message.
    #[default]
    Full,
    /// Until the operating system has it.
    Relaxed,
}

impl Durability {
    /// The value in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Relaxed => "relaxed",
        }
    }
}

/// `[session]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// How long a session lives after its last use.
    #[serde(deserialize_with = "values::period::<_, SECOND, MAX_SESSION>")]
    pub ttl: Period,
    /// The file that has the server's key; empty for the one of the data directory, which is made.
    #[serde(deserialize_with = "values::file")]
    pub key_file: PathBuf,
}

/// `[accounts]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Whether people sign in by a password of this server.
    #[serde(deserialize_with = "values::flag")]
    pub passwords: bool,
    /// Who may make an account, where there are passwords: see [`Accounts::registration`].
    pub registration: Registration,
    /// Who may invite people to the server.
    pub inviters: Makers,
    /// Open invitations to the server by one person.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_INVITATIONS>")]
    pub open_invitations: usize,
}

impl Accounts {
    /// Who may make an account here; without passwords nobody could come back to it.
    #[must_use]
    pub fn registration(&self) -> Registration {
        match self.passwords {
            true => self.registration,
            false => Registration::Closed,
        }
    }
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    #[default]
    Open,
    /// Whoever has an invitation, to a room or to the server.
    Invited,
    /// Nobody but the operator, by the command line.
    Closed,
}

/// `[chat]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chat {
    /// Messages that a new connection is sent.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_HISTORY>")]
    pub history: usize,
    /// How long an author may recall a message; zero means never, [`Period::MAX`] at any time.
    #[serde(deserialize_with = "values::window::<_, MAX_RECALL>")]
    pub recall_window: Period,
    /// Longest message, in characters.
    #[serde(deserialize_with = "values::whole::<_, _, 1, MAX_MESSAGE_CHARS>")]
    pub max_message_chars: usize,
    /// Days after which messages are deleted; 0 means never.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_DAYS>")]
    pub keep_days: u32,
    /// What people without an account may do.
    pub guests: Guests,
    /// Whether other people's clients are sent full addresses.
    #[serde(deserialize_with = "values::flag")]
    pub show_ip: bool,
    /// The room's name; empty means "Lobby" in the reader's language.
    #[serde(deserialize_with = "values::line::<_, MAX_NAME>")]
    pub name: String,
    /// A line under the room's name; empty means none.
    #[serde(deserialize_with = "values::line::<_, MAX_NOTICE>")]
    pub notice: String,
}

/// What people without an account may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guests {
    /// Read and write, under a name of their own.
    #[default]
    Write,
    /// Read only.
    Read,
    /// Nothing before they sign in.
    Off,
}

/// `[rooms]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rooms {
    /// Who may make public rooms.
    pub public: Makers,
    /// Who may make private rooms.
    pub private: Makers,
    /// Who may begin direct messages.
    pub direct: Makers,
    /// Number of rooms on the server.
    #[serde(deserialize_with = "values::whole::<_, _, 1, MAX_LIMIT>")]
    pub most: usize,
    /// Rooms that one person owns.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_LIMIT>")]
    pub owned: usize,
    /// Rooms that one person is in.
    #[serde(deserialize_with = "values::whole::<_, _, 1, MAX_JOINED>")]
    pub joined: usize,
    /// Number of people in one room.
    #[serde(deserialize_with = "values::whole::<_, _, 2, MAX_LIMIT>")]
    pub members: usize,
    /// Open invitations of one room.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_INVITATIONS>")]
    pub invitations: usize,
    /// Whether members of small rooms see how far the others have read.
    #[serde(deserialize_with = "values::flag")]
    pub seen_by: bool,
}

/// Who may make something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Makers {
    /// Everybody with an account.
    #[default]
    Members,
    /// The server's admins and owners.
    Admins,
    /// Nobody.
    Nobody,
}

/// `[heartbeat]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Heartbeat {
    /// How often a silent client is asked.
    #[serde(deserialize_with = "values::period::<_, SECOND, HOUR>")]
    pub interval: Period,
    /// How long its answer may take.
    #[serde(deserialize_with = "values::period::<_, MIN_GRACE, HOUR>")]
    pub grace: Period,
    /// Silence after which a client that never answers is given up;
    /// always longer than `interval`.
    #[serde(deserialize_with = "values::period::<_, SECOND, DAY>")]
    pub timeout: Period,
}

/// `[limits]`; 0 means no limit everywhere.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages of one person in a minute.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_LIMIT>")]
    pub messages_per_minute: u32,
    /// Connections of one address (IPv6: of one /64).
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_LIMIT>")]
    pub connections_per_address: u32,
    /// Number of connections in all.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_LIMIT>")]
    pub connections: u32,
    /// Attempts to sign in or register from one address in a minute.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_LIMIT>")]
    pub sign_ins_per_minute: u32,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 0,
            public_url: String::new(),
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            metrics: Vec::new(),
            data: PathBuf::from("data"),
        }
    }
}

impl Default for Session {
    fn default() -> Session {
        Session {
            ttl: Period::from_millis(30 * DAY),
            key_file: PathBuf::new(),
        }
    }
}

impl Default for Accounts {
    fn default() -> Accounts {
        Accounts {
            passwords: true,
            registration: Registration::Open,
            inviters: Makers::Admins,
            open_invitations: 20,
        }
    }
}

impl Default for Chat {
    fn default() -> Chat {
        Chat {
            history: 50,
            recall_window: Period::MAX,
            max_message_chars: 4_000,
            keep_days: 0,
            guests: Guests::Write,
            show_ip: false,
            name: String::new(),
            notice: String::new(),
        }
    }
}

impl Default for Rooms {
    fn default() -> Rooms {
        Rooms {
            public: Makers::Members,
            private: Makers::Members,
            direct: Makers::Members,
            most: 10_000,
            owned: 20,
            joined: 200,
            members: 5_000,
            invitations: 20,
            seen_by: true,
        }
    }
}

impl Default for Heartbeat {
    fn default() -> Heartbeat {
        Heartbeat {
            interval: Period::from_secs(25),
            grace: Period::from_secs(8),
            timeout: Period::from_secs(90),
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            messages_per_minute: 60,
            connections_per_address: 50,
            connections: 18_000,
            sign_ins_per_minute: 10,
        }
    }
}
