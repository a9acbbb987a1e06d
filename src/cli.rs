//! The command line: reads it, and does what it says.

use std::io::{self, BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};

use crate::app;
use crate::auth::password;
use crate::bench;
use crate::chat::person::Role;
use crate::config::{self, Config};
use crate::demo;
use crate::store::sqlite::Sqlite;
use crate::store::{erasure, search, users};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::text::{clock, name};

/// The file that is read when no other is named.
const CONFIG_FILE: &str = "config.toml";

/// A live chat room: one binary, one config file, a web page.
#[derive(Debug, Parser)]
#[command(name = "teahouse", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Clone, Default, Args)]
struct PlaceArgs {
    /// The config file (default: config.toml in the working directory, if there is one).
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Listen here instead of at [server] bind; port 0 picks a free one.
    #[arg(long, value_name = "ADDR:PORT", global = true)]
    bind: Option<SocketAddr>,
    /// Write here instead of in [server] data.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the chat room (what happens without a command too).
    Serve,
    /// Read the configuration, name every mistake in it, and end.
    CheckConfig,
    /// Print config.toml with every setting at its default, explained.
    DefaultConfig,
    /// Measure a Teahouse: one that is started for it, or the one at --url.
    Bench(bench::options::Options),
    /// Fill an empty house with people, rooms and talk, to look at or to measure.
    Demo(demo::Options),
    /// Make the index of what was said anew, beside a server that runs or without one.
    Reindex,
    /// Look after accounts.
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account.
    Add {
        /// The name, as it will be shown.
        name: String,
        /// What it may do: member, admin or owner.
        #[arg(long, default_value = "member")]
        role: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another password.
    Passwd {
        /// The account's name.
        name: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Delete an account: the name is free, what it said stays without one.
    Delete {
        /// The account's name.
        name: String,
        /// Really: there is no way back.
        #[arg(long)]
        yes: bool,
    },
    /// Give an account another role: member, admin or owner.
    Role {
        /// The account's name.
        name: String,
        /// The role.
        role: String,
    },
}

/// Does what the command line says.
///
/// # Errors
/// In words for whoever typed it.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::DefaultConfig => print(config::DEFAULT_CONFIG),
        Command::CheckConfig => {
            load(&cli.place)?;
            print("the configuration is good\n")
        }
        Command::Serve => {
            let config = load(&cli.place)?;
            telemetry::start_logging();
            actix_web::rt::System::new().block_on(app::serve(config, app::announce))
        }
        Command::Bench(options) => {
            telemetry::start_logging();
            bench::run(&options)
        }
        Command::Demo(options) => {
            let config = load(&cli.place)?;
            telemetry::start_logging();
            print(&demo::run(&config, &options, password_from_stdin)?)
        }
        Command::Reindex => reindex(&load(&cli.place)?),
        Command::User(command) => look_after(command, &load(&cli.place)?),
    }
}

fn load(place: &PlaceArgs) -> anyhow::Result<Config> {
    let here = Path::new(CONFIG_FILE);
    let file = place
        .config
        .as_deref()
        .or_else(|| here.exists().then_some(here));
    let mut config = Config::load(file, &config::environment())?;
    if let Some(bind) = place.bind {
        config.server.bind = bind;
    }
    if let Some(data) = &place.data {
        config.server.data.clone_from(data);
    }
    Ok(config)
}

/// How long the writer of a server is left alone between two steps.
const REINDEX_REST: Duration = Duration::from_millis(10);

/// How often it is told how far it has come.
const REINDEX_TOLD_EVERY: Duration = Duration::from_secs(5);

fn reindex(config: &Config) -> anyhow::Result<()> {
    let Some(path) = config.database() else {
        bail!("there is no index to make: [storage] url is memory:");
    };
    let mut db = open(&path)?;
    let began = Instant::now();
    db.in_one(search::begin_anew)?;
    print("the index is empty; messages are found again as they are taken in, the newest first\n")?;
    let mut told = Instant::now();
    while let Some(left) = db.in_one(search::step)? {
        if told.elapsed() >= REINDEX_TOLD_EVERY {
            told = Instant::now();
            print(&format!("messages up to id {left} are left\n"))?;
        }
        thread::sleep(REINDEX_REST);
    }
    print(&format!(
        "all messages can be found, after {:.1} s\n",
        began.elapsed().as_secs_f64()
    ))
}

fn look_after(command: UserCommand, config: &Config) -> anyhow::Result<()> {
    let Some(path) = config.database() else {
        bail!("there are no accounts to look after: [storage] url is memory:");
    };
    let mut db = open(&path)?;
    match command {
        UserCommand::Add {
            name,
            role,
            password_stdin,
        } => {
            let role = role_of(&role)?;
            let Some(name) = name::tidy(&name) else {
                bail!(
                    "{name:?} cannot be a name: {}",
                    crate::error::Error::BadName.message(Lang::En)
                );
            };
            let hash = new_password(&name, password_stdin)?;
            match users::add(&mut db, &name, &hash, role, clock::now_ms())? {
                Some(_) => print(&format!("{name} now has the role {}\n", role.as_str())),
                None => bail!("there is an account named {name} already"),
            }
        }
        UserCommand::Passwd {
            name,
            password_stdin,
        } => {
            let user = users::by_name(&mut db, &name)?.with_context(|| unknown(&name))?;
            let hash = new_password(&user.name, password_stdin)?;
            db.all_or_nothing(|db| users::set_password(db, user.id, &hash))?;
            print(&format!(
                "{} has another password now and is signed out everywhere\n",
                user.name
            ))
        }
        UserCommand::Delete { name, yes } => {
            let user = users::by_name(&mut db, &name)?.with_context(|| unknown(&name))?;
            if !yes {
                bail!(
                    "there is no way back: add --yes to delete the account {}",
                    user.name
                );
            }
            db.all_or_nothing(|db| erasure::begin(db, user.id, clock::now_ms()))?;
            print(&format!(
                "the account {} is deleted; its name is taken off its messages when the server runs\n",
                user.name
            ))
        }
        UserCommand::Role { name, role } => {
            let role = role_of(&role)?;
            if !users::set_role(&mut db, &name, role)? {
                bail!(unknown(&name));
            }
            print(&format!("{name} now has the role {}\n", role.as_str()))
        }
    }
}

/// Opens the house's database, which is made when it is not there.
fn open(path: &Path) -> anyhow::Result<Sqlite> {
    if let Some(directory) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    Sqlite::open(Some(path)).with_context(|| format!("cannot open the database {}", path.display()))
}

fn unknown(name: &str) -> String {
    format!("there is no account named {name}")
}

fn role_of(word: &str) -> anyhow::Result<Role> {
    Role::from_word(word)
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

fn password_from_stdin() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
