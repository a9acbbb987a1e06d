//! The files of a server are its own: for its owner's eyes, and for one process.
//!
//! Owns the data directory, the locks on it and on the database file, and the check that that
//! file is still the one that was opened, and whole. The locks are flock(2)'s, which SQLite's own do not
//! meet, and the system gives them back when the process ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use rustix::fs::{Mode, StatVfsMountFlags, statvfs};
use rustix::process::umask;

use crate::config::Config;

/// What others may not do with what the server writes.
const OTHERS: u32 = 0o077;

/// How long the locks of a server may outlive it: where it was killed in the moment in which it started a
/// child, that has them too until it is another program.
const LINGERING: Duration = Duration::from_secs(1);

/// Less than this left on a disk, in bytes, is nothing: SQLite's log alone begins with more.
const NO_SPACE: u64 = 256 * 1024;

/// How a database begins (<https://sqlite.org/fileformat2.html>, 1.3).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of its header up to and with the number of its pages.
const HEADER: usize = 32;

/// From now on whatever this process makes is for its owner only, wherever it is.
pub fn keep_to_ourselves() {
    umask(Mode::from_raw_mode(OTHERS));
}

/// A data directory locked for this process. It must outlive the connections to the database: closing any
/// descriptor of a file gives up all of SQLite's own locks on it (fcntl(2)).
#[derive(Debug)]
pub struct DataDirLock {
    /// The data directory's; never read again.
    _directory: File,
    /// `None` where the database is elsewhere.
    database: Option<DatabaseLock>,
}

/// The database file of a data directory, locked.
#[derive(Debug)]
struct DatabaseLock {
    file: File,
    path: PathBuf,
    /// How long the database was when it was last seen whole, in bytes.
    whole: AtomicU64,
}

impl DataDirLock {
    /// Creates the data directory if it is not there, and locks it and the database at `path`, unless that is elsewhere.
    ///
    /// # Errors
    /// When they cannot be made, or a server has one of them.
    pub fn take(config: &Config, path: Option<&Path>) -> anyhow::Result<Self> {
        let data = &config.server.data;
        make_directory(data)?;
        Ok(Self {
            _directory: lock(&data.join("lock"), &data.display().to_string())?,
            database: path.map(DatabaseLock::take).transpose()?,
        })
    }

    /// Whether the database's name still leads to the file that was opened, and that is as long as its
    /// header says. What was written within it by others is not seen.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn check(&self) -> Result<(), String> {
        self.database.as_ref().map_or(Ok(()), DatabaseLock::check)
    }

    /// Names what others on this machine may read, or get at.
    pub fn warn_of_onlookers(&self, config: &Config) {
        let data = &config.server.data;
        let mut files = vec![data.clone(), data.join("lock"), data.join("session.key")];
        if let Some(database) = &self.database {
            let beside = |end: &str| {
                let mut name = database.path.clone().into_os_string();
                name.push(end);
                PathBuf::from(name)
            };
            files.extend([database.path.clone(), beside("-wal"), beside("-shm")]);
        }
        for path in files {
            let Ok(there) = fs::metadata(&path) else {
                continue;
            };
            let mode = there.permissions().mode() & 0o777;
            if mode & OTHERS != 0 {
                let ours = mode & !OTHERS;
                let path = path.display();
                tracing::warn!(
                    "other users of this machine can get at {path} (mode {mode:03o}): chmod {ours:03o} {path}"
                );
            }
        }
    }
}

impl DatabaseLock {
    fn take(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            file: lock(path, &path.display().to_string())?,
            path: path.to_owned(),
            whole: AtomicU64::new(0),
        })
    }

    fn check(&self) -> Result<(), String> {
        let path = self.path.display();
        let ours = self.file.metadata();
        let ours = ours.map_err(|error| format!("{path} cannot be looked at: {error}"))?;
        match fs::metadata(&self.path) {
            Ok(there) if (there.dev(), there.ino()) != (ours.dev(), ours.ino()) => Err(format!(
                "{path} is another file now than the one that this server has open"
            )),
            Ok(_) => self.check_within(ours.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(format!("{path} has been removed"))
            }
            Err(error) => Err(format!("{path} cannot be looked at: {error}")),
        }
    }

    /// Whether the file, which has so many bytes, is a database and none of its pages is missing.
    fn check_within(&self, bytes: u64) -> Result<(), String> {
        let path = self.path.display();
        let before = self.whole.load(Ordering::Relaxed);
        if bytes == 0 && before == 0 {
            // Nothing has been written to it yet.
            return Ok(());
        }
        let mut header = [0; HEADER];
        let read = self.file.read_exact_at(&mut header, 0);
        let wanted = read.ok().and_then(|()| length(&header));
        let Some(wanted) = wanted else {
            return Err(format!("{path} has been overwritten or cut off"));
        };
        if bytes >= wanted {
            self.whole.store(bytes, Ordering::Relaxed);
            return Ok(());
        }
        // While SQLite makes it longer the header is the first to know.
        if bytes >= before {
            return Ok(());
        }
        Err(format!(
            "{path} has been cut off: it has {bytes} of its {wanted} bytes"
        ))
    }
}

/// How long a database is whose header this is, in bytes.
fn length(header: &[u8; HEADER]) -> Option<u64> {
    if !header.starts_with(MAGIC) {
        return None;
    }
    let page = header.get(16..18)?.try_into().ok()?;
    let page = match u16::from_be_bytes(page) {
        1 => 65_536,
        page => u64::from(page),
    };
    let pages = header.get(28..32)?.try_into().ok()?;
    Some(page * u64::from(u32::from_be_bytes(pages)))
}

/// Creates a directory for its owner only, if it is not there.
///
/// # Errors
/// When it cannot be made.
pub fn make_directory(path: &Path) -> anyhow::Result<()> {
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|error| {
        anyhow!(
            "cannot make the data directory {}: {error}{}",
            path.display(),
            space(path)
        )
    })
}

/// What to add where something could not be written at `path`: whether there is no space left. A file system
/// that is read only, or has no blocks at all (/proc), is not full.
#[must_use]
pub fn space(path: &Path) -> String {
    let there = path.ancestors().find(|path| path.exists());
    let there = there.filter(|path| !path.as_os_str().is_empty());
    let there = there.unwrap_or(Path::new("."));
    match statvfs(there) {
        Ok(disk) if disk.f_blocks == 0 || disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
            String::new()
        }
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < NO_SPACE => format!(
            "; there is no space left on the disk of {}: make some",
            there.display()
        ),
        _ => String::new(),
    }
}

fn lock(path: &Path, what: &str) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    let file = options
        .open(path)
        .map_err(|error| anyhow!("cannot write to {}: {error}{}", path.display(), space(path)))?;
    let until = Instant::now() + LINGERING;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => {
                thread::sleep(LINGERING / 50);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(anyhow!(
                    "another teahouse is serving from {what}: stop it, or choose another directory with --data"
                ));
            }
            Err(TryLockError::Error(error)) => {
                return Err(anyhow!("cannot lock {}: {error}", path.display()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_disk_that_is_full_has_no_space_left() {
        assert_eq!(space(Path::new("/proc/no such directory/data")), "");
        assert_eq!(space(&std::env::temp_dir().join("data")), "");
    }
}
