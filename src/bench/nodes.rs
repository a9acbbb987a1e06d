//! How much later a message is heard at another node than at its author's: the same messages, heard at both.

use std::rc::Rc;

use anyhow::Context;

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
    let words =
        "nodes needs --url and --other: two nodes of one server, with limits out of the way";
    let url = options.url.as_deref().context(words)?;
    let other = options.other.as_deref().context(words)?;
    let (author, other) = (Target::at(url, options.pid)?, Target::at(other, None)?);
    let rhythm = Rhythm {
        rate: options.rate.or(Some(RATE)),
        ..Rhythm::of(options)
    };
    let protocol = options.protocol;
    let deliveries = || Deliveries::new(Says::Words(kind(protocol)), BYTES).map(Rc::new);
    let (here, there) = (deliveries()?, deliveries()?);
    let (crowd, _) = Crowd::enter(&author, protocol, 0..people, &here).await?;
    let (others, _) = Crowd::enter(&other, protocol, people..2 * people, &there).await?;
    let say = || {
        if here.said() == WARM {
            here.begin();
        }
        // Both know what was said; it is said once.
        let words = (here.say(0), there.say(0)).1;
        crowd.talk(frame(protocol, &words));
    };
    let found = measure(rhythm, &other, &there, say).await;
    here.until_complete(here.said()).await;
    crowd.leave().await;
    others.leave().await;

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
    report.limited_as(&found);
    Ok((report, here.faults() + there.faults()))
}
