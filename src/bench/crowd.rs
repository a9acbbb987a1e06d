//! The people of a run: distinct ones with cookie sessions of their own, all of them listening,
//! one of them talking.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::hearing::Hearing;
use super::line::{Line, Who, get};
use super::options::Protocol;
use super::target::Target;

/// People who come in at the same time.
const AT_ONCE: usize = 64;

/// Somebody who is not let in by then, with a retry now and then, will not be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines that are open and listened to. They end with this value.
#[derive(Debug)]
pub struct Crowd {
    listeners: JoinSet<()>,
    /// What is put in here is sent by the one who talks.
    talk: mpsc::UnboundedSender<String>,
}

/// How the people came in.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// From the first connection to the last greeting.
    pub took: Duration,
}

impl Crowd {
    /// Lets `count` people in, greeted, and listening for `hearing`.
    ///
    /// # Errors
    /// When somebody is not let in.
    pub async fn enter(
        target: &Target,
        protocol: Protocol,
        count: usize,
        hearing: &Rc<Hearing>,
    ) -> anyhow::Result<(Self, Arrival)> {
        let people = people(target, count).await?;
        let began = Instant::now();
        let mut doors = JoinSet::new();
        let mut waiting = people.into_iter();
        let mut lines = Vec::with_capacity(count);
        loop {
            while doors.len() < AT_ONCE
                && let Some(who) = waiting.next()
            {
                let address = target.address;
                doors.spawn_local(async move { greeted(address, who, protocol).await });
            }
            let Some(line) = doors.join_next().await else {
                break;
            };
            lines.push(line??);
        }
        let took = began.elapsed();
        let (talk, mut words) = mpsc::unbounded_channel::<String>();
        let mut listeners = JoinSet::new();
        let mut lines = lines.into_iter();
        let mut talker = lines.next().context("nobody is there to talk")?;
        let hears = Rc::clone(hearing);
        listeners.spawn_local(async move {
            let mut place = 0;
            loop {
                let text = tokio::select! {
                    text = words.recv() => match text {
                        Some(text) => text,
                        None => return,
                    },
                    payload = talker.next() => match payload {
                        Ok(payload) => {
                            hears.hear(&mut place, &payload);
                            continue;
                        }
                        Err(_gone) => return hears.ended(),
                    },
                };
                if talker.send(&text).await.is_err() {
                    return hears.ended();
                }
            }
        });
        for mut line in lines {
            let hears = Rc::clone(hearing);
            listeners.spawn_local(async move {
                let mut place = 0;
                while let Ok(payload) = line.next().await {
                    hears.hear(&mut place, &payload);
                }
                hears.ended();
            });
        }
        Ok((Self { listeners, talk }, Arrival { took }))
    }

    /// Lets the one who talks send a frame.
    pub fn talk(&self, frame: String) {
        // Who is gone is counted by the hearing.
        let _gone = self.talk.send(frame);
    }

    /// Everybody goes, at once and without a word.
    pub async fn leave(mut self) {
        self.listeners.shutdown().await;
    }
}

async fn greeted(
    address: std::net::SocketAddr,
    who: Who,
    protocol: Protocol,
) -> anyhow::Result<Line> {
    let until = Instant::now() + PATIENCE;
    let mut line = loop {
        match Line::open(address, &who, protocol).await {
            Ok(line) => break line,
            Err(error) if Instant::now() > until => {
                return Err(error).context("somebody was not let in");
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => return Err(error).context("somebody could not come in"),
        }
    };
    match protocol {
        Protocol::Classic => line.expect(2).await?,
        Protocol::Feed => {
            line.send(r#"{"type":10,"data":{"v":1}}"#).await?;
            line.expect(11).await?
        }
    };
    Ok(line)
}

/// So many distinct people. On this machine each has an address of his own and gets a cookie
/// session by opening the page; elsewhere the server tells them apart by their programs' names.
async fn people(target: &Target, count: usize) -> anyhow::Result<Vec<Who>> {
    if !target.is_loopback() {
        return Ok((0..count).map(|number| stranger(target, number)).collect());
    }
    let mut doors = JoinSet::new();
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        if doors.len() >= AT_ONCE
            && let Some(who) = doors.join_next().await
        {
            people.push(who??);
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

async fn visitor(address: std::net::SocketAddr, number: usize) -> anyhow::Result<Who> {
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
