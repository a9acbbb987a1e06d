//! Walks the boxes of an MP4 or a MOV (ISO 14496-12; QuickTime File Format): how large and how long the video is,
//! and where it tells more than it shows.
//!
//! Cameras write there where they are, whose they are and what they are called: in `udta`, `meta` and `uuid`, in
//! boxes of their own, and in tracks beside picture and sound. So what stays is named ([`Place::knows`]), and
//! all else goes. No length is believed: a box is within its parent, or the file cannot be walked, and is no
//! video. Only the last box of a file may be cut off.
//!
//! Bounds: [`BOXES`], [`RANGES`], [`CHUNKS`]; [`BODY`] bytes of one box in memory, [`TABLE`] of a table of samples,
//! [`LOOKED`] of free space, and nothing of the video itself.

mod places;
mod samples;

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use self::places::Place;
use self::samples::Tables;
use super::cursor::Cursor;
use crate::model::file::{Content, VIDEO_EDGE, VIDEO_MS};

/// Most boxes of a file: one that was written in pieces has a dozen for each, and an hour has 7,200 of half a
/// second.
const BOXES: usize = 100_000;

/// Most ranges that are overwritten, boxes and samples: five tracks of a phone or one of a camera, each with a chunk
/// or two a second, of an hour. Each takes 60 bytes of the answer.
pub(super) const RANGES: usize = 16_384;

/// Most ranges of samples before those of several tracks that lie side by side are made one: 1 MiB of memory.
const CHUNKS: usize = 4 * RANGES;

/// Bytes of the shortest box: its length and its name.
pub(super) const HEAD: u64 = 8;

/// Bytes that are read of a box: as many as the head of a track has in its longer version.
const BODY: u64 = 96;

/// Most bytes of a table of samples: two million of them, an hour of a phone that notes 500 times a second how it is
/// held.
const TABLE: u64 = 8 * 1_024 * 1_024;

/// Bytes of free space that are looked at, whether there is something left in it: more is overwritten anyway.
const LOOKED: u64 = 1_024 * 1_024;

/// What was found on a walk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// Width, height and length, as far as they are known.
    pub content: Content,
    /// Whether there is a track of pictures.
    pub is_seen: bool,
    /// Whether there is a track of sound.
    pub is_heard: bool,
    /// Where what nobody may be given is, in bytes from the start: whole boxes.
    pub blanks: Vec<Range<u64>>,
    /// The same outside of boxes: samples of other tracks.
    pub zeros: Vec<Range<u64>>,
}

/// Walks a file; `None` if that cannot be done to its end.
pub(super) fn walk(file: &mut (impl Read + Seek)) -> Option<Walked> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let mut walk = Walk {
        file,
        boxes: 0,
        media: Vec::new(),
        chunks: Vec::new(),
        in_pieces: false,
        has_others: false,
        walked: Walked::default(),
    };
    walk.whole(end)?;
    walk.finish(end)
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
    is_sound: bool,
    is_other: bool,
    tables: Tables,
}

struct Walk<'a, F> {
    file: &'a mut F,
    boxes: usize,
    /// The bodies of `mdat`, where samples are.
    media: Vec<Range<u64>>,
    /// Samples of tracks that are neither seen nor heard.
    chunks: Vec<Range<u64>>,
    /// Whether there are samples that no table of a track knows.
    in_pieces: bool,
    /// Whether there are tracks that are neither seen nor heard.
    has_others: bool,
    walked: Walked,
}

