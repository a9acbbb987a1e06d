//! What becomes of a whole upload: its bytes are looked at, and it is a file that can be sent, or refused.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use actix_web::web;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files::blank::blank;
use crate::files::crashes::Crashes;
use crate::files::depot::{Depot, Whole};
use crate::files::posters;
use crate::files::reading::Reading;
use crate::look::{LookError, Looked, Looks, Rendered};
use crate::model::file::{Content, FileKind, Inspected, Rendition, Renditions, Stored, Wanted};
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;
use crate::store::files::FileRow;

/// The media type of what can only be saved.
const ANY: &str = "application/octet-stream";

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
/// When files cannot be reached, or too many wait: it is to be tried again.
pub async fn inspect(
    depot: &Arc<Depot>,
    looks: &Looks,
    crashes: &Crashes,
    (upload, parts): (&FileRow, Vec<FilePart>),
) -> anyhow::Result<Verdict> {
    let (from, row) = (Arc::clone(depot), upload.clone());
    let there = web::block(move || from.whole(&row, &parts)).await??;
    let Some(whole) = there else {
        return Ok(Verdict::Refused(Error::FileGone));
    };
    let whole = Arc::new(whole);
    let verdict = judge(depot, looks, crashes, upload, &whole).await;
    // It is removed off this thread: a directory of other machines may take its time.
    web::block(move || drop(whole)).await?;
    verdict
}

/// Looks at all bytes of an upload, and puts in place what is made of them.
async fn judge(
    depot: &Arc<Depot>,
    looks: &Looks,
    crashes: &Crashes,
    upload: &FileRow,
    whole: &Arc<Whole>,
) -> anyhow::Result<Verdict> {
    let (id, wanted) = (upload.id, upload.detail.wanted);
    let full = upload.detail.content.full;
    let looked = looks.look(&whole.path, wanted, full).await;
    if matches!(looked, Err(LookError::Died)) {
        crashes.note(upload.owner);
    }
    let (depot, whole) = (Arc::clone(depot), Arc::clone(whole));
    let inspected = match (looked, wanted) {
        (Ok(looked), Wanted::Poster) => {
            let poster = upload.detail.poster_of.zip(posters::of(looked));
            return Ok(
                poster.map_or(Verdict::Refused(Error::BadPicture), |(of, picture)| {
                    Verdict::Poster(of.video, picture)
                }),
            );
        }
        (Ok(looked), _) => web::block(move || keep(&depot, id, &whole, looked)).await??,
        // Nothing came of looking: it is kept to the byte, unless a picture was wanted.
        (Err(LookError::Died), Wanted::Any | Wanted::File) => {
            web::block(move || keep_as_it_is(&depot, id, &whole)).await??
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

/// Puts what was made of a file in place.
fn keep(depot: &Depot, id: FileId, whole: &Whole, looked: Looked) -> io::Result<Inspected> {
    let mut renditions = Renditions::new();
    let mut sha256 = looked.sha256;
    if !(looked.blanks.is_empty() && looked.zeros.is_empty()) {
        blank(&whole.path, &looked.blanks, &looked.zeros)?;
        (sha256, _) = hash(&whole.path)?;
    }
    if looked.renditions.is_empty() {
        let bytes = whole.path.metadata()?.len();
        depot.keep(whole, id, Rendition::Raw)?;
        let media_type = looked.media_type.to_owned();
        renditions.insert(Rendition::Raw, Stored { media_type, bytes });
    } else {
        for rendered in looked.renditions {
            depot.put(id, rendered.rendition, &rendered.bytes)?;
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
fn keep_as_it_is(depot: &Depot, id: FileId, whole: &Whole) -> io::Result<Inspected> {
    let (sha256, bytes) = hash(&whole.path)?;
    depot.keep(whole, id, Rendition::Raw)?;
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
fn hash(path: &Path) -> io::Result<(String, u64)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let range = 0..bytes;
    Ok((hash_of(Reading::File { file, range })?, bytes))
}

/// SHA-256 of what is read, in hexadecimal.
pub(super) fn hash_of(mut reading: Reading) -> io::Result<String> {
    let mut hasher = Sha256::new();
    while let Some(part) = reading.part()? {
        hasher.update(&part);
    }
    let hex = hasher.finalize().into_iter();
    Ok(hex.map(|byte| format!("{byte:02x}")).collect())
}
