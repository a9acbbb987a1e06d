//! The opened server: what every request and connection shares, made from the configuration.
//!
//! Owns what a running server holds; opening it, and in which order, is in `app/startup.rs`.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::auth::client_address;
use crate::auth::last_seen::LastSeen;
use crate::auth::password::Pool;
use crate::auth::secrets::Secrets;
use crate::auth::site_token::Verifier;
use crate::auth::throttle::Throttle;
use crate::chat::handle::ChatHandle;
use crate::chat::presence::Headcount;
use crate::chat::rate_limit::{PersonRates, RateLimits};
use crate::chat::shedding::Shedding;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::data_dir::DataDirLock;
use crate::error::Error;
use crate::files::Files;
use crate::geo::Geo;
use crate::model::person_id::PersonId;
use crate::protocol::feed::Limits;
use crate::realtime::admission::AdmissionControl;
use crate::realtime::heartbeat::HeartbeatTimes;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::web::bounded_gate::BoundedGate;
use crate::web::file_streams::FileStreams;
use crate::web::foreign_assets::ForeignAssets;
use crate::web::hook_memory::HookMemory;

/// What every request and connection shares.
#[derive(Debug)]
pub struct AppState {
    /// The configuration, with environment and options applied.
    pub config: Config,
    /// Messages to ChatServer.
    pub chat: ChatHandle,
    /// How far ChatServer is behind, and what is left out or refused meanwhile.
    pub shedding: Shedding,
    /// The database: readers and the writer.
    pub store: Store,
    /// The lock on the data directory and database; `None` in memory.
    pub hold: Option<DataDirLock>,
    /// This node among those that share the database; `None` where it is alone.
    pub cluster: Option<Arc<Cluster>>,
    /// Looks up the place of an address.
    pub geo: Geo,
    /// The server's key, for cookies and pseudonyms.
    pub secrets: Secrets,
    /// Counts open connections, in all and by address.
    pub admission: Arc<AdmissionControl>,
    /// How many people are at this node.
    pub headcount: Headcount,
    /// What tells this run of the program from others.
    pub boot: Uuid,
    /// When it started, ms since 1970.
    pub since: i64,
    /// Whether the server still takes connections.
    pub shutdown: Shutdown,
    /// Takes the site's tokens; `None` where it has no key.
    pub site: Option<Verifier>,
    /// Threads that hash passwords.
    pub passwords: Pool,
    /// Failed sign-ins, by address and account.
    pub throttle: Arc<Throttle>,
    /// Files of the page of other versions; `None` without NATS.
    pub foreign_assets: Option<ForeignAssets>,
    /// When the sessions of accounts were last seen, until it is written to the store.
    pub last_seen: LastSeen,
    /// Notified when an account was deleted: its name is then taken off its messages.
    pub deleted: Arc<Notify>,
    /// Rate limit of sign-ins, registrations and renames, by address.
    pub account_rates: RateLimits<IpAddr>,
    /// Rate limit of new visitor sessions, by address.
    pub visitor_rates: RateLimits<IpAddr>,
    /// The pace of hooks, and what they are remembered by.
    pub hooks: HookMemory,
    /// Rate limit of room commands, by public id.
    pub room_command_rates: RateLimits<PersonId>,
    /// Rate limit of calls, by token.
    pub token_rates: RateLimits<String>,
    /// Rate limit of previews, by person.
    pub previews: PersonRates,
    /// Rate limit of searches, by person.
    pub searches: PersonRates,
    /// Rate limit of announcing uploads, by person.
    pub uploads: PersonRates,
    /// The files of messages, and those that come in.
    pub files: Files,
    /// How many files are sent to readers at a time.
    pub file_streams: FileStreams,
    /// Lets one search run at a time.
    pub search_gate: BoundedGate,
    /// The limits that clients are told in `welcome`.
    pub limits: Limits,
    /// Interval and timeout of the heartbeat.
    pub heartbeat_times: HeartbeatTimes,
}

impl AppState {
    /// Whether this node does what one node has to do, such as deleting what has expired.
    #[must_use]
    pub fn is_on_duty(&self) -> bool {
        self.cluster
            .as_ref()
            .is_none_or(|cluster| cluster.is_on_duty())
    }

    /// Whether what is too old may be deleted: not where nodes have other settings of that.
    #[must_use]
    pub fn keeps_alike(&self) -> bool {
        self.cluster
            .as_ref()
            .is_none_or(|cluster| cluster.keeps_alike())
    }

    /// Whether other nodes live, as far as this one knows.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.cluster
            .as_ref()
            .is_some_and(|cluster| cluster.nodes().len() > 1)
    }

    /// The session cookie's name: with the prefix that pins it to this host where it is secure
    /// (RFC 6265bis §4.1.3.2).
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        if self.config.is_secure() {
            "__Host-teahouse"
        } else {
            "teahouse"
        }
    }

    /// Counts one sign-in, registration, rename or the like from `address`.
    ///
    /// # Errors
    /// [`Error::SignInThrottled`] past `limits.sign_ins_per_minute`.
    pub fn count_account_attempt(&self, address: IpAddr) -> Result<(), Error> {
        self.account_rates
            .take(&client_address::subscriber(address))
            .map_err(|retry_after| Error::SignInThrottled { retry_after })
    }

    /// Counts one new session from `address`.
    ///
    /// # Errors
    /// [`Error::SignInThrottled`] past [`NEW_VISITORS_PER_MINUTE`].
    pub fn count_new_visitor(&self, address: IpAddr) -> Result<(), Error> {
        self.visitor_rates
            .take(&client_address::subscriber(address))
            .map_err(|retry_after| Error::SignInThrottled { retry_after })
    }
}
