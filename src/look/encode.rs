//! From pixels to the bytes that others are given: nothing but a picture in them.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use super::raster::Raster;

/// JPEG of this quality, 1 to 100; `sharp` where lines and letters are likelier than leaves: then colours
/// are as fine as brightness.
pub(super) fn jpeg(raster: &Raster, quality: u8, sharp: bool) -> Option<Vec<u8>> {
    let width = u16::try_from(raster.width).ok()?;
    let height = u16::try_from(raster.height).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(if sharp {
        SamplingFactor::R_4_4_4
    } else {
        SamplingFactor::R_4_2_0
    });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_optimized_huffman_tables(true);
    let encoded = encoder.encode(&raster.bytes, width, height, ColorType::Rgb);
    encoded.ok().map(|()| bytes)
}

/// PNG.
pub(super) fn png(raster: &Raster) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    write(encoder, raster)?;
    Some(bytes)
}

/// WebP without loss, which is what keeps transparency.
pub(super) fn webp(raster: &Raster) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    write(WebPEncoder::new_lossless(Cursor::new(&mut bytes)), raster)?;
    Some(bytes)
}

fn write(encoder: impl ImageEncoder, raster: &Raster) -> Option<()> {
    let colour = if raster.alpha {
        ExtendedColorType::Rgba8
    } else {
        ExtendedColorType::Rgb8
    };
    let written = encoder.write_image(&raster.bytes, raster.width, raster.height, colour);
    written.ok()
}
