//! The program itself, as an operator starts it: a process with a data directory, settings from
//! the environment, a line on stdout and a log on stderr. It dies with its test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::database::on_postgres;
use super::postgres;

/// What every start waits at most: far more than the promised 150 ms, because the machine is
/// busy with other tests.
const START: Duration = Duration::from_secs(60);

/// Limits that would be in the way of most tests; `limits.rs` and `accounts.rs` set them.
pub(super) const LENIENT: [(&str, &str); 3] = [
    ("limits.messages_per_minute", "0"),
    ("limits.connections_per_address", "0"),
    ("limits.sign_ins_per_minute", "0"),
];

/// A running server.
pub struct Server {
    child: Option<Child>,
    log: Option<JoinHandle<String>>,
    addr: SocketAddr,
    pub(super) settings: Vec<(String, String)>,
    /// A program and its arguments that start the server instead of the test itself.
    under: Vec<String>,
    home: TempDir,
    /// Where files lie that several nodes have.
    pub(super) shared: Option<Arc<TempDir>>,
    /// Nothing else looks at a server that was meant to panic.
    old_log: String,
}

/// How a process ended.
#[derive(Debug)]
pub struct Stopped {
    pub code: Option<i32>,
    pub log: String,
}

impl Server {
    /// Starts the server with settings such as `("chat.history", "3")`.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let all: Vec<(&str, &str)> = LENIENT.iter().chain(settings).copied().collect();
        Self::start_strict(&all)
    }

    /// Starts the server with these settings and the program's own defaults.
    pub fn start_strict(settings: &[(&str, &str)]) -> Self {
        Self::start_as(&[], settings)
    }

    /// Starts the server by another program, which becomes it: `script` is for `sh`, runs in the
    /// server's directory, and ends with `exec "$@"`.
    pub fn start_by(script: &str) -> Self {
        Self::start_as(&["sh", "-c", script, "sh"], &LENIENT)
    }

    /// The same with these settings and the program's own defaults.
    pub fn start_strict_by(script: &str, settings: &[(&str, &str)]) -> Self {
        Self::start_as(&["sh", "-c", script, "sh"], settings)
    }

    fn start_as(under: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut server = Self::prepare(under, settings);
        server.launch();
        server
    }

    /// A server that has not been launched.
    pub(super) fn prepare(under: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut settings: Vec<(String, String)> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        if on_postgres() && !settings.iter().any(|(key, _)| key == "storage.url") {
            let postgres = postgres::server();
            let url = postgres.url(&postgres.create("template0"));
            settings.push(("storage.url".to_owned(), url));
        }
        Self {
            child: None,
            log: None,
            addr: ([127, 0, 0, 1], 0).into(),
            settings,
            under: under.iter().map(|word| (*word).to_owned()).collect(),
            home: tempfile::tempdir().unwrap(),
            shared: None,
            old_log: String::new(),
        }
    }

    /// Starts the process on the same data directory, at another port.
    pub fn launch(&mut self) {
        let mut command = program(self.home.path(), &self.under);
        command.args(["--bind", "127.0.0.1:0", "--data", "data"]);
        for (key, value) in &self.settings {
            command.env(variable(key), value);
        }
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        self.log = Some(std::thread::spawn(move || read_all(stderr)));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        self.child = Some(child);
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _nobody = tell.send(line);
            }
        });
        match told.recv_timeout(START) {
            Ok(line) => {
                let address = line
                    .strip_prefix("teahouse is listening on http://")
                    .unwrap_or_else(|| panic!("unexpected line on stdout: {line}"));
                self.addr = address.parse().unwrap();
            }
            Err(RecvTimeoutError::Timeout) => panic!("the server did not say where it listens"),
            Err(RecvTimeoutError::Disconnected) => {
                let stopped = self.wait(START);
                panic!("the server did not start: {}", stopped.log);
            }
        }
    }

    /// From the next launch on, this setting is so.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The directory in which it runs.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) -> Stopped {
        self.child.as_mut().unwrap().kill().unwrap();
        self.wait(START)
    }

    /// SIGTERM, and waits until it is gone.
    pub fn stop(&mut self) -> Stopped {
        self.signal("TERM");
        self.wait(START)
    }

    /// Waits until the process has ended.
    pub fn wait(&mut self, at_most: Duration) -> Stopped {
        let mut child = self.child.take().unwrap();
        let code = wait_for(&mut child, at_most);
        let log = self
            .log
            .take()
            .map_or_else(String::new, |log| log.join().unwrap());
        self.old_log.push_str(&log);
        Stopped { code, log }
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The most memory that was ever resident, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }

    /// What is resident of the program's own file and its libraries, in KiB: other memory than it asks for.
    pub fn mapped_kib(&self) -> u64 {
        self.memory_kib("RssFile:")
    }

    fn memory_kib(&self, what: &str) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with(what));
        let number = line.unwrap().split_whitespace().nth(1).unwrap();
        number.parse().unwrap()
    }

    /// CPU time used so far, user and system, in ms (ticks of 10 ms).
    pub fn cpu_ms(&self) -> u64 {
        cpu_ms(&self.proc("stat"))
    }

    /// Open file descriptors: what they point to.
    pub fn descriptors(&self) -> Vec<String> {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid()))
            .unwrap()
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .map(|target| target.to_string_lossy().into_owned())
            .collect()
    }

    /// The server's own IPv4 sockets, as lines of `/proc/net`, split at blanks.
    pub fn sockets(&self) -> Vec<Vec<String>> {
        let own = self.descriptors();
        let read = |kind: &str| std::fs::read_to_string(format!("/proc/net/{kind}")).unwrap();
        [read("tcp"), read("udp")]
            .concat()
            .lines()
            .map(|line| {
                line.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .filter(|fields| {
                let inode = fields.get(9).map(|inode| format!("socket:[{inode}]"));
                inode.is_some_and(|inode| own.contains(&inode))
            })
            .collect()
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.pid())).unwrap()
    }

    /// Makes an account the server's owner, as its operator does.
    pub fn crown(&self, name: &str) {
        let (code, _, err) = self.run(&["user", "role", name, "owner"], "");
        assert_eq!(code, Some(0), "{err}");
    }

    /// Runs the program with other arguments on this server's data and settings.
    pub fn run(&self, arguments: &[&str], stdin: &str) -> (Option<i32>, String, String) {
        let mut command = program(self.home.path(), &[]);
        command.args(["--data", "data"]).args(arguments);
        for (key, value) in &self.settings {
            command.env(variable(key), value);
        }
        finish(command, stdin)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
        if let Some(log) = self.log.take() {
            self.old_log.push_str(&log.join().unwrap_or_default());
        }
        if std::thread::panicking() {
            eprintln!("--- the server's log ---\n{}", self.old_log);
        } else {
            assert!(!self.old_log.contains("panicked at"), "{}", self.old_log);
        }
    }
}

