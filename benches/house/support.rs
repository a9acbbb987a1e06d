//! What the benches share: a server of their own, raw WebSocket readers, and CPU time as the
//! kernel accounts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process on core 0, ended with this value.
pub struct Pinned(Child);

impl Pinned {
    /// Starts `command` on core 0; gives the first line that it prints.
    pub fn start(
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> (Self, String) {
        let mut child = Command::new("taskset")
            .args(["-c", "0", program])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("taskset (util-linux) starts the program");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the program prints a line");
        (Self(child), line.trim().to_owned())
    }

    /// CPU time of all threads so far.
    pub fn cpu(&self) -> Duration {
        let tasks =
            std::fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("the process lives");
        let nanos = tasks
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
            .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
            .sum();
        Duration::from_nanos(nanos)
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))
            .expect("the process lives");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("VmRSS");
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|word| word.parse().ok())
            .expect("a number");
        kib * 1024
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Teahouse that keeps nothing and limits nobody, with one worker.
pub fn teahouse(data: &std::path::Path) -> (Pinned, SocketAddr, Duration) {
    let data = data.to_str().expect("a plain path");
    let began = Instant::now();
    let (server, line) = Pinned::start(
        env!("CARGO_BIN_EXE_teahouse"),
        &["--bind", "127.0.0.1:0", "--data", data],
        &[
            ("TEAHOUSE__STORAGE__URL", "memory:"),
            ("TEAHOUSE__SERVER__WORKERS", "1"),
            ("TEAHOUSE__LIMITS__MESSAGES_PER_MINUTE", "0"),
            ("TEAHOUSE__LIMITS__CONNECTIONS_PER_ADDRESS", "0"),
            ("TEAHOUSE__CHAT__HISTORY", "0"),
        ],
    );
    let address = line
        .rsplit('/')
        .next()
        .and_then(|address| address.parse().ok())
        .expect("an address");
    (server, address, began.elapsed())
}

/// A Teahouse with a database on disk, on every core, that limits nobody; at one address for as
/// long as the value lives.
pub struct House {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    data: std::path::PathBuf,
    settings: Vec<(String, String)>,
}

impl House {
    /// Starts it on `data`.
    pub fn start(data: &std::path::Path, settings: &[(&str, &str)]) -> Self {
        let open = [
            ("LIMITS__MESSAGES_PER_MINUTE", "0"),
            ("LIMITS__CONNECTIONS_PER_ADDRESS", "0"),
            ("LIMITS__SIGN_INS_PER_MINUTE", "0"),
        ];
        let settings: Vec<(String, String)> = open
            .iter()
            .chain(settings)
            .map(|(name, value)| (format!("TEAHOUSE__{name}"), (*value).to_owned()))
            .collect();
        let bind = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, address) = launch(data, bind, &settings);
        Self {
            child,
            address,
            data: data.to_owned(),
            settings,
        }
    }

    /// Sends a signal and waits until it has ended.
    pub fn end(&mut self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("kill (procps) is there").success());
        self.child.wait().expect("it ends");
    }

    /// Starts it again where it was; returns once it listens.
    pub fn start_again(&mut self) {
        (self.child, self.address) = launch(&self.data, self.address, &self.settings);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(
    data: &std::path::Path,
    bind: SocketAddr,
    settings: &[(String, String)],
) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_teahouse"))
        .args(["--bind", &bind.to_string()])
        .arg("--data")
        .arg(data)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("stdout is piped");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit('/').next();
    let address = address.and_then(|address| address.parse().ok());
    (child, address.expect("an address"))
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

/// Opens a WebSocket by hand: a bench needs the bytes, not a library's opinion of them.
pub fn open(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_nodelay(true).expect("nodelay");
    write!(
        stream,
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         User-Agent: bench {}\r\n\r\n",
        stream.local_addr().expect("a port").port()
    )
    .expect("the server reads");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("the server answers");
        head.push(byte[0]);
    }
    assert!(
        head.starts_with(b"HTTP/1.1 101"),
        "{}",
        String::from_utf8_lossy(&head)
    );
    stream
}

/// A masked text frame, as clients send it (mask 0: the bytes stay readable).
pub fn masked(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
