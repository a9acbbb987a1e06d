//! How people connect: so many at the same time, with retries when they are refused, until
//! each is greeted.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use tokio::task::JoinSet;

use super::effort::Effort;
use super::line::{Line, Who};
use super::options::Protocol;
use super::progress::Progress;
use super::target::Target;

/// People who connect at the same time when nothing depends on it.
pub const AT_ONCE: usize = 64;

/// Time limit for one person to be let in, retries included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Delay before somebody who was refused tries again.
const AGAIN: Duration = Duration::from_millis(200);

/// Somebody who is connected.
#[derive(Debug)]
pub struct Guest {
    /// Address and header of the person.
    pub who: Who,
    /// Their connection, past the greeting.
    pub line: Line,
    /// The frame that greeted them.
    pub greeting: Bytes,
    /// How often they were refused before.
    shut: usize,
}

/// Figures of an arrival.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// From the first connection to the last greeting.
    pub took: Duration,
    /// How often somebody was refused and had to try again.
    pub shut: usize,
    /// The share of its core that the tool used meanwhile, 1.0 = all of it.
    pub share: Option<f64>,
}

/// Connects `people`, `at_once` at the same time, and hands each over once they are greeted.
///
/// # Errors
/// When somebody is not let in.
pub async fn come_in(
    target: &Target,
    protocol: Protocol,
    people: Vec<Who>,
    at_once: usize,
    mut greeted: impl FnMut(Guest),
) -> anyhow::Result<Arrival> {
    let effort = Effort::begin();
    let mut progress = Progress::new("people let in", people.len());
    let mut doors = JoinSet::new();
    let mut waiting = people.into_iter();
    let (mut shut, mut inside) = (0, 0);
    loop {
        while doors.len() < at_once
            && let Some(who) = waiting.next()
        {
            doors.spawn_local(enter(target.address, who, protocol));
        }
        let Some(guest) = doors.join_next().await else {
            break;
        };
        let guest = guest??;
        shut += guest.shut;
        inside += 1;
        progress.at(inside);
        greeted(guest);
    }
    Ok(Arrival {
        took: effort.took(),
        shut,
        share: effort.share(),
    })
}

async fn enter(address: SocketAddr, who: Who, protocol: Protocol) -> anyhow::Result<Guest> {
    let until = Instant::now() + PATIENCE;
    let mut shut = 0;
    let mut line = loop {
        match Line::open(address, &who, protocol).await {
            Ok(line) => break line,
            Err(error) if Instant::now() > until => {
                return Err(error).context("somebody was not let in");
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                shut += 1;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(error).context("somebody could not come in"),
        }
    };
    let greeting = match protocol {
        Protocol::Classic => line.expect(2).await?,
        Protocol::Feed => {
            line.send(r#"{"type":10,"data":{"v":1}}"#).await?;
            line.expect(11).await?
        }
    };
    Ok(Guest {
        who,
        line,
        greeting,
        shut,
    })
}
