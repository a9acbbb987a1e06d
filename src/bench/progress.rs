//! Progress in the log while something takes long: what, how much of how much.

use std::time::{Duration, Instant};

/// Time between two lines.
const EVERY: Duration = Duration::from_secs(2);

/// The progress of one task.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    of: usize,
    shown: Instant,
}

impl Progress {
    /// Begins a task of `of` steps; one that is quick logs nothing.
    #[must_use]
    pub fn new(what: &'static str, of: usize) -> Self {
        Self {
            what,
            of,
            shown: Instant::now(),
        }
    }

    /// Reports that `so_far` steps are done.
    pub fn at(&mut self, so_far: usize) {
        if self.shown.elapsed() >= EVERY {
            self.shown = Instant::now();
            tracing::info!("{}: {so_far} of {}", self.what, self.of);
        }
    }
}

/// Waits, and logs it.
pub async fn wait(what: &'static str, time: Duration) {
    let began = Instant::now();
    let seconds = |time: Duration| usize::try_from(time.as_secs()).unwrap_or(usize::MAX);
    let mut progress = Progress::new(what, seconds(time));
    while let Some(left) = time.checked_sub(began.elapsed()) {
        tokio::time::sleep(left.min(EVERY)).await;
        progress.at(seconds(began.elapsed()));
    }
}
