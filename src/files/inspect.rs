//! What becomes of a whole upload: its bytes are looked at, and it is a file that can be sent, or refused.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::web;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files::blank::blank;
use crate::files::crashes::Crashes;
use crate::files::place::FilePlace;
use crate::files::posters;
use crate::look::{LookError, Looked, Looks, Rendered};
use crate::model::file::{Content, FileKind, Inspected, Rendition, Renditions, Stored, Wanted};
use crate::model::file_id::FileId;
use crate::store::files::FileRow;

/// The media type of what can only be saved.
const ANY: &str = "application/octet-stream";

/// Bytes that are read of a file at a time.
const PART: usize = 64 * 1024;

/// What becomes of an upload.
#[derive(Debug)]
pub enum Verdict {
    /// It can be sent.
    Ready(Inspected),
    /// It is to be put in its place beside this video.
    Poster(FileId, Rendered),
    /// It cannot, and why.
    Refused(Error),
}

/// Looks at a whole upload and puts its renditions in place. The bytes that came in of a picture stay: they go
/// when the row is ready, so that a crash before that is looked at again.
///
/// # Errors
/// When the disk fails, or too many wait: it is to be tried again.
pub async fn inspect(
    place: &Arc<FilePlace>,
    looks: &Looks,
    crashes: &Crashes,
    upload: &FileRow,
) -> anyhow::Result<Verdict> {
    let (id, wanted) = (upload.id, upload.detail.wanted);
    let Some(path) = there(place, id) else {
        return Ok(Verdict::Refused(Error::FileGone));
    };
    let full = upload.detail.content.full;
    let looked = looks.look(&path, wanted, full).await;
    if matches!(looked, Err(LookError::Died)) {
        crashes.note(upload.owner);
    }
    let place = Arc::clone(place);
    let inspected = match (looked, wanted) {
        (Ok(looked), Wanted::Poster) => {
            let poster = upload.detail.poster_of.zip(posters::of(looked));
            return Ok(
                poster.map_or(Verdict::Refused(Error::BadPicture), |(of, picture)| {
                    Verdict::Poster(of.video, picture)
                }),
            );
        }
        (Ok(looked), _) => web::block(move || keep(&place, id, &path, looked)).await??,
        // Nothing came of looking: it is kept to the byte, unless a picture was wanted.
        (Err(LookError::Died), Wanted::Any | Wanted::File) => {
            web::block(move || keep_as_it_is(&place, id, &path)).await??
        }
        (Err(LookError::BadVoice | LookError::Died), Wanted::Voice) => {
            return Ok(Verdict::Refused(Error::BadVoice));
        }
        (Err(LookError::TooLong { seconds }), _) => {
            return Ok(Verdict::Refused(Error::VoiceTooLong { limit: seconds }));
        }
        (Err(LookError::BadPicture | LookError::BadVoice | LookError::Died), _) => {
            return Ok(Verdict::Refused(Error::BadPicture));
        }
        (Err(LookError::TooManyPixels { megapixels }), _) => {
            let limit = usize::try_from(megapixels).unwrap_or(usize::MAX);
            return Ok(Verdict::Refused(Error::PictureTooBig { limit }));
        }
        (Err(error @ (LookError::Busy | LookError::Failed(_))), _) => return Err(error.into()),
    };
    Ok(Verdict::Ready(inspected))
}

/// Where the bytes of a whole upload are: they may have been moved before the server ended, and the row
/// does not say so yet. `None` when somebody has removed them.
fn there(place: &FilePlace, id: FileId) -> Option<PathBuf> {
    let places = [place.incoming(id), place.path(id, Rendition::Raw)];
    places.into_iter().find(|path| path.exists())
}

/// Puts what was made of a file in place.
fn keep(place: &FilePlace, id: FileId, path: &Path, looked: Looked) -> io::Result<Inspected> {
    let mut renditions = Renditions::new();
    let mut sha256 = looked.sha256;
    if !(looked.blanks.is_empty() && looked.zeros.is_empty()) {
        blank(path, &looked.blanks, &looked.zeros)?;
        (sha256, _) = hash(path)?;
    }
    if looked.renditions.is_empty() {
        let bytes = path.metadata()?.len();
        place.keep_incoming(id, Rendition::Raw)?;
        let media_type = looked.media_type.to_owned();
        renditions.insert(Rendition::Raw, Stored { media_type, bytes });
    } else {
        for rendered in looked.renditions {
            place.put(id, rendered.rendition, &rendered.bytes)?;
            let stored = Stored {
                media_type: rendered.media_type.to_owned(),
                bytes: rendered.bytes.len() as u64,
            };
            renditions.insert(rendered.rendition, stored);
        }
    }
    Ok(Inspected {
        kind: looked.kind,
        media_type: looked.media_type.to_owned(),
        content: looked.content,
        sha256,
        renditions,
    })
}

/// Makes a file of which nothing is known one that can only be saved.
fn keep_as_it_is(place: &FilePlace, id: FileId, path: &Path) -> io::Result<Inspected> {
    let (sha256, bytes) = hash(path)?;
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
pub(super) fn hash(path: &Path) -> io::Result<(String, u64)> {
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
