//! `teahouse backup`: a complete copy of the database, made while the server runs or not.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::{open_file, print};
use crate::config::Config;
use crate::data_dir;

/// Writes a copy to `file`, checks its integrity, and says what else belongs to a backup.
pub(super) fn run(config: &Config, file: &Path) -> anyhow::Result<()> {
    if config.postgres().is_some() {
        bail!(
            "the database is PostgreSQL's: pg_dump or pg_basebackup copies it; keep {} with the copy",
            config.session_key().display()
        );
    }
    if config.database().is_some_and(|path| !path.exists()) {
        bail!("there is no database to copy: look at --data and [storage] url");
    }
    if file.exists() {
        bail!(
            "{} is there already: a backup overwrites nothing",
            file.display()
        );
    }
    let (mut db, _hold) = open_file(config, None)?;
    if let Err(error) = db.copy_to(file) {
        // A file that is no intact backup must not look like one.
        let _none = fs::remove_file(file);
        let space = data_dir::space(file);
        return Err(error).context(format!("{} was not written{space}", file.display()));
    }
    let bytes = fs::metadata(file)?.len();
    let key = config.session_key();
    print(&format!(
        "{} is whole: {bytes} bytes; keep {} with it, then copy {}\n",
        file.display(),
        key.display(),
        config.server.data.join("files").display()
    ))
}
