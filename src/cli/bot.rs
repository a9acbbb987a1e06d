//! `teahouse bot`: accounts of programs, managed by the operator.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{list, open, print};
use crate::config::Config;
use crate::error::Error;
use crate::store::accounts::bots;
use crate::store::accounts::users::User;
use crate::store::db::Db;
use crate::text::catalog::Lang;
use crate::text::{clock, name};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every bot.
    List,
    /// Make a bot: an account without a password, under which a program speaks.
    Add {
        /// The bot's name, as it is shown.
        name: String,
    },
    /// Remove a bot: its keys and hooks end, its messages stay without a name.
    Remove {
        /// The bot's name.
        name: String,
    },
}

/// Runs a bot command.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    if let Command::List = command {
        return list::bots(config);
    }
    let mut storage = open(config)?;
    let db = &mut *storage.db;
    match command {
        Command::List => Ok(()),
        Command::Add { name } => {
            let Some(name) = name::tidy(&name) else {
                bail!(
                    "{name:?} cannot be a name: {}",
                    Error::BadName.message(Lang::En)
                );
            };
            let made = db.in_one(|db| bots::add(db, &name, None, clock::now_ms()))?;
            if made.is_none() {
                bail!("there is an account named {name} already, or one whose name looks like it");
            }
            print(&format!("the bot {name} is made\n"))
        }
        Command::Remove { name } => {
            let bot = of_name(db, &name)?;
            db.in_one(|db| bots::remove(db, bot.id, None, clock::now_ms()))?;
            print(&format!(
                "the bot {} is removed; its name is taken off its messages when the server runs\n",
                bot.name
            ))
        }
    }
}

/// The bot of a name.
pub(super) fn of_name(db: &mut dyn Db, name: &str) -> anyhow::Result<User> {
    bots::by_name(db, name)?
        .with_context(|| format!("there is no bot named {name}: see teahouse bot list"))
}
