//! GIF89a: frames with what controls them, and the loop. Comments, captions and all that programs add go.

use super::cursor::Cursor;
use super::{Filtered, PARTS};

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;
const CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;

pub(super) fn filter(file: &[u8]) -> Option<Filtered> {
    let all = file;
    let mut file = Cursor(file);
    let signature: [u8; 6] = file.array()?;
    if &signature != b"GIF87a" && &signature != b"GIF89a" {
        return None;
    }
    let width = file.le16()?;
    let height = file.le16()?;
    let flags = file.byte()?;
    let [_background, _aspect] = file.array()?;
    colours(&mut file, flags)?;
    let mut out = Vec::with_capacity(all.len());
    out.extend(all.get(..all.len() - file.0.len())?);
    let mut frames = 0;
    for _ in 0..PARTS {
        let from = file.0;
        match file.byte()? {
            TRAILER => {
                out.push(TRAILER);
                let mut filtered = Filtered::still(out, (width.into(), height.into()));
                filtered.frames = frames;
                return Some(filtered);
            }
            IMAGE => {
                frame(&mut file, width, height)?;
                frames += 1;
                out.extend(from.get(..from.len() - file.0.len())?);
            }
            EXTENSION => match file.byte()? {
                CONTROL => {
                    let [4, flags, low, high, transparent, 0] = file.array()? else {
                        return None;
                    };
                    out.extend([EXTENSION, CONTROL, 4, flags, low, high, transparent, 0]);
                }
                APPLICATION => {
                    let times = times(file);
                    blocks(&mut file)?;
                    if let Some([low, high]) = times {
                        out.extend([EXTENSION, APPLICATION, 11]);
                        out.extend(b"NETSCAPE2.0");
                        out.extend([3, 1, low, high, 0]);
                    }
                }
                _ => blocks(&mut file)?,
            },
            _ => return None,
        }
    }
    None
}

/// Skips a table of colours, if the flags say that there is one.
fn colours(file: &mut Cursor<'_>, flags: u8) -> Option<()> {
    if flags & 0x80 != 0 {
        file.take(3 << ((flags & 7) + 1))?;
    }
    Some(())
}

/// Skips a frame, which must be within the canvas.
fn frame(file: &mut Cursor<'_>, width: u16, height: u16) -> Option<()> {
    let left = file.le16()?;
    let top = file.le16()?;
    let right = left.checked_add(file.le16()?)?;
    let bottom = top.checked_add(file.le16()?)?;
    if right > width || bottom > height || right == left || bottom == top {
        return None;
    }
    let flags = file.byte()?;
    colours(file, flags)?;
    let _smallest_code = file.byte()?;
    blocks(file)
}

/// Skips blocks up to the empty one.
fn blocks(file: &mut Cursor<'_>) -> Option<()> {
    loop {
        match file.byte()? {
            0 => return Some(()),
            length => file.take(length.into())?,
        };
    }
}

/// How often an application extension says that all is shown.
fn times(mut file: Cursor<'_>) -> Option<[u8; 2]> {
    let _length = file.byte().filter(|length| *length == 11)?;
    let name = file.take(11)?;
    let [3, 1, low, high] = file.array()? else {
        return None;
    };
    matches!(name, b"NETSCAPE2.0" | b"ANIMEXTS1.0").then_some([low, high])
}
