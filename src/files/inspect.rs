//! What becomes of a whole upload: its bytes are looked at, and it is a file that can be sent, or refused.
//!
//! The table is the queue: what a crash breaks off is looked at again. Bounded by [`AT_ONCE`].

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::files::place::FilePlace;
use crate::model::file::{Content, FileKind, Inspected, Rendition, Stored};
use crate::store::files::FileRow;

/// Files that are looked at at a time: it costs a core, and there are others who want one.
pub const AT_ONCE: usize = 1;

/// Bytes that are read of a file at a time.
const PART: usize = 64 * 1024;

/// The media type of what can only be saved.
const ANY: &str = "application/octet-stream";

/// Looks at a whole upload and puts its renditions in place; blocks.
///
/// # Errors
/// When the disk fails.
pub fn inspect(place: &Arc<FilePlace>, upload: &FileRow) -> io::Result<Inspected> {
    let id = upload.id;
    let incoming = place.incoming(id);
    // It was moved before the server ended, and its row does not say so yet.
    let path = match incoming.exists() {
        true => incoming,
        false => place.path(id, Rendition::Raw),
    };
    let (sha256, bytes) = hash(&path)?;
    place.keep_incoming(id, Rendition::Raw)?;
    let stored = Stored {
        media_type: ANY.to_owned(),
        bytes,
    };
    Ok(Inspected {
        kind: FileKind::File,
        media_type: ANY.to_owned(),
        content: Content::default(),
        sha256,
        renditions: [(Rendition::Raw, stored)].into(),
    })
}

/// SHA-256 of a file in hexadecimal, and its length in bytes.
fn hash(path: &std::path::Path) -> io::Result<(String, u64)> {
    let (mut file, mut hasher, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut part = vec![0; PART];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        hasher.update(part.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    let digest = hasher.finalize();
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    Ok((hex.collect(), bytes))
}
