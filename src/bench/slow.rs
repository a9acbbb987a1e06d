//! What clients that read notice of those that do not: the same messages in the same rhythm, first
//! without and then with a tenth more clients that never read.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::line::Line;
use super::measure::{Rhythm, frame, kind, measure};
use super::options::Options;
use super::people::stranger;
use super::report::Report;
use super::said::Says;
use super::target::{Target, open_lines};

/// One client that never reads for so many that do.
pub const ONE_IN: usize = 10;

/// Messages a second by default.
const RATE: u32 = 20;

/// Bytes of a body: long, so that the kernel's buffers fill at once.
const BYTES: usize = 4_000;

/// A slow client that is still connected so long after it came counts as never cut.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the server is asked how many connections are open.
const LOOK: Duration = Duration::from_millis(100);

/// Runs one round.
///
/// # Errors
/// When the server cannot be started or does not let everybody in.
pub async fn round(options: &Options, people: usize) -> anyhow::Result<(Report, Faults)> {
    let rhythm = Rhythm {
        rate: options.rate.or(Some(RATE)),
        ..Rhythm::of(options)
    };
    let target = Target::of(options)?;
    let protocol = options.protocol;
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(protocol)), BYTES)?);
    let (crowd, _) = Crowd::enter(&target, protocol, 0..people, &deliveries).await?;
    let say = || crowd.talk(frame(protocol, &deliveries.say(0)));
    let alone = measure(rhythm, &[&target], &deliveries, say).await;
    let before = target.resident();

    let mut stalled = Vec::new();
    let came = Instant::now();
    for number in people..people + people / ONE_IN {
        let who = stranger(&target, number);
        stalled.push(Line::open_narrow(target.address, &who).await?);
    }
    let cut = tokio::task::spawn_local(until_cut(target.address, people, came));
    let beside = measure(rhythm, &[&target], &deliveries, say).await;
    let most = target.resident();
    let cut = cut.await?;
    crowd.leave().await;

    let mut report = Report::default();
    for (key, from, words) in [
        (
            "alone_p99_ms",
            &alone,
            "from saying to hearing, 99 of 100, without them",
        ),
        (
            "beside_p99_ms",
            &beside,
            "from saying to hearing, 99 of 100, beside them",
        ),
    ] {
        report.maybe(key, from.get("p99_ms"), "ms", words);
    }
    let ratio = beside.get("p99_ms").zip(alone.get("p99_ms"));
    let ratio = ratio.map(|(beside, alone)| beside / alone);
    report.maybe("ratio", ratio, "", "beside them ÷ without them");
    let grown = most
        .zip(before)
        .map(|(most, before)| most.saturating_sub(before) as f64);
    report.maybe(
        "memory",
        grown.map(|bytes| bytes / 1e6),
        "MB",
        "memory on top, all of them together",
    );
    let many = stalled.len() as f64;
    report.add("stalled", many, "", "people who never read");
    let (left, after) = cut.unzip();
    report.maybe(
        "cut",
        left.map(|left| many - left as f64),
        "",
        "of them cut",
    );
    let after = after.map(|after| after.as_secs_f64());
    report.maybe(
        "cut_s",
        after,
        "s",
        "until the last of them was cut, from their coming",
    );
    report.tool(beside.get("tool"));
    report.limited_as(&alone);
    Ok((report, deliveries.faults()))
}

/// Asks until only `people` connections are open: gives the connections beyond that at the time limit, and the
/// time since `came`. Unread data hides the end of a connection from its client, so only the server
/// knows that it is cut; `None` where it does not say.
async fn until_cut(address: SocketAddr, people: usize, came: Instant) -> Option<(usize, Duration)> {
    loop {
        let left = open_lines(address).await?.saturating_sub(people);
        if left == 0 || came.elapsed() > PATIENCE {
            return Some((left, came.elapsed()));
        }
        tokio::time::sleep(LOOK).await;
    }
}
