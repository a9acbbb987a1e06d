//! The files of one person's messages, for themselves: what takes their space, and what they sent last.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{FileRow, id};
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::store::db::{Db, Row, StoreError, Value, list};

/// In which order they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What takes the most first.
    Size,
    /// What was sent last first.
    New,
}

/// Where a file stands in an order: by bytes or by its message's id, then by its own.
pub type Place = (i64, FileId);

/// A place before all others.
pub const FIRST: Place = (i64::MAX, FileId::new(u128::MAX));

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// Where it stands.
    pub place: Place,
    /// The file.
    pub file: FileRow,
    /// When its message was sent, ms since 1970.
    pub at: i64,
}

/// The files of messages of `owners` after `after`, `limit` of them. Those whose bytes are gone are not among them.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    owners: &[PersonId],
    order: Order,
    after: Place,
    limit: usize,
) -> Result<Vec<OwnFile>, StoreError> {
    let mut places = Vec::new();
    for owner in owners {
        places.extend(of_owner(db, *owner, order, after, limit)?);
    }
    // As the database has them: ids by their text.
    places.sort_by_cached_key(|(number, id)| Reverse((*number, id.to_string())));
    places.truncate(limit);
    let ids: Vec<FileId> = places.iter().map(|(_, id)| *id).collect();
    let mut files = super::all(db, &ids)?;
    let sent = sent(db, files.values())?;
    let own = places.into_iter().filter_map(|place| {
        let file = files.remove(&place.1)?;
        let at = *sent.get(&file.message?.1)?;
        Some(OwnFile { place, file, at })
    });
    Ok(own.collect())
}

fn of_owner(
    db: &mut dyn Db,
    owner: PersonId,
    order: Order,
    after: Place,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    let (number, last) = (after.0, after.1.to_string());
    let values = [
        Value::Person(owner),
        Value::Int(number),
        Value::Text(&last),
        Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    // The states of the indexes, without those that have no bytes.
    let rows = match order {
        Order::Size => db.query(
            "SELECT stored, id FROM files WHERE owner = $1 AND state IN (3, 7) AND state = 3 AND (stored, id) < ($2, $3) \
             ORDER BY stored DESC, id DESC LIMIT $4",
            &values,
        ),
        Order::New => db.query(
            "SELECT message_id, id FROM files WHERE owner = $1 AND state IN (3, 7) AND state = 3 AND (message_id, id) < ($2, $3) \
             ORDER BY message_id DESC, id DESC LIMIT $4",
            &values,
        ),
    }?;
    let place = |mut row: Row| Ok((row.int()?, id(&mut row)?));
    rows.into_iter().map(place).collect()
}

/// When the messages of files were sent, ms since 1970.
fn sent<'a>(
    db: &mut dyn Db,
    files: impl Iterator<Item = &'a FileRow>,
) -> Result<HashMap<MessageId, i64>, StoreError> {
    let messages: Vec<MessageId> = files.filter_map(|file| Some(file.message?.1)).collect();
    let rows = db.query(
        "SELECT id, created_at FROM messages WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
        &[Value::Text(&list(&messages)?)],
    )?;
    let sent = |mut row: Row| Ok((row.message()?, row.int()?));
    rows.into_iter().map(sent).collect()
}
