//! The still picture of a video, put in its place beside the video.

use std::io;

use crate::files::place::FilePlace;
use crate::look::Looked;
use crate::model::file::{Rendition, Stored};
use crate::model::file_id::FileId;

/// Makes of a picture the poster of a video: one rendition of it, as it was encoded here. `None` for what is no
/// picture.
///
/// # Errors
/// When the disk fails, or is full.
pub(super) fn keep(place: &FilePlace, video: FileId, looked: Looked) -> io::Result<Option<Stored>> {
    let mut all = looked.renditions.into_iter();
    let Some(middle) = all.find(|each| each.rendition == Rendition::M) else {
        return Ok(None);
    };
    place.put(video, Rendition::Poster, &middle.bytes)?;
    Ok(Some(Stored {
        media_type: middle.media_type.to_owned(),
        bytes: middle.bytes.len() as u64,
    }))
}
