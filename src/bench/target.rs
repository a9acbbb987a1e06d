//! The server under test: one that this tool starts and ends, or one that runs already; and
//! what the kernel accounts to it.

use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::http::get;
use super::options::{Options, Signal};
use super::own::Own;

/// A server, or the floor.
#[derive(Debug)]
pub struct Target {
    /// Its listening address.
    pub address: SocketAddr,
    pid: Option<u32>,
    /// The tool's own process, killed when this value is dropped; `None` for `--url`.
    own: Option<Own>,
}

/// Figures of a restart.
#[derive(Debug, Clone, Copy)]
pub struct Restart {
    /// From the signal until it listened again.
    pub away: Duration,
    /// When it listened again.
    pub up: Instant,
}

impl Target {
    /// The server that the options name, or a new one.
    ///
    /// # Errors
    /// When it cannot be reached, or none can be started.
    pub fn of(options: &Options) -> anyhow::Result<Self> {
        match &options.url {
            Some(url) => Self::at(url, options.pid),
            None => Ok(Self::mine(Own::teahouse(options)?)),
        }
    }

    /// The bare loop for so many readers of frames of `length` bytes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn floor(readers: usize, length: usize) -> anyhow::Result<Self> {
        Ok(Self::mine(Own::floor(readers, length)?))
    }

    fn mine((own, address): (Own, SocketAddr)) -> Self {
        Self {
            address,
            pid: Some(own.pid()),
            own: Some(own),
        }
    }

    /// The server behind a URL, and its process where that is known.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn at(url: &str, pid: Option<u32>) -> anyhow::Result<Self> {
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
            own: None,
        })
    }

    /// Stops it and starts it again at the same address, while the tool's clients go on.
    ///
    /// # Errors
    /// When it is not the tool's own, or does not come back.
    pub async fn restart(mut self, signal: Signal) -> anyhow::Result<(Self, Restart)> {
        let Some(mut own) = self.own.take() else {
            bail!("only a server of the tool's own can be restarted");
        };
        let (began, address) = (Instant::now(), self.address);
        let again = move || own.restart(signal, address).map(|()| (own, Instant::now()));
        let (own, up) = tokio::task::spawn_blocking(again).await??;
        let away = up - began;
        Ok((Self::mine((own, address)), Restart { away, up }))
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

/// Open WebSockets, as the server at `address` counts them; `None` where it does not say.
pub async fn open_lines(address: SocketAddr) -> Option<usize> {
    let metrics = get(address, None, "/metrics").await.ok()?;
    let count = metrics
        .lines()
        .find_map(|line| line.strip_prefix("teahouse_connections "));
    count?.parse().ok()
}
