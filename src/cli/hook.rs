//! `teahouse hook`: addresses at which tools speak, managed by the operator.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{bot, list, open, print};
use crate::auth::hook_address::HookAddress;
use crate::auth::secrets::Secrets;
use crate::config::Config;
use crate::error::Error;
use crate::model::room_id::RoomId;
use crate::store::accounts::audit;
use crate::store::accounts::hooks::{self, Hook};
use crate::text::catalog::Lang;
use crate::text::clock;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every hook.
    List,
    /// Make a hook, and print the address at which a tool speaks: it is shown only once.
    Add {
        /// The bot that speaks; see `teahouse bot`.
        #[arg(long, value_name = "NAME")]
        bot: String,
        /// The id of the room, as its address has it; 1 is the lobby.
        #[arg(long, value_name = "ID")]
        room: i64,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
        /// Take only what is signed, as GitHub signs: the secret for that is printed below the address.
        #[arg(long)]
        signed: bool,
    },
    /// End a hook: nothing is said at its address any more.
    Remove {
        /// The hook's id: the first part of its address, as the list has it.
        id: String,
    },
}

/// Runs a hook command.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let db = &mut *storage.db;
    match command {
        Command::List => list::hooks(db),
        Command::Add {
            bot: of,
            room,
            name,
            signed,
        } => {
            let bot = bot::of_name(db, &of)?;
            let room = RoomId(room);
            hooks::room_kind(db, room)?.with_context(|| {
                format!("there is no room with the id {room} that tools may speak in: see teahouse room list")
            })?;
            let Some(name) = hooks::tidy_name(&name) else {
                bail!(
                    "{name:?} cannot be a name: {}",
                    Error::BadName.message(Lang::En)
                );
            };
            let address = HookAddress::new();
            let hook = Hook {
                id: address.id.clone(),
                bot: bot.id,
                room,
                name,
                made_by: audit::OPERATOR.to_owned(),
                made: clock::now_ms(),
                used: None,
                signed,
            };
            let secret = match signed {
                true => format!("{}\n", secret_of(&hook, config)?),
                false => String::new(),
            };
            db.in_one(|db| hooks::add(db, &hook, &address.key_hash()))?;
            let url = &config.server.public_url;
            print(&format!("{url}{}\n{secret}", address.path()))
        }
        Command::Remove { id } => {
            let now = clock::now_ms();
            if !db.in_one(|db| hooks::remove(db, &id, audit::OPERATOR, now))? {
                bail!("there is no hook {id}: see teahouse hook list");
            }
            print(&format!("the hook {id} is removed\n"))
        }
    }
}

/// What signs for a hook: made of the server's key, which the server makes when it starts first.
fn secret_of(hook: &Hook, config: &Config) -> anyhow::Result<String> {
    let file = config.session_key();
    let secrets = Secrets::read(&file).with_context(|| {
        format!(
            "{}: a hook's secret is made of the server's key. Start the server once, or copy the key of another node",
            file.display()
        )
    })?;
    Ok(secrets.hook_secret(&hook.id))
}
