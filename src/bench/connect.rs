//! How fast people connect, and what a silent connection costs: memory, and CPU for heartbeats.

use std::rc::Rc;
use std::time::Duration;

use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::measure::kind;
use super::options::Options;
use super::progress::wait;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// People who connect before anything is measured, so that what is allocated once is there.
pub const FIRST: usize = 50;

/// Time until the traffic of the joins has died down.
const SETTLE: Duration = Duration::from_secs(2);

/// Time until memory of the start has been given back: a password is hashed, which takes 19 MiB, and
/// the allocator waits 10 s.
const START: Duration = Duration::from_secs(15);

/// Silence that is measured: more than one heartbeat of the default 25 s.
const SILENCE: Duration = Duration::from_secs(30);

/// How long after everybody has left memory is measured.
const AFTER: Duration = Duration::from_secs(60);

/// Runs one round.
///
/// # Errors
/// When the server cannot be started or does not let everybody in.
pub async fn round(options: &Options, people: usize) -> anyhow::Result<(Report, Faults)> {
    let target = Target::of(options)?;
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(options.protocol)), 0)?);
    let (first, _) = Crowd::enter(&target, options.protocol, 0..FIRST, &deliveries).await?;
    if target.resident().is_some() {
        wait("seconds until the start is forgotten", START).await;
    }
    let before = target.resident();
    let numbers = FIRST..FIRST + people;
    let (crowd, arrival) = Crowd::enter(&target, options.protocol, numbers, &deliveries).await?;
    tokio::time::sleep(SETTLE).await;
    let (full, cpu) = (target.resident(), target.cpu());
    wait("seconds of silence", SILENCE).await;
    let silent = target
        .cpu()
        .zip(cpu)
        .map(|(now, then)| now.saturating_sub(then));
    let people = people as f64;
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
    report.tool(arrival.share);
    crowd.leave().await;
    first.leave().await;
    if target.resident().is_some() {
        wait("seconds after all have left", AFTER).await;
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
    Ok((report, deliveries.faults()))
}
