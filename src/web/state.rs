//! The house opened: what every request and connection shares, made from the configuration.
//!
//! Owns the order of opening (descriptors, the hold on what is on the disk, key, store, ChatServer)
//! and the words for an operator when a step fails.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::auth::client_address;
use crate::auth::last_seen::LastSeen;
use crate::auth::password::Pool;
use crate::auth::secrets::Secrets;
use crate::auth::throttle::Throttle;
use crate::chat::handle::ChatHandle;
use crate::chat::rate_limit::{PersonRates, RateLimits};
use crate::chat::shedding::Shedding;
use crate::config::Config;
use crate::data_dir::DataDirLock;
use crate::error::Error;
use crate::geo::Geo;
use crate::model::person_id::PersonId;
use crate::protocol::feed::Limits;
use crate::realtime::admission::AdmissionControl;
use crate::realtime::heartbeat::Pulse;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::web::bounded_gate::BoundedGate;

/// What every request and connection shares.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// The actor that everything passes.
    pub chat: ChatHandle,
    /// How far ChatServer is behind.
    pub shedding: Shedding,
    /// The store.
    pub store: Store,
    /// Data directory and database, held for this process; none in memory.
    pub hold: Option<DataDirLock>,
    /// Places of addresses.
    pub geo: Geo,
    /// The house's key.
    pub secrets: Secrets,
    /// Admitted connections.
    pub admission: Arc<AdmissionControl>,
    /// Whether the door is open.
    pub shutdown: Shutdown,
    /// Where passwords are hashed.
    pub passwords: Pool,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// Sessions of accounts as they were seen lately.
    pub last_seen: LastSeen,
    /// Told when an account was deleted: its name is to be taken off what it wrote.
    pub deleted: Notify,
    /// How fast one address may sign in, register and rename.
    pub account_rates: RateLimits<IpAddr>,
    /// How many new visitors one address may bring.
    pub visitor_rates: RateLimits<IpAddr>,
    /// How fast one person may change rooms, by public id.
    pub room_command_rates: RateLimits<PersonId>,
    /// How fast people may have previews.
    pub previews: PersonRates,
    /// How often they may search.
    pub searches: PersonRates,
    /// Whose turn it is to search.
    pub search_gate: BoundedGate,
    /// The limits that clients are told.
    pub limits: Limits,
    /// The heartbeat's times.
    pub pulse: Pulse,
    /// Frames a second of one connection, `None` = no limit.
    pub frames_per_second: Option<u32>,
}

impl AppState {
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

    /// Counts one change of who somebody is from `address`.
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
