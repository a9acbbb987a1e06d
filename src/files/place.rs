//! The directory of files.
//!
//! What comes in is at `incoming/<id>`; what can be sent at `<first two letters>/<id>.<rendition>`. A rendition
//! is on the disk for good, name and all, before its row says so, and never changes afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::statvfs;

use crate::data_dir::make_directory;
use crate::model::file::Rendition;
use crate::model::file_id::FileId;

/// Letters of an id that name its directory: a thousand directories, so that none has too many entries.
const SHARD: usize = 2;

/// What a name below the directory stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The bytes of an upload that comes in.
    Incoming(FileId),
    /// A rendition.
    Rendition(FileId, Rendition),
    /// A rendition that was not written to its end.
    Half,
    /// Nothing that this program has written.
    Foreign,
}

/// A file below the directory.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// What it is by its name and place.
    pub part: Part,
    /// Its length.
    pub bytes: u64,
    /// When it was written last.
    pub written: SystemTime,
}

/// The directory of files; with a database in memory a temporary one, which goes with it.
#[derive(Debug)]
pub struct FilePlace {
    root: PathBuf,
    is_temporary: bool,
}

impl FilePlace {
    /// The directory `files` in the data directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        Self::at(data.join("files"), false)
    }

    /// A directory of its own, which is removed when this is dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temporary() -> anyhow::Result<Self> {
        let name = format!("teahouse-files-{:032x}", rand::random::<u128>());
        Self::at(std::env::temp_dir().join(name), true)
    }

    /// The same without making it, to look at what is there.
    #[must_use]
    pub fn existing(data: &Path) -> Self {
        Self {
            root: data.join("files"),
            is_temporary: false,
        }
    }

    fn at(root: PathBuf, is_temporary: bool) -> anyhow::Result<Self> {
        make_directory(&root.join("incoming"))?;
        Ok(Self { root, is_temporary })
    }

    /// Where the bytes of an upload are while they come.
    #[must_use]
    pub fn incoming(&self, id: FileId) -> PathBuf {
        self.root.join("incoming").join(id.to_string())
    }

    /// Where a rendition is.
    #[must_use]
    pub fn path(&self, id: FileId, rendition: Rendition) -> PathBuf {
        let id = id.to_string();
        let shard = id.get(..SHARD).unwrap_or_default();
        let name = format!("{id}.{}", rendition.as_str());
        self.root.join(shard).join(name)
    }

    /// Makes the bytes of a whole upload a rendition, as they are; again after a crash it does no harm.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_incoming(&self, id: FileId, rendition: Rendition) -> io::Result<()> {
        let path = self.path(id, rendition);
        let incoming = self.incoming(id);
        if !incoming.exists() && path.exists() {
            return Ok(());
        }
        let shard = self.shard(&path)?;
        fs::rename(incoming, &path)?;
        sync_directory(&shard)
    }

    /// Writes a rendition.
    ///
    /// # Errors
    /// When the disk fails, or is full.
    pub fn put(&self, id: FileId, rendition: Rendition, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(id, rendition);
        let shard = self.shard(&path)?;
        // Half a rendition has no name that anybody asks for.
        let half = path.with_added_extension("half");
        let written = write(&half, bytes).and_then(|()| fs::rename(&half, &path));
        if written.is_err() {
            let _none = fs::remove_file(&half);
        }
        written.and_then(|()| sync_directory(&shard))
    }

    /// Removes everything of a file; what is not there is gone.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, id: FileId) -> io::Result<()> {
        remove(&self.incoming(id))?;
        for rendition in Rendition::ALL {
            remove(&self.path(id, rendition))?;
        }
        Ok(())
    }

    /// Removes one rendition of a file, if it is there.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_one(&self, id: FileId, rendition: Rendition) -> io::Result<()> {
        remove(&self.path(id, rendition))
    }

    /// Removes the bytes that came in of a file, when its renditions are made.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_incoming(&self, id: FileId) -> io::Result<()> {
        remove(&self.incoming(id))
    }

    /// The ids of uploads that have bytes at `incoming/`.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn all_incoming(&self) -> io::Result<Vec<FileId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.root.join("incoming"))? {
            let name = entry?.file_name();
            ids.extend(name.to_str().and_then(|name| name.parse::<FileId>().ok()));
        }
        Ok(ids)
    }

    /// Gives every file below the directory to `each`, one directory after the other, without keeping a list.
    ///
    /// # Errors
    /// When the disk fails, and those of `each`.
    pub fn walk(&self, mut each: impl FnMut(Entry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if !self.root.exists() {
            return Ok(());
        }
        for directory in fs::read_dir(&self.root)? {
            let path = directory?.path();
            if !path.is_dir() {
                visit(path, Part::Foreign, &mut each)?;
                continue;
            }
            for entry in fs::read_dir(&path)? {
                let path = entry?.path();
                let part = self.part(&path);
                visit(path, part, &mut each)?;
            }
        }
        Ok(())
    }

    /// What a file is, by where it is: where this program would have put it, or foreign.
    fn part(&self, path: &Path) -> Part {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let (id, end) = name.split_once('.').unwrap_or((name, ""));
        let Ok(id) = id.parse::<FileId>() else {
            return Part::Foreign;
        };
        let (end, is_half) = match end.strip_suffix(".half") {
            Some(end) => (end, true),
            None => (end, false),
        };
        let rendition = Rendition::from_name(end);
        let part = match rendition {
            _ if end.is_empty() => Part::Incoming(id),
            Some(_) if is_half => Part::Half,
            Some(rendition) => Part::Rendition(id, rendition),
            // As it was called when there was one at a time.
            None if end == "half" => Part::Half,
            None => Part::Foreign,
        };
        let home = match part {
            Part::Incoming(_) => self.incoming(id),
            _ => self.path(id, Rendition::Raw).with_file_name(name),
        };
        if home == path { part } else { Part::Foreign }
    }

    /// Bytes that are free on its disk for whoever is not root.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn free(&self) -> io::Result<u64> {
        let disk = statvfs(&self.root)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// The directory of `path`, made if it is not there.
    fn shard(&self, path: &Path) -> io::Result<PathBuf> {
        let shard = path.parent().unwrap_or(&self.root).to_owned();
        if !shard.exists() {
            match fs::create_dir(&shard) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => sync_directory(&self.root)?,
            }
        }
        Ok(shard)
    }
}