/// CPU time that a process or thread has used, user and system, by its `stat` (proc(5)).
pub fn cpu_ms(stat: &str) -> u64 {
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    ticks * 10
}

/// Runs the program to its end in `directory`; gives exit code, stdout and stderr.
pub fn run_program(
    directory: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let mut command = program(directory, &[]);
    command.args(arguments);
    for (key, value) in settings {
        command.env(variable(key), value);
    }
    finish(command, "")
}

fn finish(mut command: Command, stdin: &str) -> (Option<i32>, String, String) {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A program that refuses its arguments does not read.
    let _unread = input.write_all(stdin.as_bytes());
    drop(input);
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let err = std::thread::spawn(move || read_all(err));
    let out = std::thread::spawn(move || read_all(out));
    let code = wait_for(&mut child, START);
    (code, out.join().unwrap(), err.join().unwrap())
}

fn program(directory: &Path, under: &[String]) -> Command {
    const PROGRAM: &str = env!("CARGO_BIN_EXE_teahouse");
    let mut command = match under {
        [] => Command::new(PROGRAM),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(PROGRAM);
            command
        }
    };
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TEAHOUSE__") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(directory)
        .env("RUST_BACKTRACE", "0")
        .env("RUST_LOG", "info,teahouse=trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn wait_for(child: &mut Child, at_most: Duration) -> Option<i32> {
    let until = Instant::now() + at_most;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > until {
            let _gone = child.kill();
            let _reaped = child.wait();
            panic!("the program did not end within {at_most:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn read_all(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    let _broken_pipe = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `chat.history` as the environment names it.
fn variable(key: &str) -> String {
    format!("TEAHOUSE__{}", key.replace('.', "__").to_uppercase())
}
