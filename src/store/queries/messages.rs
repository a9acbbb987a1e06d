//! Messages and the feed of their changes, read back.

use crate::model::event::Event;
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, Row, StoreError, Value, list};
use crate::store::event_codec;
use crate::store::rows::{self, Bare, columns, message};

/// The newest `limit` messages of a room that are older than message `before` (any, when
/// `None`), oldest first, recalled ones included.
///
/// # Errors
/// When the database fails.
pub fn page(
    db: &mut dyn Db,
    room: RoomId,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT ",
            columns!(),
            " WHERE m.room_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3"
        ),
        &[
            Value::Room(room),
            Value::Message(before.unwrap_or(MessageId::MAX)),
            Value::Int(limit),
        ],
    )?;
    let mut messages = rows::messages(db, rows)?;
    messages.reverse();
    Ok(messages)
}

/// How many of the newest `limit` messages of a room others have said after `since`, and were not recalled.
///
/// # Errors
/// When the database fails.
pub fn count_since(
    db: &mut dyn Db,
    room: RoomId,
    reader: PersonId,
    since: Seq,
    limit: i64,
) -> Result<i64, StoreError> {
    let row = db.first(
        "SELECT count(*) FROM (SELECT seq, author, recalled_at FROM messages WHERE room_id = $1 ORDER BY id DESC LIMIT $2) newest \
         WHERE seq > $3 AND author <> $4 AND recalled_at IS NULL",
        &[
            Value::Room(room),
            Value::Int(limit),
            Value::Seq(since),
            Value::Person(reader),
        ],
    )?;
    row.ok_or(StoreError::Shape)?.int()
}

/// The pinned messages of a room, those first that were pinned last.
///
/// # Errors
/// When the database fails.
pub fn pinned(db: &mut dyn Db, room: RoomId) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT ",
            columns!(),
            " WHERE m.room_id = $1 AND m.pinned_at IS NOT NULL ORDER BY m.pinned_at DESC, m.id DESC"
        ),
        &[Value::Room(room)],
    )?;
    rows::messages(db, rows)
}

/// The oldest `limit` messages of a room that are newer than message `after`, oldest first, recalled
/// ones included.
///
/// # Errors
/// When the database fails.
pub fn newer(
    db: &mut dyn Db,
    room: RoomId,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT ",
            columns!(),
            " WHERE m.room_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3"
        ),
        &[Value::Room(room), Value::Int(after), Value::Int(limit)],
    )?;
    rows::messages(db, rows)
}

/// One message, in whatever room.
///
/// # Errors
/// When the database fails.
pub fn one(db: &mut dyn Db, id: MessageId) -> Result<Option<Message>, StoreError> {
    let row = db.first(
        concat!("SELECT ", columns!(), " WHERE m.id = $1"),
        &[Value::Message(id)],
    )?;
    Ok(rows::messages(db, row.into_iter().collect())?.pop())
}

/// Those of these messages that are there, the oldest first, in whatever rooms.
///
/// # Errors
/// When the database fails.
pub fn all(db: &mut dyn Db, ids: &[MessageId]) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT ",
            columns!(),
            " WHERE m.id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY m.id"
        ),
        &[Value::Text(&list(ids)?)],
    )?;
    rows::messages(db, rows)
}

/// Up to `limit` messages of one author, in all rooms, that are newer than message `after`, oldest
/// first, without reactions.
///
/// # Errors
/// When the database fails.
pub fn of_author(
    db: &mut dyn Db,
    author: PersonId,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT ",
            columns!(),
            " WHERE m.author = $1 AND m.id > $2 ORDER BY m.id LIMIT $3"
        ),
        &[Value::Person(author), Value::Int(after), Value::Int(limit)],
    )?;
    let rows: Result<Vec<_>, _> = rows.into_iter().map(message).collect();
    rows::with_files(db, rows?)
}

