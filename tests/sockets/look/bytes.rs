//! Containers written by hand: what no encoder would write.

/// What must be in no rendition.
pub const MARKER: &[u8] = b"N51-28-38-W0-00-05 at home";

/// A segment of a JPEG.
pub fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], content].concat()
}

/// A JPEG with segments behind its first two bytes.
pub fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// Exif in the order of bytes of Intel: how the camera was held, a description, the place, a thumbnail.
pub fn exif(orientation: u16, thumbnail: &[u8]) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut bytes = tag.to_le_bytes().to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
        bytes
    };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    // 8 bytes of head, then 3 entries, then 1, then 2: each list has 6 bytes more than its entries.
    let gps = 8 + 6 + 3 * 12;
    let second = gps + 6 + 12;
    let text = second + 6 + 2 * 12;
    let picture = text + length(MARKER);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x010E, 2, length(MARKER), text));
    tiff.extend(entry(0x0112, 3, 1, orientation.into()));
    tiff.extend(entry(0x8825, 4, 1, gps));
    tiff.extend(second.to_le_bytes());
    tiff.extend(1_u16.to_le_bytes());
    tiff.extend(entry(0x001B, 7, length(MARKER), text));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x0201, 4, 1, picture));
    tiff.extend(entry(0x0202, 4, 1, length(thumbnail)));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(MARKER);
    tiff.extend(thumbnail);
    tiff
}

/// A chunk of a PNG.
pub fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let named = [name, content].concat();
    [&length[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// A PNG with chunks behind its header.
pub fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = 8 + 25;
    [&png[..header], &chunks.concat(), &png[header..]].concat()
}

/// The chunks of a PNG: names and contents.
pub fn chunks(png: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        all.push((rest[4..8].try_into().unwrap(), &rest[8..8 + length]));
        rest = &rest[12 + length..];
    }
    all
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Zlib data that become so many zeros, in about a hundredth and a half of their bytes: one literal, then
/// matches of 258 at distance 1 in the fixed code. Without the checksum at the end.
pub fn zeros(number: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut bits, mut held) = (0_u64, 0);
    let mut put = |code: u64, length: u32| {
        bits |= code << held;
        held += length;
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    };
    put(0b011, 3);
    put(0b0000_1100, 8);
    for _ in 0..number / 258 {
        put(0b1010_0011, 8);
        put(0, 5);
    }
    put(0, 7);
    put(0, 7);
    out
}

/// A RIFF file of this kind.
pub fn riff(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [&kind[..], &chunks.concat()].concat();
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&b"RIFF"[..], &length, &body].concat()
}

/// A chunk of a RIFF file.
pub fn riff_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let pad = &[0][..content.len() % 2];
    [&name[..], &length, content, pad].concat()
}

/// The chunks of a WebP: names and contents.
pub fn riff_chunks(mut rest: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[4..8].try_into().unwrap()) as usize;
        all.push((rest[..4].try_into().unwrap(), &rest[8..8 + length]));
        rest = &rest[8 + length + length % 2..];
    }
    all
}

/// Three bytes, the lowest first.
pub fn le24(number: u32) -> [u8; 3] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}

/// Repeatable noise.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}
