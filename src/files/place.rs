//! The directory of files.
//!
//! What comes in is at `incoming/<id>`; what can be sent at `<first two letters>/<id>.<rendition>`. A rendition
//! is on the disk for good, name and all, before its row says so, and never changes afterwards. Where several nodes
//! share the directory, what comes in is at `parts/<id>/<start>.<mark>`, and `nodes/` and `house` say whose it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::entry::{Entry, INCOMING, OURS, PARTS, Part, part_name, rendition_name, visit, what_is};
use crate::data_dir::make_directory;
use crate::model::file::Rendition;
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;

/// The directory of files; with a database in memory a temporary one, which goes with it.
#[derive(Debug)]
pub struct FilePlace {
    root: PathBuf,
    is_temporary: bool,
}

impl FilePlace {
    /// This directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: PathBuf) -> anyhow::Result<Self> {
        Self::at(root, false)
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
    pub fn existing(root: PathBuf) -> Self {
        Self {
            root,
            is_temporary: false,
        }
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn at(root: PathBuf, is_temporary: bool) -> anyhow::Result<Self> {
        make_directory(&root.join(INCOMING))?;
        Ok(Self { root, is_temporary })
    }

    /// Where the bytes of an upload are while they come.
    #[must_use]
    pub fn incoming(&self, id: FileId) -> PathBuf {
        self.root.join(INCOMING).join(id.to_string())
    }

    /// Where a part of an upload is.
    #[must_use]
    pub fn part_path(&self, id: FileId, part: FilePart) -> PathBuf {
        self.root.join(part_name(id, part))
    }

    /// Where the parts of an upload are.
    fn parts_of(&self, id: FileId) -> PathBuf {
        self.root.join(PARTS).join(id.to_string())
    }

    /// Begins a part of an upload: a file of this name that was not there before.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin_part(&self, id: FileId, part: FilePart) -> io::Result<File> {
        let directory = self.parts_of(id);
        if !directory.exists() {
            let all = self.root.join(PARTS);
            fs::create_dir_all(&directory)?;
            sync_directory(&all)?;
            sync_directory(&self.root)?;
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true);
        let file = options.mode(0o600).open(self.part_path(id, part))?;
        sync_directory(&directory)?;
        Ok(file)
    }

    /// Removes a part of an upload, and what held it when it was the last.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_part(&self, id: FileId, part: FilePart) -> io::Result<()> {
        remove(&self.part_path(id, part))?;
        // It stays where there are others.
        let _others = fs::remove_dir(self.parts_of(id));
        Ok(())
    }

    /// A file for all bytes of an upload, which is nobody else's.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin_whole(&self, id: FileId) -> io::Result<(PathBuf, File)> {
        let name = format!("{id}.{:016x}.half", rand::random::<u64>());
        let path = self.root.join(INCOMING).join(name);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true);
        let file = options.mode(0o600).open(&path)?;
        Ok((path, file))
    }

    /// Where a rendition is.
    #[must_use]
    pub fn path(&self, id: FileId, rendition: Rendition) -> PathBuf {
        self.root.join(rendition_name(id, rendition))
    }

    /// Makes a file of this directory, the bytes of a whole upload, a rendition as it is. It may be that already, after a crash.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&self, whole: &Path, id: FileId, rendition: Rendition) -> io::Result<()> {
        let path = self.path(id, rendition);
        let shard = self.shard(&path)?;
        if whole != path {
            fs::rename(whole, &path)?;
        }
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
        self.remove_incoming(id)?;
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
        remove(&self.incoming(id))?;
        match fs::remove_dir_all(self.parts_of(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a file by its path, if it is there.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_path(&self, path: &Path) -> io::Result<()> {
        remove(path)
    }

    /// What lies at `incoming/` and `parts/`.
    ///
    /// # Errors
    /// When the disk fails, and those of `each`.
    pub fn walk_incoming(
        &self,
        each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.walk_directory(&self.root.join(INCOMING), each)?;
        let parts = self.root.join(PARTS);
        if !parts.exists() {
            return Ok(());
        }
        for directory in fs::read_dir(parts)? {
            let path = directory?.path();
            match path.is_dir() {
                true => self.walk_directory(&path, each)?,
                false => visit(path, Part::Foreign, each)?,
            }
        }
        Ok(())
    }

    fn walk_directory(
        &self,
        directory: &Path,
        each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let part = self.what_is(&path);
            visit(path, part, each)?;
        }
        Ok(())
    }

    /// Gives every file below the directory to `each`, one directory after the other, without keeping a list.
    ///
    /// # Errors
    /// When the disk fails, and those of `each`.
    pub fn walk(&self, each: &mut dyn FnMut(Entry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if !self.root.exists() {
            return Ok(());
        }
        self.walk_incoming(each)?;
        for directory in fs::read_dir(&self.root)? {
            let path = directory?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            match name.unwrap_or_default() {
                INCOMING | PARTS => {}
                name if OURS.contains(&name) => {}
                _ if path.is_dir() => self.walk_directory(&path, each)?,
                _ => visit(path, Part::Foreign, each)?,
            }
        }
        Ok(())
    }

    /// What a file is, by where it is: where this program would have put it, or foreign.
    fn what_is(&self, path: &Path) -> Part {
        let name = path.strip_prefix(&self.root).ok();
        let name = name.and_then(|name| name.to_str());
        name.map_or(Part::Foreign, what_is)
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
mod tests;