/// The newest `limit` changes of a room, in order. What has been edited or recalled since comes
/// with the body that it has now.
///
/// # Errors
/// When the database fails.
pub fn events(db: &mut dyn Db, room: RoomId, limit: i64) -> Result<Vec<Event>, StoreError> {
    let rows = db.query(
        concat!(
            "SELECT e.seq, e.kind, e.at, e.by_id, e.by_name, e.detail, e.message_id, ",
            columns!("events e LEFT JOIN messages m ON m.id = e.message_id"),
            " WHERE e.room_id = $1 ORDER BY e.seq DESC LIMIT $2"
        ),
        &[Value::Room(room), Value::Int(limit)],
    )?;
    events_of(db, room, rows.into_iter().rev())
}

/// The changes of a room that these rows are, in their order: what happened, and the message that it is about.
pub(super) fn events_of(
    db: &mut dyn Db,
    room: RoomId,
    rows: impl Iterator<Item = Row>,
) -> Result<Vec<Event>, StoreError> {
    let (mut all, mut about) = (Vec::new(), Vec::new());
    for row in rows {
        let (happened, message) = happened(row)?;
        all.push((happened, message.is_some()));
        about.extend(message);
    }
    let mut about = rows::complete(db, about)?.into_iter();
    let events = all.into_iter().map(|(happened, has_message)| {
        let message = has_message.then(|| about.next()).flatten();
        happened.event(room, message)
    });
    events.collect()
}

/// What a room begins with in memory.
#[derive(Debug)]
pub struct Newest {
    /// The epoch: the numbering that its seqs belong to.
    pub epoch: String,
    /// The seq of its newest event.
    pub head: Seq,
    /// Its newest messages, oldest first.
    pub messages: Vec<Message>,
    /// Its newest events, oldest first.
    pub events: Vec<Event>,
}

/// The newest of a room; `None` when there is no such room.
///
/// # Errors
/// When the database fails.
pub fn newest(
    db: &mut dyn Db,
    room: RoomId,
    messages: i64,
    events: i64,
) -> Result<Option<Newest>, StoreError> {
    let head = db.first(
        "SELECT epoch, head FROM rooms WHERE id = $1",
        &[Value::Room(room)],
    )?;
    let Some(mut row) = head else { return Ok(None) };
    let (epoch, head) = (row.text()?, row.seq()?);
    Ok(Some(Newest {
        epoch,
        head,
        messages: page(db, room, None, messages)?,
        events: without_holes(self::events(db, room, events)?, head),
    }))
}

/// The newest of some events up to `head` that follow one another: between older ones may be some that are
/// gone, with the messages that they were about.
fn without_holes(mut events: Vec<Event>, head: Seq) -> Vec<Event> {
    let newest = events
        .iter()
        .rev()
        .zip((0..).map(|back| Seq(head.0 - back)));
    let kept = newest.take_while(|(event, seq)| event.seq == *seq).count();
    events.drain(..events.len() - kept);
    events
}

/// A row of what happened, without the message that it is about.
struct Happened {
    seq: Seq,
    kind: i64,
    at: i64,
    by: PersonRef,
    detail: Option<String>,
}

fn happened(mut row: Row) -> Result<(Happened, Option<Bare>), StoreError> {
    let happened = Happened {
        seq: row.seq()?,
        kind: row.int()?,
        at: row.int()?,
        by: PersonRef {
            id: row.person()?,
            name: row.text()?,
        },
        detail: row.maybe_text()?,
    };
    let message = match row.int()? {
        0 => None,
        _ => Some(message(row)?),
    };
    Ok((happened, message))
}

impl Happened {
    fn event(self, room: RoomId, message: Option<Message>) -> Result<Event, StoreError> {
        let detail = self.detail.as_deref();
        let change = event_codec::change(self.kind, self.at, self.by, detail, message)?;
        let seq = self.seq;
        Ok(Event { room, seq, change })
    }
}

/// The id of the first message that came into a room after the change `seq`; `None` when none did.
///
/// # Errors
/// When the database fails.
pub fn first_after(
    db: &mut dyn Db,
    room: RoomId,
    seq: Seq,
) -> Result<Option<MessageId>, StoreError> {
    let found = db.first(
        "SELECT message_id FROM events WHERE room_id = $1 AND seq > $2 AND kind = $3 ORDER BY seq LIMIT 1",
        &[Value::Room(room), Value::Seq(seq), Value::Int(event_codec::SAID)],
    )?;
    found.map(|mut row| row.message()).transpose()
}
