//! Brings the files of a demo in, as the server would: announced, received, looked at by a child, ready.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use super::exhibits::Drawn;
use crate::config::Config;
use crate::files::crashes::Crashes;
use crate::files::inspect::{Verdict, inspect};
use crate::files::place::FilePlace;
use crate::look::{Limits, Looks};
use crate::model::file::Attachment;
use crate::model::file_id::FileId;
use crate::model::person_id::PersonId;
use crate::store::files::find;
use crate::store::files::uploads::{self, NewUpload};
use crate::store::files::usage::Quotas;
use crate::store::sqlite::Sqlite;
use crate::text::catalog::Lang;

/// Nobody's files are too many here.
const NO_QUOTAS: Quotas = Quotas {
    person: 0,
    total: 0,
};

/// Where the files of a demo go.
#[derive(Debug)]
pub struct Uploading {
    place: Arc<FilePlace>,
    looks: Looks,
    crashes: Crashes,
    runtime: Runtime,
}

impl Uploading {
    /// To the directory of files of this server.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            place: Arc::new(FilePlace::open(&config.server.data)?),
            looks: Looks::new(1, Limits::of(&config.uploads)),
            crashes: Crashes::default(),
            runtime,
        })
    }

    /// A file that `owner` can send, uploaded at `at` (ms since 1970).
    ///
    /// # Errors
    /// When the disk or the database fails, or it is refused.
    pub fn bring(
        &self,
        db: &mut Sqlite,
        id: FileId,
        owner: PersonId,
        file: Drawn,
        at: i64,
    ) -> anyhow::Result<Attachment> {
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
        fs::write(self.place.incoming(id), file.bytes)?;
        uploads::received(db, id, size, at)?;
        let upload = find(db, id)?.context("an upload that is not there")?;
        let looking = inspect(&self.place, &self.looks, &self.crashes, &upload);
        match self.runtime.block_on(looking)? {
            Verdict::Ready(inspected) => uploads::ready(db, id, &inspected)?,
            Verdict::Poster(..) => bail!("a poster without its video"),
            Verdict::Refused(error) => bail!(error.message(Lang::En)),
        };
        self.place.remove_incoming(id)?;
        Ok(Attachment {
            id,
            alt: file.alt.to_owned(),
            spoiler: false,
        })
    }
}
