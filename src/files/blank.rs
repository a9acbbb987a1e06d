//! Takes out of a video what it tells beside what it shows: whole boxes become free space of the same length, so
//! that nothing else in the file moves (ISO 14496-12, 8.1.2).

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are overwritten at a time.
const PART: usize = 64 * 1024;

/// Bytes of the longer head of a box.
const HEAD: u64 = 16;

/// Overwrites these boxes, and these samples, for good. Where it is broken off, they are still there to be found by
/// the next look: samples by their tracks, boxes as free space that has something in it.
///
/// # Errors
/// When the disk fails.
pub(super) fn blank(path: &Path, boxes: &[Range<u64>], samples: &[Range<u64>]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    for each in samples {
        zero(&file, each.clone())?;
    }
    // The tables that say where samples are must not go before these have gone.
    file.sync_data()?;
    for each in boxes {
        let length = each.end - each.start;
        let head = head(length);
        let shown = usize::try_from(length.min(HEAD)).unwrap_or(head.len());
        file.write_all_at(head.get(..shown).unwrap_or(&head), each.start)?;
    }
    // With half of its inside, a track could not be walked.
    file.sync_data()?;
    for each in boxes {
        let body = each.start.saturating_add(HEAD)..each.end;
        zero(&file, body)?;
    }
    file.sync_data()
}

fn zero(file: &File, mut range: Range<u64>) -> io::Result<()> {
    let zeros = [0; PART];
    while !range.is_empty() {
        let part = usize::try_from(range.end - range.start).unwrap_or(PART);
        let part = zeros.get(..part).unwrap_or(&zeros);
        file.write_all_at(part, range.start)?;
        range.start += part.len() as u64;
    }
    Ok(())
}

/// The first bytes of free space of so many bytes.
fn head(length: u64) -> [u8; HEAD as usize] {
    let mut head = [0; HEAD as usize];
    let short = u32::try_from(length);
    let long = length.to_be_bytes();
    let parts = [&short.unwrap_or(1).to_be_bytes()[..], b"free", &long];
    let said = if short.is_ok() { 2 } else { 3 };
    for (to, from) in head
        .iter_mut()
        .zip(parts.into_iter().take(said).flatten().copied())
    {
        *to = from;
    }
    head
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_box_becomes_free_space_and_nothing_beside_it_changes() {
        let at = tempfile::NamedTempFile::new().unwrap();
        let long = 3 * PART;
        let bytes = vec![7; long + 100];
        fs::write(at.path(), &bytes).unwrap();
        let boxes = [1..9, 10..21, 30..46, 60..60 + long as u64];
        let samples = [22..23, 24..29];
        blank(at.path(), &boxes, &samples).unwrap();
        let after = fs::read(at.path()).unwrap();
        assert_eq!(after.len(), bytes.len());
        let mut expected = bytes;
        expected[22] = 0;
        expected[24..29].fill(0);
        for range in boxes {
            let length = u32::try_from(range.end - range.start).unwrap();
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            expected[range.clone()].fill(0);
            expected[range.start..range.start + 4].copy_from_slice(&length.to_be_bytes());
            expected[range.start + 4..range.start + 8].copy_from_slice(b"free");
        }
        assert!(after == expected);
    }

    #[test]
    fn what_is_longer_than_32_bits_says_so_in_64() {
        assert_eq!(&head(u32::MAX.into())[..8], b"\xFF\xFF\xFF\xFFfree");
        assert_eq!(&head(1 << 32), b"\0\0\0\x01free\0\0\0\x01\0\0\0\0");
    }
}
