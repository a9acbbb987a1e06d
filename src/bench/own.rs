//! A process that this tool starts, on a core of its own if there is one, and ends: a Teahouse on
//! a data directory that goes with it, or the floor.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::options::{Options, Scenario, Signal};

/// Where the server of this tool runs; the tool itself is on the next core.
pub const SERVER_CORE: &str = "0";
/// Where the tool runs.
pub const TOOL_CORE: &str = "1";

/// Set for the tool once it runs on a core of its own.
pub const PINNED: &str = "TEAHOUSE_BENCH_PINNED";

/// The setting that says where a server listens.
const BIND: &str = "TEAHOUSE__SERVER__BIND";

/// The process. It ends with this value.
#[derive(Debug)]
pub struct Own {
    command: Command,
    child: Child,
    data: Option<PathBuf>,
}

impl Own {
    /// A Teahouse without limits, and where it listens.
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

    /// The bare loop for so many readers of frames of `length` bytes, and where it listens.
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

    /// Its id, as the kernel calls it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it with a signal, waits until it has gone, starts it again at `address`, and waits
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

    /// What its first line says.
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
        // A child that has ended by itself is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        if let Some(data) = &self.data {
            let _nothing_written = fs::remove_dir_all(data);
        }
    }
}

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
