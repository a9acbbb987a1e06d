//! How bytes come in: pieces of uploads, each written by a thread that outlives its request.
//!
//! An offset is answered when it is on the disk for good (`fdatasync`) and in the store. A new piece of an upload
//! ends the one under way first, so that a phone which has changed networks does not meet its own ghost.
//!
//! Bounds: [`PIECES`] at a time, [`PIECES_OF_ONE`] of one person, then [`Error::Busy`]; [`CHUNKS`] chunks in memory
//! for each.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};

use crate::error::Error;
use crate::files::depot::Depot;
pub use crate::files::piece_writer::PieceError;
use crate::files::piece_writer::{Chunk, PieceWriter};
use crate::model::file_id::FileId;
use crate::model::person_id::PersonId;
use crate::store::Store;
use crate::store::files::{FileRow, FileState, find, parts};

/// Pieces that come in at a time: each has a thread while it lasts.
const PIECES: usize = 32;

/// Pieces of one person at a time: a page sends two files beside each other, and the third is the one that
/// takes over from a lost connection.
const PIECES_OF_ONE: usize = 3;

/// Chunks of a piece that its request has given and that are not written yet: one is written, one waits. Each is what a read
/// of the socket gave, up to some 190 KiB in a buffer of 256.
const CHUNKS: u32 = 2;

/// Pieces from which on each has one such chunk at most: the disk has enough to do without those that wait, and 32 uploads
/// take a third less memory.
const MANY: u64 = 8;

/// The uploads that bytes are coming of.
#[derive(Debug)]
pub struct Incoming {
    depot: Arc<Depot>,
    store: Store,
    /// Told when an upload is whole.
    whole: Arc<Notify>,
    pieces: Mutex<HashMap<FileId, UnderWay>>,
    /// How many they are.
    under_way: Arc<AtomicU64>,
}

/// A piece that is being written.
#[derive(Debug, Clone)]
struct UnderWay {
    owner: PersonId,
    end: Arc<Notify>,
    /// Closed when its thread has finished.
    done: watch::Receiver<()>,
}

/// The sending half of a piece: bytes go to its thread, and dropping it ends the piece.
#[derive(Debug)]
pub struct Piece {
    chunks: mpsc::Sender<Chunk>,
    /// Room for [`CHUNKS`].
    room: Arc<Semaphore>,
    under_way: Arc<AtomicU64>,
    outcome: oneshot::Receiver<Result<u64, PieceError>>,
}

impl Piece {
    /// Waits until the next bytes may be taken off the socket.
    pub async fn has_room(&self) {
        let many = self.under_way.load(Relaxed) >= MANY;
        // Never closed.
        let _room = self.room.acquire_many(if many { CHUNKS } else { 1 }).await;
    }

    /// Gives the next bytes to the disk, as fast as that takes them.
    ///
    /// # Errors
    /// [`Error::Busy`] when the piece has ended, because of the disk or of another one: [`Self::finish`] says why.
    pub async fn write(&self, bytes: Bytes) -> Result<(), Error> {
        let busy = |_ended| Error::Busy;
        let room = Arc::clone(&self.room).acquire_owned().await;
        let _room = room.map_err(|_closed| Error::Busy)?;
        self.chunks.send(Chunk { bytes, _room }).await.map_err(busy)
    }

    /// Returns when the piece has ended before its bytes have: because of the disk, or of another piece.
    pub async fn ended(&self) {
        self.chunks.closed().await;
    }

    /// Ends the piece; returns up to where the upload is on the disk for good.
    ///
    /// # Errors
    /// Why it ended early, with the same: what was synced stays. [`Error::DiskFull`], and those of the store.
    pub async fn finish(self) -> Result<u64, PieceError> {
        drop(self.chunks);
        let outcome = self.outcome.await;
        outcome.unwrap_or(Err(Error::Busy.into()))
    }
}

impl Incoming {
    /// Uploads to `depot`, of which `whole` is told when one is complete.
    #[must_use]
    pub fn new(depot: Arc<Depot>, store: Store, whole: Arc<Notify>) -> Self {
        Self {
            depot,
            store,
            whole,
            pieces: Mutex::default(),
            under_way: Arc::default(),
        }
    }

