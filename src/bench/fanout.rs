//! What a broadcast costs: CPU of the server per delivery, deliveries a second, and the
//! time from sending to receiving, complete to all; beside it the floor in the same rhythm. Machines
//! change their speed from one second to the next, so both take turns while their crowds are small.

use std::rc::Rc;

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::line::{Line, dial};
use super::measure::{Rhythm, SETTLE, frame, kind, measure};
use super::options::Options;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// Bytes before the payload of a message's frame (RFC 6455 §5.2).
const HEADER: usize = 4;

/// Turns that server and floor take in a round …
const TURNS: usize = 4;

/// … with no more people than this. The sockets of larger crowds would push each other out of the
/// processor's caches, so there one ends before the other begins.
pub const TOGETHER: usize = 2_000;

/// Figures of the floor beside the server's: the server's key, keys and labels of the
/// floor's figure and of the ratio, and the unit.
const BESIDE: [(&str, [&str; 2], [&str; 2], &str); 4] = [
    (
        "cpu_us",
        ["floor_us", "ratio"],
        ["the floor's CPU a delivery", "CPU a delivery ÷ floor"],
        "µs",
    ),
    (
        "per_second",
        ["floor_per_second", "speed"],
        [
            "the floor's deliveries a second",
            "deliveries a second ÷ floor",
        ],
        "1/s",
    ),
    (
        "p50_ms",
        ["floor_p50_ms", "p50_ratio"],
        [
            "the floor's, half of the deliveries",
            "from saying to hearing ÷ floor, half of the deliveries",
        ],
        "ms",
    ),
    (
        "p99_ms",
        ["floor_p99_ms", "p99_ratio"],
        [
            "the floor's, 99 of 100",
            "from saying to hearing ÷ floor, 99 of 100",
        ],
        "ms",
    ),
];

/// Runs one round on the server, and on the floor if the server is this tool's own.
///
/// # Errors
/// When the server cannot be started or does not let everybody in.
pub async fn round(options: &Options, people: usize) -> anyhow::Result<(Report, Faults)> {
    let target = Target::of(options)?;
    let protocol = options.protocol;
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(protocol)), 0)?);
    let (crowd, _) = Crowd::enter(&target, protocol, 0..people, &deliveries).await?;
    tokio::time::sleep(SETTLE).await;
    let say = || crowd.talk(frame(protocol, &deliveries.say(0)));
    let rhythm = Rhythm::of(options);
    if options.url.is_some() {
        let report = measure(rhythm, &[&target], &deliveries, say).await;
        crowd.leave().await;
        return Ok((report, deliveries.faults()));
    }
    if people > TOGETHER {
        let mut report = measure(rhythm, &[&target], &deliveries, say).await;
        crowd.leave().await;
        drop(target);
        let floor = Floor::of(people, deliveries.length() + HEADER).await?;
        compare(&mut report, &floor.measure(rhythm).await);
        return Ok((report, deliveries.faults()));
    }
    let rhythm = Rhythm {
        messages: rhythm.messages.div_ceil(TURNS),
        ..rhythm
    };
    let mut pairs = vec![measure(rhythm, &[&target], &deliveries, say).await];
    let floor = Floor::of(people, deliveries.length() + HEADER).await?;
    loop {
        let beside = floor.measure(rhythm).await;
        if let Some(report) = pairs.last_mut() {
            compare(report, &beside);
        }
        if pairs.len() == TURNS {
            break;
        }
        pairs.push(measure(rhythm, &[&target], &deliveries, say).await);
    }
    crowd.leave().await;
    Ok((Report::medians(&pairs), deliveries.faults()))
}

/// Puts the floor's figures beside the server's.
fn compare(report: &mut Report, floor: &Report) {
    for (key, [floors, ratio], [its_words, words], unit) in BESIDE {
        let quotient = report.get(key).zip(floor.get(key));
        let quotient = quotient.map(|(server, floor)| server / floor);
        report.maybe(floors, floor.get(key), unit, its_words);
        report.maybe(ratio, quotient, "", words);
    }
    report.limited_as(floor);
}

/// The floor and its readers. They end when this value is dropped.
struct Floor {
    target: Target,
    deliveries: Rc<Deliveries>,
    pokes: mpsc::UnboundedSender<()>,
    _readers: JoinSet<()>,
}

impl Floor {
    async fn of(people: usize, length: usize) -> anyhow::Result<Self> {
        let target = Target::floor(people, length)?;
        let deliveries = Rc::new(Deliveries::new(Says::Anything, 0)?);
        let mut readers = JoinSet::new();
        for _ in 0..people {
            let mut line = Line::bare(dial(target.address, None).await?);
            let (mut receiver, hears) = (deliveries.listener(), Rc::clone(&deliveries));
            readers.spawn_local(async move {
                while let Ok(payload) = line.next().await {
                    hears.hear(&mut receiver, &payload);
                }
            });
        }
        let (pokes, mut poked) = mpsc::unbounded_channel::<()>();
        let mut poke = dial(target.address, None).await?;
        readers.spawn_local(async move {
            while poked.recv().await.is_some() && poke.write_all(&[1]).await.is_ok() {}
        });
        Ok(Self {
            target,
            deliveries,
            pokes,
            _readers: readers,
        })
    }

    async fn measure(&self, rhythm: Rhythm) -> Report {
        let say = || {
            let _words = self.deliveries.say(0);
            let _gone = self.pokes.send(());
        };
        measure(rhythm, &[&self.target], &self.deliveries, say).await
    }
}
