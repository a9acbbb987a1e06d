//! What a place for files must do that is no directory.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

use bytes::Bytes;

/// Something that lies there: its name, bytes and when it was written.
pub(super) type Listed = (String, u64, SystemTime);

/// A place for files on other machines, under the names of [`super::entry`]. All of it blocks, within the time that
/// the place allows itself; what is written is there for good and for all nodes when the call returns, whole or not at all.
///
/// What is not there is [`io::ErrorKind::NotFound`].
pub(super) trait Remote: Send + Sync + std::fmt::Debug {
    /// Writes a few bytes.
    fn put(&self, name: &str, bytes: Bytes) -> io::Result<()>;

    /// Writes what a file of this machine has.
    fn put_file(&self, name: &str, file: &Path) -> io::Result<()>;

    /// The bytes of this range, in parts of any length.
    fn read(
        &self,
        name: &str,
        range: Range<u64>,
    ) -> io::Result<Box<dyn Iterator<Item = io::Result<Bytes>> + Send>>;

    /// How many bytes it has.
    fn length(&self, name: &str) -> io::Result<u64>;

    /// Removes it; what is not there is gone.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// What lies in a directory and below it, or everywhere.
    fn list(&self, directory: &str) -> Box<dyn Iterator<Item = io::Result<Listed>> + '_>;
}
