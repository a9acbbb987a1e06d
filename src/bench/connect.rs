//! How fast people come in, and what one who is silent costs: memory, and CPU for heartbeats.

use std::rc::Rc;
use std::time::Duration;

use super::crowd::Crowd;
use super::hearing::{Faults, Hearing, Says};
use super::options::Options;
use super::report::Report;
use super::target::Target;

/// People who are in before anything is measured: what is allocated once is there then.
const FIRST: usize = 50;

/// Joins and their counts have died down by then.
const SETTLE: Duration = Duration::from_secs(2);

/// Silence that is measured: more than one heartbeat of the default 25 s.
const SILENCE: Duration = Duration::from_secs(30);

/// How long after everybody has left memory is looked at.
const AFTER: Duration = Duration::from_secs(60);

/// One round.
///
/// # Errors
/// When the server cannot be started or does not let everybody in.
pub async fn round(options: &Options) -> anyhow::Result<(Report, Faults)> {
    let target = Target::of(options)?;
    let hearing = Rc::new(Hearing::new(Says::Words(17), options.connections, 0)?);
    let (first, _) = Crowd::enter(&target, options.protocol, FIRST, &hearing).await?;
    tokio::time::sleep(SETTLE).await;
    let before = target.resident();
    let (crowd, arrival) =
        Crowd::enter(&target, options.protocol, options.connections, &hearing).await?;
    tokio::time::sleep(SETTLE).await;
    let (full, cpu) = (target.resident(), target.cpu());
    tokio::time::sleep(SILENCE).await;
    let silent = target
        .cpu()
        .zip(cpu)
        .map(|(now, then)| now.saturating_sub(then));
    let people = options.connections as f64;
    let mut report = Report::default();
    let rate = people / arrival.took.as_secs_f64();
    report.add(
        "joins_per_second",
        rate,
        "1/s",
        "people let in and greeted a second",
    );
    let each = full
        .zip(before)
        .map(|(full, before)| full.saturating_sub(before) as f64 / people);
    report.maybe("bytes", each, "B", "memory a silent connection");
    let idle = silent.map(|cpu| cpu.as_secs_f64() * 1e6 / SILENCE.as_secs_f64() / people);
    report.maybe("idle_us", idle, "µs/s", "CPU a silent connection");
    crowd.leave().await;
    first.leave().await;
    if target.resident().is_some() {
        tokio::time::sleep(AFTER).await;
    }
    let left = target
        .resident()
        .zip(before)
        .map(|(after, before)| after as f64 / before as f64);
    report.maybe(
        "memory_after",
        left,
        "",
        "memory 60 s after all have left ÷ before they came",
    );
    Ok((report, hearing.faults()))
}
