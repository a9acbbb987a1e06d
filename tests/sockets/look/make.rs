//! Pictures, made here: no file of another's is needed to know what becomes of one.

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, Frame, ImageEncoder, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};

use super::bytes::{chunk, chunks, le24, riff, riff_chunk, riff_chunks};

/// The colours of the corners: top left, top right, bottom left, bottom right.
pub const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 180, 30], [30, 30, 220], [240, 240, 240]];

/// A picture whose quarters have the colours of [`CORNERS`].
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let corner = usize::from(x * 2 >= width) + 2 * usize::from(y * 2 >= height);
        CORNERS[corner].into()
    })
}

/// A picture that compresses as photos do: waves of colour, with some noise on them.
pub fn photo(width: u32, height: u32) -> RgbImage {
    let mut noise = super::bytes::noise(7, 4_096).into_iter().cycle();
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |by: f32| ((x as f32 / by).sin() + (y as f32 / by).cos()) * 50.0 + 128.0;
        let grain = f32::from(noise.next().unwrap() % 16);
        [wave(37.0), wave(91.0), wave(211.0)]
            .map(|value| (value + grain) as u8)
            .into()
    })
}

/// The encoder of a JPEG.
pub fn jpeg_with(image: &RgbImage, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 92);
    set(&mut encoder);
    let (width, height) = (image.width() as u16, image.height() as u16);
    encoder
        .encode(image, width, height, ColorType::Rgb)
        .unwrap();
    bytes
}

pub fn jpeg(image: &RgbImage) -> Vec<u8> {
    jpeg_with(image, |_| {})
}

/// A JPEG of four inks, of which only three are used.
pub fn cmyk(image: &RgbImage) -> Vec<u8> {
    let inks: Vec<u8> = image
        .pixels()
        .flat_map(|pixel| {
            let [red, green, blue] = pixel.0;
            [255 - red, 255 - green, 255 - blue, 0]
        })
        .collect();
    let mut bytes = Vec::new();
    let (width, height) = (image.width() as u16, image.height() as u16);
    Encoder::new(&mut bytes, 92)
        .encode(&inks, width, height, ColorType::Cmyk)
        .unwrap();
    bytes
}

pub fn png(image: &RgbImage) -> Vec<u8> {
    png_of(
        image,
        image.width(),
        image.height(),
        ExtendedColorType::Rgb8,
    )
}

pub fn png_of(bytes: &[u8], width: u32, height: u32, colour: ExtendedColorType) -> Vec<u8> {
    let mut out = Vec::new();
    PngEncoder::new(&mut out)
        .write_image(bytes, width, height, colour)
        .unwrap();
    out
}

/// A PNG of 16 bits a sample.
pub fn png_16(image: &RgbImage) -> Vec<u8> {
    let wide: Vec<u8> = image
        .iter()
        .flat_map(|sample| (u16::from(*sample) * 257).to_ne_bytes())
        .collect();
    png_of(
        &wide,
        image.width(),
        image.height(),
        ExtendedColorType::Rgb16,
    )
}

/// The same picture with a hole in its middle.
pub fn with_hole(image: &RgbImage) -> RgbaImage {
    let (width, height) = image.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = image.get_pixel(x, y).0;
        let inside = x.abs_diff(width / 2) < width / 8 && y.abs_diff(height / 2) < height / 8;
        Rgba([red, green, blue, if inside { 0 } else { 255 }])
    })
}

pub fn png_rgba(image: &RgbaImage) -> Vec<u8> {
    png_of(
        image,
        image.width(),
        image.height(),
        ExtendedColorType::Rgba8,
    )
}

/// An APNG whose frames all show the same.
pub fn apng(image: &RgbImage, frames: u32) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let control = |number: u32| {
        let [left, top] = [0_u32; 2];
        let numbers = [number, width, height, left, top].map(u32::to_be_bytes);
        let [delay, of] = [1_u16, 10].map(u16::to_be_bytes);
        chunk(
            b"fcTL",
            &[numbers.as_flattened(), &delay, &of, &[0, 0]].concat(),
        )
    };
    let still = png(image);
    let parts = chunks(&still);
    let data: Vec<u8> = parts
        .iter()
        .filter(|(name, _)| name == b"IDAT")
        .flat_map(|(_, content)| content.to_vec())
        .collect();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunk(b"IHDR", parts[0].1));
    let counts = [frames, 0].map(u32::to_be_bytes);
    out.extend(chunk(b"acTL", counts.as_flattened()));
    out.extend(control(0));
    out.extend(chunk(b"IDAT", &data));
    for frame in 1..frames {
        out.extend(control(frame * 2 - 1));
        let number = (frame * 2).to_be_bytes();
        out.extend(chunk(b"fdAT", &[&number[..], &data].concat()));
    }
    out.extend(chunk(b"IEND", &[]));
    out
}

/// A GIF, each frame in another of the colours of [`CORNERS`] on a black ground.
pub fn gif(width: u32, height: u32, frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    encoder
        .set_repeat(image::codecs::gif::Repeat::Infinite)
        .unwrap();
    for [red, green, blue] in CORNERS.into_iter().cycle().take(frames) {
        let image = RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgba([red, green, blue, 255])
            } else {
                Rgba([0, 0, 0, 255])
            }
        });
        encoder.encode_frame(Frame::new(image)).unwrap();
    }
    drop(encoder);
    bytes
}

/// A GIF written by hand: a canvas, and frames of one pixel with this left edge.
pub fn gif_of_dots(canvas: (u16, u16), left: u16, frames: usize) -> Vec<u8> {
    let [width, height] = [canvas.0, canvas.1].map(u16::to_le_bytes);
    let mut bytes = [b"GIF89a", &width[..], &height, &[0x80, 0, 0]].concat();
    bytes.extend([0, 0, 0, 255, 255, 255]);
    let frame = [
        &[0x2C][..],
        &left.to_le_bytes(),
        // Top, width, height; no table of its own; codes of 3 bits: clear, 1, end.
        &[0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 0x01, 0],
    ]
    .concat();
    bytes.extend(frame.repeat(frames));
    bytes.push(0x3B);
    bytes
}

pub fn webp(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes)
        .write_image(
            image,
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    bytes
}

/// The extended head of a WebP with these flags.
pub fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let sides = [le24(width - 1), le24(height - 1)].concat();
    riff_chunk(b"VP8X", &[&[flags, 0, 0, 0], &sides[..]].concat())
}

/// A lossless bit stream as its chunk.
pub fn vp8l(image: &RgbImage) -> Vec<u8> {
    let bytes = webp(image);
    let (name, content) = riff_chunks(&bytes[12..])[0];
    riff_chunk(&name, content)
}

/// A WebP that moves; each frame shows the same.
pub fn webp_moving(image: &RgbImage, frames: usize) -> Vec<u8> {
    let (width, height) = image.dimensions();
    let header = [[0; 3], [0; 3], le24(width - 1), le24(height - 1), le24(100)].concat();
    let frame = riff_chunk(b"ANMF", &[header, vec![0], vp8l(image)].concat());
    let mut parts = vec![vp8x(0x02, width, height), riff_chunk(b"ANIM", &[0; 6])];
    parts.extend(vec![frame; frames]);
    riff(b"WEBP", &parts)
}
