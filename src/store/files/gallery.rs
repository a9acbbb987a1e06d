//! The files of a room as its gallery shows them: those of messages, whose bytes are there.
//!
//! They stand in the order of their messages, and in a message in that of its files. A page takes one walk along
//! an index for each kind, of [`PAGE`] rows at most, whatever the room has.

use std::collections::{BTreeSet, HashMap};

use super::FileRow;
use crate::model::file::{File, FileKind};
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind};
use crate::model::room_id::RoomId;
use crate::store::db::{Db, Row, StoreError, Value, list};

/// Files of a page: more than a large screen shows at once.
pub const PAGE: usize = 40;

/// Where a file stands in its room: by its message, and by its place in that, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The message that has it.
    pub message: MessageId,
    /// Its place among the files of the message.
    pub place: i64,
}

/// Which files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The newest that are older than this one; what comes before the end of time is the newest of all.
    Before(Position),
    /// The oldest that are newer.
    After(Position),
}

impl Side {
    /// The newest of all.
    pub const NEWEST: Self = Self::Before(Position {
        message: MessageId::MAX,
        place: 0,
    });
}

/// A file of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub position: Position,
    /// When its message was sent, ms since 1970.
    pub at: i64,
    /// Who sent it, as they were then.
    pub by: Person,
    /// The file.
    pub file: File,
}

/// Some files that follow one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The newest first.
    pub items: Vec<Item>,
    /// Whether there are more on the side that was asked for.
    pub more: bool,
}

/// At most [`PAGE`] files of a room that are of these kinds, on one side of a position.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    room: RoomId,
    kinds: &[FileKind],
    side: Side,
) -> Result<Page, StoreError> {
    let mut found = Vec::new();
    for kind in kinds {
        found.extend(positions(db, room, *kind, side)?);
    }
    found.sort_unstable_by_key(|(position, _)| *position);
    if matches!(side, Side::Before(_)) {
        found.reverse();
    }
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let ids: Vec<FileId> = found.iter().map(|(_, id)| *id).collect();
    let (files, senders) = (super::all(db, &ids)?, senders(db, &found)?);
    let item = |(position, id): (Position, FileId)| {
        let file = files.get(&id).map(FileRow::file);
        let (at, by) = senders
            .get(&position.message)
            .cloned()
            .ok_or(StoreError::Shape)?;
        Ok(Item {
            position,
            at,
            by,
            file: file.ok_or(StoreError::Shape)?,
        })
    };
    let mut items = found
        .into_iter()
        .map(item)
        .collect::<Result<Vec<_>, StoreError>>()?;
    if matches!(side, Side::After(_)) {
        items.reverse();
    }
    Ok(Page { items, more })
}

/// When the messages of files were sent, and by whom.
fn senders(
    db: &mut dyn Db,
    found: &[(Position, FileId)],
) -> Result<HashMap<MessageId, (i64, Person)>, StoreError> {
    let messages: BTreeSet<MessageId> =
        found.iter().map(|(position, _)| position.message).collect();
    let messages: Vec<_> = messages.into_iter().collect();
    let rows = db.query(
        "SELECT id, created_at, author, bot, name, avatar, place FROM messages WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
        &[Value::Text(&list(&messages)?)],
    )?;
    let sent = |mut row: Row| Ok((row.message()?, (row.int()?, person(&mut row)?)));
    rows.into_iter().map(sent).collect()
}

/// Where the next files of one kind stand: one more than is shown, which says whether there are more.
fn positions(
    db: &mut dyn Db,
    room: RoomId,
    kind: FileKind,
    side: Side,
) -> Result<Vec<(Position, FileId)>, StoreError> {
    let (sql, from) = match side {
        Side::Before(from) => (BEFORE, from),
        Side::After(from) => (AFTER, from),
    };
    let rows = db.query(
        sql,
        &[
            Value::Room(room),
            Value::Int(kind.code()),
            Value::Message(from.message),
            Value::Int(from.place),
            Value::Int(i64::try_from(PAGE + 1).unwrap_or(i64::MAX)),
        ],
    )?;
    let read = |mut row: Row| {
        let (message, place) = (row.message()?, row.int()?);
        Ok((Position { message, place }, super::id(&mut row)?))
    };
    rows.into_iter().map(read).collect()
}

