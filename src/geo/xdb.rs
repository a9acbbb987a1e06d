//! Reads ip2region's xdb files, versions 2 and 3, IPv4 and IPv6.
//!
//! The format is that of the ip2region project (<https://github.com/lionsoul2014/ip2region>),
//! all numbers little-endian:
//!
//! | at | what |
//! | --- | --- |
//! | 0 | u16 version, u16 index policy (1 = vector), u32 time, u32 first and u32 last segment; version 3: u16 IP version, u16 size of a pointer |
//! | 256 | vector index: for each first two bytes of an address, u32 start and u32 end of its segments; 0, 0 = none |
//! | … | region texts, UTF-8 |
//! | first segment … | segments: first and last address (IPv4 as u32, IPv6 in network order), u16 length and u32 place of the text |
//!
//! A text is `country|area|province|city|provider` in version 2 and
//! `country|province|city|provider|code` in version 3.
//!
//! Owns the open file and the vector index (512 KiB). Never holds the rest in memory and never
//! trusts a number of the file: a broken file is an error at opening where that can be seen, and an
//! unknown location otherwise. Bounded: a look-up reads at most [`BLOCK`] bytes, [`MAX_TEXT`]
//! bytes and one segment for each halving of a large cell.

use std::fs::File;
use std::net::IpAddr;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::{GeoError, naming};

/// Bytes before the vector index.
const HEADER: usize = 256;
/// Bytes of one cell of the vector index.
const CELL: usize = 8;
/// Bytes of the vector index: a cell for each two first bytes of an address.
const VECTOR: usize = 256 * 256 * CELL;
/// Bytes of an IPv6 segment.
const LARGEST_SEGMENT: usize = 38;
/// Segments of a cell are read at once when they have at most this many bytes; a page.
const BLOCK: usize = 4096;
/// Longest region text in bytes; real ones have less than 200.
const MAX_TEXT: usize = 1024;

/// An open ip2region file.
#[derive(Debug)]
pub struct Xdb {
    file: File,
    vector: Vec<u8>,
    /// Bytes of an address: 4 or 16.
    address: usize,
    /// Which field of a text is the province, from 0.
    province: usize,
}

impl Xdb {
    /// Opens the file and checks its header and vector index.
    ///
    /// # Errors
    /// When it cannot be read, is not an xdb file, or points outside of itself.
    pub fn open(path: &Path) -> Result<Xdb, GeoError> {
        let unreadable = |source| GeoError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let broken = |what: &str| GeoError::Broken {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        if size < (HEADER + VECTOR) as u64 {
            return Err(broken("too short for an xdb file"));
        }
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).map_err(unreadable)?;
        let mut vector = vec![0; VECTOR];
        file.read_exact_at(&mut vector, HEADER as u64)
            .map_err(unreadable)?;

        let (address, province) = match (u16_at(&header, 0), u16_at(&header, 16)) {
            (Some(2), _) => (4, 2),
            (Some(3), Some(4)) => (4, 1),
            (Some(3), Some(6)) => (16, 1),
            _ => return Err(broken("not an xdb file of version 2 or 3")),
        };
        if u16_at(&header, 2) != Some(1) {
            return Err(broken("an xdb file without a vector index"));
        }
        let xdb = Xdb {
            file,
            vector,
            address,
            province,
        };
        let first = u32_at(&header, 8).unwrap_or_default().into();
        let last = u64::from(u32_at(&header, 12).unwrap_or_default());
        let segments = first..last.saturating_add(xdb.segment() as u64);
        if first < (HEADER + VECTOR) as u64 || last < first || segments.end > size {
            return Err(broken("the file is cut off or damaged"));
        }
        let fits = |(start, end): (u32, u32)| {
            let (start, end) = (u64::from(start), u64::from(end));
            let is_whole = (end.wrapping_sub(start)).is_multiple_of(xdb.segment() as u64);
            start <= end && start >= segments.start && end <= segments.end && is_whole
        };
        if !xdb.vector.chunks_exact(CELL).filter_map(pair).all(fits) {
            return Err(broken("the index is damaged"));
        }
        Ok(xdb)
    }

    /// The location of an address; empty when the file does not know it or is broken there.
    pub fn place(&self, address: IpAddr) -> String {
        let region = match address {
            IpAddr::V4(v4) => self.region(&v4.octets()),
            IpAddr::V6(v6) => self.region(&v6.octets()),
        };
        let region = region.unwrap_or_default();
        let country = region.split('|').next().unwrap_or_default();
        let province = region.split('|').nth(self.province).unwrap_or_default();
        naming::place(country, province)
    }

    /// Bytes of one segment.
    fn segment(&self) -> usize {
        2 * self.address + 2 + 4
    }

    /// The text of an address (in network order), if there is one.
    fn region(&self, address: &[u8]) -> Option<String> {
        if address.len() != self.address {
            return None;
        }
        let (first, second) = (*address.first()?, *address.get(1)?);
        let cell = (usize::from(first) * 256 + usize::from(second)) * CELL;
        let (start, end) = pair(self.vector.get(cell..cell.checked_add(CELL)?)?)?;
        let (length, place) = self.find(start.into(), end.into(), address)?;
        let mut text = vec![0; usize::from(length)];
        if text.len() > MAX_TEXT {
            return None;
        }
        self.file.read_exact_at(&mut text, place.into()).ok()?;
        String::from_utf8(text).ok()
    }

    /// Length and place of an address's text, among the segments from `start` to `end`.
    fn find(&self, mut start: u64, mut end: u64, address: &[u8]) -> Option<(u16, u32)> {
        let wanted = number(address);
        let size = self.segment();
        // A cell of a crowded IPv6 prefix has megabytes of segments: halve it on disk first.
        while end.checked_sub(start)? > BLOCK as u64 {
            let middle = start + (end - start) / size as u64 / 2 * size as u64;
            let mut probe = [0; LARGEST_SEGMENT];
            let probe = probe.get_mut(..size)?;
            self.file.read_exact_at(probe, middle).ok()?;
            if self.stored(probe, 0)? > wanted {
                end = middle;
            } else {
                start = middle;
            }
        }
        let mut block = [0; BLOCK];
        let block = block.get_mut(..usize::try_from(end - start).ok()?)?;
        self.file.read_exact_at(block, start).ok()?;
        let found = block.chunks_exact(size).find(|segment| {
            let first = self.stored(segment, 0);
            let last = self.stored(segment, self.address);
            first.is_some_and(|first| first <= wanted) && last.is_some_and(|last| wanted <= last)
        })?;
        let length = u16_at(found, 2 * self.address)?;
        let place = u32_at(found, 2 * self.address + 2)?;
        Some((length, place))
    }

    /// An address of a segment: IPv4 is a little-endian number, IPv6 is in network order.
    fn stored(&self, segment: &[u8], at: usize) -> Option<u128> {
        match self.address {
            4 => u32_at(segment, at).map(u128::from),
            length => segment.get(at..)?.get(..length).map(number),
        }
    }
}

/// An address in network order as a number to compare.
fn number(address: &[u8]) -> u128 {
    address
        .iter()
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// Start and end of a cell's segments; none when it has none.
fn pair(cell: &[u8]) -> Option<(u32, u32)> {
    let pair = (u32_at(cell, 0)?, u32_at(cell, 4)?);
    (pair != (0, 0)).then_some(pair)
}
