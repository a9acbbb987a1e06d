//! From spawning the process to its line on stdout, with a database that exists, and what an
//! empty server keeps in memory.

use std::time::{Duration, Instant};

use super::support::{Fixture, median, scratch};

/// Starts measured on the same data directory; the first makes the database.
const STARTS: usize = 6;

/// The memory of the first password hash, made at the start, has gone back to the system by then.
const SETTLE: Duration = Duration::from_secs(15);

/// Runs the bench.
pub fn run() {
    let data = scratch();
    let (mut times, mut resident) = (Vec::new(), 0);
    for start in 0..STARTS {
        let began = Instant::now();
        let house = Fixture::start(data.path());
        if start > 0 {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        if start + 1 == STARTS {
            std::thread::sleep(SETTLE);
            resident = house.resident();
        }
    }
    println!(
        "start to listening: {:.0} ms (median); resident when idle: {:.1} MiB",
        median(times),
        resident as f64 / 1024.0 / 1024.0
    );
}
