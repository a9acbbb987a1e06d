//! The command line: parses it, and runs the command.

mod backup;
mod bot;
mod files;
mod hook;
mod links;
mod list;
mod moving;
mod probe;
mod reindex;
mod room;
mod site_key;
mod token;
mod user;

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand};

use crate::app::startup;
use crate::cluster::nats::Server;
use crate::config::{self, Config};
use crate::data_dir::{self, DataDirLock};
use crate::geo::Geo;
use crate::store::backend::{Backend, Role};
use crate::store::sqlite::Sqlite;
use crate::store::{Place, schema};
use crate::{app, bench, demo, log, look};

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
    #[command(flatten)]
    listen: ListenArgs,
}

#[derive(Debug, Clone, Default, Args)]
struct PlaceArgs {
    /// The config file (default: config.toml in the working directory, if there is one).
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Write here instead of in [server] data.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Args)]
struct ListenArgs {
    /// Listen here instead of at [server] bind; port 0 picks a free one.
    #[arg(long, value_name = "ADDR:PORT")]
    bind: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the chat room (what happens without a command too).
    Serve(ListenArgs),
    /// Read the configuration, name every mistake in it, and end.
    CheckConfig,
    /// Print config.toml with every setting at its default, explained.
    DefaultConfig,
    /// Measure a Teahouse: one that is started for it, or the one at --url.
    Bench(bench::options::Options),
    /// Fill an empty server with people, rooms and messages, to look at or to measure.
    Demo(demo::Options),
    /// Rebuild the search index, beside a running server or without one.
    Reindex,
    /// Make an invitation to the server: whoever has its address may make an account.
    Invite(links::Terms),
    /// Make a key for a site that signs its users in here, and print where it goes.
    SiteKey(site_key::Options),
    /// Write a complete copy of the database to a new file, beside a running server or without one.
    Backup {
        /// The file to write; it must not exist.
        file: PathBuf,
    },
    /// Copy everything from the SQLite file of a server that does not run into an empty PostgreSQL database.
    Move(moving::Options),
    /// Ask the server on this machine whether it is ready, and end with 0 when it is.
    Probe,
    /// Look after the files of messages.
    #[command(subcommand)]
    Files(files::Command),
    /// Look at the file on stdin and answer on stdout: the server runs this, for each file that it gets.
    #[command(hide = true)]
    Look(look::Order),
    /// Manage rooms.
    #[command(subcommand)]
    Room(room::Command),
    /// Manage the keys by which programs speak for accounts.
    #[command(subcommand)]
    Token(token::Command),
    /// Manage accounts.
    #[command(subcommand)]
    User(user::Command),
    /// Manage hooks: addresses at which tools such as Grafana or GitHub speak in a room.
    #[command(subcommand)]
    Hook(hook::Command),
    /// Manage bots: accounts under which programs speak.
    #[command(subcommand)]
    Bot(bot::Command),
}

/// Parses the command line. Ends the process for `--help`, and for one that cannot be parsed.
#[must_use]
pub fn read() -> Cli {
    Cli::try_parse().unwrap_or_else(|mut error| {
        // clap would suggest to pass an unknown option as a value after `--`: no value looks like one.
        error.remove(ContextKind::Suggested);
        if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
            && argument == "--bind"
        {
            let tip = StyledStr::from("--bind is for serve alone: nothing else listens");
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
        }
        error.exit()
    })
}

