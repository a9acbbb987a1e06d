//! What is known of a file once it was looked at.

use std::ops::Range;

use crate::model::file::{Content, FileKind, Rendition};

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its kind, by content.
    pub kind: FileKind,
    /// The media type of what is saved: of the first rendition, or of the file as it came.
    pub media_type: &'static str,
    /// What is known of a picture, a voice or a video; nothing of other kinds.
    pub content: Content,
    /// SHA-256 of the file as it came, in hexadecimal.
    pub sha256: String,
    /// `l`, `m` and `s` of a picture, in this order; `raw` of a voice. None of other kinds: they are kept as
    /// they came.
    pub renditions: Vec<Rendered>,
    /// Where a video tells more than it shows, in bytes from its start: whole boxes, one after the other. Nobody
    /// may be given them.
    pub blanks: Vec<Range<u64>>,
    /// The same within boxes: samples of tracks that are neither seen nor heard.
    pub zeros: Vec<Range<u64>>,
}

/// One rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Which.
    pub rendition: Rendition,
    /// Its media type: `image/jpeg`, `image/png`, `image/webp`, or `image/gif` for what moves; `audio/wav`.
    pub media_type: &'static str,
    /// All of it, as it is served.
    pub bytes: Vec<u8>,
}
