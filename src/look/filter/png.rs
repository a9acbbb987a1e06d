//! PNG and APNG (third edition): chunks that make or move the picture and say its colours.

use super::cursor::Cursor;
use super::{Filtered, PARTS, orientation};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Most bytes of a compressed colour profile: they may become a thousand times as many.
const PACKED_PROFILE: usize = 16 * 1_024;

/// One chunk.
struct Chunk<'a> {
    name: [u8; 4],
    content: &'a [u8],
    /// With its length, name and checksum, which is the decoder's to check.
    whole: &'a [u8],
}

pub(super) fn filter(file: &[u8]) -> Option<Filtered> {
    let mut file = Cursor(file.strip_prefix(SIGNATURE)?);
    let mut out = Vec::with_capacity(SIGNATURE.len() + file.0.len());
    out.extend(SIGNATURE);
    let mut size = None;
    let mut turned = None;
    let mut promised = None;
    let mut frames = 0;
    for _ in 0..PARTS {
        let chunk = chunk(&mut file)?;
        match (&chunk.name, size) {
            (b"IHDR", None) => size = Some(dimensions(chunk.content)?),
            (b"IHDR", _) | (_, None) => return None,
            (b"IEND", Some(size)) => {
                out.extend(chunk.whole);
                let mut filtered = Filtered::still(out, size);
                filtered.orientation = turned.unwrap_or(filtered.orientation);
                // One that miscounts its frames is a still picture.
                filtered.frames = promised.filter(|number| *number == frames).unwrap_or(1);
                return Some(filtered);
            }
            (b"acTL", _) => promised = Some(Cursor(chunk.content).be32()?),
            (b"fcTL", _) => frames += 1,
            (b"PLTE" | b"tRNS" | b"IDAT" | b"fdAT" | b"sRGB" | b"gAMA" | b"cHRM", _) => {}
            (b"iCCP", _) if chunk.content.len() <= PACKED_PROFILE => {}
            (b"eXIf", _) => {
                turned = turned.or_else(|| orientation(chunk.content));
                continue;
            }
            // A capital says that without it there is no picture.
            ([b'A'..=b'Z', ..], _) => return None,
            _ => continue,
        }
        out.extend(chunk.whole);
    }
    None
}

/// The same without its colour profile, whose texts are the sender's.
pub fn without_profile(file: &[u8]) -> Option<Vec<u8>> {
    let mut file = Cursor(file.strip_prefix(SIGNATURE)?);
    let mut out = SIGNATURE.to_vec();
    while !file.0.is_empty() {
        let chunk = chunk(&mut file)?;
        if &chunk.name != b"iCCP" {
            out.extend(chunk.whole);
        }
    }
    Some(out)
}

fn chunk<'a>(file: &mut Cursor<'a>) -> Option<Chunk<'a>> {
    let all = file.0;
    let length = usize::try_from(file.be32()?).ok()?;
    let name = file.array()?;
    let content = file.take(length)?;
    let _checksum = file.be32()?;
    let whole = all.get(..all.len() - file.0.len())?;
    Some(Chunk {
        name,
        content,
        whole,
    })
}

fn dimensions(header: &[u8]) -> Option<(u32, u32)> {
    let mut header = Cursor(header);
    Some((header.be32()?, header.be32()?))
}
