//! From a filtered container to pixels. The decoders are shown nothing else, and get limits of their own.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, Limits};

use super::EDGE;
use super::filter::Filtered;
use super::kind::Still;

/// Most bytes that a decoder may ask for at once: 25 megapixels of 16 bits with transparency, and no more.
const DECODED: u64 = 192 * 1_024 * 1_024;

/// Most frames of what moves. A minute at ten a second.
const FRAMES: u32 = 600;

/// Most pixels of all frames together: each costs some ns to decode, here and in every browser that shows it.
const FRAME_PIXELS: u64 = 150_000_000;

/// Most bytes of what moves: it is shown without being asked for.
const MOVING: usize = 10 * 1_024 * 1_024;

/// The picture, or its first frame, and its colour profile. `None` if it cannot be decoded.
pub(super) fn still(
    format: Still,
    filtered: &mut Filtered,
) -> Option<(DynamicImage, Option<Vec<u8>>)> {
    let profile = filtered.profile.take();
    let bytes = Cursor::new(filtered.bytes.as_slice());
    match format {
        Still::Jpeg => Some((pixels(JpegDecoder::new(bytes).ok()?)?, profile)),
        Still::Gif => Some((pixels(GifDecoder::new(bytes).ok()?)?, None)),
        Still::Webp => Some((pixels(WebPDecoder::new(bytes).ok()?)?, profile)),
        Still::Png => {
            let mut decoder = PngDecoder::with_limits(bytes, limits()).ok()?;
            let profile = decoder.icc_profile().ok()?;
            Some((pixels(decoder)?, profile))
        }
    }
}

/// Whether it is small enough to move, and every frame of it can be decoded.
pub(super) fn moves(format: Still, filtered: &Filtered) -> bool {
    let frames = filtered.frames;
    let affordable = (2..=FRAMES).contains(&frames)
        && u64::from(frames) * filtered.pixels() <= FRAME_PIXELS
        && filtered.bytes.len() <= MOVING;
    affordable && self::frames(format, filtered).is_some_and(|all| each(all, frames))
}

fn frames(format: Still, filtered: &Filtered) -> Option<Frames<'_>> {
    let bytes = Cursor::new(filtered.bytes.as_slice());
    match format {
        Still::Jpeg => None,
        Still::Gif => {
            let mut decoder = GifDecoder::new(bytes).ok()?;
            decoder.set_limits(limits()).ok()?;
            Some(decoder.into_frames())
        }
        Still::Png => {
            let decoder = PngDecoder::with_limits(bytes, limits()).ok()?;
            Some(decoder.apng().ok()?.into_frames())
        }
        Still::Webp => Some(WebPDecoder::new(bytes).ok()?.into_frames()),
    }
}

/// Whether there are as many frames as the container said, and all of them whole.
fn each(frames: Frames<'_>, number: u32) -> bool {
    let mut whole = 0;
    for frame in frames {
        if frame.is_err() {
            return false;
        }
        whole += 1;
    }
    whole == number
}

fn pixels(mut decoder: impl ImageDecoder) -> Option<DynamicImage> {
    decoder.set_limits(limits()).ok()?;
    if decoder.total_bytes() > DECODED {
        return None;
    }
    DynamicImage::from_decoder(decoder).ok()
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(EDGE);
    limits.max_image_height = Some(EDGE);
    limits.max_alloc = Some(DECODED);
    limits
}
