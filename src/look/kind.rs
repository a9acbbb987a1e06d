//! What a file is, by its first bytes: never by its name, and never by what its sender says.
//!
//! Only what browsers play or show from a server that does not know them is told apart. All else, with SVG,
//! HTML, PDF, HEIC and AVIF in it, is a file that is only saved.

use super::cursor::Cursor;
use crate::model::file::FileKind;

/// How many first bytes decide: an MP3 has its second frame in them.
pub(super) const HEAD: usize = 4_096;

/// The media type of what is only saved.
pub(super) const ANY: &str = "application/octet-stream";

/// The media type of a video that is not made of boxes.
pub(super) const WEBM: &str = "video/webm";
const WEBM_SOUND: &str = "audio/webm";

/// The media type of sound that is made of boxes.
pub(super) const BOXED_SOUND: &str = "audio/mp4";

/// Brands of pictures that are made of boxes (ISO 23008-12; AVIF; Canon), whatever else is in them.
const PICTURES: [&[u8; 4]; 17] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2",
    b"mif3", b"msf1", b"miaf", b"avif", b"avis", b"avio", b"crx ",
];

/// A format of pictures that is decoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Still {
    Jpeg,
    Png,
    Gif,
    Webp,
}

impl Still {
    /// All of them.
    const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::Webp];

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The format with this media type.
    pub fn of(media_type: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.media_type() == media_type)
    }
}

