//! The files of a message as the page shows them: pictures side by side, everything else a line each
//! (a voice: `message_voice.rs`).
//! `static/js/timeline/files-row.js` draws the same.

use crate::model::file::{File, FileKind};
use crate::model::file_id::FileId;
use crate::text::size;
use crate::web::message_voice::Voice;

/// The box of a picture that stands alone, in px; css/file.css has it in rem.
const WIDE: u64 = 480;
const HIGH: u64 = 352;

/// Height of a video whose shape is not known.
const VIDEO_HIGH: u64 = HIGH * 3 / 4;

/// Long edges of the small and the middle rendition.
const SMALL: u64 = 480;
const MIDDLE: u64 = 1080;

/// Longest ending that a name that is cut keeps, in characters.
const ENDING_CHARS: usize = 10;

/// The files of one message.
#[derive(Debug, Default)]
pub(super) struct MessageFiles<'a> {
    pub pictures: Vec<Picture<'a>>,
    pub voices: Vec<Voice>,
    pub others: Vec<Other<'a>>,
}

/// A picture or an animation.
#[derive(Debug, Default)]
pub(super) struct Picture<'a> {
    pub id: String,
    /// What it shows, or its name.
    pub alt: &'a str,
    pub hash: Option<&'a str>,
    pub width: u64,
    pub height: u64,
    /// What `srcset` and `sizes` say, where there is more than the small rendition.
    pub sources: Option<(String, String)>,
    pub spoiler: bool,
    /// Size in bytes, of what moves.
    pub moving: Option<u64>,
}

/// Anything else.
#[derive(Debug, Default)]
pub(super) struct Other<'a> {
    pub id: String,
    /// Whether it was taken out of the message.
    pub gone: bool,
    /// Whether it is a video.
    pub video: bool,
    /// Whether it is heard.
    pub audio: bool,
    /// A video's size in px.
    pub width: u64,
    pub height: u64,
    /// Whether a still picture of it is shown.
    pub poster: bool,
    pub name: &'a str,
    /// Its name without the ending, and the ending with its dot.
    pub stem: &'a str,
    pub ending: &'a str,
    pub size: String,
}

impl<'a> MessageFiles<'a> {
    /// The view of a message's files.
    pub fn of(files: &'a [File]) -> Self {
        let is_picture = |file: &&File| {
            !file.gone && matches!(file.kind, FileKind::Picture | FileKind::Animation)
        };
        let is_voice = |file: &&File| !file.gone && file.kind == FileKind::Voice;
        let several = files.iter().filter(is_picture).count() > 1;
        Self {
            pictures: files
                .iter()
                .filter(is_picture)
                .map(|file| Picture::of(file, several))
                .collect(),
            voices: files.iter().filter(is_voice).map(Voice::of).collect(),
            others: files
                .iter()
                .filter(|file| !is_picture(file) && !is_voice(file))
                .map(Other::of)
                .collect(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty() && self.voices.is_empty() && self.others.is_empty()
    }
}

impl<'a> Picture<'a> {
    fn of(file: &'a File, several: bool) -> Self {
        let (w, h) = shape(file, HIGH);
        let (width, height) = fit(w, h);
        let id = file.id;
        let sizes = if several {
            "min(50vw, 240px)".to_owned()
        } else {
            format!("min(100vw, {width}px)")
        };
        let sources = (w.max(h) > SMALL).then(|| {
            let (small, middle) = (scaled(w, h, SMALL), scaled(w, h, MIDDLE));
            (sources(id, small, middle), sizes)
        });
        Self {
            id: id.to_string(),
            alt: if file.alt.is_empty() {
                &file.name
            } else {
                &file.alt
            },
            hash: file.content.hash.as_deref(),
            width,
            height,
            sources,
            spoiler: file.spoiler,
            moving: (file.kind == FileKind::Animation).then_some(file.size),
        }
    }

    /// An empty one with all its parts, which scripts fill.
    pub fn blank() -> Self {
        Self {
            hash: Some(""),
            sources: Some(Default::default()),
            spoiler: true,
            moving: Some(0),
            ..Self::default()
        }
    }
}

impl<'a> Other<'a> {
    fn of(file: &'a File) -> Self {
        let (w, h) = shape(file, VIDEO_HIGH);
        let (width, height) = fit(w, h);
        let (stem, ending) = parts(&file.name);
        Self {
            id: file.id.to_string(),
            gone: file.gone,
            video: file.kind == FileKind::Video,
            audio: file.kind == FileKind::Audio,
            width,
            height,
            poster: file.content.poster && !file.spoiler,
            name: &file.name,
            stem,
            ending,
            size: size::in_words(file.size),
        }
    }

    /// An empty one with all its parts, which scripts fill.
    pub fn blank() -> Self {
        Self {
            video: true,
            audio: true,
            ..Self::default()
        }
    }
}

fn sources(id: FileId, small: u64, middle: u64) -> String {
    format!("/files/{id}/s {small}w, /files/{id}/m {middle}w")
}

/// Width and height, as far as they are known.
fn shape(file: &File, high: u64) -> (u64, u64) {
    let edge = |known: Option<u32>, else_| known.map_or(else_, |px| u64::from(px.max(1)));
    (edge(file.content.w, WIDE), edge(file.content.h, high))
}

/// The size within the box of a picture that stands alone.
fn fit(w: u64, h: u64) -> (u64, u64) {
    if w <= WIDE && h <= HIGH {
        (w, h)
    } else if w * HIGH >= h * WIDE {
        (WIDE, (h * WIDE / w).max(1))
    } else {
        ((w * HIGH / h).max(1), HIGH)
    }
}

/// The width of a rendition with this long edge.
fn scaled(w: u64, h: u64, edge: u64) -> u64 {
    let long = w.max(h);
    if long > edge {
        (w * edge / long).max(1)
    } else {
        w
    }
}

/// A name without its ending, and the ending.
fn parts(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| *dot > 0);
    let (stem, ending) = dot.map_or((name, ""), |dot| name.split_at(dot));
    let short = (2..=ENDING_CHARS + 1).contains(&ending.len());
    if short && ending.chars().skip(1).all(|c| c.is_ascii_alphanumeric()) {
        (stem, ending)
    } else {
        (name, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_within_the_box() {
        for ((w, h), fits) in [
            ((100, 50), (100, 50)),
            ((480, 352), (480, 352)),
            ((2560, 1920), (469, 352)),
            ((2560, 1440), (480, 270)),
            ((1440, 2560), (198, 352)),
            ((12_000, 10), (480, 1)),
            ((10, 12_000), (1, 352)),
        ] {
            assert_eq!(fit(w, h), fits, "{w} x {h}");
        }
        assert_eq!(scaled(1920, 2560, SMALL), 360);
        assert_eq!(scaled(300, 200, SMALL), 300);
    }

    #[test]
    fn a_name_is_cut_before_its_ending() {
        for (name, split) in [
            ("tea.pdf", ("tea", ".pdf")),
            ("tea.tar.gz", ("tea.tar", ".gz")),
            ("茶.文档", ("茶.文档", "")),
            (".env", (".env", "")),
            ("tea.", ("tea.", "")),
            ("tea", ("tea", "")),
            ("tea.abcdefghijk", ("tea.abcdefghijk", "")),
        ] {
            assert_eq!(parts(name), split, "{name}");
        }
    }
}
