//! WebP (RFC 9649): pictures, their transparency and movement. What the head says of the size must be true.

use image::metadata::Orientation;

use super::cursor::Cursor;
use super::{Filtered, PARTS, PROFILE, orientation};

/// Flags of the extended header that stay: transparency and movement. The others speak of chunks that go.
const FLAGS: u8 = ALPHA | MOVES;
const ALPHA: u8 = 0x10;
const MOVES: u8 = 0x02;

/// Length of a frame's header.
const FRAME_HEADER: usize = 16;

#[derive(Default)]
struct Found {
    canvas: Option<(u32, u32)>,
    moves: bool,
    picture: Option<(u32, u32)>,
    frames: u32,
    orientation: Option<Orientation>,
    profile: Option<Vec<u8>>,
}

pub(super) fn filter(file: &[u8]) -> Option<Filtered> {
    let mut file = Cursor(file);
    if &file.array()? != b"RIFF" {
        return None;
    }
    let length = usize::try_from(file.le32()?).ok()?;
    let mut body = Cursor(file.take(length)?);
    if &body.array()? != b"WEBP" {
        return None;
    }
    let mut out = Vec::with_capacity(length.saturating_add(8));
    out.extend(b"RIFF\0\0\0\0WEBP");
    let mut found = Found::default();
    let mut parts = 0;
    while !body.0.is_empty() {
        let (name, content) = chunk(&mut body, &mut parts)?;
        found.take(name, content, &mut out, &mut parts)?;
    }
    let size = found.size()?;
    let length = u32::try_from(out.len() - 8).ok()?;
    out.get_mut(4..8)?.copy_from_slice(&length.to_le_bytes());
    let mut filtered = Filtered::still(out, size);
    filtered.frames = if found.moves { found.frames } else { 1 };
    filtered.orientation = found.orientation.unwrap_or(filtered.orientation);
    filtered.profile = found.profile;
    Some(filtered)
}

impl Found {
    /// Writes a chunk of the file, or leaves it out. `None` if the file cannot be what it says.
    fn take(
        &mut self,
        name: [u8; 4],
        content: &[u8],
        out: &mut Vec<u8>,
        parts: &mut usize,
    ) -> Option<()> {
        let first = self.canvas.is_none() && self.picture.is_none();
        match &name {
            b"VP8X" if first => {
                let mut header = Cursor(content);
                let flags = header.byte()? & FLAGS;
                let _reserved = header.take(3)?;
                let size = (header.le24()? + 1, header.le24()? + 1);
                self.canvas = Some(size);
                self.moves = flags & MOVES != 0;
                let mut content: [u8; 10] = content.try_into().ok()?;
                content[0] = flags;
                content[1..4].fill(0);
                put(out, name, &content);
            }
            b"VP8X" => return None,
            b"VP8 " | b"VP8L" if self.picture.is_none() && !self.moves => {
                self.picture = Some(size(&name, content)?);
                put(out, name, content);
            }
            b"VP8 " | b"VP8L" => return None,
            b"ALPH" if self.canvas.is_some() && self.picture.is_none() => put(out, name, content),
            b"ANIM" if self.moves && self.frames == 0 => put(out, name, content),
            b"ANMF" if self.moves => {
                put(out, name, &self.frame(content, parts)?);
                self.frames += 1;
            }
            b"ICCP" if content.len() <= PROFILE => self.profile = Some(content.to_vec()),
            b"EXIF" => self.orientation = self.orientation.or_else(|| orientation(content)),
            _ => {}
        }
        Some(())
    }

    /// A frame with nothing in it but a picture that is where its header says.
    fn frame(&self, content: &[u8], parts: &mut usize) -> Option<Vec<u8>> {
        let (header, rest) = content.split_at_checked(FRAME_HEADER)?;
        let mut out = header.to_vec();
        let mut header = Cursor(header);
        let (left, top) = (header.le24()? * 2, header.le24()? * 2);
        let (width, height) = (header.le24()? + 1, header.le24()? + 1);
        let canvas = self.canvas?;
        if left + width > canvas.0 || top + height > canvas.1 {
            return None;
        }
        let mut rest = Cursor(rest);
        let mut shows = None;
        while !rest.0.is_empty() {
            let (name, content) = chunk(&mut rest, parts)?;
            match &name {
                b"ALPH" if shows.is_none() => put(&mut out, name, content),
                b"VP8 " | b"VP8L" if shows.is_none() => {
                    shows = Some(size(&name, content)?);
                    put(&mut out, name, content);
                }
                _ => {}
            }
        }
        (shows? == (width, height)).then_some(out)
    }

    fn size(&self) -> Option<(u32, u32)> {
        if self.moves {
            return self.canvas;
        }
        let size = self.picture?;
        (self.canvas.unwrap_or(size) == size).then_some(size)
    }
}

fn chunk<'a>(body: &mut Cursor<'a>, parts: &mut usize) -> Option<([u8; 4], &'a [u8])> {
    *parts += 1;
    if *parts > PARTS {
        return None;
    }
    let name = body.array()?;
    let length = usize::try_from(body.le32()?).ok()?;
    let content = body.take(length)?;
    // Chunks begin at even places; some encoders leave the last byte out.
    if length % 2 == 1 && !body.0.is_empty() {
        body.byte()?;
    }
    Some((name, content))
}

fn put(out: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    // No chunk is longer than its file, whose length had 32 bits.
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.extend(name);
    out.extend(length.to_le_bytes());
    out.extend(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}

/// Width and height in the head of a bit stream.
fn size(name: &[u8; 4], content: &[u8]) -> Option<(u32, u32)> {
    let mut content = Cursor(content);
    if name == b"VP8L" {
        let [0x2F] = content.array()? else {
            return None;
        };
        let bits = content.le32()?;
        return Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1));
    }
    let _tag = content.le24()?;
    if content.array()? != [0x9D, 0x01, 0x2A] {
        return None;
    }
    let width = content.le16()? & 0x3FFF;
    let height = content.le16()? & 0x3FFF;
    Some((width.into(), height.into()))
}
