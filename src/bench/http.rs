//! Requests of the load tool: one a connection, heads and bodies as text.

use std::io;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, bail};
use serde_json::Value;

use super::line::{Line, Who, dial};

/// Head and body of what the server answers to a request for `path`.
///
/// # Errors
/// When the server cannot be reached.
pub async fn get(address: SocketAddr, source: Option<IpAddr>, path: &str) -> io::Result<String> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    exchange(address, source, &head).await
}

/// Sends a change to the API as `who`; gives the person with the cookie of the answer, which may be another.
///
/// # Errors
/// When the server cannot be reached, or refuses.
pub async fn change(
    address: SocketAddr,
    who: &Who,
    method: &str,
    path: &str,
    body: &Value,
) -> anyhow::Result<Who> {
    let body = body.to_string();
    let request = format!(
        "{method} /api/v1/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{}\r\n\r\n{body}",
        body.len(),
        who.header
    );
    let answer = exchange(address, who.source, &request).await?;
    let status = answer.lines().next().context("an empty answer")?;
    if !status.contains(" 20") {
        bail!("{method} {path}: {status}");
    }
    let header = cookie(&answer).unwrap_or_else(|| who.header.clone());
    Ok(Who {
        header,
        ..who.clone()
    })
}

/// The `Cookie` header for the cookie that an answer sets.
#[must_use]
pub fn cookie(answer: &str) -> Option<String> {
    let set = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let is_it = name.eq_ignore_ascii_case("set-cookie");
        is_it.then(|| value.split(';').next().map(str::to_owned))?
    };
    Some(format!("Cookie: {}", answer.lines().find_map(set)?))
}

async fn exchange(
    address: SocketAddr,
    source: Option<IpAddr>,
    request: &str,
) -> io::Result<String> {
    let mut line = Line::bare(dial(address, source).await?);
    line.write(request.as_bytes()).await?;
    Ok(String::from_utf8_lossy(&line.rest().await?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_an_answer_is_found_however_a_proxy_writes_its_head() {
        let head = "HTTP/1.1 200 OK\r\nServer: Caddy\r\nSet-Cookie: teahouse=abc%3D; HttpOnly\r\n\r\n<p>set-cookie: no";
        let found = cookie(head);
        assert_eq!(found.as_deref(), Some("Cookie: teahouse=abc%3D"));
        assert_eq!(cookie("HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
