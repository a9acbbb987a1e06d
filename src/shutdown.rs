//! Going down in order.
//!
//! From the first SIGTERM or SIGINT the server is not ready and admits no new WebSockets; then
//! every client is asked to come back later, the HTTP servers stop, and the store finishes. Bounded by
//! [`GOODBYE`] and [`LAST_REQUESTS`]; a second signal ends the process at once.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;

/// How long clients may take to close after they were asked to.
pub const GOODBYE: Duration = Duration::from_secs(3);

/// How long requests under way may take.
pub const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// How long all of it may take where the database is another process, which may never answer.
pub const ALL: Duration = Duration::from_secs(10);

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

/// SIGTERM and SIGINT, heard from the moment this is made, on a thread of its own: what starts may block. Until somebody
/// [waits](Self::wait) for them they end the process.
#[derive(Debug)]
pub struct Signals {
    heard: UnboundedReceiver<()>,
    is_waited_for: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us listen to signals.
    pub fn listen() -> io::Result<Self> {
        let (tell, heard) = unbounded_channel();
        let is_waited_for = Arc::new(AtomicBool::new(false));
        let waited_for = Arc::clone(&is_waited_for);
        let (listens, listening) = mpsc::channel();
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let hear = async move {
            let both = signal(SignalKind::terminate())
                .and_then(|terminate| Ok((terminate, signal(SignalKind::interrupt())?)));
            let (mut terminate, mut interrupt) = match both {
                Ok(both) => both,
                Err(error) => return drop(listens.send(Err(error))),
            };
            let _started = listens.send(Ok(()));
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if !waited_for.load(Ordering::Acquire) {
                    tracing::info!("going down before it served");
                    crate::log::flush();
                    std::process::exit(0);
                }
                if tell.send(()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || runtime.block_on(hear))?;
        listening.recv().unwrap_or(Ok(()))?;
        Ok(Self {
            heard,
            is_waited_for,
        })
    }

    /// From now on [`next`](Self::next) tells of them.
    pub fn wait(&self) {
        self.is_waited_for.store(true, Ordering::Release);
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if self.heard.recv().await.is_none() {
            std::future::pending().await
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
        assert!(GOODBYE + LAST_REQUESTS < ALL && ALL <= Duration::from_secs(10));
    }
}
