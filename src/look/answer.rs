//! The answer of the child: a head of JSON behind its length, then the bytes of the renditions.
//!
//! The child runs decoders over bytes of strangers, so it may say anything. Whoever reads it believes no
//! length, no type and no number, and takes only what a child in its senses would have said.

use std::io::{self, Write};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::boxes::{self, RANGES};
use super::kind::{self, AS_SENT, Says, Still};
use super::looked::{Looked, Rendered};
use super::voice;
use crate::model::file::{Content, FileKind, Rendition, VIDEO_EDGE, VIDEO_MS};

/// Most bytes of the head: a look with three renditions has about 600, and each of the [`RANGES`] to be overwritten
/// up to 58.
const HEAD_BYTES: u32 = 1_024 * 1_024;

/// Most bytes of one rendition. The largest without `full` is a transparent one of 2,560 pixels a side, 26 MB
/// where nothing in it repeats; one that would be larger with `full` is made without it.
pub(super) const RENDITION_BYTES: u64 = 32 * 1_024 * 1_024;

/// Characters of a placeholder: 25 bytes as base64.
const PLACEHOLDER: usize = 36;

/// Hexadecimal digits of a SHA-256.
const SHA256: usize = 64;

/// What the child found.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Verdict {
    /// What it is.
    Looked(Box<Head>),
    /// A picture was wanted, and this is none that can be read.
    BadPicture,
    /// A picture was wanted, and this has more pixels than the limit, or is longer than any.
    TooManyPixels,
    /// A voice was wanted, and this is none that can be read.
    BadVoice,
    /// A voice was wanted, and this is longer than the limit.
    TooLong,
}

/// What comes before the renditions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub kind: FileKind,
    pub media_type: String,
    pub content: Content,
    /// Of the bytes as they came, in hexadecimal.
    pub sha256: String,
    /// In the order of their bytes: which, its media type, its length.
    pub renditions: Vec<(Rendition, String, u64)>,
    /// Boxes of a video that nobody may be given.
    pub blanks: Vec<Range<u64>>,
    /// Samples of a video that nobody may be given.
    pub zeros: Vec<Range<u64>>,
}

/// What the parent could read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Looked(Box<Looked>),
    BadPicture,
    TooManyPixels,
    BadVoice,
    TooLong,
}

/// Writes an answer.
///
/// # Errors
/// If nobody reads it.
pub(super) fn write(
    to: &mut impl Write,
    verdict: &Verdict,
    renditions: &[Rendered],
) -> io::Result<()> {
    let head = serde_json::to_vec(verdict)?;
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(&head)?;
    for rendition in renditions {
        to.write_all(&rendition.bytes)?;
    }
    to.flush()
}

/// Reads an answer up to its end. `None` if it is not whole, goes on behind its end, or says what no look can
/// find.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Option<Answer> {
    let length = from.read_u32().await.ok()?;
    if length > HEAD_BYTES {
        return None;
    }
    let head = exactly(from, length.into()).await?;
    let answer = match serde_json::from_slice(&head).ok()? {
        Verdict::BadPicture => Answer::BadPicture,
        Verdict::TooManyPixels => Answer::TooManyPixels,
        Verdict::BadVoice => Answer::BadVoice,
        Verdict::TooLong => Answer::TooLong,
        Verdict::Looked(head) => Answer::Looked(Box::new(looked(*head, from).await?)),
    };
    let behind = from.read(&mut [0]).await.ok()?;
    (behind == 0).then_some(answer)
}

