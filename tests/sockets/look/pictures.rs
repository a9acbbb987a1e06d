//! Pictures that are what they say.

use sha2::{Digest, Sha256};
use teahouse::look::Wanted;
use teahouse::model::file::{Content, FileKind};

use super::bytes::{exif, segment, with_segments};
use super::check::{self, alike, corners};
use super::make::{self, CORNERS, quarters};
use super::{look, look_as, picture};

fn hexadecimal(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_photo_has_three_sizes_and_is_never_enlarged() {
    for (width, height, sizes) in [
        (2_720, 340, [(2_560, 320), (1_080, 135), (480, 60)]),
        (350, 1_400, [(350, 1_400), (270, 1_080), (120, 480)]),
        (100, 60, [(100, 60); 3]),
        (1, 1, [(1, 1); 3]),
        (4_000, 2, [(2_560, 1), (1_080, 1), (480, 1)]),
    ] {
        let bytes = make::jpeg(&make::photo(width, height));
        let (looked, images) = picture(&bytes).await;
        let seen = images.map(|image| (image.width(), image.height()));
        assert_eq!(seen, sizes);
        assert_eq!(looked.media_type, "image/jpeg");
        assert_eq!(looked.sha256, hexadecimal(&bytes));
        let Content { ms, wave, .. } = looked.content;
        assert_eq!((ms, wave), (None, None));
    }
}

#[tokio::test]
async fn a_photo_stands_upright_however_the_camera_was_held() {
    let [a, b, c, d] = CORNERS;
    let table = [
        (1, [a, b, c, d]),
        (2, [b, a, d, c]),
        (3, [d, c, b, a]),
        (4, [c, d, a, b]),
        (5, [a, c, b, d]),
        (6, [c, a, d, b]),
        (7, [d, b, c, a]),
        (8, [b, d, a, c]),
    ];
    let jpeg = make::jpeg(&quarters(600, 400));
    for (orientation, expected) in table {
        let held = [b"Exif\0\0", &exif(orientation, &[])[..]].concat();
        let bytes = with_segments(&jpeg, &[segment(0xE1, &held)]);
        let (looked, images) = picture(&bytes).await;
        let upright = orientation < 5;
        let size = if upright { (600, 400) } else { (400, 600) };
        assert_eq!((images[0].width(), images[0].height()), size);
        for image in &images {
            for (seen, colour) in corners(image).into_iter().zip(expected) {
                assert!(
                    alike(seen, colour, 12),
                    "{orientation}: {seen:?} {colour:?}"
                );
            }
        }
        assert!(!looked.content.full);
    }
}

#[tokio::test]
async fn every_way_to_write_a_picture_shows_the_same() {
    // No multiple of 16, which is where decoders go wrong.
    let image = quarters(333, 217);
    let soft = |it: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| {
        it.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
    };
    let cases = [
        ("jpeg", make::jpeg(&image)),
        ("with fewer colours", make::jpeg_with(&image, soft)),
        (
            "progressive with fewer colours",
            make::jpeg_with(&image, |it| {
                soft(it);
                it.set_progressive(true);
            }),
        ),
        (
            "progressive with restarts",
            make::jpeg_with(&image, |it| {
                soft(it);
                it.set_progressive(true);
                it.set_restart_interval(4);
            }),
        ),
        (
            "a scan for each colour",
            make::jpeg_with(&image, |it| it.set_optimized_huffman_tables(true)),
        ),
        (
            "progressive",
            make::jpeg_with(&image, |it| it.set_progressive(true)),
        ),
        (
            "restarts",
            make::jpeg_with(&image, |it| it.set_restart_interval(4)),
        ),
        ("cmyk", make::cmyk(&image)),
        ("png", make::png(&image)),
        ("png of 16 bits", make::png_16(&image)),
        ("webp", make::webp(&image)),
        (
            "extended webp",
            super::bytes::riff(b"WEBP", &[make::vp8x(0, 333, 217), make::vp8l(&image)]),
        ),
    ];
    for (name, bytes) in cases {
        let (_, images) = picture(&bytes).await;
        for image in &images {
            for (seen, colour) in corners(image).into_iter().zip(CORNERS) {
                assert!(alike(seen, colour, 12), "{name}: {seen:?} {colour:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_photo_in_the_colours_of_a_phone_is_brought_to_those_of_screens() {
    let green = image::RgbImage::from_pixel(64, 64, [100, 200, 100].into());
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let bytes = make::jpeg_with(&green, |it| it.add_icc_profile(&profile).unwrap());
    let (_, [large, ..]) = picture(&bytes).await;
    // P3 (100, 200, 100) is beyond what sRGB has of green with so little red.
    let [seen, ..] = corners(&large);
    assert!(alike(seen, [44, 203, 85], 8), "{seen:?}");
    let (_, [plain, ..]) = picture(&make::jpeg(&green)).await;
    assert!(alike(corners(&plain)[0], [100, 200, 100], 3));
}

#[tokio::test]
async fn transparency_is_kept_where_it_is_used() {
    let holed = make::with_hole(&quarters(1_200, 900));
    let (looked, images) = picture(&make::png_rgba(&holed)).await;
    for (rendered, image) in looked.renditions.iter().zip(images) {
        assert_eq!(rendered.media_type, "image/webp");
        let image = image.to_rgba8();
        let middle = image.get_pixel(image.width() / 2, image.height() / 2);
        assert_eq!(middle.0[3], 0);
        assert_eq!(image.get_pixel(0, 0).0[3], 255);
    }
    let opaque = image::DynamicImage::from(quarters(120, 90)).to_rgba8();
    let (looked, _) = picture(&make::png_rgba(&opaque)).await;
    assert_ne!(looked.renditions[2].media_type, "image/webp");
}

#[tokio::test]
async fn a_drawing_stays_sharp_and_a_photo_small() {
    let (drawing, [large, ..]) = picture(&make::png(&quarters(1_200, 600))).await;
    let types = drawing.renditions.iter().map(|it| it.media_type);
    assert_eq!(
        types.collect::<Vec<_>>(),
        ["image/png", "image/jpeg", "image/jpeg"]
    );
    assert_eq!(corners(&large), CORNERS, "to the bit");
    let (photo, _) = picture(&make::png(&make::photo(800, 600))).await;
    assert_eq!(photo.media_type, "image/jpeg");
}

#[tokio::test]
async fn a_photo_that_is_wanted_whole_keeps_its_size() {
    let bytes = make::jpeg(&make::photo(2_700, 300));
    let looked = look_as(&bytes, Wanted::Any, true).await.unwrap();
    let [large, ..] = check::renditions(&looked);
    assert!(looked.content.full);
    assert_eq!((large.width(), large.height()), (2_700, 300));
    let looked = look_as(&bytes, Wanted::Picture, false).await.unwrap();
    assert!(!looked.content.full);
}

#[tokio::test]
async fn what_moves_goes_on_moving() {
    let image = quarters(96, 64);
    for (name, bytes, media_type) in [
        ("gif", make::gif(96, 64, 5), "image/gif"),
        ("apng", make::apng(&image, 5), "image/png"),
        ("webp", make::webp_moving(&image, 5), "image/webp"),
    ] {
        let looked = look(&bytes).await;
        assert_eq!(looked.kind, FileKind::Animation, "{name}");
        assert_eq!(looked.media_type, media_type);
        assert_eq!(
            looked.renditions[0].bytes.len(),
            bytes.len(),
            "{name}: there was nothing to leave out"
        );
        let [_, medium, small] = check::renditions(&looked);
        assert_eq!(looked.renditions[2].media_type, "image/jpeg");
        let first = if name == "gif" {
            [CORNERS[0], [0; 3]]
        } else {
            [CORNERS[0], CORNERS[1]]
        };
        for image in [medium, small] {
            for (seen, colour) in corners(&image).into_iter().zip(first) {
                assert!(alike(seen, colour, 12), "{name}: {seen:?} {colour:?}");
            }
        }
    }
    for bytes in [
        make::gif(96, 64, 1),
        make::apng(&image, 1),
        make::webp_moving(&image, 1),
    ] {
        picture(&bytes).await;
    }
}

#[tokio::test]
async fn what_would_move_too_much_is_a_still_picture() {
    let large = quarters(520, 520);
    for (name, bytes) in [
        ("601 frames", make::gif_of_dots((8, 8), 0, 601)),
        ("162 megapixels", make::webp_moving(&large, 600)),
        ("162 megapixels", make::apng(&large, 600)),
    ] {
        let looked = look(&bytes).await;
        assert_eq!(looked.kind, FileKind::Picture, "{name}");
        assert!(looked.content.still, "{name}: its sender is told");
        check::renditions(&looked);
    }
    let looked = look(&make::gif_of_dots((8, 8), 0, 600)).await;
    assert_eq!(looked.kind, FileKind::Animation);
    assert!(!looked.content.still);
    let looked = look(&make::gif(96, 64, 1)).await;
    assert!(!looked.content.still, "it never moved");
}

#[tokio::test]
async fn what_is_wanted_as_a_file_stays_one() {
    let bytes = make::jpeg(&quarters(64, 64));
    let looked = look_as(&bytes, Wanted::File, false).await.unwrap();
    assert_eq!(looked.kind, FileKind::File);
    assert_eq!(looked.media_type, "application/octet-stream");
    assert_eq!(looked.sha256, hexadecimal(&bytes));
    assert!(looked.renditions.is_empty());
}
