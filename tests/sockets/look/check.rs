//! What holds of every rendition.

use image::{DynamicImage, ImageFormat};
use teahouse::look::{Looked, Rendered};
use teahouse::model::file::{FileKind, Rendition};

use super::bytes::{MARKER, chunks, riff_chunks};

/// Decodes the renditions `l`, `m` and `s`, after it has held each against what is promised of it.
pub fn renditions(looked: &Looked) -> [DynamicImage; 3] {
    let which: Vec<_> = looked.renditions.iter().map(|it| it.rendition).collect();
    assert_eq!(which, [Rendition::L, Rendition::M, Rendition::S]);
    assert_eq!(looked.media_type, looked.renditions[0].media_type);
    let moves = looked.kind == FileKind::Animation;
    let most = [
        if looked.content.full || moves {
            12_000
        } else {
            2_560
        },
        1_080,
        480,
    ];
    let images = [0, 1, 2].map(|index| {
        let rendered = &looked.renditions[index];
        assert!(
            !contains(&rendered.bytes, MARKER),
            "{:?}",
            rendered.rendition
        );
        let image = decoded(rendered);
        let edge = image.width().max(image.height());
        assert!(edge <= most[index], "{:?}: {edge}", rendered.rendition);
        nothing_else_in(rendered);
        image
    });
    let saved = (images[0].width(), images[0].height());
    assert_eq!(
        (looked.content.w.unwrap(), looked.content.h.unwrap()),
        saved
    );
    let longest = saved.0.max(saved.1);
    for (image, most) in images[1..].iter().zip([1_080, 480]) {
        let edge = image.width().max(image.height());
        assert_eq!(
            edge,
            longest.min(most),
            "as large as may be, never enlarged"
        );
    }
    let hash = looked.content.hash.as_deref().unwrap();
    assert!((8..=36).contains(&hash.len()), "{hash}");
    images
}

/// The pixels of a rendition, of a moving one the first.
pub fn decoded(rendered: &Rendered) -> DynamicImage {
    let format = ImageFormat::from_mime_type(rendered.media_type).unwrap();
    image::load_from_memory_with_format(&rendered.bytes, format).unwrap()
}

/// The colours near the four corners, as [`super::make::CORNERS`] has them.
pub fn corners(image: &DynamicImage) -> [[u8; 3]; 4] {
    let image = image.to_rgb8();
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    let inset = 2;
    [
        (inset, inset),
        (right - inset, inset),
        (inset, bottom - inset),
        (right - inset, bottom - inset),
    ]
    .map(|(x, y)| image.get_pixel(x, y).0)
}

/// Whether two colours look the same.
pub fn alike(one: [u8; 3], other: [u8; 3], by: u8) -> bool {
    one.iter()
        .zip(other)
        .all(|(one, other)| one.abs_diff(other) <= by)
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// No profile, no text, no place, and nothing behind the end.
fn nothing_else_in(rendered: &Rendered) {
    match rendered.media_type {
        "image/jpeg" => nothing_else_in_jpeg(&rendered.bytes),
        "image/png" => {
            let known = [
                b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"sRGB",
                b"gAMA", b"cHRM",
            ];
            let all = chunks(&rendered.bytes);
            for (name, _) in &all {
                assert!(known.contains(&name), "{}", name.escape_ascii());
            }
            let ends = all.iter().filter(|(name, _)| name == b"IEND").count();
            assert_eq!((ends, &all.last().unwrap().0), (1, b"IEND"));
        }
        "image/webp" => {
            let length = u32::from_le_bytes(rendered.bytes[4..8].try_into().unwrap());
            assert_eq!(length as usize + 8, rendered.bytes.len());
            let known = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"];
            for (name, content) in riff_chunks(&rendered.bytes[12..]) {
                assert!(known.contains(&&name), "{}", name.escape_ascii());
                if &name == b"ANMF" {
                    for (name, _) in riff_chunks(&content[16..]) {
                        assert!([b"VP8 ", b"VP8L", b"ALPH"].contains(&&name));
                    }
                }
            }
        }
        "image/gif" => {
            assert_eq!(rendered.bytes.last(), Some(&0x3B));
            assert!(!contains(&rendered.bytes, b"\x21\xFE"), "no comment");
            let programs = rendered.bytes.windows(3).filter(|it| it == b"\x21\xFF\x0B");
            assert!(programs.count() <= 1, "nothing but the loop");
        }
        other => panic!("{other}"),
    }
}

fn nothing_else_in_jpeg(bytes: &[u8]) {
    assert_eq!(bytes[..2], [0xFF, 0xD8]);
    let mut at = 2;
    while bytes[at + 1] != 0xDA {
        assert_eq!(bytes[at], 0xFF);
        let marker = bytes[at + 1];
        let known = [0xE0, 0xC0, 0xC1, 0xC4, 0xDB, 0xDD];
        assert!(known.contains(&marker), "{marker:X}");
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
    }
    let end = bytes.windows(2).position(|it| it == [0xFF, 0xD9]).unwrap();
    assert_eq!(end + 2, bytes.len(), "nothing behind the end");
}
