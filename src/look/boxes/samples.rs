//! Where the samples of a track lie, by its tables (ISO 14496-12, 8.7): chunks, and how many samples of which sizes
//! are in each.

use std::ops::Range;

use super::super::cursor::Cursor;

/// Where the tables of a track are in the file.
#[derive(Default)]
pub(super) struct Tables {
    /// How many samples are in which chunks: `stsc`.
    samples: Option<Range<u64>>,
    /// How long samples are: `stsz` or `stz2`.
    sizes: Option<([u8; 4], Range<u64>)>,
    /// Where chunks begin: `stco` or `co64`.
    chunks: Option<([u8; 4], Range<u64>)>,
}

impl Tables {
    /// Notes a table, if it is one of these; `None` if there is such a one already.
    pub fn note(&mut self, name: [u8; 4], body: &Range<u64>) -> Option<()> {
        let before = match &name {
            b"stsc" => self.samples.replace(body.clone()).is_some(),
            b"stsz" | b"stz2" => self.sizes.replace((name, body.clone())).is_some(),
            b"stco" | b"co64" => self.chunks.replace((name, body.clone())).is_some(),
            _ => false,
        };
        (!before).then_some(())
    }

    /// The ranges of the file that the samples are in, chunks side by side as one. `None` if the tables do not fit
    /// together, `read` does not give one, or there are more than `most` ranges.
    pub fn runs(
        self,
        most: usize,
        mut read: impl FnMut(Range<u64>) -> Option<Vec<u8>>,
    ) -> Option<Vec<Range<u64>>> {
        let (samples, (sizes_are, sizes), (chunks_are, chunks)) =
            match (self.samples, self.sizes, self.chunks) {
                (None, None, None) => return Some(Vec::new()),
                (samples, sizes, chunks) => (samples?, sizes?, chunks?),
            };
        let (samples, sizes, chunks) = (read(samples)?, read(sizes)?, read(chunks)?);
        let mut sizes = Sizes::new(sizes_are == *b"stz2", &sizes)?;
        let mut counts = Counts::new(&samples)?;
        let mut chunks = Cursor(&chunks);
        chunks.be32()?;
        let mut runs: Vec<Range<u64>> = Vec::new();
        for number in 1..=chunks.be32()? {
            let start = match &chunks_are {
                b"co64" => chunks.be64()?,
                _ => chunks.be32()?.into(),
            };
            let end = start.checked_add(sizes.next(counts.of(number)?)?)?;
            match runs.last_mut() {
                _ if start == end => {}
                Some(last) if last.end == start => last.end = end,
                _ => runs.push(start..end),
            }
            if runs.len() > most {
                return None;
            }
        }
        (sizes.left == 0).then_some(runs)
    }
}

/// How many samples are in each chunk.
struct Counts<'a> {
    table: Cursor<'a>,
    /// Entries that are not read yet.
    left: u32,
    /// From which chunk on how many are in each.
    next: Option<(u32, u32)>,
    now: u32,
}

impl<'a> Counts<'a> {
    fn new(table: &'a [u8]) -> Option<Self> {
        let mut table = Cursor(table);
        table.be32()?;
        let left = table.be32()?;
        let (next, now) = (None, 0);
        let mut counts = Self {
            table,
            left,
            next,
            now,
        };
        counts.advance()?;
        Some(counts)
    }

    fn advance(&mut self) -> Option<()> {
        self.next = None;
        if let Some(left) = self.left.checked_sub(1) {
            let (first, samples) = (self.table.be32()?, self.table.be32()?);
            // By which description they are to be understood.
            self.table.be32()?;
            (self.left, self.next) = (left, Some((first, samples)));
        }
        Some(())
    }

    /// Of a chunk; to be asked of one after the other, the first of which is 1.
    fn of(&mut self, chunk: u32) -> Option<u32> {
        if let Some((first, samples)) = self.next
            && first <= chunk
        {
            self.now = samples;
            self.advance()?;
            // They begin with the first, and grow.
            (first == chunk).then_some(())?;
        }
        (self.now > 0).then_some(self.now)
    }
}

/// How long samples are.
struct Sizes<'a> {
    table: Cursor<'a>,
    /// Of all samples, where they are the same.
    each: Option<u32>,
    /// Bits of an entry.
    bits: u32,
    /// Samples that have not been asked of.
    left: u32,
    /// Whether half of the byte at the front is read.
    is_half: bool,
}

impl<'a> Sizes<'a> {
    fn new(is_compact: bool, table: &'a [u8]) -> Option<Self> {
        let mut table = Cursor(table);
        table.be32()?;
        let size = table.be32()?;
        let (each, bits) = match size {
            bits if is_compact => (None, bits & 0xFF),
            0 => (None, 32),
            size => (Some(size), 32),
        };
        let left = table.be32()?;
        Some(Self {
            table,
            each,
            bits,
            left,
            is_half: false,
        })
    }

    /// Bytes of the next samples together.
    fn next(&mut self, samples: u32) -> Option<u64> {
        self.left = self.left.checked_sub(samples)?;
        if let Some(each) = self.each {
            return Some(u64::from(samples) * u64::from(each));
        }
        let mut bytes = 0_u64;
        for _ in 0..samples {
            bytes = bytes.checked_add(self.one()?.into())?;
        }
        Some(bytes)
    }

    fn one(&mut self) -> Option<u32> {
        match self.bits {
            32 => self.table.be32(),
            16 => self.table.be16().map(u32::from),
            8 => self.table.byte().map(u32::from),
            4 => {
                let both = u32::from(*self.table.0.first()?);
                if self.is_half {
                    self.table.byte()?;
                }
                self.is_half = !self.is_half;
                Some(if self.is_half { both >> 4 } else { both & 0xF })
            }
            _ => None,
        }
    }
}
