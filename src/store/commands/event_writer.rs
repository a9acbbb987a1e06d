//! What a command does to a room, as its events.

use std::sync::Arc;

use crate::model::command::{Outcome, RoomCreated};
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::RoomRole;
use crate::model::person::{Person, PersonRef};
use crate::model::room::RoomSettings;
use crate::model::room_id::RoomId;
use crate::store::commands::common::{insert_event, next_seq};
use crate::store::db::{Db, StoreError, Value};
use crate::store::queries::rooms;

/// Several events of one room, written one after the other.
pub(super) struct EventWriter<'a> {
    pub db: &'a mut dyn Db,
    pub room: RoomId,
    pub at: i64,
    by: PersonRef,
    nonce: Option<&'a str>,
    events: Vec<Event>,
}

impl<'a> EventWriter<'a> {
    /// Of what `by` does in `room` at `at`, ms since 1970; the first event gets the nonce.
    pub(super) fn new(
        db: &'a mut dyn Db,
        nonce: Option<&'a str>,
        room: RoomId,
        at: i64,
        by: PersonRef,
    ) -> Self {
        Self {
            db,
            room,
            at,
            by,
            nonce,
            events: Vec::new(),
        }
    }

    fn write(&mut self, change: EventContent) -> Result<(), StoreError> {
        let event = Event {
            room: self.room,
            seq: next_seq(self.db, self.room)?,
            change,
        };
        // A nonce is of the whole command: its first event has it.
        if let Outcome::Event(event) = insert_event(self.db, self.nonce.take(), event)? {
            self.events.push(event);
        }
        Ok(())
    }

    pub(super) fn change_membership(
        &mut self,
        change: MembershipChange,
        who: &Person,
        room_role: Option<RoomRole>,
    ) -> Result<(), StoreError> {
        self.write(EventContent::Membership {
            at: self.at,
            by: self.by.clone(),
            change,
            who: Arc::new(who.clone()),
            room_role,
        })?;
        // After the event: who comes in has read that too.
        membership(self.db, self.room, who, room_role, self.at)
    }

    pub(super) fn settings(&mut self, settings: RoomSettings) -> Result<(), StoreError> {
        rooms::settle(self.db, self.room, &settings)?;
        self.write(EventContent::Settings {
            at: self.at,
            by: self.by.clone(),
            settings: Arc::new(settings),
        })
    }

    pub(super) fn done(self, created: Option<RoomCreated>) -> Outcome {
        Outcome::Events {
            room: self.room,
            created,
            events: self.events,
        }
    }
}

/// Gives somebody their row, or takes it; who comes in has read what was there, and who goes muted
/// comes back so.
pub(super) fn membership(
    db: &mut dyn Db,
    room: RoomId,
    who: &Person,
    room_role: Option<RoomRole>,
    at: i64,
) -> Result<(), StoreError> {
    let Some(room_role) = room_role else {
        db.execute(
            "INSERT INTO muted (room_id, person) SELECT room_id, person FROM members \
             WHERE room_id = $1 AND person = $2 AND role = $3 ON CONFLICT DO NOTHING",
            &[
                Value::Room(room),
                Value::Person(who.id),
                Value::Int(RoomRole::Muted.code()),
            ],
        )?;
        db.execute(
            "DELETE FROM members WHERE room_id = $1 AND person = $2",
            &[Value::Room(room), Value::Person(who.id)],
        )?;
        return Ok(());
    };
    db.execute(
        "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
         SELECT id, $2, $3, $4, $5, head, said, 0 FROM rooms WHERE id = $1 \
         ON CONFLICT (room_id, person) DO UPDATE SET role = excluded.role, name = excluded.name",
        &[
            Value::Room(room),
            Value::Person(who.id),
            Value::Int(room_role.code()),
            Value::Text(&who.name),
            Value::Int(at),
        ],
    )?;
    Ok(())
}
