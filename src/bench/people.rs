//! The people of a run: distinct, with cookie sessions of their own where the tool may choose the
//! addresses that they connect from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::come_in::AT_ONCE;
use super::http::{change, cookie, get};
use super::line::Who;
use super::progress::Progress;
use super::target::Target;

/// A server that is behind serves its page without a session: the tool asks again so often …
const TRIES: usize = 20;

/// … with this pause between.
const PAUSE: Duration = Duration::from_millis(500);

/// The password of all accounts.
const PASSWORD: &str = "a bench of seven people";

/// The people of these numbers. On this machine each has an address of their own and gets a cookie
/// session by opening the page; elsewhere the server tells them apart by their User-Agent.
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

/// Somebody without a cookie, with a User-Agent of their own, and on this machine an
/// address of their own.
#[must_use]
pub fn stranger(target: &Target, number: usize) -> Who {
    Who {
        source: target.is_loopback().then(|| source(number)),
        header: format!("User-Agent: teahouse bench {number}"),
    }
}

/// Registers an account for each of `people`, in order; the first is called `Bench 0`.
///
/// # Errors
/// When one is refused.
pub async fn register(target: &Target, people: Vec<Who>) -> anyhow::Result<Vec<Who>> {
    let mut progress = Progress::new("people with an account", people.len());
    let mut members = Vec::with_capacity(people.len());
    for (number, who) in people.iter().enumerate() {
        let account = account(number);
        members.push(change(target.address, who, "POST", "register", &account).await?);
        progress.at(members.len());
    }
    Ok(members)
}

/// Signs a visitor in as person `number` of those who have been registered.
///
/// # Errors
/// When it is refused.
pub async fn sign_in(target: &Target, who: &Who, number: usize) -> anyhow::Result<Who> {
    change(target.address, who, "POST", "session", &account(number)).await
}

fn account(number: usize) -> Value {
    json!({"name": format!("Bench {number}"), "password": PASSWORD})
}

async fn visitor(address: SocketAddr, number: usize) -> anyhow::Result<Who> {
    let source = Some(source(number));
    for _ in 0..TRIES {
        let page = get(address, source, "/").await?;
        if let Some(header) = cookie(&page) {
            return Ok(Who { source, header });
        }
        sleep(PAUSE).await;
    }
    bail!("the page gave no cookie, {TRIES} times")
}

/// One of the machine's loopback addresses, so that no limit per address is reached.
fn source(number: usize) -> IpAddr {
    let part = |shift: u32| u8::try_from((number >> shift) & 0x7f).unwrap_or_default();
    Ipv4Addr::new(127, 1 + part(14), 1 + part(7), 1 + part(0)).into()
}
