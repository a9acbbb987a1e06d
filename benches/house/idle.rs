//! What the house costs when nothing happens: start, resident memory, memory per connection.
//!
//! Start is measured on an existing database, from
//! spawning the process to its line on stdout.

use std::net::TcpStream;
use std::time::Duration;

use super::support::{Pinned, median, open, teahouse};

/// Starts measured on the same data directory; the first makes the database.
const STARTS: usize = 6;

/// Runs the bench with so many connections.
pub fn run(connections: Option<usize>) {
    let connections = connections.unwrap_or(5_000);
    starts();
    let data = tempfile::tempdir().expect("a directory");
    let (server, address, _) = teahouse(data.path());
    let few: Vec<TcpStream> = (0..50).map(|_| open(address)).collect();
    std::thread::sleep(Duration::from_secs(1));
    let before = server.resident();
    let many: Vec<TcpStream> = (0..connections).map(|_| open(address)).collect();
    std::thread::sleep(Duration::from_secs(2));
    let after = server.resident();
    println!(
        "{connections} idle connections: {} bytes each ({} MiB in all)",
        (after - before) / connections as u64,
        after / 1024 / 1024
    );
    drop((few, many));
    std::thread::sleep(Duration::from_secs(3));
    println!(
        "after they have gone: {} MiB",
        server.resident() / 1024 / 1024
    );
}

fn starts() {
    let data = tempfile::tempdir().expect("a directory");
    let path = data.path().to_str().expect("a plain path");
    let mut times = Vec::new();
    let mut resident = Vec::new();
    for start in 0..STARTS {
        let began = std::time::Instant::now();
        let (server, _) = Pinned::start(
            env!("CARGO_BIN_EXE_teahouse"),
            &["--bind", "127.0.0.1:0", "--data", path],
            &[],
        );
        if start > 0 {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        std::thread::sleep(Duration::from_millis(500));
        resident.push(server.resident() as f64 / 1024.0 / 1024.0);
    }
    println!(
        "start to listening: {:.0} ms; resident when idle: {:.1} MiB (medians)",
        median(times),
        median(resident)
    );
}
