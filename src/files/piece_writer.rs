//! The thread of a piece: its bytes go to the disk, and up to where they are there for good goes to the store.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};

use crate::error::Error;
use crate::files::place::{FilePlace, sync_directory};
use crate::model::file_id::FileId;
use crate::store::Store;
use crate::store::files::uploads;
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
    place: Arc<FilePlace>,
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
        place: Arc<FilePlace>,
        store: Store,
        under_way: Arc<AtomicU64>,
        (id, size, offset): (FileId, u64, u64),
    ) -> Self {
        Self {
            place,
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
        let path = self.place.incoming(self.id);
        let mut file = open(&path, self.offset).map_err(|error| failed(&error))?;
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
            written = self.write(handle, &mut file, &chunk.bytes);
        }
        // What arrived before something failed counts all the same.
        let synced = self.sync(handle, &file);
        written.and(synced)
    }

    fn write(&mut self, handle: &Handle, file: &mut File, bytes: &Bytes) -> Result<(), Error> {
        let space = usize::try_from(self.size - self.offset).unwrap_or(usize::MAX);
        let fitting = bytes.get(..space.min(bytes.len())).unwrap_or_default();
        file.write_all(fitting).map_err(|error| failed(&error))?;
        self.offset += fitting.len() as u64;
        telemetry::upload_bytes(fitting.len() as u64);
        if self.offset - self.synced >= SYNC_EVERY {
            self.sync(handle, file)?;
        } else if self.offset - self.flushed >= UNWRITTEN / self.under_way.load(Relaxed).max(1) {
            file.sync_data().map_err(|error| failed(&error))?;
            self.flushed = self.offset;
        }
        Ok(())
    }

    fn sync(&mut self, handle: &Handle, file: &File) -> Result<(), Error> {
        if self.offset == self.synced {
            return Ok(());
        }
        file.sync_data().map_err(|error| failed(&error))?;
        let (id, got) = (self.id, self.offset);
        let noted = self
            .store
            .write(move |db| uploads::received(db, id, got, clock::now_ms()));
        if handle.block_on(noted)?.is_none() {
            // It was thrown away, or expired, meanwhile.
            return Err(Error::NotFound);
        }
        self.synced = self.offset;
        self.flushed = self.offset;
        Ok(())
    }
}

fn failed(error: &io::Error) -> Error {
    tracing::warn!(%error, "bytes of a file were not written");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull,
        _ => Error::NotSaved,
    }
}

/// The file of an upload, cut to what has been answered.
fn open(path: &Path, offset: u64) -> io::Result<File> {
    let is_new = !path.exists();
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false);
    let mut file = options.mode(0o600).open(path)?;
    if is_new && let Some(directory) = path.parent() {
        sync_directory(directory)?;
    }
    if file.metadata()?.len() < offset {
        return Err(io::Error::other("an upload has lost bytes"));
    }
    file.set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(file)
}
