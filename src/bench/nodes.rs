//! How much later a message is heard at another node than at its author's: the same messages, heard at both. And what it costs
//! the busiest of them, to be held against what it costs one that has all the people.

use std::iter;
use std::rc::Rc;

use anyhow::{Context, bail};

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::measure::{Rhythm, WARM, frame, kind, measure};
use super::options::Options;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// Messages a second by default: faster, and one measures the queue for the cores.
const RATE: u32 = 20;

/// Bytes of a body.
const BYTES: usize = 60;

/// Runs one round.
///
/// # Errors
/// When one of the nodes is not named, cannot be reached or does not let everybody in.
pub async fn round(options: &Options, people: usize) -> anyhow::Result<(Report, Faults)> {
    let words = "nodes needs --url and --other: nodes of one server, with limits out of the way";
    let url = options.url.as_deref().context(words)?;
    if options.other.is_empty() {
        bail!(words);
    }
    let author = Target::at(url, options.pid)?;
    let pids = options.other_pid.iter().copied().map(Some);
    let others = options.other.iter().zip(pids.chain(iter::repeat(None)));
    let others: Vec<Target> = others
        .map(|(url, pid)| Target::at(url, pid))
        .collect::<Result<_, _>>()?;
    let rhythm = Rhythm {
        rate: options.rate.or(Some(RATE)),
        ..Rhythm::of(options)
    };
    let protocol = options.protocol;
    let deliveries = || Deliveries::new(Says::Words(kind(protocol)), BYTES).map(Rc::new);
    let (here, there) = (deliveries()?, deliveries()?);
    let (crowd, _) = Crowd::enter(&author, protocol, 0..people, &here).await?;
    let mut crowds = Vec::new();
    for (number, other) in (1..).zip(&others) {
        let numbers = number * people..(number + 1) * people;
        crowds.push(Crowd::enter(other, protocol, numbers, &there).await?.0);
    }
    let say = || {
        if here.said() == WARM {
            here.begin();
        }
        // All know what was said; it is said once.
        let words = (here.say(0), there.say(0)).1;
        crowd.talk(frame(protocol, &words));
    };
    let targets: Vec<&Target> = iter::once(&author).chain(&others).collect();
    let found = measure(rhythm, &targets, &there, say).await;
    here.until_complete(here.said()).await;
    crowd.leave().await;
    for crowd in crowds {
        crowd.leave().await;
    }

    let mut report = Report::default();
    for (share, keys, labels) in [
        (
            50.0,
            ["here_p50_ms", "there_p50_ms", "added_p50_ms"],
            [
                "from saying to hearing at the author's node, half of the deliveries",
                "at the other node",
                "what is added",
            ],
        ),
        (
            99.0,
            ["here_p99_ms", "there_p99_ms", "added_p99_ms"],
            [
                "from saying to hearing at the author's node, 99 of 100",
                "at the other node",
                "what is added",
            ],
        ),
    ] {
        let both = here.latency(share).zip(there.latency(share));
        let figures = both.map(|(here, there)| [here, there, there - here]);
        for (place, (key, label)) in keys.into_iter().zip(labels).enumerate() {
            let figure = figures.and_then(|figures| figures.get(place).copied());
            report.maybe(key, figure, "ms", label);
        }
    }
    let share = there.deliveries() as f64 / (here.deliveries() + there.deliveries()) as f64;
    let cost = found.get("cpu_us").map(|cost| cost * share);
    let words = "CPU of the busiest node a delivery, over the deliveries of all";
    report.maybe("cpu_us", cost, "µs", words);
    report.limited_as(&found);
    Ok((report, here.faults() + there.faults()))
}