impl Drop for FilePlace {
    fn drop(&mut self) {
        if self.is_temporary {
            let _left = fs::remove_dir_all(&self.root);
        }
    }
}

/// Gives a file to `each`, unless it has gone meanwhile.
fn visit(
    path: PathBuf,
    part: Part,
    each: &mut impl FnMut(Entry) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let there = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    let part = if there.is_file() { part } else { Part::Foreign };
    let written = there.modified()?;
    each(Entry {
        path,
        part,
        bytes: there.len(),
        written,
    })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    let mut file = options.mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes names in a directory survive a power cut (fsync(2): the file's own sync does not).
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let place = FilePlace::open(data.path()).unwrap();
        let id = FileId::new(7);
        fs::write(place.incoming(id), "bytes").unwrap();
        place.keep_incoming(id, Rendition::Raw).unwrap();
        place.keep_incoming(id, Rendition::Raw).unwrap();
        assert_eq!(fs::read(place.path(id, Rendition::Raw)).unwrap(), b"bytes");
        place.put(id, Rendition::S, b"small").unwrap();
        assert_eq!(fs::read(place.path(id, Rendition::S)).unwrap(), b"small");
        // Two renditions are written beside each other.
        let half = place.path(id, Rendition::S);
        fs::create_dir(half.with_file_name(format!("{id}.s.half"))).unwrap();
        place.put(id, Rendition::M, b"medium").unwrap();
        assert!(place.put(id, Rendition::S, b"other").is_err());
        fs::remove_dir(half.with_file_name(format!("{id}.s.half"))).unwrap();
        place.remove(id).unwrap();
        place.remove(id).unwrap();
        let shard = place.path(id, Rendition::Raw);
        let left = fs::read_dir(shard.parent().unwrap()).unwrap().count();
        assert_eq!(left, 0);
    }

    #[test]
    fn what_lies_there_is_known_by_its_name_and_place() {
        let data = tempfile::tempdir().unwrap();
        let place = FilePlace::open(data.path()).unwrap();
        let (id, other) = (FileId::new(7), FileId::new(u128::MAX));
        fs::write(place.incoming(id), "came").unwrap();
        place.put(id, Rendition::M, b"medium").unwrap();
        place.put(other, Rendition::Raw, b"raw").unwrap();
        let shard = place.path(id, Rendition::M);
        for (name, bytes) in [
            (format!("{id}.poster.half"), "half"),
            (format!("{id}.half"), "half"),
            (format!("{id}.exe.half"), "exe"),
            (format!("{other}.raw"), "in another's directory"),
            (id.to_string(), "no rendition"),
            ("notes.txt".to_owned(), "notes"),
        ] {
            fs::write(shard.with_file_name(name), bytes).unwrap();
        }
        fs::write(place.root.join("README"), "here").unwrap();
        let mut seen = Vec::new();
        let all = place.walk(|entry| {
            seen.push((entry.bytes, entry.part));
            Ok(())
        });
        all.unwrap();
        seen.sort_by_key(|(bytes, part)| (*bytes, *part == Part::Foreign, *part == Part::Half));
        assert_eq!(
            seen,
            [
                (3, Part::Rendition(other, Rendition::Raw)),
                (3, Part::Foreign),
                (4, Part::Incoming(id)),
                (4, Part::Half),
                (4, Part::Half),
                (4, Part::Foreign),
                (5, Part::Foreign),
                (6, Part::Rendition(id, Rendition::M)),
                (12, Part::Foreign),
                (22, Part::Foreign),
            ]
        );
        assert!(
            FilePlace::existing(Path::new("/none"))
                .walk(|_| Ok(()))
                .is_ok()
        );
    }

    #[test]
    fn a_temporary_place_goes_with_its_server() {
        let place = FilePlace::temporary().unwrap();
        let root = place.root.clone();
        place.put(FileId::new(1), Rendition::Raw, b"x").unwrap();
        assert!(root.exists());
        drop(place);
        assert!(!root.exists());
    }
}
