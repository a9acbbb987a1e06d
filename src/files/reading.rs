//! The bytes of a rendition on their way to a reader, a part at a time.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use bytes::Bytes;

/// Bytes that are read of a file at a time.
const PART: usize = 64 * 1024;

/// Bytes of a rendition, from where the last part ended. Reading blocks.
pub enum Reading {
    /// From a disk.
    File {
        /// The file.
        file: File,
        /// What is left of it.
        range: Range<u64>,
    },
    /// From elsewhere: parts in order.
    Stream {
        /// The parts.
        parts: Box<dyn Iterator<Item = io::Result<Bytes>> + Send>,
        /// Bytes that are still to come.
        left: u64,
    },
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Reading")
    }
}

impl Reading {
    /// The next part; `None` at the end. Blocks.
    ///
    /// # Errors
    /// When it cannot be read, or ends too early.
    pub fn part(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Self::File { file, range } => {
                let left = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                if left == 0 {
                    return Ok(None);
                }
                let mut part = vec![0; left.min(PART)];
                file.read_exact_at(&mut part, range.start)?;
                range.start += part.len() as u64;
                Ok(Some(part.into()))
            }
            Self::Stream { parts, left } => {
                if *left == 0 {
                    return Ok(None);
                }
                let part = parts.next().transpose()?;
                let part = part.ok_or(io::ErrorKind::UnexpectedEof)?;
                *left = left
                    .checked_sub(part.len() as u64)
                    .ok_or(io::ErrorKind::InvalidData)?;
                Ok(Some(part))
            }
        }
    }
}
