//! The server under test: one that this tool starts and ends, or one that is there already; and
//! what the kernel accounts to it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::options::Options;

/// Where the server of this tool runs; the tool itself is on the next core.
pub const SERVER_CORE: &str = "0";
/// Where the tool runs.
pub const TOOL_CORE: &str = "1";

/// A server, or the floor.
#[derive(Debug)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    pid: Option<u32>,
    /// Ended with this value.
    _own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    child: Child,
    data: Option<PathBuf>,
}

impl Target {
    /// The server that the options name, or a new one.
    ///
    /// # Errors
    /// When there is none, or none can be started.
    pub fn of(options: &Options) -> anyhow::Result<Self> {
        match &options.url {
            Some(url) => Self::at(url, options.pid),
            None => Self::teahouse(options),
        }
    }

    fn at(url: &str, pid: Option<u32>) -> anyhow::Result<Self> {
        let place = url
            .strip_prefix("http://")
            .with_context(|| format!("{url}: the tool speaks plain http:// only"))?
            .trim_end_matches('/');
        let address = place
            .to_socket_addrs()
            .with_context(|| format!("{url} is not http://HOST:PORT"))?
            .next()
            .with_context(|| format!("{url} has no address"))?;
        Ok(Self {
            address,
            pid,
            _own: None,
        })
    }

    fn teahouse(options: &Options) -> anyhow::Result<Self> {
        let data = std::env::temp_dir().join(format!("teahouse-bench-{}", std::process::id()));
        let mut command = pinned(SERVER_CORE, std::env::var_os(PINNED).is_some())?;
        command
            .args(["serve", "--bind", "127.0.0.1:0", "--data"])
            .arg(&data)
            .current_dir(std::env::temp_dir())
            .env("TEAHOUSE__SERVER__WORKERS", options.workers.to_string())
            .env("TEAHOUSE__LIMITS__MESSAGES_PER_MINUTE", "0")
            .env("TEAHOUSE__LIMITS__CONNECTIONS_PER_ADDRESS", "0")
            .env("TEAHOUSE__LIMITS__CONNECTIONS", "0");
        if !options.disk {
            command.env("TEAHOUSE__STORAGE__URL", "memory:");
        }
        Self::start(command, Some(data))
    }

    /// The bare loop for so many readers of frames of `length` bytes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn floor(readers: usize, length: usize) -> anyhow::Result<Self> {
        let mut command = pinned(SERVER_CORE, std::env::var_os(PINNED).is_some())?;
        command.args(["bench", "floor", "--connections", &readers.to_string()]);
        command.args(["--length", &length.to_string()]);
        Self::start(command, None)
    }

    fn start(mut command: Command, data: Option<PathBuf>) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("taskset (util-linux) is needed to start a server on a core of its own")?;
        let out = child.stdout.take().context("stdout is piped")?;
        let pid = Some(child.id());
        let _own = Some(Own { child, data });
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line
            .trim()
            .rsplit('/')
            .next()
            .and_then(|last| last.parse().ok());
        match address {
            Some(address) => Ok(Self { address, pid, _own }),
            None => bail!("the server did not start"),
        }
    }

    /// Whether the tool may choose the addresses that its clients come from.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.address.ip().is_loopback() && self.address.is_ipv4()
    }

    /// CPU time of all threads so far, as the scheduler accounts it; `None` when its process is
    /// not known.
    #[must_use]
    pub fn cpu(&self) -> Option<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid?)).ok()?;
        let nanos = tasks
            .flatten()
            .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
            .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
            .sum();
        Some(Duration::from_nanos(nanos))
    }

    /// Resident memory in bytes.
    #[must_use]
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib * 1024)
    }
}

/// Set for the tool once it runs on a core of its own.
pub const PINNED: &str = "TEAHOUSE_BENCH_PINNED";

/// This program, on one core if the tool has one of its own.
///
/// # Errors
/// When this program has no path.
pub fn pinned(core: &str, tool_is_pinned: bool) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("this program has no path")?;
    let mut command = if tool_is_pinned {
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(program);
        command
    } else {
        Command::new(program)
    };
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TEAHOUSE__") {
            command.env_remove(name);
        }
    }
    Ok(command)
}

impl Drop for Own {
    fn drop(&mut self) {
        // A child that has ended by itself is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        if let Some(data) = &self.data {
            let _nothing_written = fs::remove_dir_all(data);
        }
    }
}
