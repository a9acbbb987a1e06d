//! Where files lie: a directory of this node's own, one that all nodes share, or storage on other machines.
//!
//! On its own directory a node moves bytes about by renaming them. Elsewhere an upload comes in parts, each written once under a
//! name of its own, so that no node can spoil what another has: which parts are an upload's says the database alone
//! ([`crate::store::files::parts`]). Everything here blocks.

mod coming;
mod sharing;

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::entry::{Entry, HOUSE, OURS, PARTS, rendition_name, what_is};
use super::place::FilePlace;
use super::reading::Reading;
use super::remote::{Listed, Remote};
use crate::config::{Config, Uploads};
use crate::model::file::Rendition;
use crate::model::file_id::FileId;

/// The directory, in the data directory, of what a node works on whose files lie elsewhere: nothing in it outlives the process.
const SCRATCH: &str = "scratch";

/// Where files lie.
#[derive(Debug)]
pub struct Depot {
    /// The directory; where files lie elsewhere, one for what this node works on.
    place: FilePlace,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Nobody else has the directory.
    Own,
    /// Other nodes have it too.
    Shared,
    /// Files are on other machines.
    Remote(Box<dyn Remote>),
}

/// All bytes of an upload in one file. One that was made for this goes with it, if it was not kept.
#[derive(Debug)]
pub struct Whole {
    /// The file.
    pub path: PathBuf,
    is_made: bool,
}

impl Drop for Whole {
    fn drop(&mut self) {
        if self.is_made {
            let _kept = fs::remove_file(&self.path);
        }
    }
}

