//! What lies where files lie, known by its name and place.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::model::file::Rendition;
use crate::model::file_id::FileId;
use crate::model::file_part::FilePart;

/// Letters of an id that name its directory: a thousand directories, so that none has too many entries.
pub(super) const SHARD: usize = 2;

/// What comes in.
pub(super) const INCOMING: &str = "incoming";

/// What comes in by parts, where several nodes take them.
pub(super) const PARTS: &str = "parts";

/// Says whose files lie there.
pub(super) const HOUSE: &str = "house";

/// Says which nodes have been there.
pub(super) const NODES: &str = "nodes";

/// What nodes say of themselves (`depot/sharing.rs`): no files of anybody.
pub(super) const OURS: [&str; 2] = [HOUSE, NODES];

/// What a name below the directory stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The bytes of an upload that comes in.
    Incoming(FileId),
    /// A part of an upload that comes in, where several nodes take them.
    Part(FileId, FilePart),
    /// A rendition.
    Rendition(FileId, Rendition),
    /// A rendition that was not written to its end.
    Half,
    /// Nothing that this program has written.
    Foreign,
}

/// A file where files lie.
#[derive(Debug)]
pub struct Entry {
    /// Where it is, for the operator and for the system.
    pub path: PathBuf,
    /// What it is by its name and place.
    pub part: Part,
    /// Its length.
    pub bytes: u64,
    /// When it was written last.
    pub written: SystemTime,
}

/// What a rendition is called where files lie.
pub(super) fn rendition_name(id: FileId, rendition: Rendition) -> String {
    let id = id.to_string();
    let shard = id.get(..SHARD).unwrap_or_default();
    format!("{shard}/{id}.{}", rendition.as_str())
}

/// What a part of an upload is called where files lie.
pub(super) fn part_name(id: FileId, part: FilePart) -> String {
    format!("{PARTS}/{id}/{part}")
}

/// What a name below the directory stands for, by where it is: where this program would have put it, or foreign.
pub(super) fn what_is(name: &str) -> Part {
    let Some((directory, name)) = name.rsplit_once('/') else {
        return Part::Foreign;
    };
    if let Some(id) = directory.strip_prefix(PARTS) {
        let id = id.strip_prefix('/').and_then(|id| id.parse().ok());
        let part = id.zip(name.parse().ok());
        return part.map_or(Part::Foreign, |(id, part)| Part::Part(id, part));
    }
    let (id, end) = name.split_once('.').unwrap_or((name, ""));
    let Ok(file) = id.parse::<FileId>() else {
        return Part::Foreign;
    };
    let (end, is_half) = match end.strip_suffix(".half") {
        Some(end) => (end, true),
        None => (end, false),
    };
    let is_incoming = directory == INCOMING;
    if !is_incoming && id.get(..SHARD) != Some(directory) {
        return Part::Foreign;
    }
    match Rendition::from_name(end) {
        _ if is_incoming && end.is_empty() => Part::Incoming(file),
        _ if is_incoming && is_half => Part::Half,
        Some(_) if !is_incoming && is_half => Part::Half,
        Some(rendition) if !is_incoming => Part::Rendition(file, rendition),
        // As it was called when there was one at a time.
        None if !is_incoming && end == "half" => Part::Half,
        _ => Part::Foreign,
    }
}

/// Gives a file to `each`, unless it has gone meanwhile.
pub(super) fn visit(
    path: PathBuf,
    part: Part,
    each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let there = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    let part = if there.is_file() { part } else { Part::Foreign };
    let written = there.modified()?;
    each(Entry {
        path,
        part,
        bytes: there.len(),
        written,
    })
}
