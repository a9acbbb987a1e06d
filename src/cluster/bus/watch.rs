//! What happens to the connection to NATS: others are looked for at once, and it is logged.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_nats::{Client, Event};

use super::is_connected;
use crate::cluster::sweep::Wake;
use crate::cluster::{Cluster, nats};
use crate::telemetry;

/// How often it is logged that NATS is away.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// What has to be done when something happens to the connection.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) client: Arc<OnceLock<Client>>,
    pub(super) cluster: Arc<Cluster>,
    pub(super) sweep: Wake,
    pub(super) log: Log,
}

impl Watch {
    /// NATS is there, or is not.
    pub(super) fn is_there(&self, is_there: bool) {
        self.cluster.have_nats(is_there);
        telemetry::cluster::bus_connected(is_there);
    }

    /// Something happened to the connection.
    pub(super) fn happened(&self, event: &Event) {
        let connected = self.client.get().is_some_and(is_connected);
        self.is_there(connected);
        match event {
            Event::Connected => {
                if connected {
                    self.log.here();
                }
                self.sweep.soon();
            }
            Event::Disconnected => {
                self.log.away("the connection to it was lost");
                self.sweep.soon();
            }
            // Something was thrown away.
            Event::SlowConsumer(_) => self.sweep.soon(),
            Event::ServerError(_) | Event::ClientError(_) => {
                let error = event.to_string();
                self.log.away(&format!("{error}; {}", nats::advice(&error)));
            }
            Event::LameDuckMode | Event::Draining | Event::Closed => {}
        }
    }
}

/// What was logged about NATS, so that neither an attempt a second nor a connection that comes and goes fills the log.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    /// Why it was away, and when that was logged.
    away: Option<(Instant, String)>,
    /// Whether it was logged last that it is there.
    here: bool,
}

impl Log {
    /// NATS is away.
    pub(super) fn away(&self, why: &str) {
        let mut said = self.said();
        let is_known = said
            .away
            .as_ref()
            .is_some_and(|(at, words)| words == why && at.elapsed() < LOG_EVERY);
        if !is_known {
            said.away = Some((Instant::now(), why.to_owned()));
            said.here = false;
            tracing::warn!("NATS: {why}; until then nodes hear of each other up to 0.6 s late");
        }
    }

    /// NATS is there.
    pub(super) fn here(&self) {
        if !std::mem::replace(&mut self.said().here, true) {
            tracing::info!("nodes tell each other over NATS what they do");
        }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_and_something_else_at_once() {
        let log = Log::default();
        let said = |log: &Log| {
            let said = log.said();
            (said.here, said.away.as_ref().map(|(at, _)| *at))
        };
        log.here();
        log.away("lost");
        let first = said(&log);
        assert!(!first.0);
        log.away("lost");
        assert_eq!(said(&log), first);
        log.here();
        log.away("lost");
        assert_eq!(said(&log), (true, first.1), "it comes and goes");
        log.away("refused");
        assert_ne!(said(&log), (true, first.1));
    }
}
