//! The load tool: what a Teahouse costs on this machine, and whether it keeps its promises
//! meanwhile.
//!
//! It drives its clients from one thread; a server that it starts has another core. Every run
//! checks what it measures: a delivery that is lost, duplicated, wrong or out of order, or a message
//! that is refused, makes it fail.

mod acks;
mod capacity;
mod come_in;
mod connect;
mod crowd;
mod deliveries;
mod effort;
mod ephemeral;
mod fanout;
mod faults;
mod files;
mod floor;
mod http;
pub mod line;
mod measure;
mod nodes;
pub mod options;
mod outage;
mod own;
mod people;
mod post;
mod progress;
mod receiver;
mod regular;
mod report;
mod restart;
mod rolling;
mod said;
mod sign_out;
mod slow;
mod speaker;
mod storm;
mod target;

use std::io::{self, Write};
use std::os::unix::process::CommandExt;

use anyhow::bail;
use serde_json::json;

use faults::Faults;
use options::{Options, Scenario};
use own::PINNED;
use report::Report;

use crate::shutdown::Signals;

/// Runs a scenario and prints what it found.
///
/// # Errors
/// When it could not be run, or found a fault.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let people = options.connections(files::most(options)?);
    if options.scenario == Scenario::Floor {
        return Ok(floor::run(people, options.length)?);
    }
    let cores = std::thread::available_parallelism()?.get();
    if options.url.is_none() && cores > 1 && std::env::var_os(PINNED).is_none() {
        return Err(on_own_core());
    }
    files::take(options, people)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut reports = Vec::new();
    let mut signals = Signals::listen()?;
    signals.wait();
    for number in 1..=options.rounds() {
        let local = tokio::task::LocalSet::new();
        let found = local.block_on(&runtime, async {
            // A signal that ends the tool also ends the server that it has started.
            tokio::select! {
                found = round(options, people) => found,
                () = signals.next() => bail!("ended by a signal"),
            }
        });
        let (report, faults) = found?;
        tracing::info!("round {number}: {}", report.line());
        if !faults.is_none() {
            bail!("round {number}: {faults}");
        }
        reports.push(report);
    }
    print(options, people, &Report::medians(&reports), &reports)?;
    Ok(())
}

async fn round(options: &Options, people: usize) -> anyhow::Result<(Report, Faults)> {
    match options.scenario {
        Scenario::Connect => connect::round(options, people).await,
        Scenario::Fanout => fanout::round(options, people).await,
        Scenario::Slow => slow::round(options, people).await,
        Scenario::Post => post::round(options, people).await,
        Scenario::Storm => storm::round(options, people).await,
        Scenario::Restart => restart::round(options, people).await,
        Scenario::Capacity => capacity::round(options, people).await,
        Scenario::Ephemeral => ephemeral::round(options, people).await,
        Scenario::SignOut => sign_out::round(options, people).await,
        Scenario::Rolling => rolling::round(options, people).await,
        Scenario::Nodes => nodes::round(options, people).await,
        // Handled by `run`, which never comes here.
        Scenario::Floor => Ok((Report::default(), Faults::default())),
    }
}

/// Replaces this process by the same program, pinned to the tool's core; returns only when that fails.
fn on_own_core() -> anyhow::Error {
    let tool = own::pinned(own::TOOL_CORE, true);
    let error = match tool {
        Ok(mut tool) => tool
            .args(std::env::args_os().skip(1))
            .env(PINNED, "1")
            .exec(),
        Err(error) => return error,
    };
    anyhow::Error::new(error).context("taskset (util-linux) is needed to run on a core of its own")
}

fn print(options: &Options, people: usize, medians: &Report, rounds: &[Report]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if options.json {
        let rounds: Vec<_> = rounds.iter().map(Report::json).collect();
        let all = json!({
            "scenario": format!("{:?}", options.scenario).to_lowercase(),
            "protocol": format!("{:?}", options.protocol).to_lowercase(),
            "connections": people,
            "medians": medians.json(),
            "rounds": rounds,
        });
        return writeln!(out, "{all}");
    }
    writeln!(
        out,
        "{people} connections, medians of {} rounds, nothing lost, doubled or out of order:",
        rounds.len()
    )?;
    write!(out, "{}", medians.table())
}
