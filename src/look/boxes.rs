//! Walks the boxes of an MP4 or a MOV (ISO 14496-12; QuickTime File Format): how large and how long the video is,
//! and where it tells more than it shows.
//!
//! Cameras write there where they are, whose they are and what they are called: in `udta` and `meta`, and as XMP in
//! a `uuid`. No length is believed: a box is within its parent, or the file cannot be walked, and is no video.
//!
//! Bounds: [`DEPTH`], [`BOXES`], [`BLANKS`]; [`BODY`] bytes of one box in memory, and nothing of the video itself.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::cursor::Cursor;
use crate::model::file::{Content, VIDEO_EDGE, VIDEO_MS};

/// How deep boxes stand within each other: what is read stands in the fourth row.
const DEPTH: usize = 6;

/// Most boxes of a file: one that was written in pieces of a second has two or three for each.
const BOXES: usize = 10_000;

/// Most boxes that are to be blanked: a camera writes two or three for the file, and as many for each track.
pub(super) const BLANKS: usize = 48;

/// Bytes of the shortest box: its length and its name.
pub(super) const HEAD: u64 = 8;

/// Bytes that are read of a box: as many as the head of a track has in its longer version.
const BODY: u64 = 96;

/// The name behind `uuid` of a box that has XMP (XMP Specification Part 3, 1.2.7).
const XMP: [u8; 16] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
];

/// What was found on a walk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// Width, height and length, as far as they are known.
    pub content: Content,
    /// Where what nobody may be given is, in bytes from the start: whole boxes.
    pub blanks: Vec<Range<u64>>,
}

/// Walks a file; `None` if that cannot be done to its end.
pub(super) fn walk(file: &mut (impl Read + Seek)) -> Option<Walked> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let mut walk = Walk {
        file,
        boxes: 0,
        walked: Walked::default(),
    };
    walk.all(0..end, 1, &mut Track::default())?;
    Some(walk.walked)
}

/// A box.
struct Part {
    name: [u8; 4],
    whole: Range<u64>,
    /// Without its head.
    body: Range<u64>,
}

/// What is known of a track.
#[derive(Default)]
struct Track {
    size: Option<(u32, u32)>,
    is_video: bool,
}

struct Walk<'a, F> {
    file: &'a mut F,
    boxes: usize,
    walked: Walked,
}

impl<F: Read + Seek> Walk<'_, F> {
    /// The boxes of a part of the file, of which `track` is the innermost track.
    fn all(&mut self, within: Range<u64>, depth: usize, track: &mut Track) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        let Range { start: mut at, end } = within;
        // What is shorter holds no box.
        while end - at >= HEAD {
            let part = self.part(at..end)?;
            at = part.whole.end;
            match &part.name {
                b"udta" | b"meta" => self.blank(part.whole)?,
                b"uuid" if self.body(&part)?.starts_with(&XMP) => self.blank(part.whole)?,
                b"moov" | b"mdia" => self.all(part.body, depth + 1, track)?,
                b"trak" => {
                    let mut track = Track::default();
                    self.all(part.body, depth + 1, &mut track)?;
                    self.take(&track);
                }
                // Packed: nobody can say what is in it.
                b"cmov" => return None,
                b"mvhd" => self.walked.content.ms = length(&self.body(&part)?),
                b"tkhd" => track.size = size(&self.body(&part)?),
                b"hdlr" => track.is_video |= self.body(&part)?.get(8..12) == Some(b"vide"),
                _ => {}
            }
        }
        Some(())
    }

    /// The box at the start of a range, if it ends within it.
    fn part(&mut self, within: Range<u64>) -> Option<Part> {
        self.boxes += 1;
        if self.boxes > BOXES {
            return None;
        }
        let head = self.read(within.start..within.end.min(within.start + 2 * HEAD))?;
        let mut head = Cursor(&head);
        let (short, name) = (head.be32()?, head.array()?);
        let (head, length) = match short {
            0 => (HEAD, within.end - within.start),
            1 => (2 * HEAD, head.be64()?),
            length => (HEAD, length.into()),
        };
        let end = within.start.checked_add(length)?;
        (length >= head && end <= within.end).then(|| Part {
            name,
            whole: within.start..end,
            body: within.start + head..end,
        })
    }

    /// The first bytes of what a box holds.
    fn body(&mut self, Part { body, .. }: &Part) -> Option<Vec<u8>> {
        self.read(body.start..body.end.min(body.start.saturating_add(BODY)))
    }

    fn read(&mut self, range: Range<u64>) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(range.start)).ok()?;
        let wanted = range.end - range.start;
        let read = self.file.take(wanted).read_to_end(&mut bytes).ok()?;
        (read as u64 == wanted).then_some(bytes)
    }

    fn blank(&mut self, whole: Range<u64>) -> Option<()> {
        let blanks = &mut self.walked.blanks;
        blanks.push(whole);
        (blanks.len() <= BLANKS).then_some(())
    }

    /// The first track that is seen gives the video its size.
    fn take(&mut self, track: &Track) {
        let content = &mut self.walked.content;
        if let Some((w, h)) = track.size.filter(|_| track.is_video && content.w.is_none()) {
            (content.w, content.h) = (Some(w), Some(h));
        }
    }
}

/// Length in ms by the head of a movie (ISO 14496-12, 8.2.2).
fn length(body: &[u8]) -> Option<u64> {
    let mut body = Cursor(body);
    let long = body.be32()? >> 24 == 1;
    body.take(if long { 16 } else { 8 })?;
    let a_second = u64::from(body.be32()?);
    let length = if long {
        body.be64()?
    } else {
        body.be32()?.into()
    };
    let ms = length.checked_mul(1_000)?.checked_div(a_second)?;
    // Written in pieces, it does not know how long it will be.
    (1..=VIDEO_MS).contains(&ms).then_some(ms)
}

/// Width and height by the head of a track (ISO 14496-12, 8.3.2), as it is shown.
fn size(body: &[u8]) -> Option<(u32, u32)> {
    let mut body = Cursor(body);
    let long = body.be32()? >> 24 == 1;
    // Times, number and length, then layer, group and volume.
    body.take(if long { 32 } else { 20 } + 16)?;
    let mut matrix = [0; 9];
    for number in &mut matrix {
        *number = body.be32()?;
    }
    // They have 16 bits behind the point.
    let (w, h) = (body.be32()? >> 16, body.be32()? >> 16);
    let edge = 1..=VIDEO_EDGE;
    let [a, b, _, c, d, ..] = matrix;
    let turned = a == 0 && d == 0 && b != 0 && c != 0;
    let size = if turned { (h, w) } else { (w, h) };
    (edge.contains(&w) && edge.contains(&h)).then_some(size)
}

#[cfg(test)]
mod tests;
