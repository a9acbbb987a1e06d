//! `teahouse token`: keys by which programs speak for accounts, managed by the operator.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{open, print};
use crate::auth::bearer_token::Carrier;
use crate::auth::codes;
use crate::auth::tokens::{self, Wanted};
use crate::config::Config;
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::{tokens as stored, users};
use crate::text::catalog::Lang;
use crate::text::{clock, name};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key for an account and print it: it is shown this once.
    Add {
        /// The account's name.
        account: String,
        /// What the key is called.
        #[arg(long, default_value = "command line")]
        name: String,
        /// What it is good for: read, write, rooms, house, with commas between them.
        #[arg(long, default_value = "read,write")]
        scopes: String,
        /// The only room that it is good in; may be given several times.
        #[arg(long, value_name = "ID")]
        room: Vec<i64>,
        /// After how many days it ends; never, when not given.
        #[arg(long)]
        days: Option<i64>,
    },
    /// List the keys of an account.
    List {
        /// The account's name.
        account: String,
    },
    /// End a key: its next call is refused, and its connections end.
    Revoke {
        /// What `token list` calls it.
        id: String,
    },
}

/// Runs a token command.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let db = &mut *storage.db;
    let of = |account: &str| format!("there is no account named {account}");
    match command {
        Command::Add {
            account,
            name,
            scopes,
            room,
            days,
        } => {
            let user = users::by_name(db, &account)?.with_context(|| of(&account))?;
            let name = name::tidy(&name).with_context(|| Error::BadName.message(Lang::En))?;
            if days.is_some_and(|days| days < 1) {
                bail!("--days must be 1 or more");
            }
            let rooms = room.into_iter().map(RoomId).collect::<Vec<_>>();
            let grant = Grant {
                scopes: scopes_of(&scopes)?,
                rooms: (!rooms.is_empty()).then_some(rooms),
            };
            let by = PersonId::User(user.id);
            let carrier = match user.bot {
                true => Carrier::Bot,
                false => Carrier::Person,
            };
            let wanted = Wanted {
                carrier,
                user: user.id,
                name,
                grant,
                days,
                by,
            };
            let (key, token) = tokens::make(wanted, clock::now_ms());
            db.in_one(|db| {
                if stored::count_of(db, user.id)? >= tokens::MOST {
                    return Ok(false);
                }
                stored::add(db, &token, &codes::hash(&key))?;
                Ok(true)
            })?
            .then_some(())
            .with_context(|| {
                Error::TooManyTokens {
                    limit: tokens::MOST,
                }
                .message(Lang::En)
            })?;
            print(&format!("{key}\n"))
        }
        Command::List { account } => {
            let user = users::by_name(db, &account)?.with_context(|| of(&account))?;
            let mut lines = String::new();
            for token in stored::of_user(db, user.id)? {
                let scopes: Vec<_> = token
                    .grant
                    .scopes
                    .iter()
                    .map(|scope| scope.as_str())
                    .collect();
                lines.push_str(&format!(
                    "{}  {}  {}\n",
                    token.id,
                    scopes.join(","),
                    token.name
                ));
            }
            print(&lines)
        }
        Command::Revoke { id } => {
            let ended = db.in_one(|db| stored::end(db, &id))?;
            if ended.is_empty() {
                bail!("there is no key {id:?}: `teahouse token list ACCOUNT` names them");
            }
            print("it is good for nothing any more\n")
        }
    }
}

fn scopes_of(text: &str) -> anyhow::Result<Vec<Scope>> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let mut scopes = words
        .map(|word| {
            Scope::from_word(word)
                .with_context(|| format!("{word:?} is no scope: read, write, rooms, house"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        bail!("a key must be good for something: --scopes read,write");
    }
    Ok(scopes)
}
