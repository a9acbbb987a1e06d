use proptest::prelude::*;

use super::*;

const ALL: [(Still, &[u8]); 4] = [
    (Still::Jpeg, b"\xFF\xD8\xFF"),
    (
        Still::Png,
        b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0....\0",
    ),
    (Still::Gif, b"GIF89a\x01\0\x01\0\0\0\0"),
    (
        Still::Webp,
        b"RIFF\x80\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0\x01\0\0\x01\0\0ANMF\x20\0\0\0",
    ),
];

/// JPEG of one scan with nothing in it that a decoder could use.
fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = b"\xFF\xD8".to_vec();
    for (marker, content) in segments {
        bytes.extend([0xFF, *marker]);
        bytes.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        bytes.extend(*content);
    }
    bytes
}

const FRAME: (u8, &[u8]) = (0xC0, &[8, 0, 20, 0, 30, 1, 1, 0x11, 0]);
const SCAN: (u8, &[u8]) = (0xDA, &[1, 1, 0, 0, 63, 0]);

#[test]
fn a_jpeg_keeps_its_picture_and_its_colours() {
    let file = [
        &jpeg(&[
            (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            (
                0xE1,
                b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
            ),
            (0xE2, b"ICC_PROFILE\0\x01\x02one,"),
            (0xE2, b"ICC_PROFILE\0\x02\x02two"),
            (0xED, b"Photoshop 3.0\0"),
            (0xFE, b"a comment"),
            FRAME,
            SCAN,
        ])[..],
        // Stuffed bytes, a restart, and fill before the end.
        b"data\xFF\0more\xFF\xD0more\xFF\xFF\xD9 behind",
    ]
    .concat();
    let filtered = filter(Still::Jpeg, &file).unwrap();
    assert_eq!((filtered.width, filtered.height), (30, 20));
    assert_eq!(filtered.orientation, Orientation::Rotate90);
    assert_eq!(filtered.profile.as_deref(), Some(&b"one,two"[..]));
    let expected = [
        &jpeg(&[(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), FRAME, SCAN])[..],
        b"data\xFF\0more\xFF\xD0more\xFF\xD9",
    ]
    .concat();
    assert_eq!(
        filtered.bytes.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[test]
fn a_jpeg_that_is_none_is_refused() {
    let end: &[u8] = b"data\xFF\xD9";
    for (name, file) in [
        ("no frame", jpeg(&[SCAN])),
        ("two frames", jpeg(&[FRAME, FRAME, SCAN])),
        ("lossless", jpeg(&[(0xC3, FRAME.1), SCAN])),
        ("arithmetic", jpeg(&[(0xC9, FRAME.1), SCAN])),
        ("no height", jpeg(&[(0xC0, &[8, 0, 0, 0, 30, 1]), SCAN])),
        (
            "a restart outside",
            [&jpeg(&[FRAME])[..], b"\xFF\xD0"].concat(),
        ),
    ] {
        let file = [&file[..], end].concat();
        assert!(filter(Still::Jpeg, &file).is_none(), "{name}");
    }
    assert!(filter(Still::Jpeg, b"\xFF\xD8\xFF\xD9").is_none());
    let without_scan = [&jpeg(&[FRAME])[..], b"\xFF\xD9"].concat();
    assert!(filter(Still::Jpeg, &without_scan).is_none());
}

#[test]
fn a_profile_out_of_order_or_too_long_is_left_out() {
    let part = [b"ICC_PROFILE\0\x01\x01", &[7; 60_000][..]].concat();
    let next = [b"ICC_PROFILE\0\x02\x01", &[7; 60_000][..]].concat();
    for segments in [
        vec![(0xE2, &part[..]), (0xE2, &next)],
        vec![(0xE2, &next[..])],
        vec![(0xE2, &next[..]), (0xE2, &part)],
        vec![(0xE2, &part[..]), (0xE2, &part)],
    ] {
        let all = [&segments[..], &[FRAME, SCAN]].concat();
        let file = [&jpeg(&all)[..], b"\xFF\xD9"].concat();
        assert_eq!(filter(Still::Jpeg, &file).unwrap().profile, None);
    }
}

proptest! {
    #[test]
    fn whatever_follows_a_head_is_refused_or_made_no_longer(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        for (format, head) in ALL {
            let file = [head, &noise].concat();
            if let Some(filtered) = filter(format, &file) {
                // A byte that was left out behind the last chunk of a WebP is put there.
                prop_assert!(filtered.bytes.len() <= file.len() + 1);
                let again = filter(format, &filtered.bytes).map(|it| it.bytes);
                prop_assert_eq!(again, Some(filtered.bytes), "nothing is left to leave out");
            }
            let _any = without_profile(&file);
        }
    }
}
