//! `teahouse move`: everything of a server that has an SQLite file into a PostgreSQL database.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{open_file, path_of, print};
use crate::cluster;
use crate::config::{Config, Secret, given_or_in_file};
use crate::data_dir::DataDirLock;
use crate::store::backend::{Backend, Role};
use crate::store::db::StoreError;
use crate::store::postgres::{Address, Postgres};
use crate::store::{moving, postgres, search};

/// Where to.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The empty database to move into: postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    to: String,
    /// A file that has the password for it alone in it.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Moves a server that does not run. Its own database stays as it is.
pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<()> {
    if config.postgres().is_some() {
        bail!(
            "[storage] url is PostgreSQL's already: what moves is an SQLite file, so leave the setting as it was \
             until the move is done"
        );
    }
    let path = path_of(config)?;
    if !path.exists() {
        bail!("there is no database to move: look at --data and [storage] url");
    }
    let hold = DataDirLock::take(config, Some(&path))
        .context("only a server that does not run can be moved: stop it first")?;
    let (mut from, _hold) = open_file(config, Some(hold))?;
    let password = match &options.password_file {
        Some(file) => given_or_in_file(&Secret::default(), file, "--password-file")?,
        None => config.storage.password()?,
    };
    let address = Address::parse(&options.to, password.as_deref(), config.storage.tls_ca())
        .map_err(|error| anyhow::anyhow!("--to: {error}"))?;
    let mut to = Postgres::new(address, &cluster::host(), Role::Tool)?;
    let cannot = |error: StoreError| {
        let error = error.to_string().replace(
            "[storage] password",
            "--password-file, or [storage] password",
        );
        anyhow::anyhow!("cannot move to {}: {error}", options.to)
    };
    postgres::schema::migrate(&mut to).map_err(cannot)?;
    let mut lines = String::new();
    moving::copy(&mut from, &mut to, &mut |table, rows| {
        lines += &format!("{rows:>12}  {table}\n");
    })
    .map_err(cannot)?;
    print(&lines)?;
    let to: &mut dyn Backend = &mut to;
    to.in_one(search::begin_anew).map_err(cannot)?;
    while to.in_one(search::step).map_err(cannot)?.is_some() {}
    to.in_one(moving::settle).map_err(cannot)?;
    to.close();
    print(&format!(
        "everything is there, and was compared. Set [storage] url = \"{}\" and start the server; keep {} until you are \
         sure, with session.key and files/, which stay where they are\n",
        options.to,
        path.display()
    ))
}
