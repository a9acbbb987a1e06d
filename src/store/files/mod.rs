//! Files as rows: uploads, the files of messages, and what they take. Their bytes are `files/`'s.
//!
//! A file is in one message at most, and only its owner may send it. What counts for its owner is changed in
//! the same transactions (`file_use`).

pub mod attached;
pub mod check;
pub mod depots;
pub mod gallery;
pub mod own;
pub mod parts;
pub mod posters;
mod state;
pub mod uploads;
pub mod usage;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::model::file::{Content, File, FileKind, PosterOf, Rendition, Renditions, Wanted};
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::store::commands::common::permitted;
use crate::store::db::{Db, Row, StoreError, Value, list};

pub use state::FileState;

/// What is known of a file beside its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What its sender wants it to be.
    #[serde(default)]
    pub wanted: Wanted,
    /// What is known of its content.
    #[serde(flatten)]
    pub content: Content,
    /// What its sender says that it shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
    /// Whether it is hidden until the reader wants to see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoiler: bool,
    /// SHA-256 of the bytes that were sent, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// What lies on the disk.
    #[serde(default, skip_serializing_if = "Renditions::is_empty")]
    pub renditions: Renditions,
    /// Of a poster that comes in: whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster_of: Option<PosterOf>,
    /// Of a video that is in no message: the upload that brings its poster, or has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster_upload: Option<FileId>,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// The person who sent it.
    pub owner: PersonId,
    /// Where it is in its life.
    pub state: FileState,
    /// What it is; [`FileKind::File`] until it has been looked at.
    pub kind: FileKind,
    /// The bytes that its upload has in all.
    pub size: u64,
    /// How many of them are on the disk for good.
    pub got: u64,
    /// What it counts for its owner, in bytes.
    pub stored: u64,
    /// Its name, cleaned.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// The code of the error that it was refused with.
    pub why: Option<String>,
    /// Everything else.
    pub detail: Detail,
    /// The message that has it, and the room of that.
    pub message: Option<(RoomId, MessageId)>,
    /// When its last bytes came, ms since 1970.
    pub touched_at: i64,
}

/// What [`row`] reads.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, owner, state, kind, size, got, stored, name, media_type, why, detail, room_id, message_id, touched_at FROM files ",
            $rest
        )
    };
}
use columns;

fn row(mut row: Row) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        id: id(&mut row)?,
        owner: row.person()?,
        state: FileState::from_code(row.int()?).ok_or(StoreError::Shape)?,
        kind: FileKind::from_code(row.int()?).ok_or(StoreError::Shape)?,
        size: bytes(&mut row)?,
        got: bytes(&mut row)?,
        stored: bytes(&mut row)?,
        name: row.text()?,
        media_type: row.text()?,
        why: row.maybe_text()?,
        detail: serde_json::from_str(&row.text()?).map_err(|_foreign| StoreError::Shape)?,
        message: match (row.maybe_int()?, row.maybe_message()?) {
            (Some(room), Some(message)) => Some((RoomId(room), message)),
            _ => None,
        },
        touched_at: row.int()?,
    })
}

fn id(row: &mut Row) -> Result<FileId, StoreError> {
    row.text()?.parse().map_err(|_foreign| StoreError::Shape)
}

fn bytes(row: &mut Row) -> Result<u64, StoreError> {
    u64::try_from(row.int()?).map_err(|_negative| StoreError::Shape)
}

