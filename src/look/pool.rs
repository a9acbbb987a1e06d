//! How many files are looked at at once, and how many wait for it.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::looked::Looked;
use super::order::{Limits, Order, Wanted};
use super::parent::{self, LookError, PATIENCE};
use crate::telemetry;

/// Files that wait for a worker. At 200 ms a photo on one core, the last waits 13 s.
const WAITING: usize = 64;

/// Looks at files, a few at a time.
#[derive(Debug)]
pub struct Looks {
    program: PathBuf,
    limits: Limits,
    /// Children at once.
    workers: Semaphore,
    /// Those and the files that wait.
    places: Semaphore,
}

impl Looks {
    /// `workers` children at once; with 0 half as many as there are cores, but one at least.
    #[must_use]
    pub fn new(workers: usize, limits: Limits) -> Self {
        Self::with_program(Path::new(parent::THIS_PROGRAM), workers, limits)
    }

    /// As [`Self::new`], with children that run this program: for tests, which are another.
    #[must_use]
    pub fn with_program(program: &Path, workers: usize, limits: Limits) -> Self {
        let workers = match workers {
            0 => (thread::available_parallelism().map_or(1, usize::from) / 2).max(1),
            some => some,
        };
        Self {
            program: program.to_owned(),
            limits,
            workers: Semaphore::new(workers),
            places: Semaphore::new(workers + WAITING),
        }
    }

    /// Looks at a file when its turn comes, in the order of the calls. `full` keeps a picture as large as it
    /// is. Where the future is dropped, the file loses its place, and its child is killed.
    ///
    /// # Errors
    /// `Busy` at once where too many wait; else see [`LookError`].
    pub async fn look(&self, file: &Path, wanted: Wanted, full: bool) -> Result<Looked, LookError> {
        let looked = self.in_turn(file, wanted, full).await;
        telemetry::looked(match &looked {
            Ok(Looked { kind, .. }) => kind.as_str(),
            Err(LookError::BadPicture) => "bad_picture",
            Err(LookError::TooManyPixels { .. }) => "too_many_pixels",
            Err(LookError::BadVoice) => "bad_voice",
            Err(LookError::TooLong { .. }) => "too_long",
            Err(LookError::Died) => "died",
            Err(LookError::Busy) => "busy",
            Err(LookError::Failed(_)) => "failed",
        });
        looked
    }

    async fn in_turn(&self, file: &Path, wanted: Wanted, full: bool) -> Result<Looked, LookError> {
        let busy = |_full| LookError::Busy;
        let _place = self.places.try_acquire().map_err(busy)?;
        let waiting = Waiting::begin();
        let _worker = self
            .workers
            .acquire()
            .await
            .map_err(|_closed| LookError::Busy)?;
        drop(waiting);
        let begun = Instant::now();
        let order = Order {
            wanted,
            full,
            limits: self.limits,
        };
        let looked = parent::look(&self.program, file, &order, PATIENCE).await;
        telemetry::look_took(begun.elapsed());
        looked
    }
}

/// A file that waits for its turn, until this is dropped.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        telemetry::looks_waiting(1);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        telemetry::looks_waiting(-1);
    }
}