/// What a head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// A picture, if its decoder agrees.
    Picture(Still),
    /// Video of this media type.
    Video(&'static str),
    /// Sound of this media type.
    Audio(&'static str),
    /// Nothing that is known here.
    Nothing,
}

impl Says {
    /// Kind and media type of a file that is kept as it was sent.
    pub fn as_sent(self) -> (FileKind, &'static str) {
        match self {
            Self::Video(media_type) => (FileKind::Video, media_type),
            Self::Audio(media_type) => (FileKind::Audio, media_type),
            Self::Picture(_) | Self::Nothing => (FileKind::File, ANY),
        }
    }
}

/// Every pair that [`Says::as_sent`] can return.
pub(super) const AS_SENT: [(FileKind, &str); 10] = [
    (FileKind::File, ANY),
    (FileKind::Video, "video/mp4"),
    (FileKind::Video, "video/quicktime"),
    (FileKind::Video, WEBM),
    (FileKind::Audio, BOXED_SOUND),
    (FileKind::Audio, "audio/mpeg"),
    (FileKind::Audio, "audio/ogg"),
    (FileKind::Audio, "audio/flac"),
    (FileKind::Audio, "audio/wav"),
    (FileKind::Audio, WEBM_SOUND),
];

/// What the first [`HEAD`] bytes of a file say, or all of a shorter one.
pub(super) fn says(head: &[u8]) -> Says {
    match head {
        [0xFF, 0xD8, 0xFF, ..] => Says::Picture(Still::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Says::Picture(Still::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Says::Picture(Still::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..] => match rest {
            [b'W', b'E', b'B', b'P', ..] => Says::Picture(Still::Webp),
            [b'W', b'A', b'V', b'E', ..] => Says::Audio("audio/wav"),
            _ => Says::Nothing,
        },
        [0x1A, 0x45, 0xDF, 0xA3, ..] if is_webm(head) => webm(head),
        [b'O', b'g', b'g', b'S', 0, ..] if is_ogg_sound(head) => Says::Audio("audio/ogg"),
        // The first block tells about the stream and has 34 bytes, in every FLAC.
        [b'f', b'L', b'a', b'C', 0x00 | 0x80, 0, 0, 34, ..] => Says::Audio("audio/flac"),
        [b'I', b'D', b'3', 2..=4, rest @ ..] if is_id3(rest) => Says::Audio("audio/mpeg"),
        [0xFF, ..] if is_mp3(head) => Says::Audio("audio/mpeg"),
        _ => boxes(head).unwrap_or(Says::Nothing),
    }
}

/// Whether what has this media type is made of boxes.
pub(super) fn is_in_boxes(media_type: &str) -> bool {
    matches!(media_type, "video/mp4" | "video/quicktime" | BOXED_SOUND)
}

/// By the brand of an ISO base media file (ISO 14496-12, 4.3), of which HEIC and AVIF are others. What cameras write
/// has many brands, and an old MOV has none: whether it is video its tracks say.
fn boxes(head: &[u8]) -> Option<Says> {
    let mut head = Cursor(head);
    let length = head.be32()?;
    match &head.array()? {
        b"moov" | b"mdat" | b"wide" => return Some(Says::Video("video/quicktime")),
        b"ftyp" if (16..=1_024).contains(&length) && length % 4 == 0 => {}
        _ => return None,
    }
    match &head.array()? {
        b"qt  " => Some(Says::Video("video/quicktime")),
        b"M4A " | b"M4B " => Some(Says::Audio(BOXED_SOUND)),
        picture if PICTURES.contains(&picture) => None,
        _ => Some(Says::Video("video/mp4")),
    }
}

/// Whether the document type of an EBML head (RFC 8794, 11.2.4) is that of WebM.
fn is_webm(head: &[u8]) -> bool {
    /// The element with its length of 4 and its text.
    const DOCTYPE: &[u8] = b"\x42\x82\x84webm";
    let start = head.get(..64).unwrap_or(head);
    start.windows(DOCTYPE.len()).any(|window| window == DOCTYPE)
}

/// Sound where all tracks (RFC 9559, 5.1.4) are in the head and none of their codecs is one of pictures.
fn webm(head: &[u8]) -> Says {
    match tracks(head) {
        Some(tracks) if has_codec(tracks, b'A') && !has_codec(tracks, b'V') => {
            Says::Audio(WEBM_SOUND)
        }
        _ => Says::Video(WEBM),
    }
}

/// The content of the element, where its length is told and it ends within the head.
fn tracks(head: &[u8]) -> Option<&[u8]> {
    const TRACKS: &[u8] = b"\x16\x54\xAE\x6B";
    /// Before it in the table of what is where (RFC 9559, 5.1.1): its id as a value of four bytes.
    const SOUGHT: &[u8] = b"\x53\xAB\x84";
    let is_tracks = |start: &usize| {
        let (before, rest) = head.split_at_checked(*start).unwrap_or_default();
        rest.starts_with(TRACKS) && !before.ends_with(SOUGHT)
    };
    let start = (0..head.len()).find(is_tracks)?;
    let mut rest = Cursor(head.get(start + TRACKS.len()..)?);
    let first = rest.byte()?;
    // As many zeros as there are more bytes, then a one (RFC 8794, 4).
    let more = first.leading_zeros();
    let mut length = usize::from(first).checked_sub(0x80_usize.checked_shr(more)?)?;
    for _ in 0..more {
        length = length.checked_mul(256)? | usize::from(rest.byte()?);
    }
    rest.take(length)
}

/// Whether a codec's name begins so: `A_OPUS`, `V_VP9`.
fn has_codec(tracks: &[u8], kind: u8) -> bool {
    let is_name =
        |window: &[u8]| matches!(window, [0x86, 0x80..=0xFF, first, b'_'] if *first == kind);
    tracks.windows(4).any(is_name)
}

/// Whether the first stream of an Ogg file (RFC 3533, 6) is sound that browsers play.
fn is_ogg_sound(head: &[u8]) -> bool {
    let Some(&segments) = head.get(26) else {
        return false;
    };
    let packet = head.get(27 + usize::from(segments)..).unwrap_or_default();
    let known: [&[u8]; 3] = [b"OpusHead", b"\x01vorbis", b"\x7FFLAC"];
    known.iter().any(|codec| packet.starts_with(codec))
}

/// Whether this follows `ID3` and its version: a revision, flags, and a length in bytes of 7 bits.
fn is_id3(rest: &[u8]) -> bool {
    let [revision, _flags, length @ ..] = rest else {
        return false;
    };
    let length = length.first_chunk::<4>();
    *revision < 0xFF && length.is_some_and(|length| length.iter().all(|byte| *byte < 0x80))
}

/// Whether a frame of MPEG layer III stands here and another where it ends: one alone is two bytes that any
/// file might begin with.
fn is_mp3(head: &[u8]) -> bool {
    let next = mp3_frame(head).and_then(|length| head.get(length..));
    next.and_then(mp3_frame).is_some()
}

/// Length in bytes of the frame of layer III that begins here (ISO 11172-3, 2.4.1.3).
fn mp3_frame(from: &[u8]) -> Option<usize> {
    const FIRST: [usize; 14] = [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const SECOND: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [0xFF, sync, rates, ..] = from else {
        return None;
    };
    if sync & 0b1110_0110 != 0b1110_0010 {
        return None;
    }
    let (kilobits, samples, hertz) = match sync >> 3 & 0b11 {
        0b11 => (FIRST, 144, [44_100, 48_000, 32_000]),
        0b10 => (SECOND, 72, [22_050, 24_000, 16_000]),
        0b00 => (SECOND, 72, [11_025, 12_000, 8_000]),
        _ => return None,
    };
    let kilobits = kilobits.get(usize::from(rates >> 4).checked_sub(1)?)?;
    let hertz = hertz.get(usize::from(rates >> 2 & 0b11))?;
    let padding = usize::from(rates >> 1 & 1);
    Some(samples * kilobits * 1_000 / hertz + padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MP3: [u8; 4] = [0xFF, 0xFB, 0x90, 0x00];

    fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
        [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0mp42isom"].concat()
    }

    fn mp3(frames: usize) -> Vec<u8> {
        let frame = [&MP3[..], &[0; 413]].concat();
        frame.repeat(frames)
    }

    fn webm_of(tracks: &[u8]) -> Vec<u8> {
        let mut head = b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm".to_vec();
        head.extend_from_slice(b"\x4D\xBB\x8B\x53\xAB\x84\x16\x54\xAE\x6B\x53\xAC\x81\x40");
        head.extend_from_slice(b"\x16\x54\xAE\x6B\x40");
        head.push(tracks.len() as u8);
        head.extend_from_slice(tracks);
        head
    }

    #[test]
    fn what_browsers_show_and_play_is_known_by_its_head() {
        let ogg = |codec: &[u8]| [&b"OggS\0\x02"[..], &[0; 20], &[1, 19], codec].concat();
        let table: Vec<(Vec<u8>, Says)> = vec![
            (vec![0xFF, 0xD8, 0xFF, 0xE0], Says::Picture(Still::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), Says::Picture(Still::Png)),
            (b"GIF89a".to_vec(), Says::Picture(Still::Gif)),
            (b"GIF87a..".to_vec(), Says::Picture(Still::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), Says::Picture(Still::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), Says::Audio("audio/wav")),
            (ftyp(b"isom"), Says::Video("video/mp4")),
            (ftyp(b"mp42"), Says::Video("video/mp4")),
            (ftyp(b"qt  "), Says::Video("video/quicktime")),
            (ftyp(b"3gp4"), Says::Video("video/mp4")),
            (ftyp(b"XAVC"), Says::Video("video/mp4")),
            (ftyp(b"MSNV"), Says::Video("video/mp4")),
            (b"\0\0\0\x08wide".to_vec(), Says::Video("video/quicktime")),
            (b"\0\0\0\x20moov".to_vec(), Says::Video("video/quicktime")),
            (b"\0\0\0\x01mdat".to_vec(), Says::Video("video/quicktime")),
            (ftyp(b"M4A "), Says::Audio("audio/mp4")),
            (
                b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm".to_vec(),
                Says::Video("video/webm"),
            ),
            (webm_of(b"\x86\x86A_OPUS"), Says::Audio("audio/webm")),
            (
                webm_of(b"\x86\x86A_OPUS\x86\x85V_VP9"),
                Says::Video("video/webm"),
            ),
            // Its tracks go on beyond the head.
            (
                webm_of(b"\x86\x86A_OPUS").split_last().unwrap().1.to_vec(),
                Says::Video("video/webm"),
            ),
            (ogg(b"OpusHead"), Says::Audio("audio/ogg")),
            (ogg(b"\x01vorbis"), Says::Audio("audio/ogg")),
            (b"fLaC\0\0\0\x22".to_vec(), Says::Audio("audio/flac")),
            (
                b"ID3\x04\0\0\0\0\x02\x01".to_vec(),
                Says::Audio("audio/mpeg"),
            ),
            (mp3(2), Says::Audio("audio/mpeg")),
        ];
        for (head, kind) in table {
            assert_eq!(says(&head), kind, "{:?}", String::from_utf8_lossy(&head));
            if !matches!(kind, Says::Picture(_)) {
                assert!(AS_SENT.contains(&kind.as_sent()), "{kind:?}");
            }
        }
    }

    #[test]
    fn everything_else_is_a_file() {
        let utf16: Vec<u8> = "<html><script>alert(1)</script>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let table: Vec<Vec<u8>> = vec![
            vec![],
            vec![0xFF],
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
            b"<!doctype html><script>alert(1)</script>".to_vec(),
            utf16.clone(),
            [&[0xFF, 0xFE], &utf16[..]].concat(),
            b"%PDF-1.7".to_vec(),
            b"BM\0\0\0\0".to_vec(),
            b"II*\0\x08\0\0\0".to_vec(),
            b"\xFF\x0A jxl".to_vec(),
            b"\0\0\0\x0CJXL \r\n\x87\n".to_vec(),
            ftyp(b"avif"),
            ftyp(b"heic"),
            ftyp(b"mif1"),
            ftyp(b"crx "),
            b"\0\0\0\x07ftypisom".to_vec(),
            b"\x1A\x45\xDF\xA3\xA3\x42\x82\x88matroska".to_vec(),
            b"RIFF\0\0\0\0AVI LIST".to_vec(),
            [&b"OggS\0\x02"[..], &[0; 20], &[1, 19], b"\x80theora"].concat(),
            b"fLaC<html>".to_vec(),
            b"ID3\x04\0\0\xFF\xFF\xFF\xFF".to_vec(),
            b"ID3".to_vec(),
            mp3(1),
            vec![0xFF, 0xF1, 0x50, 0x80],
            b"\x89PNG".to_vec(),
            b"GIF90a".to_vec(),
            b"MZ\x90\0".to_vec(),
            b"PK\x03\x04".to_vec(),
        ];
        for head in table {
            let text = String::from_utf8_lossy(&head).into_owned();
            assert_eq!(says(&head), Says::Nothing, "{text:?}");
            assert_eq!(says(&head).as_sent(), (FileKind::File, ANY));
        }
    }
}