impl Depot {
    /// What the settings name, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made, in words for the operator.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        if config.is_in_memory() {
            return Ok(Self::own(FilePlace::temporary()?));
        }
        let depot = Self::existing(config)?;
        if depot.is_remote() {
            // Nobody works on what a process before this one has left.
            let _none = fs::remove_dir_all(depot.place.root());
        }
        let place = FilePlace::open(depot.place.root().to_owned());
        let place = place.map_err(|error| match config.uploads.store.as_str() {
            "" => error,
            _ => anyhow::anyhow!("[uploads] store: {error}"),
        })?;
        Ok(Self { place, ..depot })
    }

    /// The same without making anything, to look at what is there.
    ///
    /// # Errors
    /// When the settings name nothing that this program can reach.
    pub fn existing(config: &Config) -> anyhow::Result<Self> {
        let (data, store) = (&config.server.data, config.uploads.store.as_str());
        let at = |root: PathBuf, kind| Self {
            place: FilePlace::existing(root),
            kind,
        };
        if store.is_empty() {
            return Ok(at(data.join("files"), Kind::Own));
        }
        if config.uploads.bucket().is_some() {
            let remote = bucket(&config.uploads)?;
            return Ok(at(data.join(SCRATCH), Kind::Remote(remote)));
        }
        // Who has an SQLite file has it alone.
        Ok(match config.postgres() {
            Some(_) => at(PathBuf::from(store), Kind::Shared),
            None => at(PathBuf::from(store), Kind::Own),
        })
    }

    /// A directory that nobody else has.
    #[must_use]
    pub fn own(place: FilePlace) -> Self {
        let kind = Kind::Own;
        Self { place, kind }
    }

    /// Whether uploads come in parts.
    #[must_use]
    pub fn takes_parts(&self) -> bool {
        !matches!(self.kind, Kind::Own)
    }

    /// Whether files are on other machines.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.kind, Kind::Remote(_))
    }

    /// The directory, or that of what this node works on.
    #[must_use]
    pub fn place(&self) -> &FilePlace {
        &self.place
    }

    /// Whether something failed because files cannot be reached just now, and not because they are not there.
    #[must_use]
    pub fn is_away(&self, error: &io::Error) -> bool {
        let missing = error.kind() == io::ErrorKind::NotFound;
        match self.kind {
            Kind::Own => false,
            // Where nothing is mounted there is not even what nodes say of themselves.
            Kind::Shared => !missing || !self.has_house(),
            Kind::Remote(_) => !missing,
        }
    }

    /// Makes all bytes of an upload a rendition, as they are. It may be that already, after a crash.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn keep(&self, whole: &Whole, id: FileId, rendition: Rendition) -> io::Result<()> {
        match &self.kind {
            Kind::Own | Kind::Shared => self.place.keep(&whole.path, id, rendition),
            Kind::Remote(remote) => remote.put_file(&rendition_name(id, rendition), &whole.path),
        }
    }

    /// Writes a rendition.
    ///
    /// # Errors
    /// When files cannot be reached, or there is no space.
    pub fn put(&self, id: FileId, rendition: Rendition, bytes: &[u8]) -> io::Result<()> {
        self.is_there()?;
        match &self.kind {
            Kind::Own | Kind::Shared => self.place.put(id, rendition, bytes),
            Kind::Remote(remote) => {
                let bytes = Bytes::copy_from_slice(bytes);
                remote.put(&rendition_name(id, rendition), bytes)
            }
        }
    }

    /// Bytes of a rendition.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when it is not there; when files cannot be reached.
    pub fn read(&self, id: FileId, rendition: Rendition, range: Range<u64>) -> io::Result<Reading> {
        let Kind::Remote(remote) = &self.kind else {
            let file = File::open(self.place.path(id, rendition))?;
            return Ok(Reading::File { file, range });
        };
        let left = range.end - range.start;
        let parts = match left {
            0 => Box::new(std::iter::empty()),
            _ => remote.read(&rendition_name(id, rendition), range)?,
        };
        Ok(Reading::Stream { parts, left })
    }

    /// How many bytes a rendition has; `None` when it is not there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn length(&self, id: FileId, rendition: Rendition) -> io::Result<Option<u64>> {
        match &self.kind {
            Kind::Remote(remote) => found(remote.length(&rendition_name(id, rendition))),
            Kind::Own | Kind::Shared => length(&self.place.path(id, rendition)),
        }
    }

    /// Whether anything of a file is there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn has_any(&self, id: FileId) -> io::Result<bool> {
        for rendition in Rendition::ALL {
            if self.length(id, rendition)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes everything of a file; what is not there is gone.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn remove(&self, id: FileId) -> io::Result<()> {
        self.remove_incoming(id)?;
        let mut all = Rendition::ALL.into_iter();
        all.try_for_each(|rendition| self.remove_one(id, rendition))
    }

    /// Removes one rendition of a file, if it is there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn remove_one(&self, id: FileId, rendition: Rendition) -> io::Result<()> {
        self.is_there()?;
        match &self.kind {
            Kind::Remote(remote) => remote.remove(&rendition_name(id, rendition)),
            Kind::Own | Kind::Shared => self.place.remove_one(id, rendition),
        }
    }

    /// Removes the bytes that came in of a file, when its renditions are made.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn remove_incoming(&self, id: FileId) -> io::Result<()> {
        self.is_there()?;
        self.place.remove_incoming(id)?;
        if let Kind::Remote(remote) = &self.kind {
            for listed in remote.list(&format!("{PARTS}/{id}")) {
                remote.remove(&listed?.0)?;
            }
        }
        Ok(())
    }

    /// Removes what was found, if it is there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn remove_entry(&self, entry: &Entry) -> io::Result<()> {
        match &self.kind {
            Kind::Remote(remote) => remote.remove(&entry.path.to_string_lossy()),
            Kind::Own | Kind::Shared => self.place.remove_path(&entry.path),
        }
    }

    /// Gives what comes in, and is for all nodes, to `each`.
    ///
    /// # Errors
    /// When files cannot be reached, and those of `each`.
    pub fn walk_incoming(
        &self,
        each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Remote(remote) => walk(remote.as_ref(), PARTS, each),
            Kind::Own | Kind::Shared => self.place.walk_incoming(each),
        }
    }

    /// Gives everything that lies there to `each`, without keeping a list.
    ///
    /// # Errors
    /// When files cannot be reached, and those of `each`.
    pub fn walk(&self, each: &mut dyn FnMut(Entry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Remote(remote) => walk(remote.as_ref(), "", each),
            Kind::Own | Kind::Shared => self.place.walk(each),
        }
    }

    /// Where it is, for the operator.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.kind {
            Kind::Remote(remote) => format!("{remote:?}"),
            Kind::Own | Kind::Shared => self.place.root().display().to_string(),
        }
    }

    /// Whether a directory that other nodes have is there: where nothing is mounted nothing is written, and nothing has gone.
    fn is_there(&self) -> io::Result<()> {
        match self.kind {
            Kind::Shared if !self.has_house() => {
                Err(io::Error::other("the directory of files is not there"))
            }
            Kind::Own | Kind::Shared | Kind::Remote(_) => Ok(()),
        }
    }

    fn has_house(&self) -> bool {
        self.place.root().join(HOUSE).exists()
    }
}

/// The bucket that the settings name.
#[cfg(feature = "s3")]
fn bucket(settings: &Uploads) -> anyhow::Result<Box<dyn Remote>> {
    Ok(Box::new(super::bucket::Bucket::open(settings)?))
}

/// There is none without the feature.
#[cfg(not(feature = "s3"))]
fn bucket(_settings: &Uploads) -> anyhow::Result<Box<dyn Remote>> {
    anyhow::bail!("[uploads] store: this program was built without the feature s3")
}

fn walk(
    remote: &dyn Remote,
    directory: &str,
    each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for listed in remote.list(directory) {
        let (name, bytes, written): Listed = listed?;
        let first = name.split('/').next().unwrap_or_default();
        if OURS.contains(&first) {
            continue;
        }
        let part = what_is(&name);
        let path = PathBuf::from(name);
        each(Entry {
            path,
            part,
            bytes,
            written,
        })?;
    }
    Ok(())
}

/// The length of a file; `None` when it is not there.
fn length(path: &Path) -> io::Result<Option<u64>> {
    found(fs::metadata(path).map(|there| there.len()))
}

/// What was found; `None` when it is not there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
