//! Open files, which bound the number of people. Tool and server need one for each connection, and the tool another
//! one beside a floor.

use anyhow::{Context, bail};
use rlimit::Resource;

use super::options::{Options, Scenario};
use super::{connect, fanout, slow, storm};

/// Files that the tool needs beside its connections.
const TOOLS: u64 = 100;

/// Files that a server needs beside its connections: its own reserve is 1,200.
const SERVERS: u64 = 1_300;

/// Files for the residents of a storm, and as many for other scenarios.
const OTHERS: u64 = 200;

/// The most connections possible: by the open-file limit of this process, which is also that of a
/// server that it starts.
///
/// # Errors
/// When the limit cannot be read.
pub fn most(options: &Options) -> anyhow::Result<usize> {
    let (_, limit) = Resource::NOFILE.get().context("the limit of open files")?;
    let most = match options.url {
        Some(_) => limit.saturating_sub(TOOLS),
        None => limit.saturating_sub(SERVERS),
    };
    Ok(usize::try_from(most.saturating_sub(OTHERS))?)
}

/// Raises the open-file limit to what so many connections and the scenario need, for
/// this process and a server that it starts.
///
/// # Errors
/// When the limit cannot be raised so far.
pub fn take(options: &Options, connections: usize) -> anyhow::Result<()> {
    let others = match options.scenario {
        Scenario::Slow => connections / slow::ONE_IN,
        Scenario::Storm => storm::RESIDENTS,
        Scenario::Connect => connect::FIRST,
        Scenario::Nodes => connections,
        _ => 1,
    };
    let lines = (connections + others) as u64;
    let needed = match (&options.url, options.scenario) {
        (Some(_), _) => lines + TOOLS,
        (None, Scenario::Fanout) if connections <= fanout::TOGETHER => lines * 2 + SERVERS,
        (None, _) => lines + SERVERS,
    };
    // A server that is started inherits it, and needs two for each connection while it connects.
    let files = rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files")?;
    if files < needed {
        bail!(
            "this process may open {files} files only, {needed} are needed: raise the limit (ulimit -Hn)"
        );
    }
    Ok(())
}
