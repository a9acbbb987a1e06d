//! `teahouse probe`: whether the server on this machine is ready, for what looks after it and has no HTTP client.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

use super::print;

/// How long to wait for a connection, and for each part of the answer: longer than the server waits for its own parts.
const PATIENCE: Duration = Duration::from_secs(6);

/// The longest answer that is read, in bytes.
const ANSWER: u64 = 64 * 1024;

/// Asks the server that listens at `bind` whether it is ready.
///
/// # Errors
/// When it is not, or does not answer.
pub(super) fn run(bind: SocketAddr) -> anyhow::Result<()> {
    let at = reachable(bind);
    let answer = ask(at).with_context(|| format!("the server at {at} does not answer"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 200 ") {
        bail!("the server at {at} answers {status}: {}", body.trim());
    }
    print(&format!("{}\n", body.trim()))
}

/// An address that listens everywhere listens on this machine.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

fn ask(at: SocketAddr) -> std::io::Result<String> {
    let mut line = TcpStream::connect_timeout(&at, PATIENCE)?;
    line.set_read_timeout(Some(PATIENCE))?;
    line.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    line.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    line.take(ANSWER).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