async fn looked(head: Head, from: &mut (impl AsyncRead + Unpin)) -> Option<Looked> {
    let Head {
        kind,
        media_type,
        content,
        sha256,
        renditions: promised,
        blanks,
        zeros,
    } = head;
    let hexadecimal = sha256
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if sha256.len() != SHA256 || !hexadecimal {
        return None;
    }
    let which: Vec<_> = promised.iter().map(|(which, ..)| *which).collect();
    let in_boxes =
        matches!(kind, FileKind::Video | FileKind::Audio) && kind::is_in_boxes(&media_type);
    let apart = are_apart(&blanks, boxes::HEAD) && are_apart(&zeros, 1);
    let ranges = blanks.len().saturating_add(zeros.len());
    if !(ranges == 0 || in_boxes && apart && ranges <= RANGES) {
        return None;
    }
    let media_type = match kind {
        FileKind::Picture | FileKind::Animation => {
            let all = [Rendition::L, Rendition::M, Rendition::S];
            (which == all && is_of_a_picture(&content)).then_some(())?;
            Still::of(&media_type)?.media_type()
        }
        FileKind::Voice => (which == [Rendition::Raw] && media_type == voice::MEDIA_TYPE)
            .then_some(voice::MEDIA_TYPE)?,
        _ => {
            let known = match in_boxes && kind == FileKind::Video {
                true => is_of_a_video(&content),
                false => content == Content::default(),
            };
            (which.is_empty() && known).then_some(())?;
            let mut known = AS_SENT.into_iter();
            known.find_map(|(of, known)| (of == kind && known == media_type).then_some(known))?
        }
    };
    let mut renditions = Vec::new();
    for (rendition, media_type, length) in promised {
        if length > RENDITION_BYTES {
            return None;
        }
        let bytes = exactly(from, length).await?;
        // Whoever is served it is told this type, and a browser believes that.
        let media_type = if kind == FileKind::Voice {
            let voice = media_type == voice::MEDIA_TYPE && voice::is_voice(&content, &bytes);
            voice.then_some(voice::MEDIA_TYPE)?
        } else {
            let format = Still::of(&media_type)?;
            (kind::says(&bytes) == Says::Picture(format)).then_some(format.media_type())?
        };
        renditions.push(Rendered {
            rendition,
            media_type,
            bytes,
        });
    }
    let saved = renditions.first();
    if saved.is_some_and(|saved| saved.media_type != media_type) {
        return None;
    }
    Some(Looked {
        kind,
        media_type,
        content,
        sha256,
        renditions,
        blanks,
        zeros,
    })
}

/// So many bytes, without room for more than came.
async fn exactly(from: &mut (impl AsyncRead + Unpin), length: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(length).read_to_end(&mut bytes).await.ok()?;
    (read as u64 == length).then_some(bytes)
}

fn is_of_a_picture(content: &Content) -> bool {
    let edge = |side: Option<u32>| side.is_some_and(|side| (1..=super::EDGE).contains(&side));
    let Content {
        w,
        h,
        ms: None,
        wave: None,
        hash: Some(hash),
        poster: false,
        full: _,
        still: _,
    } = content
    else {
        return false;
    };
    let base64 =
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'/' | b'=');
    edge(*w) && edge(*h) && hash.len() <= PLACEHOLDER && hash.bytes().all(base64)
}

/// Whether a walk can have found this.
fn is_of_a_video(content: &Content) -> bool {
    let edge = |side: Option<u32>| side.is_none_or(|side| (1..=VIDEO_EDGE).contains(&side));
    let Content {
        w,
        h,
        ms,
        wave: None,
        hash: None,
        poster: false,
        full: false,
        still: false,
    } = content
    else {
        return false;
    };
    let shaped = w.is_some() == h.is_some() && edge(*w) && edge(*h);
    shaped && ms.is_none_or(|ms| (1..=VIDEO_MS).contains(&ms))
}

/// Whether these have so many bytes at least, and stand one after the other.
fn are_apart(ranges: &[Range<u64>], least: u64) -> bool {
    let starts = ranges.iter().skip(1).map(|next| next.start);
    let apart = ranges.iter().zip(starts).all(|(one, next)| one.end <= next);
    let long = |one: &Range<u64>| one.end.saturating_sub(one.start) >= least;
    apart && ranges.iter().all(long)
}

#[cfg(test)]
mod tests;
