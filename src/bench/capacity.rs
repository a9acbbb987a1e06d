//! The largest room in which 95 of 100 deliveries take at most half a second: the room grows step
//! by step, those who are in it stay, and each size is measured.

use std::rc::Rc;

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::measure::{Rhythm, frame, kind, measure};
use super::options::Options;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// The p95 of deliveries, in ms, that a room may have.
const AT_MOST: f64 = 500.0;

/// Steps from an empty room to the largest possible one.
const STEPS: usize = 10;

/// Runs one round with `most` people at most.
///
/// # Errors
/// When the server cannot be started or does not let somebody in.
pub async fn round(options: &Options, most: usize) -> anyhow::Result<(Report, Faults)> {
    let target = Target::of(options)?;
    let protocol = options.protocol;
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(protocol)), 0)?);
    let step = most.div_ceil(STEPS).max(1);
    let (mut crowds, mut inside) = (Vec::new(), 0);
    let mut passed = Report::default();
    let (mut room, mut over) = (0, None);
    while inside < most && over.is_none() && deliveries.faults().is_none() {
        let next = (inside + step).min(most);
        let (crowd, _) = Crowd::enter(&target, protocol, inside..next, &deliveries).await?;
        crowds.push(crowd);
        inside = next;
        let talk = crowds.first();
        let say = || {
            if let Some(crowd) = talk {
                crowd.talk(frame(protocol, &deliveries.say(0)));
            }
        };
        let found = measure(Rhythm::of(options), &[&target], &deliveries, say).await;
        let p95 = deliveries.latency(95.0).unwrap_or(f64::INFINITY);
        tracing::info!("{inside} people: p95 {p95:.1} ms, {}", found.line());
        if p95 <= AT_MOST {
            (room, passed) = (inside, found);
            passed.add("p95_ms", p95, "ms", "from saying to hearing, 95 of 100");
        } else {
            over = Some((inside, p95, found));
        }
    }
    let faults = deliveries.faults();
    for crowd in crowds {
        crowd.leave().await;
    }
    let asked = options.asks_for_connections();
    Ok((report(room, (most, asked), &passed, over.as_ref()), faults))
}

/// `asked`: whether somebody asked for `most`, or it is what the files allow.
/// `over` is the first room that was too large, its p95 in ms, and what was found there.
fn report(
    room: usize,
    (most, asked): (usize, bool),
    passed: &Report,
    over: Option<&(usize, f64, Report)>,
) -> Report {
    let mut report = Report::default();
    let words = "people in the largest room with a p95 of at most 500 ms";
    report.add("people", room as f64, "", words);
    for (key, unit, words) in [
        ("p50_ms", "ms", "there: half of the deliveries"),
        ("p95_ms", "ms", "there: 95 of 100"),
        ("p99_ms", "ms", "there: 99 of 100"),
        ("per_second", "1/s", "there: deliveries a second"),
        ("cpu_us", "µs", "there: CPU of the server a delivery"),
    ] {
        report.maybe(key, passed.get(key), unit, words);
    }
    match over {
        Some((people, p95, found)) => {
            let words = format!("{people} people were too many: p95 {p95:.0} ms");
            report.note("ended_by", "latency", words);
            report.tool(found.get("tool"));
        }
        None => {
            let words = if asked {
                format!(
                    "it ended with the {most} connections of --connections: the room can be larger"
                )
            } else {
                format!(
                    "it ended with {most} connections, all that the limit of open files allows: the room can be larger"
                )
            };
            let value = if asked { "connections" } else { "files" };
            report.note("ended_by", value, words);
            report.tool(passed.get("tool"));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_it_is_said() {
        let (mut passed, mut over) = (Report::default(), Report::default());
        passed.add("p95_ms", 20.0, "ms", "");
        over.add("p95_ms", 618.0, "ms", "");
        let all = format!("{:?}", report(3, (3, true), &passed, None));
        assert!(all.contains("it ended with the 3 connections"), "{all}");
        let over = (3, 618.2, over);
        let slow = format!("{:?}", report(2, (3, true), &passed, Some(&over)));
        assert!(
            slow.contains("3 people were too many: p95 618 ms"),
            "{slow}"
        );
    }
}
