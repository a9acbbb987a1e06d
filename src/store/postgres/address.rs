//! Where a PostgreSQL database is, and how it is reached.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::tls;
use crate::config::database_url;
use crate::store::db::StoreError;

/// How long an answer to what was sent may be missing before the connection counts as lost: a machine that is gone
/// does not say so.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a connection is quiet before the machine at its other end is asked whether it is there, and how often it
/// is asked again.
const QUIET: Duration = Duration::from_secs(10);

/// Between two such questions.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Such questions without an answer.
const ASKED: u32 = 3;

/// How long one machine may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// The address of a database and the password for it, which nothing shows.
#[derive(Clone)]
pub struct Address {
    config: Config,
    /// How the server proves who it is, where what is sent is encrypted.
    tls: Option<Arc<ClientConfig>>,
    /// Whether whoever takes over for the server has everything that was committed.
    lossless: bool,
}

impl Address {
    /// The same, where whoever takes over for the server has everything that was committed.
    #[must_use]
    pub fn lossless(self) -> Self {
        Self {
            lossless: true,
            ..self
        }
    }

    /// How many machines it names.
    pub(super) fn machines(&self) -> u32 {
        let hosts = self.config.get_hosts().len();
        let addresses = self.config.get_hostaddrs().len();
        u32::try_from(hosts.max(addresses)).unwrap_or(u32::MAX)
    }

    pub(super) fn is_lossless(&self) -> bool {
        self.lossless
    }

    /// Reads a URL `postgres://user@host:port/database`; several hosts are tried in turn. What leaves this machine is
    /// encrypted, and the server verified: against the authorities in the file `tls_ca`, or those that this machine
    /// trusts. Where there is such a file, what stays on this machine is so too, but for a socket in a directory.
    ///
    /// # Errors
    /// In words for the operator, when it is no such URL, has the password in it, or nobody is to be trusted.
    pub fn parse(
        url: &str,
        password: Option<&str>,
        tls_ca: Option<&Path>,
    ) -> Result<Self, StoreError> {
        let refused = |words: &str| StoreError::Failed(words.to_owned());
        let read = database_url::read(url);
        let mut config =
            read.map_err(|words| refused(&format!("the address of PostgreSQL {words}")))?;
        if let Some(password) = password {
            config.password(password);
        }
        config
            .connect_timeout(CONNECT)
            .tcp_user_timeout(SILENCE)
            .keepalives(true)
            .keepalives_idle(QUIET)
            .keepalives_interval(ASK_AGAIN)
            .keepalives_retries(ASKED);
        let mut address = Self {
            config,
            tls: None,
            lossless: false,
        };
        let sockets = address.config.get_hosts().iter();
        let is_socket = sockets.clone().any(|host| matches!(host, Host::Unix(_)));
        if !is_socket && (tls_ca.is_some() || !address.is_near()) {
            let tls = tls::verified(tls_ca);
            address.tls = Some(tls.map_err(|words| refused(&format!("tls_ca: {words}")))?);
            address.config.ssl_mode(SslMode::Require);
        } else {
            // Where somebody is asked whether they encrypt, they may say no: it is one or the other.
            address.config.ssl_mode(SslMode::Disable);
        }
        if is_socket && !address.is_near() {
            return Err(refused(
                "the address names a socket of this machine and another machine: what goes there could not be encrypted",
            ));
        }
        Ok(address)
    }

    /// How the server proves who it is, where what is sent is encrypted.
    pub(super) fn tls(&self) -> Option<Arc<ClientConfig>> {
        self.tls.clone()
    }

    /// With what a connection begins: `settings` are those of the server (`-c name=value`), over what the address
    /// asks for itself.
    pub(super) fn config(&self, application: &str, settings: &str) -> Config {
        let mut config = self.config.clone();
        let options = match config.get_options() {
            Some(own) => format!("{own} {settings}"),
            None => settings.to_owned(),
        };
        config.application_name(application).options(options);
        config
    }

    /// Whether what is sent stays on this machine, so that it need not be encrypted.
    fn is_near(&self) -> bool {
        let hosts = self.config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => name == "localhost" || is_loopback(name),
        });
        let mut addresses = self.config.get_hostaddrs().iter();
        // Where both are given, names are only names.
        addresses.all(std::net::IpAddr::is_loopback)
            && (hosts || !self.config.get_hostaddrs().is_empty())
    }
}

fn is_loopback(name: &str) -> bool {
    let address = name.parse::<std::net::IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Address")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}
