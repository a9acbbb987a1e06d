//! Brings the files of a demo in, as the server would: announced, received, looked at by a child, ready.

use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use super::dice::Dice;
use super::exhibits::Drawn;
use crate::app::startup;
use crate::config::Config;
use crate::files::crashes::Crashes;
use crate::files::depot::Depot;
use crate::files::inspect::{Verdict, inspect};
use crate::look::{Limits, Looks};
use crate::model::file::{Attachment, Inspected};
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;
use crate::model::person_id::PersonId;
use crate::store;
use crate::store::backend::Backend;
use crate::store::db::Db;
use crate::store::files::uploads::{self, NewUpload};
use crate::store::files::usage::Quotas;
use crate::store::files::{FileRow, parts};
use crate::text::catalog::Lang;

/// Nobody's files are too many here.
const NO_QUOTAS: Quotas = Quotas {
    person: 0,
    total: 0,
};

/// Where the files of a demo go.
#[derive(Debug)]
pub struct Uploading {
    depot: Arc<Depot>,
    looks: Looks,
    crashes: Crashes,
    runtime: Runtime,
}

/// A file whose bytes are in their place.
#[derive(Debug)]
pub struct Brought {
    /// What a message has of it.
    pub file: Attachment,
    /// What it was found to be.
    pub inspected: Inspected,
}

impl Uploading {
    /// To where the files of this server lie.
    ///
    /// # Errors
    /// When that cannot be reached, or is another server's.
    pub fn open(config: &Config, db: &mut dyn Db) -> anyhow::Result<Self> {
        let depot = Depot::open(config)?;
        if !config.uploads.store.is_empty() {
            let id = store::server_id(db)?;
            startup::sharing::claim(db, config, &depot, id)?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            depot: Arc::new(depot),
            looks: Looks::new(1, Limits::of(&config.uploads)),
            crashes: Crashes::default(),
            runtime,
        })
    }

    /// Files that `owner` can send once they are noted as ready, uploaded at `at` (ms since 1970).
    ///
    /// # Errors
    /// When the disk or the database fails, or one is refused.
    pub fn bring(
        &self,
        db: &mut dyn Backend,
        dice: &mut Dice,
        owner: PersonId,
        files: Vec<Drawn>,
        at: i64,
    ) -> anyhow::Result<Vec<Brought>> {
        let rows = super::in_one(db, |db| {
            let files = files.into_iter();
            let rows = files.map(|file| {
                let id = FileId::new(u128::from_le_bytes(dice.bytes()));
                let alt = file.alt;
                Ok((self.receive(db, id, owner, file, at)?, alt))
            });
            rows.collect::<anyhow::Result<Vec<_>>>()
        })?;
        let rows = rows.iter();
        rows.map(|((row, parts), alt)| self.look_at(row, parts, alt))
            .collect()
    }

    fn receive(
        &self,
        db: &mut dyn Db,
        id: FileId,
        owner: PersonId,
        file: Drawn,
        at: i64,
    ) -> anyhow::Result<(FileRow, Vec<FilePart>)> {
        let size = file.bytes.len() as u64;
        let new = NewUpload {
            id,
            owner,
            was: None,
            nonce: None,
            size,
            name: file.name,
            wanted: file.wanted,
            full: false,
            poster_of: None,
            at,
        };
        let created = uploads::create(db, &new, NO_QUOTAS)?;
        created.map_err(|error| anyhow::anyhow!(error.message(Lang::En)))?;
        match self.depot.bring(id, &file.bytes)? {
            Some(part) => drop(parts::received(db, id, part, size, at)?),
            None => drop(uploads::received(db, id, size, at)?),
        }
        parts::all(db, id)?.context("an upload that is not there")
    }

    fn look_at(&self, row: &FileRow, parts: &[FilePart], alt: &str) -> anyhow::Result<Brought> {
        let looking = inspect(
            &self.depot,
            &self.looks,
            &self.crashes,
            (row, parts.to_vec()),
        );
        let inspected = match self.runtime.block_on(looking)? {
            Verdict::Ready(inspected) => inspected,
            Verdict::Poster(..) => bail!("a poster without its video"),
            Verdict::Refused(error) => bail!(error.message(Lang::En)),
        };
        self.depot.remove_incoming(row.id)?;
        Ok(Brought {
            file: Attachment {
                id: row.id,
                alt: alt.to_owned(),
                spoiler: false,
            },
            inspected,
        })
    }
}
