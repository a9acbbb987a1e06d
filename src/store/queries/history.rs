//! A room's messages from any position in it: the statements.
//!
//! Bounded by what is asked for; each takes a few lookups, however many messages there are.

use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError};
use crate::store::queries::{messages, times};

/// Where in a room to read. Messages are named by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The newest messages.
    End,
    /// What is older than a message.
    Before(MessageId),
    /// What is newer than a message.
    After(MessageId),
    /// A message, and what is around it.
    Around(MessageId),
    /// What is around a time, ms since 1970.
    At(i64),
    /// What is around the first message after a seq of the room.
    Since(Seq),
}

/// Some messages that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Oldest first, recalled ones included.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub older: bool,
    /// Whether there are newer ones.
    pub newer: bool,
}

/// At most `limit` messages at a position; `None` when the message that they are to be around is not in
/// this room.
///
/// # Errors
/// When the database fails.
pub fn slice(
    db: &mut dyn Db,
    room: RoomId,
    place: Place,
    limit: usize,
) -> Result<Option<Slice>, StoreError> {
    Ok(Some(match place {
        Place::End => before(db, room, MessageId::MAX, limit)?,
        Place::Before(id) => before(db, room, id, limit)?,
        Place::After(id) => after(db, room, id, limit)?,
        Place::Around(id) => {
            if messages::one(db, id)?.is_none_or(|found| found.room != room) {
                return Ok(None);
            }
            around(db, room, id, limit)?
        }
        Place::At(time) => {
            let first = times::first_since(db, Some(room), time)?;
            around_or_end(db, room, first, limit)?
        }
        Place::Since(seq) => {
            let first = messages::first_after(db, room, seq)?;
            around_or_end(db, room, first, limit)?
        }
    }))
}

/// One more than is wanted shows whether there is more.
fn and_one(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

fn before(db: &mut dyn Db, room: RoomId, id: MessageId, limit: usize) -> Result<Slice, StoreError> {
    let mut found = messages::page(db, room, Some(id), and_one(limit))?;
    let older = found.len() > limit;
    if older {
        found.remove(0);
    }
    Ok(Slice {
        newer: id < MessageId::MAX && is_there(db, room, id)?,
        messages: found,
        older,
    })
}

fn after(db: &mut dyn Db, room: RoomId, id: MessageId, limit: usize) -> Result<Slice, StoreError> {
    let mut found = messages::newer(db, room, id.0, and_one(limit))?;
    let newer = found.len() > limit;
    found.truncate(limit);
    let older = messages::page(db, room, Some(id.next()), 1)?;
    Ok(Slice {
        messages: found,
        older: !older.is_empty(),
        newer,
    })
}

fn around_or_end(
    db: &mut dyn Db,
    room: RoomId,
    id: Option<MessageId>,
    limit: usize,
) -> Result<Slice, StoreError> {
    match id {
        Some(id) => around(db, room, id, limit),
        None => before(db, room, MessageId::MAX, limit),
    }
}

/// As many older as newer ones, with the first from `id` on among the newer.
fn around(db: &mut dyn Db, room: RoomId, id: MessageId, limit: usize) -> Result<Slice, StoreError> {
    let mut newer = after(db, room, id.previous(), limit)?;
    let mut older = before(db, room, id, limit)?;
    // Where one side is short, the other gets its share.
    let half = (limit / 2).max(limit.saturating_sub(newer.messages.len()));
    let cut = older.messages.len().saturating_sub(half);
    older.older |= cut > 0;
    older.messages.drain(..cut);
    let room_left = limit.saturating_sub(older.messages.len());
    newer.newer |= newer.messages.len() > room_left;
    newer.messages.truncate(room_left);
    older.messages.append(&mut newer.messages);
    Ok(Slice {
        messages: older.messages,
        older: older.older,
        newer: newer.newer,
    })
}

/// Whether a room has a message from `id` on.
fn is_there(db: &mut dyn Db, room: RoomId, id: MessageId) -> Result<bool, StoreError> {
    Ok(!messages::newer(db, room, id.previous().0, 1)?.is_empty())
}
