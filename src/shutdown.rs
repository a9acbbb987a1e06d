//! Going down in order.
//!
//! From the first SIGTERM or SIGINT the server is not ready and admits no new WebSockets; then
//! every client is asked to come back later, the HTTP servers stop, and the store finishes. Bounded by
//! [`GOODBYE`] and [`LAST_REQUESTS`]; a second signal ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How long clients may take to close after they were asked to.
pub const GOODBYE: Duration = Duration::from_secs(3);

/// How long requests under way may take.
pub const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// Whether the server accepts connections: cheap to clone, one for the process.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Debug, Default)]
struct State {
    begun: AtomicBool,
    /// Why the server must not go on.
    must: watch::Sender<Option<String>>,
}

impl Shutdown {
    /// Whether new connections are welcome.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.begun.load(Ordering::Acquire)
    }

    /// Stops accepting connections.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::Release);
    }

    /// The server must not go on, in words for the operator: it goes down in order.
    pub fn must(&self, why: String) {
        self.0.must.send_replace(Some(why));
    }

    /// Waits until it must not go on; why.
    pub async fn has_to(&self) -> String {
        let mut must = self.0.must.subscribe();
        let why = must.wait_for(Option::is_some).await;
        // The sender lives as long as this does.
        why.ok().and_then(|why| why.clone()).unwrap_or_default()
    }
}

/// SIGTERM and SIGINT, heard from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us listen to signals.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ends the process, whatever is still under way: what was acked is on the disk.
pub fn end_now() -> ! {
    crate::log::flush();
    std::process::exit(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_waited_for_is_less_than_the_ten_seconds_that_are_promised() {
        assert!(GOODBYE + LAST_REQUESTS <= Duration::from_secs(6));
    }
}
