//! A server full of people through a restart: how long each is disconnected, and that nobody misses
//! a message sent meanwhile, or gets it twice.
//!
//! One sends all the time and reconnects as soon as the server listens, so that the others have
//! something to catch up with.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::task::JoinSet;

use super::come_in::{AT_ONCE, come_in};
use super::effort::Effort;
use super::faults::Faults;
use super::measure::{SETTLE, heard_by_all};
use super::options::{Options, Protocol, Signal};
use super::outage::Outage;
use super::people::people;
use super::regular::Regular;
use super::report::Report;
use super::speaker::speak;
use super::target::{Restart, Target};

/// Messages a second by default.
pub(super) const RATE: u32 = 20;

/// The highest rate: whoever stays away for the longest wait that `bye` asks for, 3.3 s
/// with a full server and up to a quarter more, must not miss more than the 300 events that a resume
/// brings.
const FASTEST: u32 = 60;

/// Runs one round.
///
/// # Errors
/// When the server cannot be started or restarted, or does not let everybody in; for a server
/// that is not the tool's own, and for classic clients, who do not resume.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    if options.url.is_some() {
        bail!(
            "restart ends its server and starts it again: only one of the tool's own, without --url"
        );
    }
    if options.protocol == Protocol::Classic {
        bail!("classic clients do not resume: restart measures the feed only");
    }
    let rate = options.rate.unwrap_or(RATE);
    if rate > FASTEST {
        bail!("a resume brings 300 events at most: restart takes a --rate of up to {FASTEST}");
    }
    let target = Target::of(options)?;
    let outage = Rc::new(Outage::new(target.address, options.messages() / 2)?);
    let mut clients = enter(&target, count, rate, &outage).await?;
    tokio::time::sleep(SETTLE).await;
    let report = through_it(options, count, target, &outage).await?;
    clients.shutdown().await;
    Ok((report, outage.deliveries.faults() + outage.acks.faults()))
}

/// Lets people in who stay and come back, and one more who sends.
///
/// # Errors
/// When the server does not let everybody in.
pub(super) async fn enter(
    target: &Target,
    count: usize,
    rate: u32,
    outage: &Rc<Outage>,
) -> anyhow::Result<JoinSet<()>> {
    let mut people = people(target, 0..count + 1).await?;
    let talker = people.pop().context("somebody must talk")?;
    let mut clients = JoinSet::new();
    let (mut number, mut lost) = (0, None);
    let arrival = come_in(target, Protocol::Feed, people, AT_ONCE, |guest| {
        let receiver = outage.deliveries.listener();
        match Regular::new(guest.who, &guest.greeting, receiver) {
            Some(client) => {
                clients.spawn_local(client.stay(guest.line, number, Rc::clone(outage)));
                number += 1;
            }
            None => lost = Some("a welcome does not say where the room is"),
        }
    });
    arrival.await?;
    let greeted = |guest: super::come_in::Guest| {
        let receiver = outage.deliveries.listener();
        if let Some(client) = Regular::new(guest.who, &guest.greeting, receiver) {
            clients.spawn_local(speak(client, guest.line, rate, Rc::clone(outage)));
        }
    };
    come_in(target, Protocol::Feed, vec![talker], 1, greeted).await?;
    if let Some(lost) = lost {
        bail!(lost);
    }
    Ok(clients)
}

/// Sends half of the messages, restarts while the others are being sent, and waits until everybody is back.
async fn through_it(
    options: &Options,
    count: usize,
    target: Target,
    outage: &Outage,
) -> anyhow::Result<Report> {
    heard_by_all(&outage.deliveries, 0, options.messages() / 2).await;
    outage.may_say.set(options.messages());
    let effort = Effort::begin();
    let (_target, restart) = target.restart(options.signal).await?;
    outage.all_back(count).await;
    let share = effort.share();
    if heard_by_all(&outage.deliveries, 0, options.messages()).await {
        outage.acks.until(options.messages()).await;
    }
    let mut report = figures(outage, restart)?;
    let words = "times that somebody who was back was put out again";
    report.add("again", outage.again.get() as f64, "", words);
    let words = "messages that came with resumes, over all";
    report.add("resumed", outage.resumed.get() as f64, "", words);
    report.tool(share);
    let words = match options.signal {
        Signal::Term => ("term", "the server said goodbye (SIGTERM)"),
        Signal::Kill => ("kill", "the server was killed (SIGKILL)"),
    };
    report.note("signal", words.0, words.1.to_owned());
    Ok(report)
}

fn figures(outage: &Outage, restart: Restart) -> anyhow::Result<Report> {
    let mut times = hdrhistogram::Histogram::<u64>::new_with_max(super::deliveries::LONGEST, 3)?;
    let mut last = Duration::ZERO;
    for blackout in outage.blackouts.borrow().values() {
        // Whoever is not back has not received everything, which is a fault.
        let back = blackout.back.unwrap_or_else(Instant::now);
        let time = back.saturating_duration_since(blackout.lost);
        times.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        last = last.max(back.saturating_duration_since(restart.up));
    }
    let mut report = Report::default();
    let away = restart.away.as_secs_f64();
    report.add("away_s", away, "s", "the server was away");
    for (key, share, words) in [
        ("p50_s", 50.0, "cut off, half of the people"),
        ("p99_s", 99.0, "cut off, 99 of 100"),
        ("max_s", 100.0, "cut off, the longest"),
    ] {
        report.add(
            key,
            times.value_at_percentile(share) as f64 / 1e6,
            "s",
            words,
        );
    }
    let words = "until the last was back and caught up, from the server's being up";
    report.add("last_s", last.as_secs_f64(), "s", words);
    Ok(report)
}
