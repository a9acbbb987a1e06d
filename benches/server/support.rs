//! What the benches share: a server of their own, and a little arithmetic.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use teahouse::bench::line::Who;

/// A Teahouse with a database on disk, on every core, that limits nobody.
pub struct Fixture {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Fixture {
    /// Starts it on `data`.
    pub fn start(data: &std::path::Path) -> Self {
        Self::with(data, &[])
    }

    /// The same with more settings, as variables of the environment.
    pub fn with(data: &std::path::Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_teahouse"))
            .args(["--bind", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("TEAHOUSE__LIMITS__MESSAGES_PER_MINUTE", "0")
            .env("TEAHOUSE__LIMITS__CONNECTIONS_PER_ADDRESS", "0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit('/').next();
        let address = address.and_then(|address| address.parse().ok());
        Self {
            child,
            address: address.expect("an address"),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most resident memory since [`Self::forget_peak`], in bytes.
    pub fn peak(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// Lets the peak begin anew (proc(5), `clear_refs`).
    pub fn forget_peak(&self) {
        let path = format!("/proc/{}/clear_refs", self.child.id());
        std::fs::write(path, "5").expect("the process lives");
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("the process lives");
        let line = status
            .lines()
            .find(|line| line.starts_with(what))
            .expect("it is told");
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|word| word.parse().ok())
            .expect("a number");
        kib * 1024
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory on the disk that holds the build, not in memory.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory")
}

/// The value under which `share` percent of `values` are.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share / 100.0).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

/// Somebody who is known by this header line.
pub fn somebody(header: String) -> Who {
    Who {
        source: None,
        header,
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
