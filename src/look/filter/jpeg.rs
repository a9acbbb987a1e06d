//! JPEG (ITU T.81, annex B): frames, scans and tables stay, of the rest only what decides on colours.

use super::cursor::Cursor;
use super::{Filtered, PARTS, PROFILE, orientation};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DHT: u8 = 0xC4;
const DQT: u8 = 0xDB;
const DRI: u8 = 0xDD;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// Most scans. Encoders of progressive pictures write about ten, and each costs a pass over all pixels.
const SCANS: usize = 100;

pub(super) fn filter(file: &[u8]) -> Option<Filtered> {
    let mut file = Cursor(file);
    if file.array()? != [0xFF, SOI] {
        return None;
    }
    let mut out = Vec::with_capacity(file.0.len());
    out.extend([0xFF, SOI]);
    let mut size = None;
    let mut turned = None;
    let mut profile = Profile::default();
    let mut scans = 0;
    for _ in 0..PARTS {
        let marker = marker(&mut file)?;
        if marker == EOI {
            out.extend([0xFF, EOI]);
            let mut filtered = Filtered::still(out, size.filter(|_| scans > 0)?);
            filtered.orientation = turned.unwrap_or(filtered.orientation);
            filtered.profile = profile.bytes;
            return Some(filtered);
        }
        let segment = segment(file)?;
        let content = file.take(segment.len())?.get(2..)?;
        match marker {
            // Baseline, extended and progressive; all others are lossless, arithmetic or differential.
            0xC0..=0xC2 if size.is_none() => size = Some(dimensions(content)?),
            DHT | DQT | DRI | SOS => {}
            0xC0..=0xCF => return None,
            APP0 if content.starts_with(b"JFIF\0") => {}
            APP14 if content.starts_with(b"Adobe") => {}
            APP1 => {
                if turned.is_none() && content.starts_with(b"Exif\0\0") {
                    turned = orientation(content);
                }
                continue;
            }
            APP2 => {
                profile.add(content);
                continue;
            }
            0xE0..=0xFE => continue,
            _ => return None,
        }
        out.extend([0xFF, marker]);
        out.extend(segment);
        if marker == SOS {
            scans += 1;
            if scans > SCANS {
                return None;
            }
            out.extend(scan(&mut file)?);
        }
    }
    None
}

/// The next marker, behind any number of fill bytes.
fn marker(file: &mut Cursor<'_>) -> Option<u8> {
    if file.byte()? != 0xFF {
        return None;
    }
    let fill = file.0.iter().position(|byte| *byte != 0xFF)?;
    file.take(fill)?;
    file.byte()
}

/// A segment with its length in front.
fn segment(mut file: Cursor<'_>) -> Option<&[u8]> {
    let all = file;
    let length = file.be16()?;
    all.0.get(..usize::from(length))
}

/// Width and height of a frame's header. A height that comes later (DNL) is not read.
fn dimensions(frame: &[u8]) -> Option<(u32, u32)> {
    let mut frame = Cursor(frame);
    let _precision = frame.byte()?;
    let height = frame.be16()?;
    let width = frame.be16()?;
    Some((width.into(), height.into()))
}

/// Entropy-coded data: up to the next marker that is neither a stuffed byte nor a restart.
fn scan<'a>(file: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let mut end = 0;
    loop {
        end += file.0.get(end..)?.iter().position(|byte| *byte == 0xFF)?;
        match file.0.get(end + 1)? {
            0x00 | 0xD0..=0xD7 => end += 2,
            _ => return file.take(end),
        }
    }
}

/// An ICC profile, which comes in numbered segments (ICC.1, annex B.4).
#[derive(Default)]
struct Profile {
    bytes: Option<Vec<u8>>,
    segments: u8,
}

impl Profile {
    /// A segment in its turn is added; one that comes out of turn, or is too much, ends it all.
    fn add(&mut self, segment: &[u8]) {
        let Some([number, _of, part @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") else {
            return;
        };
        self.segments = self.segments.saturating_add(1);
        let so_far = if self.segments == 1 {
            Some(Vec::new())
        } else {
            self.bytes.take()
        };
        self.bytes = so_far
            .filter(|bytes| *number == self.segments && bytes.len() + part.len() <= PROFILE)
            .map(|mut bytes| {
                bytes.extend(part);
                bytes
            });
    }
}
