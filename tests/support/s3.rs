//! An S3 server of a test's own, as it is published: `tools/s3`. What it has lies in a directory, so that a kill takes nothing
//! with it.
//!
//! It is installed by `scripts/test`, or `npm --prefix tools/s3 ci`; where it is not, tests that need it say so.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::kept::Kept;

/// How long it may take to be there on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

/// The id of its only key, and the secret of that.
const KEY: &str = "S3RVER";

/// The S3 server.
#[derive(Debug)]
pub struct S3 {
    home: TempDir,
    port: u16,
    running: Option<Kept>,
}

impl S3 {
    /// Starts one with the bucket `tea`; `None` where the program is not installed.
    pub fn start() -> Option<Self> {
        if !program().exists() {
            eprintln!("skipped: s3rver is not installed (npm --prefix tools/s3 ci)");
            return None;
        }
        // It wants to be told a port: one that was free a moment ago.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut s3 = Self {
            home: tempfile::tempdir().unwrap(),
            port,
            running: None,
        };
        s3.launch();
        Some(s3)
    }

    /// Starts it, again after a kill, with what it had.
    pub fn launch(&mut self) {
        let mut s3 = Command::new("node");
        s3.arg(program())
            .args(["-s", "-a", "127.0.0.1", "--no-vhost-buckets"])
            .args(["--configure-bucket", "tea"])
            .args(["-p", &self.port.to_string(), "-d"])
            .arg(self.home.path());
        self.running = Some(Kept::start(&s3));
        let until = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "s3rver did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The settings of a server that has its files there.
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("uploads.store", "s3://tea/house/one".to_owned()),
            (
                "uploads.s3_endpoint",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("uploads.s3_key", KEY.to_owned()),
            ("uploads.s3_secret", KEY.to_owned()),
        ]
    }

    /// What lies there that is of files: names below the prefix.
    pub fn names(&self) -> Vec<String> {
        let root = self.home.path().join("tea/house/one");
        let mut names = Vec::new();
        below(&root, &root, &mut names);
        names.sort();
        names
    }

    /// Where it keeps the bytes of what has this name.
    pub fn kept(&self, name: &str) -> PathBuf {
        let root = self.home.path().join("tea/house/one");
        root.join(format!("{name}._S3rver_object"))
    }

    /// SIGKILL; [`Self::launch`] starts it again.
    pub fn kill(&mut self) {
        self.running = None;
        // Its port is free when it is gone.
        let until = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            assert!(Instant::now() < until, "s3rver did not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn below(root: &Path, directory: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(root, &path, names);
        }
        let name = path.strip_prefix(root).unwrap().to_string_lossy();
        let name = name.strip_suffix("._S3rver_object");
        names.extend(
            name.filter(|name| *name != "house" && !name.starts_with("nodes/"))
                .map(str::to_owned),
        );
    }
}

fn program() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/s3");
    tools.join("node_modules/s3rver/bin/s3rver.js")
}
