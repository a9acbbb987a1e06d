//! What it costs to tell everybody: CPU of the server per delivery, deliveries a second, and the
//! time from saying to hearing, complete to all; beside it the floor in the same round.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::crowd::Crowd;
use super::hearing::{Faults, Hearing, Says};
use super::line::dial;
use super::options::{Options, Protocol};
use super::report::Report;
use super::target::Target;

/// Messages before a round, so that everything has been used once.
const WARM: usize = 20;

/// Joins and counts have died down by then.
const SETTLE: Duration = Duration::from_millis(700);

/// Bytes before the payload of a frame of a line of chat (RFC 6455 §5.2).
const HEADER: usize = 4;

/// A share of its core from which on the tool may be the limit.
const FULL: f64 = 0.95;

/// One round on the server, and on the floor if it is this tool's own.
///
/// # Errors
/// When the server cannot be started or does not let everybody in.
pub async fn round(options: &Options) -> anyhow::Result<(Report, Faults)> {
    let (mut report, faults, length) = on_server(options).await?;
    if options.url.is_none() && faults.is_none() {
        let floor = on_floor(options, length).await?;
        let ratio = |key: &str| Some(report.get(key)? / floor.get(key)?);
        let (cost, speed) = (ratio("cpu_us"), ratio("per_second"));
        report.maybe(
            "floor_us",
            floor.get("cpu_us"),
            "µs",
            "the floor's CPU a delivery",
        );
        report.maybe("ratio", cost, "", "CPU a delivery ÷ floor");
        report.maybe("speed", speed, "", "deliveries a second ÷ floor");
    }
    Ok((report, faults))
}

async fn on_server(options: &Options) -> anyhow::Result<(Report, Faults, usize)> {
    let target = Target::of(options)?;
    let says = Says::Words(kind(options.protocol));
    let hearing = Rc::new(Hearing::new(says, options.connections, 0)?);
    let (crowd, _) = Crowd::enter(&target, options.protocol, options.connections, &hearing).await?;
    tokio::time::sleep(SETTLE).await;
    let say = || crowd.talk(frame(options.protocol, &hearing.say()));
    let report = measure(options, &target, &hearing, say).await;
    crowd.leave().await;
    Ok((report, hearing.faults(), hearing.length()))
}

async fn on_floor(options: &Options, length: usize) -> anyhow::Result<Report> {
    let target = Target::floor(options.connections, length + HEADER)?;
    let hearing = Rc::new(Hearing::new(Says::Anything, options.connections, 0)?);
    let mut readers = JoinSet::new();
    for _ in 0..options.connections {
        let mut line = super::line::Line::bare(dial(target.address, None).await?);
        let hears = Rc::clone(&hearing);
        readers.spawn_local(async move {
            let mut place = 0;
            while let Ok(payload) = line.next().await {
                hears.hear(&mut place, &payload);
            }
        });
    }
    let (pokes, mut poked) = tokio::sync::mpsc::unbounded_channel::<()>();
    let mut poke = dial(target.address, None).await?;
    readers.spawn_local(async move {
        while poked.recv().await.is_some() && poke.write_all(&[1]).await.is_ok() {}
    });
    let say = || {
        let _words = hearing.say();
        let _gone = pokes.send(());
    };
    let report = measure(options, &target, &hearing, say).await;
    readers.shutdown().await;
    Ok(report)
}

/// The type of the frame in which a message is heard.
#[must_use]
pub fn kind(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Classic => 3,
        Protocol::Feed => 17,
    }
}

/// The frame that says `words`.
#[must_use]
pub fn frame(protocol: Protocol, words: &str) -> String {
    match protocol {
        Protocol::Classic => format!("{{\"type\":3,\"data\":{{\"content\":\"{words}\"}}}}"),
        Protocol::Feed => format!(
            "{{\"type\":12,\"data\":{{\"nonce\":\"{}\",\"room\":1,\"content\":\"{words}\"}}}}",
            uuid::Uuid::now_v7()
        ),
    }
}

/// Warms up, then lets `say` be said in the rhythm that the options ask for.
pub async fn measure(
    options: &Options,
    target: &Target,
    hearing: &Hearing,
    mut say: impl FnMut(),
) -> Report {
    for _ in 0..WARM {
        say();
        hearing.until_complete(hearing.said()).await;
    }
    tokio::time::sleep(SETTLE).await;
    hearing.begin();
    let (began, cpu, own) = (Instant::now(), target.cpu(), own_cpu());
    let end = hearing.said() + options.messages;
    match options.rate {
        Some(rate) => {
            let every = Duration::from_secs(1) / rate.max(1);
            let mut ticks = tokio::time::interval(every);
            while hearing.said() < end {
                ticks.tick().await;
                say();
            }
        }
        None => {
            while hearing.said() < end {
                say();
                let oldest = (hearing.said() + 1).saturating_sub(options.window.max(1));
                hearing.until_complete(oldest).await;
            }
        }
    }
    hearing.until_complete(end).await;
    let took = began.elapsed().as_secs_f64();
    let deliveries = hearing.deliveries() as f64;
    let used = |before: Option<Duration>, after: Option<Duration>| {
        Some(after?.checked_sub(before?)?.as_secs_f64())
    };
    let mut report = Report::default();
    let cost = used(cpu, target.cpu()).map(|cpu| cpu * 1e6 / deliveries);
    report.maybe("cpu_us", cost, "µs", "CPU of the server a delivery");
    report.add(
        "per_second",
        deliveries / took,
        "1/s",
        "deliveries a second",
    );
    for (key, share, words) in [
        (
            "p50_ms",
            50.0,
            "from saying to hearing, half of the deliveries",
        ),
        ("p99_ms", 99.0, "from saying to hearing, 99 of 100"),
        ("p999_ms", 99.9, "from saying to hearing, 999 of 1,000"),
    ] {
        report.add(key, hearing.latency(share), "ms", words);
    }
    let tool = used(own, own_cpu()).map(|cpu| cpu / took);
    report.maybe("tool", tool, "", "share of its core that the tool used");
    if tool.is_some_and(|tool| tool > FULL) {
        tracing::warn!("the tool's core was full: it may have been the limit, not the server");
    }
    report
}

/// CPU time of this thread so far.
fn own_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}
