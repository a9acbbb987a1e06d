//! What the server does by itself, periodically: one job a file.
//!
//! A job that fails is tried again when its period is over. Its runs and failures are counted by its name
//! (`telemetry`), and failures are logged at most once in [`LOG_EVERY`].

mod account_erasure;
mod cleanup;
mod database_check;
mod file_cleanup;
mod file_inspection;
mod file_metrics;
mod retention;
mod room_erasure;
mod search_index;
mod search_pending;
mod session_sync;

use std::future::pending;
use std::time::{Duration, Instant};

use actix_web::web;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::telemetry;
use crate::web::state::AppState;

pub use cleanup::write_last_seen;

/// How often the failures of a job are logged.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// Something that the server does by itself.
trait Job: 'static {
    /// The job's name in logs, metrics and `docs/operations.md`.
    const NAME: &'static str;

    /// From the start of a run to the start of the next, if the run is over by then. The first starts with the server.
    const PERIOD: Duration;

    /// Whether one node does it for all that share a database; it does at once when that falls to it.
    const FOR_ALL: bool = false;

    /// Whether there is anything to do.
    fn is_due(&self, _state: &AppState) -> bool {
        true
    }

    /// Runs the job once. A failing step does not prevent the steps that can still be done.
    async fn run(&mut self, state: &AppState) -> anyhow::Result<()>;

    /// Waits until a run is requested before the period is over.
    async fn woken(_state: &AppState) {
        pending().await
    }

    /// Logs a failed run for the operator.
    fn log(error: &anyhow::Error) {
        let error = format!("{error:#}");
        tracing::warn!(job = Self::NAME, %error, "a job failed, and is tried again");
    }
}

/// Starts all jobs, on the thread that calls.
pub fn start(state: &web::Data<AppState>) {
    spawn(cleanup::Cleanup, state);
    spawn(session_sync::SessionSync::default(), state);
    spawn(account_erasure::AccountErasure, state);
    spawn(room_erasure::RoomErasure, state);
    spawn(search_index::SearchIndex, state);
    spawn(search_pending::SearchPending, state);
    spawn(retention::Retention::default(), state);
    spawn(database_check::DatabaseCheck, state);
    spawn(file_inspection::FileInspection, state);
    spawn(file_cleanup::FileCleanup::default(), state);
    spawn(file_metrics::FileMetrics, state);
}

fn spawn<J: Job>(job: J, state: &web::Data<AppState>) {
    telemetry::job(J::NAME);
    actix_web::rt::spawn(repeat(job, state.clone()));
}

async fn repeat<J: Job>(mut job: J, state: web::Data<AppState>) {
    let mut logged: Option<Instant> = None;
    let cluster = state.cluster.as_ref().filter(|_| J::FOR_ALL);
    let mut duty = cluster.map(|cluster| cluster.duty());
    let mut ticks = interval(J::PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _tick = ticks.tick() => {}
            () = J::woken(&state) => {}
            () = changed(&mut duty) => {}
        }
        if !job.is_due(&state) || (J::FOR_ALL && !state.is_on_duty()) {
            continue;
        }
        telemetry::job_run(J::NAME);
        match job.run(&state).await {
            Ok(()) => logged = None,
            // The store takes nothing any more.
            Err(_) if !state.shutdown.is_open() => {}
            Err(error) => {
                telemetry::job_failure(J::NAME);
                if logged.is_none_or(|logged| logged.elapsed() >= LOG_EVERY) {
                    logged = Some(Instant::now());
                    J::log(&error);
                }
            }
        }
    }
}

/// Waits until somebody else does what one node has to do, or this node.
async fn changed(duty: &mut Option<watch::Receiver<bool>>) {
    let told = match duty {
        Some(duty) => duty.changed().await.is_ok(),
        None => false,
    };
    // Nobody tells where there is one node, or at the end of the server.
    if !told {
        pending().await
    }
}
