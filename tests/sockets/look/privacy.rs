//! No place, no leftovers: what was planted beside the picture is in none of its renditions.

use teahouse::model::file::FileKind;

use super::bytes::{
    MARKER, chunk, exif, riff, riff_chunk, riff_chunks, segment, with_chunks, with_segments,
};
use super::check::{self, alike, corners};
use super::make::{self, CORNERS, quarters};
use super::{look, picture};

#[tokio::test]
async fn a_photo_of_a_phone_tells_nothing_but_what_it_shows() {
    let image = quarters(300, 200);
    let within = with_segments(&make::jpeg(&quarters(32, 32)), &[segment(0xFE, MARKER)]);
    let place = [b"Exif\0\0", &exif(1, &within)[..]].concat();
    let profile = [b"ICC_PROFILE\0\x01\x01", MARKER].concat();
    let planted = [
        segment(0xE0, &[&b"JFXX\0\x10"[..], &within].concat()),
        segment(0xE1, &place),
        segment(
            0xE1,
            &[&b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"[..], MARKER].concat(),
        ),
        segment(0xE2, &profile),
        segment(0xE2, &[&b"MPF\0"[..], MARKER].concat()),
        segment(0xED, &[&b"Photoshop 3.0\08BIM"[..], MARKER].concat()),
        segment(0xEE, MARKER),
        segment(0xEF, MARKER),
        segment(0xFE, MARKER),
    ];
    for jpeg in [
        make::jpeg(&image),
        make::jpeg_with(&image, |it| it.set_progressive(true)),
    ] {
        let bytes = [&with_segments(&jpeg, &planted)[..], MARKER, &within].concat();
        assert!(check::contains(&bytes, MARKER));
        picture(&bytes).await;
    }
}

#[tokio::test]
async fn a_png_loses_its_texts_and_keeps_its_colours() {
    let image = quarters(300, 200);
    let text = |name: &[u8]| [name, MARKER].concat();
    let planted = [
        chunk(b"tEXt", &text(b"Comment\0")),
        chunk(b"iTXt", &text(b"XML:com.adobe.xmp\0\0\0\0\0")),
        chunk(b"zTXt", &text(b"Comment\0\0")),
        chunk(b"eXIf", &exif(1, &[])),
        chunk(b"tIME", &[7, 234, 1, 1, 0, 0, 0]),
        chunk(b"prVt", MARKER),
    ];
    for (kind, png) in [
        (FileKind::Picture, make::png(&image)),
        (FileKind::Animation, make::apng(&image, 3)),
    ] {
        let mut bytes = with_chunks(&png, &planted);
        bytes.extend(MARKER);
        let looked = look(&bytes).await;
        assert_eq!(looked.kind, kind);
        let [large, ..] = check::renditions(&looked);
        for (seen, colour) in corners(&large).into_iter().zip(CORNERS) {
            assert!(alike(seen, colour, 0), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_moving_png_keeps_no_profile() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    // Zlib without compression: one block.
    let length = u16::try_from(profile.len()).unwrap();
    let adler = profile.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let packed = [
        &b"p3\0\0\x78\x01\x01"[..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        &profile,
        &(adler.1 << 16 | adler.0).to_be_bytes(),
    ]
    .concat();
    let green = image::RgbImage::from_pixel(64, 64, [100, 200, 100].into());
    let bytes = with_chunks(&make::apng(&green, 2), &[chunk(b"iCCP", &packed)]);
    let looked = look(&bytes).await;
    assert_eq!(looked.kind, FileKind::Animation);
    let [large, medium, _] = check::renditions(&looked);
    assert_eq!(corners(&large)[0], [100, 200, 100]);
    let seen = corners(&medium)[0];
    assert!(alike(seen, [44, 203, 85], 8), "{seen:?}");
}

#[tokio::test]
async fn a_webp_and_a_gif_keep_only_what_moves() {
    let image = quarters(96, 64);
    let whole = make::webp_moving(&image, 3);
    let mut parts: Vec<Vec<u8>> = riff_chunks(&whole[12..])
        .into_iter()
        .map(|(name, content)| riff_chunk(&name, content))
        .collect();
    parts[0] = make::vp8x(0x02 | 0x04 | 0x08 | 0x20, 96, 64);
    parts.insert(1, riff_chunk(b"ICCP", MARKER));
    parts.push(riff_chunk(b"EXIF", &exif(6, &[])));
    parts.push(riff_chunk(b"XMP ", MARKER));
    parts.push(riff_chunk(b"WHAT", MARKER));
    let webp = [&riff(b"WEBP", &parts)[..], MARKER].concat();
    let looked = look(&webp).await;
    assert_eq!(looked.kind, FileKind::Animation);
    check::renditions(&looked);
    assert_eq!(looked.renditions[0].bytes, whole);

    let whole = make::gif(96, 64, 3);
    let at = whole.iter().position(|byte| *byte == 0x21).unwrap();
    let length = MARKER.len() as u8;
    let planted = [
        &[0x21, 0xFE, length][..],
        MARKER,
        &[0],
        b"\x21\xFF\x0BXMP DataXMP",
        &[length],
        MARKER,
        &[0],
        &[0x21, 0x01, 12],
        &[0; 12],
        &[length],
        MARKER,
        &[0],
    ]
    .concat();
    let gif = [&whole[..at], &planted, &whole[at..], MARKER].concat();
    let looked = look(&gif).await;
    assert_eq!(looked.kind, FileKind::Animation);
    check::renditions(&looked);
    assert_eq!(looked.renditions[0].bytes, whole);
}
