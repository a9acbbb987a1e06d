//! How uploads come to where files lie.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Range;

use super::{Depot, Kind, Whole, found, length};
use crate::files::entry::part_name;
use crate::model::file::Rendition;
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;
use crate::store::files::{FileRow, FileState};

impl Depot {
    /// Begins a part of an upload, a file to be written and synced.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin_part(&self, id: FileId, part: FilePart) -> io::Result<File> {
        self.is_there()?;
        self.place.begin_part(id, part)
    }

    /// Has a part that was synced where all nodes find it.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn end_part(&self, id: FileId, part: FilePart) -> io::Result<()> {
        let Kind::Remote(remote) = &self.kind else {
            return Ok(());
        };
        let path = self.place.part_path(id, part);
        let put = remote.put_file(&part_name(id, part), &path);
        let _again = fs::remove_file(path);
        put
    }

    /// Removes a part that is no part of an upload.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn drop_part(&self, id: FileId, part: FilePart) -> io::Result<()> {
        self.is_there()?;
        self.place.remove_part(id, part)?;
        match &self.kind {
            Kind::Remote(remote) => remote.remove(&part_name(id, part)),
            Kind::Own | Kind::Shared => Ok(()),
        }
    }

    /// Writes all bytes of an upload; gives the part that they are, where uploads come in parts.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn bring(&self, id: FileId, bytes: &[u8]) -> io::Result<Option<FilePart>> {
        if !self.takes_parts() {
            fs::write(self.place.incoming(id), bytes)?;
            return Ok(None);
        }
        let part = FilePart::new(0);
        let mut file = self.begin_part(id, part)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        self.end_part(id, part)?;
        Ok(Some(part))
    }

    /// All bytes of an upload in one file; `None` when some are not there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn whole(&self, upload: &FileRow, parts: &[FilePart]) -> io::Result<Option<Whole>> {
        let id = upload.id;
        if !self.takes_parts() {
            // They may have been moved before the server ended, and the row does not say so yet.
            let places = [self.place.incoming(id), self.place.path(id, Rendition::Raw)];
            let there = places.into_iter().find(|path| path.exists());
            return Ok(there.map(|path| Whole {
                path,
                is_made: false,
            }));
        }
        let (path, mut file) = self.place.begin_whole(id)?;
        let whole = Whole {
            path,
            is_made: true,
        };
        let mut at = 0;
        for (part, range) in ranges(upload, parts) {
            if range.start != at {
                return Ok(None);
            }
            // What was written after its row was is nobody's.
            match self.copy(id, part, range.end - range.start, &mut file) {
                Ok(copied) => at += copied,
                Err(error) if self.is_away(&error) => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        if at != upload.got || at == 0 {
            return Ok(None);
        }
        file.sync_data()?;
        Ok(Some(whole))
    }

    /// Copies the first `length` bytes of a part; gives how many there were.
    fn copy(&self, id: FileId, part: FilePart, length: u64, to: &mut File) -> io::Result<u64> {
        let Kind::Remote(remote) = &self.kind else {
            let from = File::open(self.place.part_path(id, part))?;
            return io::copy(&mut from.take(length), to);
        };
        let mut copied = 0;
        for bytes in remote.read(&part_name(id, part), 0..length)? {
            let bytes = bytes?;
            to.write_all(&bytes)?;
            copied += bytes.len() as u64;
        }
        Ok(copied)
    }

    /// Whether what a row says has come of an upload is there.
    ///
    /// # Errors
    /// When files cannot be reached.
    pub fn has_come(&self, upload: &FileRow, parts: &[FilePart]) -> io::Result<bool> {
        if upload.state == FileState::Receiving && upload.got == 0 {
            return Ok(true);
        }
        if !self.takes_parts() {
            let come = length(&self.place.incoming(upload.id))?;
            return Ok(match upload.state {
                FileState::Receiving => come.is_some_and(|come| come >= upload.got),
                _ => come.is_some() || self.length(upload.id, Rendition::Raw)?.is_some(),
            });
        }
        let mut at = 0;
        for (part, range) in ranges(upload, parts) {
            let there = match &self.kind {
                Kind::Remote(remote) => found(remote.length(&part_name(upload.id, part)))?,
                Kind::Own | Kind::Shared => length(&self.place.part_path(upload.id, part))?,
            };
            if range.start != at || there.is_none_or(|there| there < range.end - range.start) {
                return Ok(false);
            }
            at = range.end;
        }
        Ok(at == upload.got)
    }
}

/// The parts of an upload, each with the bytes of the upload that are in it.
fn ranges<'a>(
    upload: &'a FileRow,
    parts: &'a [FilePart],
) -> impl Iterator<Item = (FilePart, Range<u64>)> + 'a {
    let ends = parts.iter().skip(1).map(|next| next.start);
    let ends = ends.chain([upload.got]);
    let ranges = parts.iter().zip(ends);
    ranges.map(|(part, end)| (*part, part.start..end.max(part.start)))
}
