//! The thread of a piece: its bytes go to the disk, and up to where they are there for good goes to the store.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};

use crate::error::Error;
use crate::files::depot::Depot;
use crate::files::place::sync_directory;
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;
use crate::store::Store;
use crate::store::db::Db;
use crate::store::files::{FileState, find, parts, uploads};
use crate::telemetry;
use crate::text::clock;

/// Bytes after which a long piece is synced, so that a crash costs no more of it.
const SYNC_EVERY: u64 = 8 << 20;

/// Bytes of all pieces under way that are not written out to the disk. A database that syncs its log waits for what others
/// have not written yet (ext4, `data=ordered`): with twenty uploads of 5 MB/s one in a hundred commits took 80 ms where 8 MiB
/// of each lay there, and takes 15.
const UNWRITTEN: u64 = 16 << 20;

/// Why bytes were not taken, or not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceError {
    /// The refusal.
    pub error: Error,
    /// Where the upload goes on, where that is known.
    pub offset: Option<u64>,
}

impl PieceError {
    /// The refusal with the offset to go on at.
    #[must_use]
    pub fn at(error: Error, offset: u64) -> Self {
        let offset = Some(offset);
        Self { error, offset }
    }
}

impl From<Error> for PieceError {
    fn from(error: Error) -> Self {
        let offset = None;
        Self { error, offset }
    }
}

/// Bytes that are to be written.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    /// Given back when they are written.
    pub(super) _room: OwnedSemaphorePermit,
}

/// What writes a piece of an upload.
pub(super) struct PieceWriter {
    depot: Arc<Depot>,
    store: Store,
    id: FileId,
    /// How many pieces are under way, this one among them.
    under_way: Arc<AtomicU64>,
    /// Bytes of the upload.
    size: u64,
    /// Where the next byte goes.
    offset: u64,
    /// Up to where it is on the disk for good, and the store knows.
    synced: u64,
    /// Up to where it is on the disk.
    flushed: u64,
}

impl PieceWriter {
    /// One that goes on with the upload `id` of `size` bytes at `offset`, one of `under_way` pieces.
    pub(super) fn new(
        depot: Arc<Depot>,
        store: Store,
        under_way: Arc<AtomicU64>,
        (id, size, offset): (FileId, u64, u64),
    ) -> Self {
        Self {
            depot,
            store,
            id,
            under_way,
            size,
            offset,
            synced: offset,
            flushed: offset,
        }
    }

    /// Writes all of `chunks`, or until `end` is told; returns up to where the upload is on the disk for good. Blocks.
    pub(super) fn run(
        mut self,
        handle: &Handle,
        chunks: mpsc::Receiver<Chunk>,
        end: &Notify,
    ) -> Result<u64, PieceError> {
        self.take_all(handle, chunks, end)
            .map_err(|error| PieceError::at(error, self.synced))?;
        Ok(self.synced)
    }

    fn take_all(
        &mut self,
        handle: &Handle,
        mut chunks: mpsc::Receiver<Chunk>,
        end: &Notify,
    ) -> Result<(), Error> {
        let mut to = None;
        if !self.depot.takes_parts() {
            to = Some(self.open().map_err(|error| self.failed(&error))?);
        }
        let mut written = Ok(());
        while written.is_ok() {
            let next = handle.block_on(async {
                tokio::select! {
                    biased;
                    () = end.notified() => None,
                    next = chunks.recv() => next,
                }
            });
            let Some(chunk) = next else { break };
            written = self.write(handle, &mut to, &chunk.bytes);
        }
        // What arrived before something failed counts all the same.
        let synced = self.sync(handle, &mut to);
        written.and(synced)
    }

