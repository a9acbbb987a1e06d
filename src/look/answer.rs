//! The answer of the child: a head of JSON behind its length, then the bytes of the renditions.
//!
//! The child runs decoders over bytes of strangers, so it may say anything. Whoever reads it believes no
//! length, no type and no number, and takes only what a child in its senses would have said.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::kind::{self, AS_SENT, Says, Still};
use super::looked::{Looked, Rendered};
use super::voice;
use crate::model::file::{Content, FileKind, Rendition};

/// Most bytes of the head: a look with three renditions has about 600.
const HEAD_BYTES: u32 = 4_096;

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
    Looked(Head),
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
}

/// What the parent could read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Looked(Looked),
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
        Verdict::Looked(head) => Answer::Looked(looked(head, from).await?),
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
    } = head;
    let hexadecimal = sha256
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if sha256.len() != SHA256 || !hexadecimal {
        return None;
    }
    let which: Vec<_> = promised.iter().map(|(which, ..)| *which).collect();
    let media_type = match kind {
        FileKind::Picture | FileKind::Animation => {
            let all = [Rendition::L, Rendition::M, Rendition::S];
            (which == all && is_of_a_picture(&content)).then_some(())?;
            Still::of(&media_type)?.media_type()
        }
        FileKind::Voice => (which == [Rendition::Raw] && media_type == voice::MEDIA_TYPE)
            .then_some(voice::MEDIA_TYPE)?,
        _ => {
            (which.is_empty() && content == Content::default()).then_some(())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0 picture \xFF\xD9";

    fn rendered(rendition: Rendition) -> Rendered {
        Rendered {
            rendition,
            media_type: "image/jpeg",
            bytes: JPEG.to_vec(),
        }
    }

    fn all() -> Vec<Rendered> {
        [Rendition::L, Rendition::M, Rendition::S]
            .map(rendered)
            .to_vec()
    }

    fn head() -> Head {
        Head {
            kind: FileKind::Picture,
            media_type: "image/jpeg".to_owned(),
            content: Content {
                w: Some(20),
                h: Some(12_000),
                hash: Some("3OcRJYB4d3h/iIeHeEh3eIhw+j2w".to_owned()),
                ..Content::default()
            },
            sha256: "0123456789abcdef".repeat(4),
            renditions: all()
                .iter()
                .map(|it| (it.rendition, "image/jpeg".to_owned(), it.bytes.len() as u64))
                .collect(),
        }
    }

    fn plain() -> Head {
        Head {
            kind: FileKind::File,
            media_type: "application/octet-stream".to_owned(),
            content: Content::default(),
            renditions: Vec::new(),
            ..head()
        }
    }

    fn written(verdict: &Verdict, renditions: &[Rendered]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, verdict, renditions).unwrap();
        bytes
    }

    async fn heard(head: Head, renditions: &[Rendered]) -> Option<Answer> {
        read(&mut &written(&Verdict::Looked(head), renditions)[..]).await
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let Some(Answer::Looked(looked)) = heard(head(), &all()).await else {
            panic!("not read");
        };
        assert_eq!(looked.renditions, all());
        assert_eq!(
            (looked.kind, looked.content),
            (FileKind::Picture, head().content)
        );
        let Some(Answer::Looked(looked)) = heard(plain(), &[]).await else {
            panic!("not read");
        };
        assert_eq!(looked.media_type, "application/octet-stream");
        for (verdict, answer) in [
            (Verdict::BadPicture, Answer::BadPicture),
            (Verdict::TooManyPixels, Answer::TooManyPixels),
            (Verdict::BadVoice, Answer::BadVoice),
            (Verdict::TooLong, Answer::TooLong),
        ] {
            let bytes = written(&verdict, &[]);
            assert_eq!(read(&mut &bytes[..]).await, Some(answer));
        }
    }

    #[tokio::test]
    async fn an_answer_ends_where_it_says() {
        let whole = written(&Verdict::Looked(head()), &all());
        for length in 0..whole.len() {
            assert_eq!(read(&mut &whole[..length]).await, None, "{length}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert_eq!(read(&mut &longer[..]).await, None);
        let endless = [&u32::MAX.to_be_bytes()[..], &[b' '; 9_000]].concat();
        assert_eq!(read(&mut &endless[..]).await, None);
    }

    #[tokio::test]
    async fn nothing_that_no_look_can_find_is_believed() {
        type Lie = fn(&mut Head);
        let of_pictures: [Lie; 15] = [
            |head| head.kind = FileKind::File,
            |head| head.kind = FileKind::Video,
            |head| head.media_type = "image/png".to_owned(),
            |head| head.media_type = "text/html".to_owned(),
            |head| head.content.w = None,
            |head| head.content.h = Some(0),
            |head| head.content.h = Some(12_001),
            |head| head.content.ms = Some(1),
            |head| head.content.poster = true,
            |head| head.content.hash = None,
            |head| head.content.hash = Some("x".repeat(37)),
            |head| head.content.hash = Some("<script>".to_owned()),
            |head| head.sha256 = "A".repeat(64),
            |head| head.sha256.truncate(63),
            |head| head.renditions.swap(0, 2),
        ];
        for (number, lie) in of_pictures.into_iter().enumerate() {
            let mut head = head();
            lie(&mut head);
            assert_eq!(heard(head, &all()).await, None, "{number}");
        }
        let mut twice = head();
        twice.renditions.extend(head().renditions);
        assert_eq!(heard(twice, &[all(), all()].concat()).await, None);
        let mut typed = head();
        typed.renditions[1].1 = "image/svg+xml".to_owned();
        assert_eq!(heard(typed, &all()).await, None);
        let mut other = all();
        other[1].bytes = b"<html><body>.</".to_vec();
        assert_eq!(heard(head(), &other).await, None, "not of its type");
        let mut large = head();
        large.renditions[0].2 = RENDITION_BYTES + 1;
        assert_eq!(heard(large, &all()).await, None);

        let of_files: [Lie; 4] = [
            |head| head.media_type = "text/html".to_owned(),
            |head| head.media_type = "video/mp4".to_owned(),
            |head| head.kind = FileKind::Voice,
            |head| head.content.w = Some(1),
        ];
        for (number, lie) in of_files.into_iter().enumerate() {
            let mut head = plain();
            lie(&mut head);
            assert_eq!(heard(head, &[]).await, None, "{number}");
        }
    }
}
