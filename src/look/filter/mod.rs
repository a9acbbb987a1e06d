//! What a decoder is shown of a picture: the parts of its container that make the picture, and no others.
//!
//! A filter reads lengths and names only and copies what it knows, so that no text, no compressed profile of
//! a gigabyte and nothing behind the end reaches a decoder, or a reader. It never decodes. What it returns is
//! no longer than what it was given.

mod cursor;
mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;

pub(super) use self::cursor::Cursor;
pub(super) use self::png::without_profile;
use super::kind::Still;

/// Most parts of a container: chunks, segments, blocks, frames. libpng writes 8 KiB a chunk, so that
/// 25 MiB have 3,200.
const PARTS: usize = 10_000;

/// Most bytes of a colour profile. Those of cameras and screens have 0.5 to 4 KiB; tables of printers,
/// which are larger, mean nothing on a screen.
const PROFILE: usize = 64 * 1_024;

/// A picture as its decoder is shown it.
#[derive(Debug)]
pub(super) struct Filtered {
    /// The container, filtered.
    pub bytes: Vec<u8>,
    /// In pixels, as the container says; never 0.
    pub width: u32,
    /// In pixels, as the container says; never 0.
    pub height: u32,
    /// How many pictures follow each other; never 0.
    pub frames: u32,
    /// How it is to be turned.
    pub orientation: Orientation,
    /// Its colour profile, where that is not compressed within `bytes`.
    pub profile: Option<Vec<u8>>,
}

impl Filtered {
    fn still(bytes: Vec<u8>, (width, height): (u32, u32)) -> Self {
        Self {
            bytes,
            width,
            height,
            frames: 1,
            orientation: Orientation::NoTransforms,
            profile: None,
        }
    }

    /// Pixels of one frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The container without what makes no picture; `None` if it is not whole, or is no such container.
pub(super) fn filter(format: Still, file: &[u8]) -> Option<Filtered> {
    let filtered = match format {
        Still::Jpeg => jpeg::filter(file),
        Still::Png => png::filter(file),
        Still::Gif => gif::filter(file),
        Still::Webp => webp::filter(file),
    }?;
    let shows = filtered.pixels() > 0 && filtered.frames > 0;
    shows.then_some(filtered)
}

/// The orientation that Exif data tell, with or without their name in front.
fn orientation(exif: &[u8]) -> Option<Orientation> {
    Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))
}

#[cfg(test)]
mod tests;