/// Bytes as a column has them.
fn int(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn json(detail: &Detail) -> Result<String, StoreError> {
    serde_json::to_string(detail).map_err(|_never| StoreError::Shape)
}

impl FileRow {
    /// The file as messages have it.
    #[must_use]
    pub fn file(&self) -> File {
        if matches!(self.state, FileState::Doomed | FileState::Gone) {
            return File::gone(self.id, self.kind);
        }
        let renditions = &self.detail.renditions;
        let saved = renditions.get(&Rendition::Raw);
        let saved = saved.or_else(|| renditions.get(&Rendition::L));
        File {
            id: self.id,
            kind: self.kind,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: saved.map_or(self.size, |saved| saved.bytes),
            content: self.detail.content.clone(),
            alt: self.detail.alt.clone(),
            spoiler: self.detail.spoiler,
            gone: false,
        }
    }

    /// Whether it is somebody's, by this account or as the visitor before it.
    #[must_use]
    pub fn is_of(&self, principal: &Principal) -> bool {
        self.owner == principal.id() || principal.was == Some(self.owner)
    }
}

/// The file with this id.
///
/// # Errors
/// When the database fails.
pub fn find(db: &mut dyn Db, id: FileId) -> Result<Option<FileRow>, StoreError> {
    let found = db.first(columns!("WHERE id = $1"), &[Value::Text(&id.to_string())])?;
    found.map(row).transpose()
}

/// Whether there has been any file that is not forgotten.
///
/// # Errors
/// When the database fails.
pub fn any(db: &mut dyn Db) -> Result<bool, StoreError> {
    Ok(db.first("SELECT 1 FROM files LIMIT 1", &[])?.is_some())
}

/// The files with these ids that are there.
fn all(db: &mut dyn Db, ids: &[FileId]) -> Result<HashMap<FileId, FileRow>, StoreError> {
    let rows = db.query(
        columns!("WHERE id IN (SELECT value FROM json_each($1))"),
        &[Value::Text(&list(ids)?)],
    )?;
    let files = rows.into_iter().map(row);
    files.map(|file| file.map(|file| (file.id, file))).collect()
}

/// The file with this id, if `principal` may have its bytes: a reader of the room of its message, or its
/// owner as long as it is in none.
///
/// # Errors
/// When the database fails.
pub fn for_reader(
    db: &mut dyn Db,
    id: FileId,
    principal: &Principal,
) -> Result<Option<FileRow>, StoreError> {
    let Some(file) = find(db, id)? else {
        return Ok(None);
    };
    let may = may_have(db, &file, principal, &mut HashMap::new())?;
    Ok(may.then_some(file))
}

/// Those of `ids` whose bytes `principal` may have, and that are there.
///
/// # Errors
/// When the database fails.
pub fn readable(
    db: &mut dyn Db,
    ids: &[FileId],
    principal: &Principal,
) -> Result<HashSet<FileId>, StoreError> {
    let mut rooms = HashMap::new();
    let mut readable = HashSet::new();
    for file in all(db, ids)?.into_values() {
        if file.state != FileState::Removed && may_have(db, &file, principal, &mut rooms)? {
            readable.insert(file.id);
        }
    }
    Ok(readable)
}

/// Whether `principal` may have the bytes of a file; `rooms` remembers which rooms they may read.
fn may_have(
    db: &mut dyn Db,
    file: &FileRow,
    principal: &Principal,
    rooms: &mut HashMap<RoomId, bool>,
) -> Result<bool, StoreError> {
    match (file.state, file.message) {
        (FileState::Ready, _) => Ok(file.is_of(principal)),
        (FileState::Attached | FileState::Removed, Some((room, _))) => {
            if let Some(may) = rooms.get(&room) {
                return Ok(*may);
            }
            let may = permitted(db, room, principal, Action::Read)?.is_ok();
            rooms.insert(room, may);
            Ok(may)
        }
        _ => Ok(false),
    }
}

/// Empties the row of a file: its id stays until its bytes are gone.
fn empty(db: &mut dyn Db, id: FileId) -> Result<(), StoreError> {
    db.execute(
        "UPDATE files SET state = 4, stored = 0, name = '', media_type = '', detail = '{}', nonce = NULL, \
         room_id = NULL, message_id = NULL, place = NULL WHERE id = $1",
        &[Value::Text(&id.to_string())],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
