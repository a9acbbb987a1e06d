//! A process that this tool starts, on a core of its own if there is one, and ends: a Teahouse with
//! a temporary data directory, or the floor.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::options::{Options, Scenario, Signal};

/// The core of the server; the tool is on the next one.
pub const SERVER_CORE: &str = "0";
/// The core of the tool.
pub const TOOL_CORE: &str = "1";

/// Environment variable that marks the tool as pinned to its core.
pub const PINNED: &str = "TEAHOUSE_BENCH_PINNED";

/// The setting of the server's listening address.
const BIND: &str = "TEAHOUSE__SERVER__BIND";

/// The child process. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Own {
    command: Command,
    child: Child,
    data: Option<PathBuf>,
}

impl Own {
    /// Starts a Teahouse without limits; gives its address too.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn teahouse(options: &Options) -> anyhow::Result<(Self, SocketAddr)> {
        let data = std::env::temp_dir().join(format!("teahouse-bench-{}", std::process::id()));
        let mut command = pinned(SERVER_CORE, std::env::var_os(PINNED).is_some())?;
        command
            .args(["serve", "--data"])
            .arg(&data)
            .current_dir(std::env::temp_dir())
            .env(BIND, "127.0.0.1:0")
            .env("TEAHOUSE__SERVER__WORKERS", options.workers.to_string())
            .env("TEAHOUSE__LIMITS__MESSAGES_PER_MINUTE", "0")
            .env("TEAHOUSE__LIMITS__CONNECTIONS_PER_ADDRESS", "0")
            .env("TEAHOUSE__LIMITS__CONNECTIONS", "0");
        if !options.disk && options.scenario != Scenario::Restart {
            command.env("TEAHOUSE__STORAGE__URL", "memory:");
        }
        Self::start(command, Some(data))
    }

    /// Starts the bare loop for `readers` readers of frames of `length` bytes; gives its address too.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn floor(readers: usize, length: usize) -> anyhow::Result<(Self, SocketAddr)> {
        let mut command = pinned(SERVER_CORE, std::env::var_os(PINNED).is_some())?;
        command.args(["bench", "floor", "--connections", &readers.to_string()]);
        command.args(["--length", &length.to_string()]);
        Self::start(command, None)
    }

    fn start(mut command: Command, data: Option<PathBuf>) -> anyhow::Result<(Self, SocketAddr)> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("taskset (util-linux) is needed to start a server on a core of its own")?;
        let mut own = Self {
            command,
            child,
            data,
        };
        let address = own.listens()?;
        Ok((own, address))
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, waits until it has gone, starts it again at `address`, and waits
    /// until it listens.
    ///
    /// # Errors
    /// When one of these cannot be done.
    pub fn restart(&mut self, signal: Signal, address: SocketAddr) -> anyhow::Result<()> {
        match signal {
            Signal::Kill => self.child.kill()?,
            Signal::Term => {
                let pid = self.pid().to_string();
                let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
                if !sent.context("kill (procps) is needed")?.success() {
                    bail!("the server could not be told to end");
                }
            }
        }
        self.child.wait()?;
        self.child = self.command.env(BIND, address.to_string()).spawn()?;
        match self.listens()? {
            there if there == address => Ok(()),
            there => bail!("the server came back at {there} instead of {address}"),
        }
    }

    /// The address in the first line that it prints.
    fn listens(&mut self) -> anyhow::Result<SocketAddr> {
        let out = self.child.stdout.take().context("stdout is piped")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().rsplit('/').next();
        address
            .and_then(|address| address.parse().ok())
            .context("the server did not start")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A child that has already ended is fine.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        if let Some(data) = &self.data {
            let _nothing_written = fs::remove_dir_all(data);
        }
    }
}

/// This program as a command, pinned to `core` if the tool is pinned.
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
