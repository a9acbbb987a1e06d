//! How many files are on their way to readers.
//!
//! Bounds: [`STREAMS`] at a time, [`STREAMS_OF_ADDRESS`] to one address.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;
use crate::realtime::shares::{Share, Shares};
use crate::telemetry;

/// Files that are sent at a time: each reads from the disk with one of the threads that wait.
const STREAMS: usize = 256;

/// Files that are sent to one address at a time: a page opens six connections, and several people may share it.
const STREAMS_OF_ADDRESS: usize = 32;

/// How many files are sent to readers at a time.
#[derive(Debug)]
pub struct FileStreams {
    all: Arc<Semaphore>,
    by_address: Arc<Shares>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct FileStream {
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

impl Default for FileStreams {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(STREAMS)),
            by_address: Shares::new(STREAMS_OF_ADDRESS),
        }
    }
}

impl FileStreams {
    /// One more to this address, which is a subscriber's.
    ///
    /// # Errors
    /// [`Error::Busy`] when there are as many as allowed.
    pub fn begin(&self, address: IpAddr) -> Result<FileStream, Error> {
        let permit = Arc::clone(&self.all).try_acquire_owned();
        let stream = FileStream {
            _permit: permit.map_err(|_all_taken| Error::Busy)?,
            _share: self.by_address.take(address).ok_or(Error::Busy)?,
        };
        telemetry::file_streams(1);
        Ok(stream)
    }
}

impl Drop for FileStream {
    fn drop(&mut self) {
        telemetry::file_streams(-1);
    }
}
