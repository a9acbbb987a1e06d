//! From the bytes of a picture to its renditions.

use std::borrow::Cow;
use std::mem;
use std::panic::resume_unwind;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::RENDITION_BYTES;
use super::filter::Filtered;
use super::kind::Still;
use super::looked::Rendered;
use super::order::Limits;
use super::raster::Raster;
use super::{EDGE, decode, encode, filter};
use crate::model::file::{Content, FileKind, Rendition};

/// Longest edge of the rendition for the whole screen, in pixels.
pub(super) const LARGE: u32 = 2_560;
/// Of the one for the timeline.
pub(super) const MEDIUM: u32 = 1_080;
/// Of the one for lists.
pub(super) const SMALL: u32 = 480;

/// Qualities of JPEG: less for what is drawn smaller than it is.
const LARGE_QUALITY: u8 = 85;
const MEDIUM_QUALITY: u8 = 82;
const SMALL_QUALITY: u8 = 80;
/// The quality of what its sender wants kept as it is.
const FULL_QUALITY: u8 = 90;

/// A PNG is tried only where the one that came, brought to the size of the rendition, has less than this
/// many times the bytes of the JPEG: photos are far beyond, and would take half a second for nothing.
const WORTH_TRYING: u64 = 3;

/// Why there are no renditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not whole, not decodable, or of a shape that is not decoded.
    Unreadable,
    /// More pixels than the limit.
    TooManyPixels,
}

/// A picture that was decoded and encoded anew.
#[derive(Debug)]
pub(super) struct Picture {
    pub kind: FileKind,
    pub content: Content,
    /// The first is what is saved.
    pub renditions: Vec<Rendered>,
}

/// Decodes the file and makes its renditions: `l`, `m` and `s`. One that would not be smaller than the one
/// before has the same bytes.
pub(super) fn render(
    format: Still,
    file: Vec<u8>,
    full: bool,
    limits: &Limits,
) -> Result<Picture, Refusal> {
    let filtered = filter::filter(format, &file).ok_or(Refusal::Unreadable)?;
    drop(file);
    if filtered.width.max(filtered.height) > EDGE || filtered.pixels() > limits.pixels {
        return Err(Refusal::TooManyPixels);
    }
    let moved = filtered.frames > 1;
    let mut picture = make(format, filtered, full).ok_or(Refusal::Unreadable)?;
    picture.content.still = moved && picture.kind == FileKind::Picture;
    Ok(picture)
}

fn make(format: Still, mut filtered: Filtered, full: bool) -> Option<Picture> {
    let source = Source {
        lossless: matches!(format, Still::Png | Still::Gif),
        bytes: filtered.bytes.len() as u64,
        pixels: filtered.pixels(),
    };
    let moves = decode::moves(format, &filtered);
    let (image, profile) = decode::still(format, &mut filtered)?;
    let raster = Raster::new(image);
    if moves {
        let large = moving(format, filtered.bytes)?;
        let raster = raster.in_srgb(profile.as_deref());
        return finish(FileKind::Animation, &source, &raster, || Some(large));
    }
    let orientation = filtered.orientation;
    drop(filtered);
    let size = if full { raster.edge() } else { LARGE };
    let upright = raster.within(size)?.turned(orientation)?;
    let raster = upright.in_srgb(profile.as_deref());
    if full {
        let large = source.large(&raster, FULL_QUALITY)?;
        if large.bytes.len() as u64 <= RENDITION_BYTES {
            let mut picture = finish(FileKind::Picture, &source, &raster, || Some(large))?;
            picture.content.full = true;
            return Some(picture);
        }
    }
    let raster = raster.within(LARGE)?;
    let large = || source.large(&raster, LARGE_QUALITY);
    finish(FileKind::Picture, &source, &raster, large)
}

