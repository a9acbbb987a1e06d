//! Files that are not what they seem.

use teahouse::look::Wanted;
use teahouse::model::file::FileKind;

use super::bytes::{noise, riff, segment, with_segments};
use super::check;
use super::make::{self, quarters};
use super::{look, look_as, only_a_file, picture};
use crate::support::video;

const SCRIPT: &[u8] = b"<html><script>alert(document.domain)</script></html>";

#[tokio::test]
async fn a_picture_that_is_not_whole_is_only_saved() {
    let image = quarters(160, 120);
    for (name, bytes) in [
        ("jpeg", make::jpeg(&image)),
        (
            "progressive",
            make::jpeg_with(&image, |it| it.set_progressive(true)),
        ),
        ("png", make::png(&image)),
        ("gif", make::gif(160, 120, 3)),
        ("webp", make::webp(&image)),
        ("apng", make::apng(&image, 3)),
        ("moving webp", make::webp_moving(&image, 3)),
    ] {
        for sixteenth in 0..16 {
            let cut = &bytes[..bytes.len() * sixteenth / 16];
            only_a_file(&format!("{name} {sixteenth}/16"), cut).await;
        }
        assert_ne!(look(&bytes).await.kind, FileKind::File, "{name}");
    }
}

#[tokio::test]
async fn documents_and_scripts_are_only_saved_whatever_they_are_called() {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let html = std::str::from_utf8(SCRIPT).unwrap();
    for (name, bytes) in [
        ("nothing", vec![]),
        ("svg", svg.as_bytes().to_vec()),
        ("svg in UTF-16", utf16(svg)),
        ("html", html.as_bytes().to_vec()),
        ("html in UTF-16", utf16(html)),
        ("noise", noise(1, 100_000)),
        (
            "pdf and jpeg",
            [b"%PDF-1.7\n", &make::jpeg(&quarters(64, 64))[..]].concat(),
        ),
    ] {
        only_a_file(name, &bytes).await;
    }
}

#[tokio::test]
async fn a_picture_that_is_something_else_too_is_only_the_picture() {
    let image = quarters(64, 64);
    let png = make::png(&image);
    let jpeg = make::jpeg(&image);
    for bytes in [
        [&jpeg[..], b"PK\x03\x04", SCRIPT, b"PK\x05\x06"].concat(),
        with_segments(&jpeg, &[segment(0xFE, SCRIPT), segment(0xE0, SCRIPT)]),
        [&png[..], SCRIPT].concat(),
        super::bytes::with_chunks(&png, &[super::bytes::chunk(b"tEXt", SCRIPT)]),
        [&make::webp(&image)[..], SCRIPT].concat(),
        [&make::gif(64, 64, 1)[..], SCRIPT].concat(),
    ] {
        let (looked, _) = picture(&bytes).await;
        for rendered in &looked.renditions {
            assert!(!check::contains(&rendered.bytes, b"<script"));
        }
    }
    // GIF89a/*…*/=1;alert(1): the canvas is the comment's beginning.
    let mut script = make::gif_of_dots((0x2A2F, 0x2F2A), 0, 1);
    script.extend(b"*/=1;alert(1)");
    only_a_file_or_too_large(&script).await;
}

async fn only_a_file_or_too_large(bytes: &[u8]) {
    assert_eq!(look(bytes).await.kind, FileKind::File);
    assert!(look_as(bytes, Wanted::Picture, false).await.is_err());
}

#[tokio::test]
async fn video_and_sound_are_known_by_their_heads_and_kept() {
    let mp4 =
        |brand: &[u8; 4]| [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0mp42isom", SCRIPT].concat();
    let with_track = |brand: &[u8; 4]| [&mp4(brand)[..24], &video::mp4(b"")[24..]].concat();
    for (bytes, kind, media_type) in [
        (with_track(b"isom"), FileKind::Video, "video/mp4"),
        (with_track(b"3gp5"), FileKind::Video, "video/mp4"),
        (with_track(b"qt  "), FileKind::Video, "video/quicktime"),
        // An old MOV begins with what it shows.
        (
            with_track(b"isom")[24..].to_vec(),
            FileKind::Video,
            "video/quicktime",
        ),
        // There is no picture in it.
        (mp4(b"isom"), FileKind::File, "application/octet-stream"),
        (mp4(b"qt  "), FileKind::File, "application/octet-stream"),
        (mp4(b"M4A "), FileKind::Audio, "audio/mp4"),
        (mp4(b"heic"), FileKind::File, "application/octet-stream"),
        (mp4(b"avif"), FileKind::File, "application/octet-stream"),
        (
            b"RIFF\x24\0\0\0WAVEfmt ".to_vec(),
            FileKind::Audio,
            "audio/wav",
        ),
    ] {
        let looked = look(&bytes).await;
        assert_eq!((looked.kind, looked.media_type), (kind, media_type));
        assert!(looked.renditions.is_empty());
        assert!(look_as(&bytes, Wanted::Picture, false).await.is_err());
    }
}

#[tokio::test]
async fn frames_and_heads_that_lie_are_only_saved() {
    let image = quarters(64, 64);
    let frames = make::webp_moving(&image, 2);
    for (name, bytes) in [
        ("a dot outside", make::gif_of_dots((8, 8), 8, 2)),
        ("a dot far outside", make::gif_of_dots((8, 8), u16::MAX, 2)),
        ("no frame", make::gif_of_dots((8, 8), 0, 0)),
        ("no canvas", make::gif_of_dots((0, 0), 0, 1)),
        (
            "a smaller canvas",
            riff(b"WEBP", &[make::vp8x(0, 8, 8), make::vp8l(&image)]),
        ),
        (
            "a larger canvas",
            riff(b"WEBP", &[make::vp8x(0, 640, 640), make::vp8l(&image)]),
        ),
        (
            "still after all",
            riff(b"WEBP", &[make::vp8x(2, 64, 64), make::vp8l(&image)]),
        ),
        (
            "two pictures",
            riff(b"WEBP", &[make::vp8l(&image), make::vp8l(&image)]),
        ),
        ("a frame outside", {
            let mut bytes = frames.clone();
            let at = bytes.windows(4).position(|it| it == b"ANMF").unwrap();
            bytes[at + 8] = 1;
            bytes
        }),
        // Its decoder would say that all is well, and show it green.
        (
            "fewer colours in scans of their own",
            make::jpeg_with(&image, |it| {
                it.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
                it.set_optimized_huffman_tables(true);
            }),
        ),
        ("a head alone", b"\x89PNG\r\n\x1a\n".to_vec()),
    ] {
        only_a_file(name, &bytes).await;
    }
}

#[tokio::test]
async fn noise_within_pictures_ends_no_parent() {
    let image = quarters(96, 64);
    let whole = [
        make::jpeg(&image),
        make::png(&image),
        make::gif(96, 64, 3),
        make::webp(&image),
        make::apng(&image, 3),
        make::webp_moving(&image, 3),
    ];
    for (seed, bytes) in (0..12).flat_map(|seed| whole.iter().map(move |it| (seed, it))) {
        let mut bytes = bytes.clone();
        let dice = noise(seed * 97 + 1, 24);
        for at in dice.chunks_exact(3) {
            let place = usize::from(u16::from_le_bytes([at[0], at[1]])) % bytes.len();
            bytes[place] = at[2];
        }
        // A decoder that crashes ends its child alone, and that is all that may happen.
        if let Ok(looked) = look_as(&bytes, Wanted::Any, false).await
            && !looked.renditions.is_empty()
        {
            check::renditions(&looked);
        }
    }
}