const BEFORE: &str = "SELECT message_id, place, id FROM files \
     WHERE room_id = $1 AND kind = $2 AND state = 3 AND (message_id, place) < ($3, $4) \
     ORDER BY message_id DESC, place DESC LIMIT $5";

const AFTER: &str = "SELECT message_id, place, id FROM files \
     WHERE room_id = $1 AND kind = $2 AND state = 3 AND (message_id, place) > ($3, $4) \
     ORDER BY message_id, place LIMIT $5";

fn person(row: &mut Row) -> Result<Person, StoreError> {
    let id = row.person()?;
    Ok(Person {
        id,
        kind: PersonKind::from(id),
        bot: row.int()? != 0,
        name: row.text()?,
        avatar: row.text()?,
        place: row.text()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{self, Open, TestDb, on_both};

    on_both!(pages_have_every_file_once_from_either_end_while_more_come);

    const ROOM: RoomId = RoomId(1);
    const ALL: [FileKind; 2] = [FileKind::Picture, FileKind::Video];

    /// A message with pictures and videos in turn, and one that is gone.
    fn sent(db: &mut TestDb, message: i64, files: i64) {
        db.execute(
            "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at, files) \
             VALUES ($1, 1, $1, $1, 3, 0, 'u1', 'Ada', '', '', '', '', $1, $2)",
            &[Value::Int(message), Value::Int(files)],
        )
        .unwrap();
        for place in 0..files {
            let kind = ALL[(message + place) as usize % 2].code();
            let id = FileId::new((message * 100 + place) as u128).to_string();
            db.execute(
                "INSERT INTO files (id, owner, state, kind, size, got, stored, name, media_type, detail, room_id, message_id, place, created_at, touched_at) \
                 VALUES ($1, 'u1', CASE WHEN CAST($2 AS BIGINT) = 4 THEN 7 ELSE 3 END, $3, 1, 1, 1, 'a', '', '{}', 1, $4, $2, 1, 1)",
                &[Value::Text(&id), Value::Int(place), Value::Int(kind), Value::Int(message)],
            )
            .unwrap();
        }
    }

    fn places(page: &Page) -> Vec<(i64, i64)> {
        let place = |item: &Item| (item.position.message.0, item.position.place);
        page.items.iter().map(place).collect()
    }

    fn pages_have_every_file_once_from_either_end_while_more_come(open: Open) {
        let mut db = open();
        for message in 1..=30 {
            sent(&mut db, message, 5);
        }
        let mut expected: Vec<_> = (1..=30)
            .flat_map(|id| (0..4).map(move |n| (id, n)))
            .collect();
        let (mut side, mut all) = (
            Side::After(Position {
                message: MessageId(0),
                place: 0,
            }),
            Vec::new(),
        );
        loop {
            let found = page(&mut db, ROOM, &ALL, side).unwrap();
            let mut forward = places(&found);
            forward.reverse();
            all.extend(forward);
            let Some(newest) = found.items.first().filter(|_| found.more) else {
                break;
            };
            side = Side::After(newest.position);
        }
        assert_eq!(all, expected);
        let (mut side, mut all) = (Side::NEWEST, Vec::new());
        for message in 31.. {
            let found = page(&mut db, ROOM, &ALL, side).unwrap();
            all.extend(places(&found));
            let Some(oldest) = found.items.last().filter(|_| found.more) else {
                break;
            };
            side = Side::Before(oldest.position);
            sent(&mut db, message, 1);
        }
        expected.reverse();
        assert_eq!(all, expected);
        let pictures = page(&mut db, ROOM, &[FileKind::Picture], Side::NEWEST).unwrap();
        assert!(
            pictures
                .items
                .iter()
                .all(|item| item.file.kind == FileKind::Picture)
        );
        assert_eq!((pictures.items.len(), pictures.more), (PAGE, true));
        let none = page(&mut db, RoomId(2), &ALL, Side::NEWEST).unwrap();
        assert_eq!(none, Page::default());
    }

    #[test]
    fn a_page_is_a_walk_along_its_index_that_sorts_nothing() {
        let mut db = testing::sqlite();
        for sql in [BEFORE, AFTER] {
            let plan = db.plan(sql);
            assert!(!plan.contains(';'), "more than one step: {plan}");
            let walk =
                "USING COVERING INDEX files_by_kind (room_id=? AND kind=? AND (message_id,place)";
            assert!(plan.contains(walk), "{plan}");
        }
    }
}