/// What moves is kept as it came, but for what its filter left out.
fn moving(format: Still, container: Vec<u8>) -> Option<Rendered> {
    let bytes = match format {
        Still::Png => filter::without_profile(&container)?,
        Still::Jpeg | Still::Gif | Still::Webp => container,
    };
    Some(Rendered {
        rendition: Rendition::L,
        media_type: format.media_type(),
        bytes,
    })
}

/// Makes `l` on one core, and what is smaller, of the same pixels, on another.
fn finish(
    kind: FileKind,
    source: &Source,
    raster: &Raster,
    large: impl FnOnce() -> Option<Rendered> + Send,
) -> Option<Picture> {
    let (large, smaller) = thread::scope(|scope| {
        let large = scope.spawn(large);
        let smaller = smaller(kind, source, raster);
        let large = large.join();
        // A decoder or an encoder that panics ends the child, whatever core it is on.
        (large.unwrap_or_else(|panic| resume_unwind(panic)), smaller)
    });
    let (hash, smaller) = smaller?;
    let mut renditions = vec![large?];
    for (rendition, made) in smaller {
        let same = || renditions.last().cloned();
        let made = made.or_else(same)?;
        renditions.push(Rendered { rendition, ..made });
    }
    let content = Content {
        w: Some(raster.width),
        h: Some(raster.height),
        hash: Some(STANDARD.encode(hash)),
        ..Content::default()
    };
    Some(Picture {
        kind,
        content,
        renditions,
    })
}

/// What [`smaller`] makes of a rendition: `None` if it would be the same as the one before.
type Smaller = (Rendition, Option<Rendered>);

/// The placeholder of a picture, and its `m` and `s`.
fn smaller(kind: FileKind, source: &Source, raster: &Raster) -> Option<(Vec<u8>, [Smaller; 2])> {
    let mut raster = Cow::Borrowed(raster);
    // What moves is not shown where nothing may.
    let mut differs = kind == FileKind::Animation;
    let mut next = |rendition, edge, quality| {
        if raster.edge() > edge {
            raster = Cow::Owned(raster.reduced(edge)?);
            differs = true;
        }
        let made = match mem::take(&mut differs) {
            true => Some(source.small(&raster, rendition, quality)?),
            false => None,
        };
        Some((rendition, made))
    };
    let medium = next(Rendition::M, MEDIUM, MEDIUM_QUALITY)?;
    let small = next(Rendition::S, SMALL, SMALL_QUALITY)?;
    Some((raster.placeholder()?, [medium, small]))
}

/// What decides how a picture is encoded best.
struct Source {
    /// Whether it came without the traces of JPEG: a drawing or a screen, more often than not.
    lossless: bool,
    bytes: u64,
    pixels: u64,
}

impl Source {
    fn small(&self, raster: &Raster, rendition: Rendition, quality: u8) -> Option<Rendered> {
        let (format, bytes) = if raster.alpha {
            (Still::Webp, encode::webp(raster)?)
        } else {
            (Still::Jpeg, encode::jpeg(raster, quality, self.lossless)?)
        };
        Some(Rendered {
            rendition,
            media_type: format.media_type(),
            bytes,
        })
    }

    /// The same as PNG, where it came so and that costs little.
    fn large(&self, raster: &Raster, quality: u8) -> Option<Rendered> {
        let mut large = self.small(raster, Rendition::L, quality)?;
        let jpeg = large.bytes.len() as u64;
        if !raster.alpha && self.lossless && self.would_be(raster) < WORTH_TRYING * jpeg {
            let png = encode::png(raster)?;
            if png.len() as u64 * 2 <= jpeg * 3 {
                large.media_type = Still::Png.media_type();
                large.bytes = png;
            }
        }
        Some(large)
    }

    /// About how many bytes what came would have in the size of the raster.
    fn would_be(&self, raster: &Raster) -> u64 {
        let pixels = u64::from(raster.width) * u64::from(raster.height);
        self.bytes.saturating_mul(pixels) / self.pixels.max(1)
    }
}
