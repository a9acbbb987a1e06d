//! The command line of a demo: its options, and what is printed when it is done.

use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use rand::RngExt;
use rand::distr::Alphanumeric;

use super::uploading::Uploading;
use super::{Size, fill};
use crate::app::startup;
use crate::auth::password;
use crate::config::Config;
use crate::data_dir::DataDirLock;
use crate::store::Place;
use crate::store::backend::Role;
use crate::text::catalog::Lang;
use crate::text::clock;

/// Characters of a generated password.
const PASSWORD_CHARS: usize = 16;

/// The most of anything: more than one machine can serve.
const MOST: usize = 10_000_000;

/// The name that the password check gets: none, since the password is everybody's.
const NOBODY: &str = "";

/// How much to generate.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Messages in all.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    messages: usize,
    /// Accounts.
    #[arg(long, value_name = "N", default_value_t = 60)]
    people: usize,
    /// Rooms beside the lobby and direct messages.
    #[arg(long, value_name = "N", default_value_t = 24)]
    rooms: usize,
    /// How many memberships those rooms have in all (default: as many as look natural).
    #[arg(long, value_name = "N")]
    memberships: Option<usize>,
    /// The same seed makes the same data.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Read everybody's password from standard input instead of generating one.
    #[arg(long)]
    password_stdin: bool,
}

/// Fills the server of `config`; gives the text for its operator.
///
/// # Errors
/// What keeps it from being filled, as text for whoever typed the command.
pub fn run(
    config: &Config,
    options: &Options,
    given: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let size = options.size()?;
    let place = startup::place_of(config)?;
    if matches!(place, Place::Memory) {
        bail!("there is nothing to fill: [storage] url is memory:");
    }
    let _held = DataDirLock::take(config, config.database().as_deref())?;
    let db = place.open(Role::Tool);
    let mut db = db.map_err(|error| startup::cannot_open_at(&place, &error))?;
    let (password, words) = if options.password_stdin {
        (given()?, "the one that you gave".to_owned())
    } else {
        let made: String = rand::rng()
            .sample_iter(Alphanumeric)
            .take(PASSWORD_CHARS)
            .map(char::from)
            .collect();
        (made.clone(), made)
    };
    let in_words = |error: crate::error::Error| anyhow::anyhow!(error.message(Lang::En));
    password::check(&password, NOBODY).map_err(in_words)?;
    let hash = password::hash(&password).map_err(in_words)?;
    let files = Uploading::open(config, &mut *db)?;
    let began = Instant::now();
    let now = clock::now_ms();
    let filled = fill(&mut *db, &size, options.seed, now, &hash, &files)
        .context("the database was not filled")?;
    db.close();
    Ok(format!(
        "{} people, {} rooms, {} direct ones and {} messages in {:.1} s\n\
         sign in as {}; everybody's password: {words}\n",
        size.people,
        size.rooms,
        filled.direct,
        size.messages,
        began.elapsed().as_secs_f64(),
        filled.names.join(" or "),
    ))
}

impl Options {
    fn size(&self) -> anyhow::Result<Size> {
        let numbers = [
            ("--messages", self.messages, 0),
            ("--people", self.people, 2),
            ("--rooms", self.rooms, 0),
            ("--memberships", self.memberships.unwrap_or_default(), 0),
        ];
        for (option, number, least) in numbers {
            if !(least..=MOST).contains(&number) {
                bail!("{option} must be a number from {least} to {MOST}, not {number}");
            }
        }
        Ok(Size {
            messages: self.messages,
            people: self.people,
            rooms: self.rooms,
            memberships: self.memberships,
        })
    }
}