/// Runs the command.
///
/// # Errors
/// As text for whoever typed the command.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let command = cli.command.unwrap_or(Command::Serve(ListenArgs::default()));
    if cli.listen.bind.is_some() && !matches!(command, Command::Serve(_)) {
        bail!("--bind is for serve alone: nothing else listens");
    }
    data_dir::keep_to_ourselves();
    match command {
        Command::DefaultConfig => print(config::DEFAULT_CONFIG),
        Command::CheckConfig => {
            let config = load(&cli.place)?;
            config.try_files()?;
            startup::place_of(&config)?;
            Server::of(&config.cluster, &config.cluster.node)?;
            Geo::open(&config.geo.database)?;
            print("the configuration is good\n")?;
            let mut deletes = config.deletes().into_iter();
            deletes.try_for_each(|it| print(&format!("note: {it}\n")))?;
            let mut doubts = config.doubts().into_iter();
            doubts.try_for_each(|doubt| print(&format!("but: {doubt}\n")))
        }
        Command::Serve(listen) => {
            let mut config = load(&cli.place)?;
            if let Some(bind) = listen.bind.or(cli.listen.bind) {
                config.server.bind = bind;
            }
            config.try_files()?;
            log::start()?;
            for doubt in config.doubts() {
                tracing::warn!("{doubt}");
            }
            app::serve(config, app::announce)
        }
        Command::Bench(options) => {
            log::start()?;
            bench::run(&options)
        }
        Command::Demo(options) => {
            let config = load(&cli.place)?;
            log::start()?;
            print(&demo::run(&config, &options, password_from_stdin)?)
        }
        Command::Look(order) => look::child::run(&order),
        Command::Reindex => reindex::run(&load(&cli.place)?),
        Command::Invite(terms) => links::invite(&load(&cli.place)?, &terms),
        Command::SiteKey(options) => site_key::run(&load(&cli.place)?, &options),
        Command::Backup { file } => backup::run(&load(&cli.place)?, &file),
        Command::Move(options) => moving::run(&load(&cli.place)?, &options),
        Command::Probe => probe::run(load(&cli.place)?.server.bind),
        Command::Files(command) => files::run(&command, &load(&cli.place)?),
        Command::Room(command) => room::run(&command, &load(&cli.place)?),
        Command::Hook(command) => hook::run(command, &load(&cli.place)?),
        Command::Bot(command) => bot::run(command, &load(&cli.place)?),
        Command::Token(command) => token::run(command, &load(&cli.place)?),
        Command::User(command) => user::run(command, &load(&cli.place)?),
    }
}

fn load(place: &PlaceArgs) -> anyhow::Result<Config> {
    let here = Path::new(CONFIG_FILE);
    let file = place
        .config
        .as_deref()
        .or_else(|| here.exists().then_some(here));
    let mut config = Config::load(file, &config::environment())?;
    if let Some(data) = &place.data {
        config.server.data.clone_from(data);
    }
    Ok(config)
}

/// The server's database, and the lock on the data directory where no server holds it.
struct Database {
    db: Box<dyn Backend>,
    hold: Option<DataDirLock>,
}

/// Opens the server's database, which is created if missing. Under a running server of an older version
/// its schema stays at that version.
fn open(config: &Config) -> anyhow::Result<Database> {
    if let place @ Place::Postgres(..) = startup::place_of(config)? {
        let db = place.open(Role::Tool);
        let db = db.map_err(|error| startup::cannot_open_at(&place, &error))?;
        return Ok(Database { db, hold: None });
    }
    let (db, hold) = open_file(config, None)?;
    Ok(Database {
        db: Box::new(db),
        hold,
    })
}

/// As [`open`], with the data directory locked where no server holds it. Who else has a PostgreSQL database is not
/// known: that is never locked.
fn open_alone(config: &Config) -> anyhow::Result<Database> {
    if config.postgres().is_some() {
        return open(config);
    }
    // Before there is a connection: a lock that fails closes the file, and with it all locks on it.
    let (db, hold) = open_file(
        config,
        DataDirLock::take(config, Some(&path_of(config)?)).ok(),
    )?;
    Ok(Database {
        db: Box::new(db),
        hold,
    })
}

fn path_of(config: &Config) -> anyhow::Result<PathBuf> {
    config
        .database()
        .context("there is nothing on the disk to look after: [storage] url is memory:")
}

/// Opens the SQLite file of a server.
fn open_file(
    config: &Config,
    mut hold: Option<DataDirLock>,
) -> anyhow::Result<(Sqlite, Option<DataDirLock>)> {
    let path = path_of(config)?;
    if let Some(directory) = path.parent() {
        data_dir::make_directory(directory)?;
    }
    let cannot = |error| startup::cannot_open(&path, &error);
    let mut db = Sqlite::connect(Some(&path)).map_err(cannot)?;
    if schema::is_older(&db).map_err(cannot)? {
        if hold.is_none() {
            let held = DataDirLock::take(config, Some(&path)).context(
                "the database is of an older version than this program, and would have to be brought up to date \
                 under a server that knows the old one: restart the server with this program first",
            );
            hold = Some(held?);
        }
        schema::migrate(&mut db).map_err(cannot)?;
    }
    Ok((db, hold))
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
