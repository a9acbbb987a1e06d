//! Where NATS is, and how a node comes to it.
//!
//! The client connects anew by itself once it was connected; before that [`Server::connect`] is called again and again, so
//! that a mistake in the settings is said in full.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr};

use crate::config;

/// How often the server is asked whether it is there. One that says nothing three times is gone.
const PING: Duration = Duration::from_secs(1);

/// How long one attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(2);

/// Between attempts, at first and at last; each time twice as long, less up to half.
const RETRY: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);

/// What may wait for this node to take it, in messages: 10 s of the most that one database commits.
const WAITING: usize = 65_536;

/// What may wait for the connection, in commands of the client. What is older than a moment is of no use to anybody.
const SENDING: usize = 256;

/// The NATS servers, and who this node is there.
#[derive(Debug)]
pub struct Server {
    addresses: Vec<ServerAddr>,
    node: String,
    user: Option<String>,
    password: Option<String>,
    credentials: PathBuf,
    authority: PathBuf,
}

impl Server {
    /// Of these settings; `None` when they name no server.
    ///
    /// # Errors
    /// When the password cannot be read, or an address, in words for the operator.
    pub fn of(config: &config::Cluster, node: &str) -> anyhow::Result<Option<Self>> {
        if config.nats.is_empty() {
            return Ok(None);
        }
        let address = |url: &String| {
            let read = url.parse::<ServerAddr>();
            read.map_err(|error| anyhow::anyhow!("[cluster] nats {url}: {error}"))
        };
        Ok(Some(Self {
            addresses: config.nats.iter().map(address).collect::<Result<_, _>>()?,
            node: node.to_owned(),
            user: config.nats_users().into_iter().next(),
            password: config.password()?,
            credentials: config.credentials.clone(),
            authority: config.nats_ca.clone(),
        }))
    }

    /// Tries once to connect; `on_event` hears of what happens to the connection later.
    ///
    /// # Errors
    /// Why there is no connection, and what to do about it.
    pub async fn connect(
        &self,
        on_event: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Client, NotConnected> {
        let mut options = ConnectOptions::new()
            .name(&self.node)
            .no_echo()
            .ping_interval(PING)
            .connection_timeout(ATTEMPT)
            .subscription_capacity(WAITING)
            .client_capacity(SENDING)
            .reconnect_delay_callback(delay)
            .event_callback(move |event| {
                on_event(event);
                std::future::ready(())
            });
        if let (Some(user), password) = (&self.user, &self.password) {
            let password = password.clone().unwrap_or_default();
            options = options.user_and_password(user.clone(), password);
        }
        if !self.credentials.as_os_str().is_empty() {
            options = options
                .credentials_file(&self.credentials)
                .await
                .map_err(|error| NotConnected {
                    words: format!("[cluster] credentials: {error}"),
                    passes: false,
                })?;
        }
        if !self.authority.as_os_str().is_empty() {
            options = options
                .add_root_certificates(self.authority.clone())
                .require_tls(true);
        }
        options
            .connect(self.addresses.as_slice())
            .await
            .map_err(|error| NotConnected::of(&error))
    }
}

/// How long to wait before the attempt of this number, the first of which is 1.
pub fn delay(attempt: usize) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let longest = RETRY
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(RETRY_LAST);
    longest.mul_f64(rand::random_range(0.5..=1.0))
}

/// Why there is no connection.
#[derive(Debug, PartialEq, Eq)]
pub struct NotConnected {
    /// What happened, and what to do about it.
    pub words: String,
    /// Whether it may go by itself, as when the server has not started yet.
    pub passes: bool,
}

impl NotConnected {
    /// Something that goes by itself.
    pub fn passing(error: impl std::fmt::Display) -> Self {
        Self {
            words: error.to_string(),
            passes: true,
        }
    }

    fn of(error: &async_nats::ConnectError) -> Self {
        let mut words = error.to_string();
        let advice = match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                "it does not know this node: check the user in [cluster] nats and nats_password, or credentials"
            }
            ConnectErrorKind::ServerParse => "check [cluster] nats",
            ConnectErrorKind::Dns => "check the hosts in [cluster] nats",
            ConnectErrorKind::Tls => "check [cluster] nats_ca",
            _ if words.contains("InvalidContentType") => {
                "it does not speak TLS: write nats:// in [cluster] nats, without nats_ca"
            }
            _ if words.contains("certificate") => "check [cluster] nats_ca",
            _ => "is it running at the addresses of [cluster] nats?",
        };
        words.push_str("; ");
        words.push_str(advice);
        Self {
            words,
            passes: matches!(
                error.kind(),
                ConnectErrorKind::Io | ConnectErrorKind::TimedOut | ConnectErrorKind::Dns
            ),
        }
    }
}

/// What to do about an error that a connection met after it was there.
pub fn advice(error: &str) -> &'static str {
    let error = error.to_ascii_lowercase();
    if error.contains("permissions") {
        "its user must be let publish and subscribe to th.> and _INBOX.>"
    } else if error.contains("authorization") || error.contains("authentication") {
        "check the user in [cluster] nats and nats_password, or credentials"
    } else {
        "is it running at the addresses of [cluster] nats?"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_at_growing_distances_and_never_at_the_same_moment() {
        for (attempt, longest) in [
            (0, 50),
            (1, 50),
            (2, 100),
            (3, 200),
            (7, 2_000),
            (999, 2_000),
        ] {
            for _ in 0..50 {
                let ms = delay(attempt).as_millis();
                assert!((longest / 2..=longest).contains(&ms), "{attempt}: {ms}");
            }
        }
    }
}
