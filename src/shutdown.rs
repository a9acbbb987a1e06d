//! Going down in order.
//!
//! From the first SIGTERM or SIGINT the house is not ready and admits no new WebSockets; then
//! every client is told when to come back, the servers stop, and the store finishes. Bounded by
//! [`GOODBYE`] and [`LAST_REQUESTS`]; a second signal ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How long clients may take to close after they were told.
pub const GOODBYE: Duration = Duration::from_secs(3);

/// How long requests under way may take.
pub const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// Whether the house is open: cheap to clone, one for the process.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<AtomicBool>);

impl Shutdown {
    /// Whether new connections are welcome.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }

    /// Closes the door.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Waits for a signal to end.
    ///
    /// # Errors
    /// When the system does not let us listen to signals.
    pub async fn signalled() -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }

    /// Ends the process at the next signal, whatever is still under way: what was acked is on
    /// the disk.
    ///
    /// # Errors
    /// As [`Self::signalled`].
    pub async fn end_at_next_signal() -> std::io::Result<()> {
        Self::signalled().await?;
        std::process::exit(1)
    }
}