    /// The upload as it is when nothing of it is under way any more: a piece that is, is ended.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn settled(&self, id: FileId) -> Result<Option<FileRow>, Error> {
        let under_way = self.lock().get(&id).cloned();
        if let Some(mut under_way) = under_way {
            under_way.end.notify_one();
            // It never changes: it is closed when the thread has finished.
            let _closed = under_way.done.changed().await;
        }
        Ok(self.store.read(move |db| find(db, id)).await?)
    }

    /// Ends all pieces, and waits until what came of them is on the disk.
    pub async fn end_all(&self) {
        let under_way: Vec<UnderWay> = self.lock().values().cloned().collect();
        for piece in &under_way {
            piece.end.notify_one();
        }
        for mut piece in under_way {
            let _closed = piece.done.changed().await;
        }
    }

    /// Begins a piece of an upload at `offset`.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many are under way; [`Error::WrongOffset`], with the right one, when another piece
    /// was faster; [`Error::BadUpload`] when it has come in too many parts; those of [`is_open`] and of the store.
    pub async fn begin(
        self: &Arc<Self>,
        upload: &FileRow,
        offset: u64,
    ) -> Result<Piece, PieceError> {
        let (id, owner) = (upload.id, upload.owner);
        let end = Arc::new(Notify::new());
        let turn = self.take_turn(id, owner, &end)?;
        // From here on nobody else on this node moves the offset; whoever does on another, the store says no to one of both.
        let takes_parts = self.depot.takes_parts();
        let found = self.store.read(move |db| {
            let Some(found) = find(db, id)? else {
                return Ok(None);
            };
            let may_grow = !takes_parts || parts::may_grow(db, &found)?;
            Ok(Some((found, may_grow)))
        });
        let found = found.await.map_err(Error::from)?;
        let (found, may_grow) = found.ok_or(Error::NotFound)?;
        if !is_open(&found)? || found.got != offset {
            return Err(PieceError::at(Error::WrongOffset, found.got));
        }
        if !may_grow {
            return Err(PieceError::at(Error::BadUpload, found.got));
        }
        let (chunks, waiting) = mpsc::channel(CHUNKS as usize);
        let (answer, outcome) = oneshot::channel();
        let (depot, store) = (Arc::clone(&self.depot), self.store.clone());
        let under_way = Arc::clone(&self.under_way);
        let writer = PieceWriter::new(depot, store, under_way, (id, found.size, offset));
        let whole = Arc::clone(&self.whole);
        let handle = Handle::current();
        handle.clone().spawn_blocking(move || {
            let written = writer.run(&handle, waiting, &end);
            if written == Ok(found.size) {
                whole.notify_one();
            }
            drop(turn);
            let _gone = answer.send(written);
        });
        Ok(Piece {
            chunks,
            room: Arc::new(Semaphore::new(CHUNKS as usize)),
            under_way: Arc::clone(&self.under_way),
            outcome,
        })
    }

    /// Makes an upload this piece's alone.
    fn take_turn(
        self: &Arc<Self>,
        id: FileId,
        owner: PersonId,
        end: &Arc<Notify>,
    ) -> Result<Turn, Error> {
        let (finished, done) = watch::channel(());
        let mut pieces = self.lock();
        let theirs = pieces.values().filter(|piece| piece.owner == owner);
        let too_many = pieces.len() >= PIECES || theirs.count() >= PIECES_OF_ONE;
        if too_many || pieces.contains_key(&id) {
            return Err(Error::Busy);
        }
        let under_way = UnderWay {
            owner,
            end: Arc::clone(end),
            done,
        };
        pieces.insert(id, under_way);
        drop(pieces);
        self.under_way.fetch_add(1, Relaxed);
        Ok(Turn {
            incoming: Arc::clone(self),
            id,
            _finished: finished,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileId, UnderWay>> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right of one piece to write to an upload, until it is dropped.
struct Turn {
    incoming: Arc<Incoming>,
    id: FileId,
    _finished: watch::Sender<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.incoming.under_way.fetch_sub(1, Relaxed);
        self.incoming.lock().remove(&self.id);
    }
}

/// Whether an upload takes bytes.
///
/// # Errors
/// [`Error::UploadExpired`], [`Error::NotFound`].
pub fn is_open(upload: &FileRow) -> Result<bool, Error> {
    match upload.state {
        FileState::Receiving => Ok(true),
        FileState::Working | FileState::Ready | FileState::Attached | FileState::Refused => {
            Ok(false)
        }
        FileState::Expired => Err(Error::UploadExpired),
        FileState::Doomed => Err(Error::NotFound),
        FileState::Removed | FileState::Gone => Err(Error::FileGone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::place::FilePlace;
    use crate::model::file::Wanted;
    use crate::store::files::uploads::{self, NewUpload};
    use crate::store::files::usage::Quotas;
    use crate::store::{Place, writer};

    #[tokio::test]
    async fn a_piece_that_begins_late_cuts_nothing_off() {
        let (writer, queues) = writer::channel(false);
        let store = Store::start(&Place::Memory, writer).unwrap();
        let _thread = queues
            .run(
                |role| Place::Memory.open(role),
                Box::new(|_| {}),
                Arc::new(|| {}),
            )
            .unwrap();
        let data = tempfile::tempdir().unwrap();
        let place = FilePlace::open(data.path().to_owned()).unwrap();
        let depot = Arc::new(Depot::own(place));
        let incoming = Arc::new(Incoming::new(
            Arc::clone(&depot),
            store.clone(),
            Arc::default(),
        ));
        let new = NewUpload {
            id: FileId::new(1),
            owner: PersonId::User(1),
            was: None,
            nonce: None,
            size: 10,
            name: "a".to_owned(),
            wanted: Wanted::Any,
            full: false,
            poster_of: None,
            at: 1_000,
        };
        let free = Quotas {
            person: 0,
            total: 0,
        };
        let created = store.write(move |db| uploads::create(db, &new, free));
        let upload = created.await.unwrap().unwrap();
        let first = incoming.begin(&upload, 0).await.unwrap();
        first.write(Bytes::from_static(b"oolong")).await.unwrap();
        assert_eq!(first.finish().await, Ok(6));
        // It knows the upload as it was before the first.
        let late = incoming.begin(&upload, 0).await;
        assert_eq!(late.unwrap_err(), PieceError::at(Error::WrongOffset, 6));
        assert_eq!(
            std::fs::read(depot.place().incoming(upload.id)).unwrap(),
            b"oolong"
        );
    }
}
