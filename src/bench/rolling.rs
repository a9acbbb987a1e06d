//! People who stay while the nodes of their server are restarted, one after the other, by somebody else: how long each is cut off
//! at a time, and how often, and that nobody misses a message or gets it twice.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail};

use super::effort::Effort;
use super::faults::Faults;
use super::measure::{SETTLE, heard_by_all};
use super::options::{Options, Protocol};
use super::outage::Outage;
use super::report::Report;
use super::restart::{RATE, enter};
use super::target::Target;

/// Runs one round: as long as the messages take.
///
/// # Errors
/// When no balancer is named, or somebody is not let in; for classic clients, who do not resume.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    let words = "rolling needs --url: what stands before nodes that somebody restarts meanwhile";
    let target = Target::at(options.url.as_deref().context(words)?, None)?;
    if options.protocol == Protocol::Classic {
        bail!("classic clients do not resume: rolling measures the feed only");
    }
    let outage = Rc::new(Outage::new(target.address, 0)?);
    let rate = options.rate.unwrap_or(RATE);
    let mut clients = enter(&target, count, rate, &outage).await?;
    tokio::time::sleep(SETTLE).await;
    tracing::info!("everybody is in: restart the nodes, one after the other");
    let effort = Effort::begin();
    outage.may_say.set(options.messages());
    if heard_by_all(&outage.deliveries, 0, options.messages()).await {
        outage.acks.until(options.messages()).await;
    }
    outage.all_back(outage.lost_ones()).await;
    let share = effort.share();
    clients.shutdown().await;
    let mut report = figures(&outage, count);
    report.tool(share);
    Ok((report, outage.deliveries.faults() + outage.acks.faults()))
}

fn figures(outage: &Outage, count: usize) -> Report {
    let blackouts = outage.blackouts.borrow();
    let cut = blackouts.values();
    let longest = cut.clone().map(|blackout| blackout.longest);
    let mut longest: Vec<Duration> = longest.collect();
    longest.sort_unstable();
    let at = |share: usize| {
        let place = (longest.len() * share / 100).min(longest.len().saturating_sub(1));
        longest.get(place).map(Duration::as_secs_f64)
    };
    let most = cut.clone().map(|blackout| blackout.cuts).max();
    let cuts: u32 = cut.map(|blackout| blackout.cuts).sum();
    let mut report = Report::default();
    report.maybe(
        "p50_s",
        at(50),
        "s",
        "cut off at a time at most, half of those who were",
    );
    report.maybe("p99_s", at(99), "s", "99 of 100");
    report.maybe("max_s", at(100), "s", "the longest");
    let words = "how often each was cut off, on average";
    report.add("cuts", f64::from(cuts) / count as f64, "", words);
    let words = "the most often that somebody was";
    report.maybe("most_cuts", most.map(f64::from), "", words);
    let words = "messages that came with resumes, over all";
    report.add("resumed", outage.resumed.get() as f64, "", words);
    report
}
