//! One who comes back, as the page does: he waits as `bye` asks and up to a quarter longer, else a
//! random time below 0.5 s, 1 s, 2 s, …, and says hello with where he was.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::sleep;

use super::ear::Ear;
use super::line::{Line, Who, field, kind_of};
use super::options::Protocol;
use super::outage::Outage;

/// What the server asks for is spread by so much of itself.
const SPREAD: f64 = 0.25;

/// The first and the longest wait that he chooses himself, in seconds.
const FIRST: f64 = 0.5;
const LONGEST: f64 = 30.0;

/// A client with a memory.
#[derive(Debug)]
pub struct Regular {
    who: Who,
    epoch: String,
    /// The room's seq when he first came.
    head: u64,
    /// His ear's place then.
    begin: usize,
    /// How far he is.
    pub ear: Ear,
}

/// What a resume brings.
#[derive(Debug, Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    data: Missed<'a>,
}

#[derive(Debug, Deserialize)]
struct Missed<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    more: bool,
}

impl Regular {
    /// Somebody who has been greeted so; `None` when the greeting does not say where the room is.
    #[must_use]
    pub fn new(who: Who, welcome: &[u8], ear: Ear) -> Option<Self> {
        Some(Self {
            who,
            epoch: field(welcome, "epoch")?.to_owned(),
            head: field(welcome, "head")?.parse().ok()?,
            begin: ear.place()?,
            ear,
        })
    }

    /// He listens, and comes back whenever he loses his line; the others know him by `number`.
    pub async fn stay(mut self, mut line: Line, number: usize, outage: Rc<Outage>) {
        loop {
            let asked = self.listen(&mut line, &outage).await;
            drop(line);
            outage.lost(number);
            line = self.come_back(asked, &outage).await;
            outage.back(number);
        }
    }

    /// Until his line ends; how long `bye` asked him to stay away.
    async fn listen(&mut self, line: &mut Line, outage: &Outage) -> Option<Duration> {
        let mut asked = None;
        while let Ok(payload) = line.next().await {
            if kind_of(&payload) == Some(29) {
                let seconds = field(&payload, "retry_after").and_then(|text| text.parse().ok());
                asked = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            }
            outage.hearing.hear(&mut self.ear, &payload);
        }
        asked
    }

    async fn come_back(&mut self, mut asked: Option<Duration>, outage: &Outage) -> Line {
        let mut most = FIRST;
        loop {
            let wait = match asked.take() {
                Some(asked) => asked.mul_f64(1.0 + rand::random_range(0.0..SPREAD)),
                None => {
                    let wait = rand::random_range(0.0..most);
                    most = f64::min(most * 2.0, LONGEST);
                    Duration::from_secs_f64(wait)
                }
            };
            sleep(wait).await;
            if let Ok(line) = self.resume(outage).await {
                return line;
            }
        }
    }

    /// Comes in again and hears what he missed.
    ///
    /// # Errors
    /// When the line cannot be had, or ends before he has caught up.
    pub async fn resume(&mut self, outage: &Outage) -> io::Result<Line> {
        let mut line = Line::open(outage.address, &self.who, Protocol::Feed).await?;
        let heard = self.ear.place().unwrap_or_default() - self.begin;
        let (epoch, seq) = (&self.epoch, self.head + heard as u64);
        let hello = format!(
            "{{\"type\":10,\"data\":{{\"v\":1,\"resume\":{{\"1\":{{\"epoch\":\"{epoch}\",\"seq\":{seq}}}}}}}}}"
        );
        line.send(&hello).await?;
        loop {
            let payload = line.next().await?;
            match kind_of(&payload) {
                Some(19) => {
                    let batch: Batch<'_> = serde_json::from_slice(&payload)?;
                    for event in batch.data.events {
                        // As it comes to those who are there.
                        let event = format!("{{\"type\":17,\"data\":{}}}", event.get());
                        outage.hearing.hear(&mut self.ear, &Bytes::from(event));
                        outage.resumed.set(outage.resumed.get() + 1);
                    }
                    if !batch.data.more {
                        return Ok(line);
                    }
                }
                Some(21) => {
                    tracing::warn!("somebody was told to start anew, as if he had missed too much");
                    outage.hearing.ended();
                    return Ok(line);
                }
                _ => outage.hearing.hear(&mut self.ear, &payload),
            }
        }
    }
}
