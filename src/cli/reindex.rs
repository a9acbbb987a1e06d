//! `teahouse reindex`: rebuilds the search index, beside a running server or without one.

use std::thread;
use std::time::{Duration, Instant};

use super::{open, print};
use crate::config::Config;
use crate::store::search;

/// Pause for a running server's writer between two steps.
const REST: Duration = Duration::from_millis(10);

/// How often progress is printed.
const LOG_EVERY: Duration = Duration::from_secs(5);

/// Rebuilds the index, the newest messages first.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let db = &mut *storage.db;
    let began = Instant::now();
    db.in_one(search::begin_anew)?;
    print("the index is empty; messages are found again as they are taken in, the newest first\n")?;
    let mut logged = Instant::now();
    while let Some(left) = db.in_one(search::step)? {
        if logged.elapsed() >= LOG_EVERY {
            logged = Instant::now();
            print(&format!("messages up to id {left} are left\n"))?;
        }
        thread::sleep(REST);
    }
    print(&format!(
        "all messages can be found, after {:.1} s\n",
        began.elapsed().as_secs_f64()
    ))
}
