//! `teahouse user`: accounts managed by the operator.

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{links, list, open, password_from_stdin, print};
use crate::auth::password;
use crate::config::Config;
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::store::accounts::audit::OPERATOR;
use crate::store::accounts::users::User;
use crate::store::accounts::{erasure, passwords, sign_out, users};
use crate::store::db::Db;
use crate::text::catalog::Lang;
use crate::text::{clock, name};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every account of a person.
    List,
    /// Make an account.
    Add {
        /// The account's name, as it is shown.
        name: String,
        /// Its server role: member, admin or owner.
        #[arg(long, default_value = "member")]
        role: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set a new password for an account.
    Passwd {
        /// The account's name.
        name: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a link by which somebody who has lost their password sets another one.
    PasswordLink {
        /// The account's name.
        name: String,
    },
    /// Sign an account out everywhere: its sessions and sockets end, and tokens that its site has signed before.
    SignOut {
        /// The account's name.
        name: String,
    },
    /// Delete an account: the name is free again, its messages stay without a name, its files go.
    Delete {
        /// The account's name.
        name: String,
        /// Leave its pictures and files with its messages; its voices go.
        #[arg(long)]
        keep_files: bool,
        /// Confirm: there is no way back.
        #[arg(long)]
        yes: bool,
    },
    /// Change an account's server role: member, admin or owner.
    Role {
        /// The account's name.
        name: String,
        /// The new server role.
        role: String,
    },
}

/// Runs a user command.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    if let Command::List = command {
        return list::users(config);
    }
    let mut storage = open(config)?;
    let db = &mut *storage.db;
    match command {
        Command::List => Ok(()),
        Command::Add {
            name,
            role,
            password_stdin,
        } => {
            let role = role_of(&role)?;
            let Some(name) = name::tidy(&name) else {
                bail!(
                    "{name:?} cannot be a name: {}",
                    Error::BadName.message(Lang::En)
                );
            };
            let hash = new_password(&name, password_stdin)?;
            match users::add(db, &name, &hash, role, clock::now_ms())? {
                Some(_) => print(&format!("{name} now has the role {}\n", role.as_str())),
                None => bail!("there is an account named {name} already"),
            }
        }
        Command::Passwd {
            name,
            password_stdin,
        } => {
            let user = person(db, &name)?;
            let hash = new_password(&user.name, password_stdin)?;
            db.in_one(|db| passwords::set(db, user.id, &hash, clock::now_ms()))?;
            print(&format!(
                "{} has another password now and is signed out everywhere\n",
                user.name
            ))
        }
        Command::PasswordLink { name } => {
            if !config.accounts.passwords {
                bail!("nobody could sign in by it: [accounts] passwords is false");
            }
            let user = person(db, &name)?;
            print(&links::password(db, config, &user)?)
        }
        Command::SignOut { name } => {
            let user = users::by_name(db, &name)?.with_context(|| unknown(&name))?;
            let ended = db.in_one(|db| sign_out::everywhere(db, user.id, clock::now_ms()))?;
            print(&format!(
                "{} is signed out everywhere: {} sessions have ended\n",
                user.name,
                ended.len()
            ))
        }
        Command::Delete {
            name,
            keep_files,
            yes,
        } => {
            let user = person(db, &name)?;
            if !yes {
                bail!(
                    "there is no way back: add --yes to delete the account {}",
                    user.name
                );
            }
            db.in_one(|db| erasure::begin(db, user.id, keep_files, OPERATOR, clock::now_ms()))?;
            print(&format!(
                "the account {} is deleted; its name is taken off its messages and its files go when the server runs\n",
                user.name
            ))
        }
        Command::Role { name, role } => {
            let role = role_of(&role)?;
            person(db, &name)?;
            users::set_role(db, &name, role)?;
            print(&format!("{name} now has the role {}\n", role.as_str()))
        }
    }
}

/// The account of a person by its name.
fn person(db: &mut dyn Db, name: &str) -> anyhow::Result<User> {
    let user = users::by_name(db, name)?.with_context(|| unknown(name))?;
    if user.bot {
        bail!("{} is a bot: see teahouse bot", user.name);
    }
    Ok(user)
}

fn unknown(name: &str) -> String {
    format!("there is no account named {name}")
}

fn role_of(word: &str) -> anyhow::Result<ServerRole> {
    ServerRole::from_word(word)
        .with_context(|| format!("{word:?} is no role: choose member, admin or owner"))
}

/// Asks for a password, twice at a terminal, and hashes it.
fn new_password(name: &str, from_stdin: bool) -> anyhow::Result<String> {
    let password = if from_stdin {
        password_from_stdin()?
    } else if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("New password: ")?;
        if rpassword::prompt_password("Once more: ")? != first {
            bail!("the two passwords differ");
        }
        first
    } else {
        bail!("there is no terminal to ask at: use --password-stdin");
    };
    password::check(&password, name).map_err(|error| anyhow::anyhow!(error.message(Lang::En)))?;
    password::hash(&password).map_err(|error| anyhow::anyhow!(error.message(Lang::En)))
}
