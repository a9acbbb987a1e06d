//! Files of messages: what is known of them, without their bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::file_id::FileId;

/// What a file is, by its content and by what its sender wanted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Anything: it can only be saved.
    File,
    /// A still picture, encoded by this server.
    Picture,
    /// A picture that moves.
    Animation,
    /// A video, as it was sent.
    Video,
    /// Sound, as it was sent.
    Audio,
    /// A recording of its sender's voice: WAV, 16 bit, mono.
    Voice,
    /// A video's still picture.
    Poster,
}

impl FileKind {
    const ALL: [(Self, i64); 7] = [
        (Self::File, 0),
        (Self::Picture, 1),
        (Self::Animation, 2),
        (Self::Video, 3),
        (Self::Audio, 4),
        (Self::Voice, 5),
        (Self::Poster, 6),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(kind, _)| kind)
    }

    /// Its name, as in frames.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Picture => "picture",
            Self::Animation => "animation",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Poster => "poster",
        }
    }

    /// Its number in the store: never another's, since rows outlive programs.
    #[must_use]
    pub fn code(self) -> i64 {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(kind, code)| (kind == self).then_some(code))
            .unwrap_or_default()
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(kind, each)| (each == code).then_some(kind))
    }
}

/// What the sender of a file wants it to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Whatever it is by its content.
    #[default]
    Any,
    /// A picture, or nothing.
    Picture,
    /// A file to save, to the byte as it is.
    File,
    /// A voice, or nothing.
    Voice,
    /// The still picture of a video, or nothing.
    Poster,
}

impl Wanted {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Picture => "picture",
            Self::File => "file",
            Self::Voice => "voice",
            Self::Poster => "poster",
        }
    }

    /// What this word of a request means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "" | "any" => Some(Self::Any),
            "picture" => Some(Self::Picture),
            "file" => Some(Self::File),
            "voice" => Some(Self::Voice),
            "poster" => Some(Self::Poster),
            _ => None,
        }
    }
}

/// Longest edge of a video, in pixels: more than any level of a codec in use allows.
pub const VIDEO_EDGE: u32 = 16_384;

/// Longest video, in ms: 100 hours, more than anybody sends; what says more says nonsense.
pub const VIDEO_MS: u64 = 100 * 60 * 60 * 1_000;

/// Whose still picture a poster is, and what its sender says of that video. The claims decide a layout alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosterOf {
    /// The video.
    pub video: FileId,
    /// Its width and height in pixels, 1 to [`VIDEO_EDGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Its length in ms, at most [`VIDEO_MS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// One of the forms in which the bytes of a file are kept: the last part of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rendition {
    /// A picture for lists: at most 480 pixels on its long edge.
    S,
    /// A picture for the timeline: at most 1,080 pixels.
    M,
    /// A picture for the whole screen: at most 2,560 pixels, or as large as it was.
    L,
    /// The bytes as they were sent, or as they are played.
    Raw,
    /// A video's still picture.
    Poster,
}

impl Rendition {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::S, Self::M, Self::L, Self::Raw, Self::Poster];

    /// The rendition of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.as_str() == name)
    }

    /// Its name in addresses and on the disk.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::M => "m",
            Self::L => "l",
            Self::Raw => "raw",
            Self::Poster => "poster",
        }
    }
}

/// What is known of a file's content: what applies to its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Content {
    /// Width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w: Option<u32>,
    /// Height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h: Option<u32>,
    /// Length in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// A picture's placeholder: a [thumbhash](https://evanw.github.io/thumbhash/), base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// A voice's waveform: the peaks of 64 slices, 0 to 255, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// Whether there is a still picture of a video.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub poster: bool,
    /// Whether a picture was kept as large as it was sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full: bool,
    /// Whether a picture moved when it was sent, which was too much or could not be read: it is its first frame.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub still: bool,
}

/// A rendition as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The renditions of a file.
pub type Renditions = BTreeMap<Rendition, Stored>;

/// What is known of a file when it has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is.
    pub kind: FileKind,
    /// Its media type, by its content.
    pub media_type: String,
    /// What is known of its content.
    pub content: Content,
    /// SHA-256 of the bytes that were sent, in hexadecimal; of a video that something was taken out of, of what is
    /// kept.
    pub sha256: String,
    /// What lies on the disk.
    pub renditions: Renditions,
}

/// A file that a message is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: FileId,
    /// What its sender says that it shows.
    pub alt: String,
    /// Whether it is hidden until the reader wants to see it.
    pub spoiler: bool,
}

/// Bytes that a file takes in a frame, about: for queues that count before anything is encoded.
pub const FILE_WEIGHT: usize = 400;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct File {
    /// Its id; its bytes are at `/files/<id>/<rendition>`.
    #[schema(value_type = String)]
    pub id: FileId,
    /// What it is.
    pub kind: FileKind,
    /// Its name, cleaned; empty when it is gone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its media type, by its content; empty when it is gone.
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Size of what is saved, in bytes; 0 when it is gone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub size: u64,
    /// What is known of its content.
    #[serde(flatten)]
    pub content: Content,
    /// What its sender says that it shows, for those who cannot see it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
    /// Whether it is hidden until the reader wants to see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoiler: bool,
    /// Whether it was taken out of its message: then only its id and kind are known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

impl File {
    /// What a message keeps of a file that was taken out of it.
    #[must_use]
    pub fn gone(id: FileId, kind: FileKind) -> Self {
        Self {
            id,
            kind,
            name: String::new(),
            media_type: String::new(),
            size: 0,
            content: Content::default(),
            alt: String::new(),
            spoiler: false,
            gone: true,
        }
    }

    /// What the first of `files` is that is still there.
    #[must_use]
    pub fn first_kind(files: &[Self]) -> Option<FileKind> {
        files.iter().find(|file| !file.gone).map(|file| file.kind)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_its_number_and_comes_back_from_it() {
        for (place, (kind, code)) in (0..).zip(FileKind::ALL) {
            assert_eq!((kind.code(), code), (place, place), "rows outlive programs");
            assert_eq!(FileKind::from_code(code), Some(kind));
        }
        assert_eq!(FileKind::from_code(99), None);
    }
}