    fn write(
        &mut self,
        handle: &Handle,
        to: &mut Option<Target>,
        bytes: &Bytes,
    ) -> Result<(), Error> {
        let space = usize::try_from(self.size - self.offset).unwrap_or(usize::MAX);
        let fitting = bytes.get(..space.min(bytes.len())).unwrap_or_default();
        if fitting.is_empty() {
            return Ok(());
        }
        let target = match to {
            Some(target) => target,
            None => to.insert(self.begin_part().map_err(|error| self.failed(&error))?),
        };
        let file = &mut target.file;
        file.write_all(fitting)
            .map_err(|error| self.failed(&error))?;
        self.offset += fitting.len() as u64;
        telemetry::upload_bytes(fitting.len() as u64);
        if self.offset - self.synced >= SYNC_EVERY {
            self.sync(handle, to)?;
        } else if self.offset - self.flushed >= UNWRITTEN / self.under_way.load(Relaxed).max(1) {
            file.sync_data().map_err(|error| self.failed(&error))?;
            self.flushed = self.offset;
        }
        Ok(())
    }

    /// Has what was written where it stays, and notes it in the store.
    fn sync(&mut self, handle: &Handle, to: &mut Option<Target>) -> Result<(), Error> {
        if self.offset == self.synced {
            return Ok(());
        }
        let Some(target) = to.as_ref() else {
            return Ok(());
        };
        target
            .file
            .sync_data()
            .map_err(|error| self.failed(&error))?;
        match target.part {
            None => self.note(handle)?,
            Some(part) => {
                *to = None;
                self.depot
                    .end_part(self.id, part)
                    .map_err(|error| self.failed(&error))?;
                self.note_part(handle, part)?;
            }
        }
        self.synced = self.offset;
        self.flushed = self.offset;
        Ok(())
    }

    fn note(&self, handle: &Handle) -> Result<(), Error> {
        let (id, got) = (self.id, self.offset);
        let noted = self
            .store
            .write(move |db| uploads::received(db, id, got, clock::now_ms()));
        match handle.block_on(noted)? {
            Some(_) => Ok(()),
            // It was thrown away, or expired, meanwhile.
            None => Err(Error::NotFound),
        }
    }

    fn note_part(&mut self, handle: &Handle, part: FilePart) -> Result<(), Error> {
        let (id, got) = (self.id, self.offset);
        let note = move |db: &mut dyn Db| {
            let noted = parts::received(db, id, part, got, clock::now_ms())?;
            Ok((noted, find(db, id)?))
        };
        let (noted, now) = handle.block_on(self.store.write(note))?;
        if noted {
            return Ok(());
        }
        // Nobody asks for it. What is left after a crash, the job that cleans up finds.
        if let Err(error) = self.depot.drop_part(id, part) {
            tracing::warn!(%error, "a part of a file that is nobody's was not removed");
        }
        match now.filter(|upload| upload.state == FileState::Receiving) {
            // Another node was faster.
            Some(upload) => {
                self.synced = upload.got;
                Err(Error::WrongOffset)
            }
            None => Err(Error::NotFound),
        }
    }

    /// The file of an upload, cut to what has been answered.
    fn open(&self) -> io::Result<Target> {
        let path = self.depot.place().incoming(self.id);
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        let mut file = options.mode(0o600).open(&path)?;
        if is_new && let Some(directory) = path.parent() {
            sync_directory(directory)?;
        }
        if file.metadata()?.len() < self.offset {
            return Err(io::Error::other("an upload has lost bytes"));
        }
        file.set_len(self.offset)?;
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(Target { file, part: None })
    }

    fn begin_part(&self) -> io::Result<Target> {
        let part = FilePart::new(self.offset);
        let file = self.depot.begin_part(self.id, part)?;
        Ok(Target {
            file,
            part: Some(part),
        })
    }

    fn failed(&self, error: &io::Error) -> Error {
        tracing::warn!(%error, "bytes of a file were not written");
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull,
            _ if self.depot.is_away(error) => Error::FilesAway,
            _ => Error::NotSaved,
        }
    }
}

/// What bytes are written to.
struct Target {
    file: File,
    /// The part that they are, where the upload comes in parts.
    part: Option<FilePart>,
}
