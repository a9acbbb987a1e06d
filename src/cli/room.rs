//! `teahouse room`: rooms looked after by whoever has the machine.

use clap::Subcommand;

use super::list;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Name every room.
    List,
}

/// Does one of them.
pub(super) fn run(command: &Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::List => list::rooms(config),
    }
}
