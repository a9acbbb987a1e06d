//! An S3 server of a test's own, as it is published: `tools/s3`. What it has lies in a directory, so that a kill takes nothing
//! with it. It ends with the process that started it: a shell waits at the end of a pipe that the kernel closes, then kills it.
//!
//! It is installed by `scripts/test`, or `npm --prefix tools/s3 ci`; where it is not, tests that need it say so.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to be there on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

/// The id of its only key, and the secret of that.
const KEY: &str = "S3RVER";

/// Starts the program that follows, and kills it when whoever started this has ended.
const KEEPER: &str = r#"
trap '' INT HUP PIPE
"$@" </dev/null >/dev/null 2>&1 &
echo $!
exec >/dev/null
read -r _
kill -KILL $! 2>/dev/null
"#;

/// The S3 server.
#[derive(Debug)]
pub struct S3 {
    home: TempDir,
    port: u16,
    pid: String,
    keeper: Option<Child>,
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
            pid: String::new(),
            keeper: None,
        };
        s3.launch();
        Some(s3)
    }

    /// Starts it, again after a kill, with what it had.
    pub fn launch(&mut self) {
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper", "node"])
            .arg(program())
            .args(["-s", "-a", "127.0.0.1", "--no-vhost-buckets"])
            .args(["--configure-bucket", "tea"])
            .args(["-p", &self.port.to_string(), "-d"])
            .arg(self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut pid = String::new();
        let said = keeper.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut pid).unwrap();
        pid.trim().clone_into(&mut self.pid);
        self.keeper = Some(keeper);
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
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ended = keeper.wait();
        }
        // Its port is free when it is gone.
        let until = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            assert!(Instant::now() < until, "s3rver did not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.kill();
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
