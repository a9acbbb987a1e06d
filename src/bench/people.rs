//! Who comes: distinct people, with cookie sessions of their own where the tool may choose the
//! addresses that they come from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;

use anyhow::bail;
use tokio::task::JoinSet;

use super::door::AT_ONCE;
use super::line::{Who, get};
use super::progress::Progress;
use super::target::Target;

/// The people of these numbers. On this machine each has an address of his own and gets a cookie
/// session by opening the page; elsewhere the server tells them apart by their programs' names.
///
/// # Errors
/// When a page cannot be opened.
pub async fn people(target: &Target, numbers: Range<usize>) -> anyhow::Result<Vec<Who>> {
    if !target.is_loopback() {
        return Ok(numbers.map(|number| stranger(target, number)).collect());
    }
    let mut progress = Progress::new("people with a cookie", numbers.len());
    let mut doors = JoinSet::new();
    let mut people = Vec::with_capacity(numbers.len());
    for number in numbers {
        if doors.len() >= AT_ONCE
            && let Some(who) = doors.join_next().await
        {
            people.push(who??);
            progress.at(people.len());
        }
        let address = target.address;
        doors.spawn_local(async move { visitor(address, number).await });
    }
    while let Some(who) = doors.join_next().await {
        people.push(who??);
    }
    Ok(people)
}

/// Somebody without a cookie, told from others by his program's name, and on this machine by an
/// address of his own.
#[must_use]
pub fn stranger(target: &Target, number: usize) -> Who {
    Who {
        source: target.is_loopback().then(|| source(number)),
        header: format!("User-Agent: teahouse bench {number}"),
    }
}

async fn visitor(address: SocketAddr, number: usize) -> anyhow::Result<Who> {
    let source = Some(source(number));
    let page = get(address, source, "/").await?;
    let cookie = page
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|cookie| cookie.split(';').next());
    match cookie {
        Some(cookie) => Ok(Who {
            source,
            header: format!("Cookie: {cookie}"),
        }),
        None => bail!("the page gave no cookie"),
    }
}

/// One of the many addresses of this machine, so that no limit per address is met.
fn source(number: usize) -> IpAddr {
    let part = |shift: u32| u8::try_from((number >> shift) & 0x7f).unwrap_or_default();
    Ipv4Addr::new(127, 1 + part(14), 1 + part(7), 1 + part(0)).into()
}
