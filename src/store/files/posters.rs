//! Posters: the still picture of a video, brought by its sender in an upload of its own while the video is in no
//! message. From then on it is a rendition of the video, and what is left of the upload goes when the video is
//! sent, or with it.

use super::{Detail, FileRow, FileState, empty, find, int, json, parts, usage};
use crate::model::file::{Content, FileKind, Inspected, PosterOf, Rendition, Stored, Wanted};
use crate::model::file_id::FileId;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, StoreError, Value};

/// Makes a new upload of `owners`, one person, the one that may bring the poster of a video; one before it that is not whole is
/// thrown away. `false` when the video is none, is sent, has a poster, or one that is looked at.
///
/// # Errors
/// When the database fails.
pub(super) fn begin(
    db: &mut dyn Db,
    upload: FileId,
    owners: &[PersonId],
    of: PosterOf,
) -> Result<bool, StoreError> {
    let theirs = |video: &FileRow| waits(video) && owners.contains(&video.owner);
    let Some(video) = find(db, of.video)?.filter(theirs) else {
        return Ok(false);
    };
    if let Some(before) = video.detail.poster_upload {
        let before = find(db, before)?;
        if before.is_some_and(|before| before.state == FileState::Working) {
            return Ok(false);
        }
        end_upload(db, &video.detail)?;
    }
    let detail = Detail {
        poster_upload: Some(upload),
        ..video.detail
    };
    write(db, video.id, 0, &detail)?;
    Ok(true)
}

/// Makes the poster that an upload has brought its video's, with what is claimed of that where nothing is known.
/// `false` when the video waits for it no longer.
///
/// # Errors
/// When the database fails.
pub fn attach(db: &mut dyn Db, upload: FileId, stored: &Stored) -> Result<bool, StoreError> {
    let Some((file, video, of)) = wanted(db, upload)? else {
        return Ok(false);
    };
    let mut detail = video.detail.clone();
    detail.content.poster = true;
    // What is looked at later decides then.
    if video.state != FileState::Ready || is_claimed(&video.media_type) {
        (detail.content.w, detail.content.h) = of.size.unzip();
        detail.content.ms = of.ms;
    }
    detail.renditions.insert(Rendition::Poster, stored.clone());
    write(db, video.id, int(stored.bytes), &detail)?;
    db.execute(
        "UPDATE files SET state = 2, stored = 0 WHERE id = $1",
        &[Value::Text(&upload.to_string())],
    )?;
    parts::forget(db, upload)?;
    usage::add(db, file.owner, -int(file.stored), 0)?;
    usage::add(db, video.owner, int(stored.bytes), 0)?;
    Ok(true)
}

/// Whether the poster that an upload has brought is still the one that its video waits for.
///
/// # Errors
/// When the database fails.
pub fn is_wanted(db: &mut dyn Db, upload: FileId) -> Result<bool, StoreError> {
    Ok(wanted(db, upload)?.is_some())
}

fn wanted(
    db: &mut dyn Db,
    upload: FileId,
) -> Result<Option<(FileRow, FileRow, PosterOf)>, StoreError> {
    let Some(file) = find(db, upload)?.filter(|file| file.state == FileState::Working) else {
        return Ok(None);
    };
    let Some(of) = file.detail.poster_of else {
        return Ok(None);
    };
    let waiting = |video: &FileRow| waits(video) && video.detail.poster_upload == Some(upload);
    let video = find(db, of.video)?.filter(waiting);
    Ok(video.map(|video| (file, video, of)))
}

/// What is known of a video when it has been looked at keeps its poster, and the claims where nothing else is
/// known. Nothing else has a poster.
pub(super) fn keep(before: &Detail, looked: &mut Inspected) {
    let poster = before.renditions.get(&Rendition::Poster);
    let Some(poster) = poster.filter(|_| looked.kind == FileKind::Video) else {
        return;
    };
    looked.renditions.insert(Rendition::Poster, poster.clone());
    let Content { w, h, ms, .. } = before.content;
    let content = &mut looked.content;
    content.poster = true;
    if is_claimed(&looked.media_type) {
        (content.w, content.h, content.ms) = (w, h, ms);
    }
}

/// Ends what is left of the upload of a video's poster: its bytes go.
///
/// # Errors
/// When the database fails.
pub(super) fn end_upload(db: &mut dyn Db, video: &Detail) -> Result<(), StoreError> {
    let upload = match video.poster_upload {
        Some(upload) => find(db, upload)?,
        None => None,
    };
    let Some(upload) = upload.filter(|upload| upload.state != FileState::Doomed) else {
        return Ok(());
    };
    empty(db, upload.id)?;
    parts::forget(db, upload.id)?;
    // One that was refused or has expired has been taken off already.
    if matches!(upload.state, FileState::Refused | FileState::Expired) {
        return Ok(());
    }
    usage::add(db, upload.owner, -int(upload.stored), -1)
}

/// Whether a file may get a poster: it is, or may be, a video, and is in no message.
fn waits(video: &FileRow) -> bool {
    let open = match video.state {
        FileState::Receiving | FileState::Working => {
            video.kind == FileKind::File && video.detail.wanted == Wanted::Any
        }
        FileState::Ready => video.kind == FileKind::Video,
        _ => false,
    };
    open && !video.detail.content.poster
}

/// Whether the server knows nothing of the content of such a video, and its sender's word holds.
fn is_claimed(media_type: &str) -> bool {
    !matches!(media_type, "video/mp4" | "video/quicktime")
}

fn write(db: &mut dyn Db, id: FileId, more: i64, detail: &Detail) -> Result<(), StoreError> {
    db.execute(
        "UPDATE files SET stored = stored + $2, detail = $3 WHERE id = $1",
        &[
            Value::Text(&id.to_string()),
            Value::Int(more),
            Value::Text(&json(detail)?),
        ],
    )?;
    Ok(())
}
