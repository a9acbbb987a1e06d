//! The load tool: what a Teahouse costs on this machine, and whether it keeps its promises
//! meanwhile.
//!
//! It drives its clients from one thread; a server that it starts has another core. Every run
//! checks what it measures: a delivery that is lost, doubled, wrong or out of order, or a message
//! that is refused, makes it fail.

mod connect;
mod crowd;
mod fanout;
mod floor;
mod hearing;
pub mod line;
pub mod options;
mod report;
mod slow;
mod target;

use std::io::{self, Write};
use std::os::unix::process::CommandExt;

use anyhow::{Context, bail};
use serde_json::json;

use hearing::Faults;
use options::{Options, Scenario};
use report::Report;
use target::PINNED;

/// Files that the tool needs beside its connections.
const OTHER_FILES: u64 = 100;

/// Runs a scenario and prints what it found.
///
/// # Errors
/// When it could not be run, or found a fault.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.scenario == Scenario::Floor {
        return Ok(floor::run(options.connections, options.length)?);
    }
    let cores = std::thread::available_parallelism()?.get();
    if options.url.is_none() && cores > 1 && std::env::var_os(PINNED).is_none() {
        return Err(on_own_core());
    }
    let needed = options.connections as u64 + OTHER_FILES;
    let files = rlimit::increase_nofile_limit(needed).context("the limit of open files")?;
    if files < needed {
        bail!("this process may open {files} files only: raise the limit (ulimit -Hn)");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut reports = Vec::new();
    for number in 1..=options.rounds {
        let local = tokio::task::LocalSet::new();
        let (report, faults) = local.block_on(&runtime, round(options))?;
        tracing::info!("round {number}: {}", report.line());
        if !faults.is_none() {
            bail!("round {number}: {faults}");
        }
        reports.push(report);
    }
    print(options, &Report::medians(&reports), &reports)?;
    Ok(())
}

async fn round(options: &Options) -> anyhow::Result<(Report, Faults)> {
    match options.scenario {
        Scenario::Connect => connect::round(options).await,
        Scenario::Fanout => fanout::round(options).await,
        Scenario::Slow => slow::round(options).await,
        Scenario::Floor => Ok((Report::default(), Faults::default())),
    }
}

/// Becomes the same program on the tool's core; comes back only when that fails.
fn on_own_core() -> anyhow::Error {
    let tool = target::pinned(target::TOOL_CORE, true);
    let error = match tool {
        Ok(mut tool) => tool
            .args(std::env::args_os().skip(1))
            .env(PINNED, "1")
            .exec(),
        Err(error) => return error,
    };
    anyhow::Error::new(error).context("taskset (util-linux) is needed to run on a core of its own")
}

fn print(options: &Options, medians: &Report, rounds: &[Report]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if options.json {
        let rounds: Vec<_> = rounds.iter().map(Report::json).collect();
        let all = json!({
            "scenario": format!("{:?}", options.scenario).to_lowercase(),
            "protocol": format!("{:?}", options.protocol).to_lowercase(),
            "connections": options.connections,
            "medians": medians.json(),
            "rounds": rounds,
        });
        return writeln!(out, "{all}");
    }
    writeln!(
        out,
        "{} connections, medians of {} rounds, nothing lost, doubled or out of order:",
        options.connections, options.rounds
    )?;
    write!(out, "{}", medians.table())
}
