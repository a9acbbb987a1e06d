//! `teahouse token`: keys by which programs speak for accounts, managed by the operator.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{open, print};
use crate::auth::bearer_token::Carrier;
use crate::auth::codes;
use crate::auth::tokens::{self, Less, Wanted};
use crate::config::Config;
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::room_id::RoomId;
use crate::store::accounts::audit::OPERATOR;
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
        #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
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
    /// Rename a key, make it good for less, or have it end sooner: what is not given stays.
    Change {
        /// What `token list` calls it.
        id: String,
        /// What it is called from now on.
        #[arg(long)]
        name: Option<String>,
        /// Some of what it is good for, with commas between them.
        #[arg(long)]
        scopes: Option<String>,
        /// A room that it stays good in; may be given several times.
        #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        room: Vec<i64>,
        /// After how many days from now it ends.
        #[arg(long)]
        days: Option<i64>,
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
            let (carrier, limit) = match user.bot {
                true => (Carrier::Bot, config.bots.tokens),
                false => (Carrier::Person, tokens::MOST),
            };
            if !user.bot && grant.has(Scope::House) {
                bail!(
                    "{account} is a person, and the scope house is for bots: make one with \
                     `teahouse bot add NAME`, and its key with `teahouse token add NAME --scopes house`"
                );
            }
            let wanted = Wanted {
                carrier,
                user: user.id,
                name,
                grant,
                days,
                by: OPERATOR.to_owned(),
                with: None,
            };
            let (key, token) = tokens::make(wanted, clock::now_ms());
            db.in_one(|db| {
                if stored::count_of(db, user.id)? >= limit {
                    return Ok(false);
                }
                stored::add(db, &token, &codes::hash(&key))?;
                Ok(true)
            })?
            .then_some(())
            .with_context(|| Error::TooManyTokens { limit }.message(Lang::En))?;
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
        Command::Change {
            id,
            name,
            scopes,
            room,
            days,
        } => {
            let named =
                name.map(|name| name::tidy(&name).context(Error::BadName.message(Lang::En)));
            let rooms = room.into_iter().map(RoomId).collect::<Vec<_>>();
            let now = clock::now_ms();
            let less = Less {
                name: named.transpose()?,
                scopes: scopes.as_deref().map(scopes_of).transpose()?,
                rooms: (!rooms.is_empty()).then_some(rooms),
                expires: days.map(|days| tokens::after(days, now)),
            };
            let changed = db.in_one(|db| {
                let Some(before) = stored::by_id(db, &id)? else {
                    return Ok(None);
                };
                let after = match less.clone().of(&before) {
                    Ok(after) => after,
                    Err(error) => return Ok(Some(Err(error))),
                };
                stored::change(db, &before, &after, OPERATOR, now)?;
                Ok(Some(Ok(())))
            })?;
            match changed.with_context(|| missing(&id))? {
                Ok(()) => print("it is changed\n"),
                Err(error) => bail!("{}", error.message(Lang::En)),
            }
        }
        Command::Revoke { id } => {
            let ended = db.in_one(|db| stored::end(db, &id, OPERATOR, clock::now_ms()))?;
            if ended.is_empty() {
                bail!("{}", missing(&id));
            }
            print("it is good for nothing any more\n")
        }
    }
}

fn missing(id: &str) -> String {
    format!("there is no key {id:?}: `teahouse token list ACCOUNT` names them")
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
