//! One sender in a rhythm and all who receive: warm up, send, wait until everybody has received it, and
//! the figures. The server and the floor are measured by the same code.

use std::time::Duration;

use super::deliveries::Deliveries;
use super::effort::Effort;
use super::options::{Options, Protocol};
use super::progress::Progress;
use super::report::Report;
use super::target::Target;

/// Messages before a measurement, so that caches and buffers are warm.
pub const WARM: usize = 20;

/// Time until the traffic of the joins has died down.
pub const SETTLE: Duration = Duration::from_millis(700);

/// Messages between two updates of the progress.
const STEP: usize = 1_000;

/// How many messages are sent, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Messages in all.
    pub messages: usize,
    /// Messages in flight at a time.
    pub window: usize,
    /// Messages per second, instead of a window.
    pub rate: Option<u32>,
}

impl Rhythm {
    /// The rhythm that the options ask for.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self {
            messages: options.messages(),
            window: options.window(),
            rate: options.rate,
        }
    }
}

/// The type of the frame in which a message arrives.
#[must_use]
pub fn kind(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Classic => 3,
        Protocol::Feed => 17,
    }
}

/// The frame that sends `words`.
#[must_use]
pub fn frame(protocol: Protocol, words: &str) -> String {
    match protocol {
        Protocol::Classic => format!("{{\"type\":3,\"data\":{{\"content\":\"{words}\"}}}}"),
        Protocol::Feed => send(uuid::Uuid::now_v7(), words),
    }
}

/// The feed's frame that sends `words` under `nonce`.
#[must_use]
pub fn send(nonce: uuid::Uuid, words: &str) -> String {
    format!("{{\"type\":12,\"data\":{{\"nonce\":\"{nonce}\",\"room\":1,\"content\":\"{words}\"}}}}")
}

/// Time between two messages at `rate` messages per second.
#[must_use]
pub fn every(rate: u32) -> Duration {
    Duration::from_secs(1) / rate.max(1)
}

/// Waits until everybody has received all messages from `begin` to `end`, as [`Deliveries::until_complete`]
/// does, and logs the progress. Gives whether they have.
pub async fn heard_by_all(deliveries: &Deliveries, begin: usize, end: usize) -> bool {
    let mut progress = Progress::new("messages heard by everybody", end - begin);
    let mut next = begin;
    while next < end {
        next = (next + STEP).min(end);
        if !deliveries.until_complete(next).await {
            return false;
        }
        progress.at(next - begin);
    }
    true
}

/// Warms up, then sends in this rhythm by calling `say`. What it costs is what it costs the busiest of the targets.
pub async fn measure(
    rhythm: Rhythm,
    targets: &[&Target],
    deliveries: &Deliveries,
    mut say: impl FnMut(),
) -> Report {
    for _ in 0..WARM {
        say();
        deliveries.until_complete(deliveries.said()).await;
    }
    tokio::time::sleep(SETTLE).await;
    deliveries.begin();
    let used = || targets.iter().map(|target| target.cpu());
    let (effort, before) = (Effort::begin(), used().collect::<Vec<_>>());
    let begin = deliveries.said();
    let end = begin + rhythm.messages;
    let mut progress = Progress::new("messages heard by everybody", rhythm.messages);
    match rhythm.rate {
        Some(rate) => {
            let mut ticks = tokio::time::interval(every(rate));
            while deliveries.said() < end {
                ticks.tick().await;
                say();
                progress.at(deliveries.complete().saturating_sub(begin));
            }
        }
        None => {
            while deliveries.said() < end {
                say();
                let oldest = (deliveries.said() + 1).saturating_sub(rhythm.window);
                if !deliveries.until_complete(oldest).await {
                    break;
                }
                progress.at(deliveries.complete().saturating_sub(begin));
            }
        }
    }
    deliveries.until_complete(end).await;
    let took = effort.took().as_secs_f64();
    let number = deliveries.deliveries() as f64;
    let mut report = Report::default();
    let spent = used().zip(before);
    let spent = spent.filter_map(|(now, then)| Some(now?.checked_sub(then?)?.as_secs_f64() * 1e6));
    let cost = spent.reduce(f64::max);
    report.maybe(
        "cpu_us",
        cost.map(|cost| cost / number),
        "µs",
        "CPU of the server a delivery",
    );
    report.add("per_second", number / took, "1/s", "deliveries a second");
    for (key, share, words) in [
        (
            "p50_ms",
            50.0,
            "from saying to hearing, half of the deliveries",
        ),
        ("p99_ms", 99.0, "from saying to hearing, 99 of 100"),
        ("p999_ms", 99.9, "from saying to hearing, 999 of 1,000"),
    ] {
        report.maybe(key, deliveries.latency(share), "ms", words);
    }
    report.add(
        "frame_bytes",
        deliveries.length() as f64,
        "B",
        "a delivered message",
    );
    report.tool(effort.share());
    report
}
