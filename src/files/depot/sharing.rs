//! Whether what one node has of files is what the others have: each leaves its name where its files lie, and looks for those of
//! the others there. A directory that only has the same path on two machines is found out so.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use uuid::Uuid;

use super::{Depot, Kind, found};
use crate::files::entry::{HOUSE, NODES};

/// How long the name of a node stays that is none any more: one that starts says so here before it is one.
const STAYS: Duration = Duration::from_secs(3_600);

impl Depot {
    /// The server whose files these are, by its id, where somebody has said so.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn house(&self) -> io::Result<Option<Uuid>> {
        let known = self.word(HOUSE)?;
        Ok(known.map(|known| known.trim().parse().unwrap_or_default()))
    }

    /// Notes that these are the files of the server `id`.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn claim(&self, id: Uuid) -> io::Result<()> {
        self.write_word(HOUSE, &format!("{id}\n"))
    }

    /// Leaves the name of a node, `boot`, and removes those of nodes that have gone, `known` being all that may live.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn enter(&self, boot: Uuid, known: &[Uuid]) -> io::Result<()> {
        let name = |boot: &str| format!("{NODES}/{boot}");
        self.write_word(&name(&boot.to_string()), "")?;
        for (other, written) in self.names()? {
            let age = SystemTime::now().duration_since(written);
            let is_known = other.parse().is_ok_and(|other| known.contains(&other));
            if !is_known && age.unwrap_or_default() > STAYS {
                match &self.kind {
                    Kind::Remote(remote) => remote.remove(&name(&other))?,
                    Kind::Own | Kind::Shared => {
                        self.place
                            .remove_path(&self.place.root().join(name(&other)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a node has left its name here.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn has_seen(&self, boot: Uuid) -> io::Result<bool> {
        Ok(self.word(&format!("{NODES}/{boot}"))?.is_some())
    }

    /// What a node is told that does not find the name of another one, which lives. `has_any`: whether there are files already.
    #[must_use]
    pub fn not_shared(&self, other: &str, has_any: bool) -> String {
        let place = self.described();
        let without = match has_any {
            true => "",
            false => {
                "; or let nobody send files: [uploads] who = \"nobody\" and voice = \"nobody\""
            }
        };
        match self.kind {
            Kind::Own => format!(
                "the node {other} lives and does not have its files in {place}, so what is sent at one of them would be \
                 missing at the other. Stop all nodes, set [uploads] store to a directory that all of them have, or to \
                 \"s3://BUCKET/PREFIX\", move there what lies in files/ of the data directory, and start them again \
                 (docs/cluster.md){without}"
            ),
            Kind::Shared => format!(
                "[uploads] store: the node {other} lives and has never been in {place}: either that is not the same \
                 directory on its machine, so mount one file system there on all of them, or it has another store: stop all \
                 nodes, give all the same one and start them again"
            ),
            Kind::Remote(_) => format!(
                "[uploads] store: the node {other} lives and has never been in {place}: stop all nodes, give all the same \
                 store and start them again"
            ),
        }
    }

    /// The nodes that have left their names, and when.
    fn names(&self) -> io::Result<Vec<(String, SystemTime)>> {
        let mut names = Vec::new();
        if let Kind::Remote(remote) = &self.kind {
            for listed in remote.list(NODES) {
                let (name, _, written) = listed?;
                names.extend(
                    name.rsplit('/')
                        .next()
                        .map(|name| (name.to_owned(), written)),
                );
            }
            return Ok(names);
        }
        for entry in fs::read_dir(self.place.root().join(NODES))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(written) = found(entry.metadata())? {
                names.push((name, written.modified()?));
            }
        }
        Ok(names)
    }

    /// Writes a line that nodes say of themselves.
    fn write_word(&self, name: &str, word: &str) -> io::Result<()> {
        match &self.kind {
            Kind::Remote(remote) => remote.put(name, Bytes::copy_from_slice(word.as_bytes())),
            Kind::Own | Kind::Shared => {
                let path = self.place.root().join(name);
                if let Some(directory) = path.parent() {
                    let mut builder = fs::DirBuilder::new();
                    builder.recursive(true).mode(0o700).create(directory)?;
                }
                let mut options = fs::OpenOptions::new();
                let options = options.write(true).create(true).truncate(true);
                let mut file = options.mode(0o600).open(path)?;
                file.write_all(word.as_bytes())?;
                file.sync_all()
            }
        }
    }

    /// Reads one; `None` when it is not there.
    fn word(&self, name: &str) -> io::Result<Option<String>> {
        let read = match &self.kind {
            Kind::Remote(remote) => remote.length(name).and_then(|length| {
                let mut all = Vec::new();
                for bytes in remote.read(name, 0..length)? {
                    all.extend_from_slice(&bytes?);
                }
                Ok(String::from_utf8_lossy(&all).into_owned())
            }),
            Kind::Own | Kind::Shared => fs::read_to_string(self.place.root().join(name)),
        };
        found(read)
    }
}
