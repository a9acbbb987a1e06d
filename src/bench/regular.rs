//! A client that reconnects, as the page does: it waits as long as `bye` asks and up to a quarter longer, else a
//! random time below 0.5 s, 1 s, 2 s, …, and says hello with its position.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::sleep;

use super::line::{Line, Who, field, kind_of};
use super::options::Protocol;
use super::outage::Outage;
use super::receiver::Receiver;

/// The wait that `bye` asks for is spread by this fraction of itself.
const SPREAD: f64 = 0.25;

/// Bounds of the client's own wait, in seconds.
const FIRST: f64 = 0.5;
const LONGEST: f64 = 30.0;

/// A client that remembers its position.
#[derive(Debug)]
pub struct Regular {
    who: Who,
    epoch: String,
    /// The room's head at its first connection.
    head: u64,
    /// The position of `receiver` at that time.
    begin: usize,
    /// How far it has received.
    pub receiver: Receiver,
}

/// The frame that answers a resume.
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
    /// A client that was greeted with `welcome`; `None` when that has no epoch or head.
    #[must_use]
    pub fn new(who: Who, welcome: &[u8], receiver: Receiver) -> Option<Self> {
        Some(Self {
            who,
            epoch: field(welcome, "epoch")?.to_owned(),
            head: field(welcome, "head")?.parse().ok()?,
            begin: receiver.place()?,
            receiver,
        })
    }

    /// Receives, and reconnects whenever the connection is lost; `number` names the client in `outage`.
    pub async fn stay(mut self, mut line: Line, number: usize, outage: Rc<Outage>) {
        loop {
            let asked = self.listen(&mut line, &outage).await;
            drop(line);
            outage.lost(number);
            line = self.come_back(asked, &outage).await;
            outage.back(number);
        }
    }

    /// Receives until the connection ends; gives the wait that `bye` asked for.
    async fn listen(&mut self, line: &mut Line, outage: &Outage) -> Option<Duration> {
        let mut asked = None;
        while let Ok(payload) = line.next().await {
            if kind_of(&payload) == Some(29) {
                let seconds = field(&payload, "retry_after").and_then(|text| text.parse().ok());
                asked = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            }
            outage.deliveries.hear(&mut self.receiver, &payload);
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

    /// Reconnects and receives what was missed.
    ///
    /// # Errors
    /// When there is no connection, or it ends before everything missed has come.
    pub async fn resume(&mut self, outage: &Outage) -> io::Result<Line> {
        let mut line = Line::open(outage.address, &self.who, Protocol::Feed).await?;
        let heard = self.receiver.place().unwrap_or_default() - self.begin;
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
                        // As a frame of its own, as those who are connected get it.
                        let event = format!("{{\"type\":17,\"data\":{}}}", event.get());
                        outage
                            .deliveries
                            .hear(&mut self.receiver, &Bytes::from(event));
                        outage.resumed.set(outage.resumed.get() + 1);
                    }
                    if !batch.data.more {
                        return Ok(line);
                    }
                }
                Some(21) => {
                    tracing::warn!(
                        "somebody was told to start anew, as if they had missed too much"
                    );
                    outage.deliveries.ended();
                    return Ok(line);
                }
                _ => outage.deliveries.hear(&mut self.receiver, &payload),
            }
        }
    }
}