impl<F: Read + Seek> Walk<'_, F> {
    /// The boxes of a file, of which the last may be cut off, and what is no box behind them.
    fn whole(&mut self, end: u64) -> Option<()> {
        let mut at = 0;
        let track = &mut Track::default();
        while end - at >= HEAD {
            let (name, head, length) = self.head(at..end)?;
            if length < head {
                break;
            }
            let next = at.saturating_add(length).min(end);
            let part = Part {
                name,
                whole: at..next,
                body: at.saturating_add(head).min(next)..next,
            };
            self.one(&part, Place::File, track)?;
            at = next;
        }
        if self.is_zero(at..end)? {
            return Some(());
        }
        if end - at >= HEAD {
            return self.blank(at..end);
        }
        self.walked.zeros.push(at..end);
        Some(())
    }

    /// The boxes of another one, of which `track` is the innermost track.
    fn all(&mut self, within: &Range<u64>, place: Place, track: &mut Track) -> Option<()> {
        let Range { start: mut at, end } = *within;
        // What is shorter holds no box.
        while end - at >= HEAD {
            let (name, head, length) = self.head(at..end)?;
            let next = at.checked_add(length).filter(|next| *next <= end)?;
            if length < head {
                return None;
            }
            let part = Part {
                name,
                whole: at..next,
                body: at + head..next,
            };
            self.one(&part, place, track)?;
            at = next;
        }
        Some(())
    }

    fn one(&mut self, part: &Part, place: Place, track: &mut Track) -> Option<()> {
        match (&part.name, place) {
            // Programs leave there what they have taken out.
            (b"free" | b"skip" | b"wide" | b"junk" | b"\0\0\0\0", _) => {
                if !self.is_zero(part.body.clone())? {
                    self.blank(part.whole.clone())?;
                }
            }
            // Packed: nobody can say what is in it.
            (b"cmov", _) => return None,
            (name, _) if !place.knows(name) => self.blank(part.whole.clone())?,
            (b"trak", _) => self.track(part)?,
            (b"mdat", _) => self.media.push(part.body.clone()),
            (b"mvhd", _) => self.walked.content.ms = length(&self.body(part)?),
            (b"tkhd", _) => track.size = size(&self.body(part)?),
            (b"hdlr", Place::Mdia) => match self.body(part)?.get(8..12) {
                Some(b"vide") => track.is_video = true,
                Some(b"soun") => track.is_sound = true,
                _ => track.is_other = true,
            },
            (name, Place::Stbl) => track.tables.note(*name, &part.body)?,
            (name, _) => {
                self.in_pieces |= name == b"moof";
                if let Some(inner) = Place::within(name) {
                    self.all(&part.body, inner, track)?;
                }
            }
        }
        Some(())
    }

    /// A track: one that is neither seen nor heard goes, with its samples.
    fn track(&mut self, part: &Part) -> Option<()> {
        let mut track = Track::default();
        let before = self.walked.blanks.len();
        self.all(&part.body, Place::Trak, &mut track)?;
        if (track.is_video || track.is_sound) && !track.is_other {
            self.take(&track);
            return Some(());
        }
        self.has_others = true;
        self.walked.blanks.truncate(before);
        self.blank(part.whole.clone())?;
        let most = CHUNKS - self.chunks.len();
        let runs = track.tables.runs(most, |table| {
            let fits = table.end - table.start <= TABLE;
            fits.then(|| self.read(table)).flatten()
        })?;
        self.chunks.extend(runs);
        Some(())
    }

    /// Name, and bytes of the head and of all, of the box at the start of a range; 0 of all where that is not said.
    fn head(&mut self, within: Range<u64>) -> Option<([u8; 4], u64, u64)> {
        self.boxes += 1;
        if self.boxes > BOXES {
            return None;
        }
        let head = self.read(within.start..within.end.min(within.start + 2 * HEAD))?;
        let mut head = Cursor(&head);
        let (short, name) = (head.be32()?, head.array()?);
        Some(match short {
            0 => (name, HEAD, within.end - within.start),
            1 => (name, 2 * HEAD, head.be64().unwrap_or_default()),
            length => (name, HEAD, length.into()),
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

    /// Whether nothing is there; of what is long nobody knows.
    fn is_zero(&mut self, range: Range<u64>) -> Option<bool> {
        if range.end - range.start > LOOKED {
            return Some(false);
        }
        Some(self.read(range)?.iter().all(|byte| *byte == 0))
    }

    fn blank(&mut self, whole: Range<u64>) -> Option<()> {
        let blanks = &mut self.walked.blanks;
        blanks.push(whole);
        (blanks.len() <= RANGES).then_some(())
    }

    /// The first track that is seen gives the video its size.
    fn take(&mut self, track: &Track) {
        self.walked.is_seen |= track.is_video;
        self.walked.is_heard |= track.is_sound;
        let content = &mut self.walked.content;
        if let Some((w, h)) = track.size.filter(|_| track.is_video && content.w.is_none()) {
            (content.w, content.h) = (Some(w), Some(h));
        }
    }

    /// Samples are within the file, or cut off with its end, and in no box but `mdat`.
    fn finish(mut self, end: u64) -> Option<Walked> {
        // Where the samples of which track are nobody has looked.
        if self.in_pieces && self.has_others {
            return None;
        }
        self.chunks.sort_by_key(|chunk| chunk.start);
        let mut zeros: Vec<Range<u64>> = Vec::new();
        for chunk in self.chunks {
            let chunk = chunk.start..chunk.end.min(end);
            if chunk.is_empty() {
                continue;
            }
            let media = self.media.partition_point(|media| media.end < chunk.end);
            let media = self.media.get(media)?;
            if chunk.start < media.start {
                return None;
            }
            match zeros.last_mut() {
                Some(last) if chunk.start <= last.end => last.end = last.end.max(chunk.end),
                _ => zeros.push(chunk),
            }
        }
        // What is behind the last box is behind all samples.
        zeros.append(&mut self.walked.zeros);
        self.walked.zeros = zeros;
        let ranges = self.walked.blanks.len() + self.walked.zeros.len();
        (ranges <= RANGES).then_some(self.walked)
    }
}

/// Length in ms by the head of a movie (ISO 14496-12, 8.2.2).
fn length(body: &[u8]) -> Option<u64> {
    let mut body = Cursor(body);
    let long = body.be32()? >> 24 == 1;
    body.take(if long { 16 } else { 8 })?;
    let a_second = u64::from(body.be32()?);
    // All ones stand for one that is not known.
    let length = if long {
        Some(body.be64()?).filter(|length| *length != u64::MAX)
    } else {
        Some(body.be32()?)
            .filter(|length| *length != u32::MAX)
            .map(u64::from)
    };
    let ms = length?.checked_mul(1_000)?.checked_div(a_second)?;
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
