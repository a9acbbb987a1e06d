//! `teahouse files`: the bytes of files held against the database, by the operator.

use anyhow::bail;
use clap::Subcommand;

use super::{open, print};
use crate::config::Config;
use crate::files::check::{Check, Checks, Findings};
use crate::files::depot::Depot;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare the files on the disk with the database, beside a running server or without one.
    Check {
        /// Read every file that is kept as it was sent, too, and compare its SHA-256.
        #[arg(long)]
        hash: bool,
        /// Put right what can be: remove bytes that belong to no file, and say of files without bytes that they
        /// are gone.
        #[arg(long)]
        repair: bool,
    },
}

/// Runs a command about files. What is found and not put right makes it fail.
pub(super) fn run(command: &Command, config: &Config) -> anyhow::Result<()> {
    let Command::Check { hash, repair } = *command;
    let mut storage = open(config)?;
    let depot = Depot::existing(config)?;
    let mut say = |line: String| print(&format!("{line}\n"));
    let checks = Checks { hash, repair };
    let found = Check::new(&mut *storage.db, &depot, checks, &mut say).run()?;
    let summary = summary(&found);
    if found.wrong() > found.repaired {
        bail!("{summary}");
    }
    print(&format!("{summary}\n"))
}

fn summary(found: &Findings) -> String {
    let Findings {
        files,
        lost,
        damaged,
        strays,
        foreign,
        miscounted,
        repaired,
    } = found;
    if found.wrong() == 0 {
        return format!("{files} files: database and disk agree");
    }
    format!(
        "{files} files: {lost} without bytes, {damaged} damaged, {strays} strays, {foreign} that are not the server's, \
         {miscounted} counts that are off; {repaired} of these put right"
    )
}
