//! Rooms that were deleted: members and connections that have one open are notified, and nothing of
//! it is kept.

use std::collections::HashSet;

use actix::{Context, Handler};

use super::ChatServer;
use crate::chat::mailbox::RoomsDeleted;
use crate::chat::server::apply::Answers;
use crate::chat::server::subscriptions::Waiting;
use crate::delivery::ConnId;
use crate::model::command::RoomDeleted;
use crate::model::membership::GoneReason;
use crate::{audit, telemetry};

impl ChatServer {
    /// Takes a room away from everybody, if it still exists.
    pub(super) fn remove_room(&mut self, deleted: &RoomDeleted, ctx: &mut Context<Self>) {
        let room = deleted.room;
        let Some(record) = self.registry.remove(room) else {
            return;
        };
        telemetry::room_deleted();
        audit::room_deleted(deleted, &record.settings.name);
        self.live_rooms.remove(&room);
        self.tell_audience(room, ctx);
        self.unread.remove_room(room);
        self.read_markers.remove_room(room);
        let memberships = record
            .memberships
            .iter()
            .filter(|(_, membership)| membership.room_role.is_in());
        let mut conns: HashSet<ConnId> = memberships
            .flat_map(|(id, _)| self.feeds_of(*id, room))
            .collect();
        let there = self.connections.iter().filter(|(_, connection)| {
            connection.open == Some(room) || connection.opening == Some(room)
        });
        conns.extend(there.map(|(conn, _)| *conn));
        let mut answers = Answers::default();
        for (request, ack) in self.resequencer.forget(room) {
            self.answer(request, Ok(ack), &mut answers);
        }
        let gone = conns
            .into_iter()
            .filter_map(|conn| self.unsubscribed(conn, room, GoneReason::Deleted, ctx));
        answers.unicasts.extend(gone);
        self.fanout.send(&[], answers.unicasts);
        // Connections that waited to open it have been notified; whoever asked for a snapshot finds nothing.
        let waiting = self.loading.remove(&room).map(|loading| loading.waiting);
        for waiting in waiting.into_iter().flatten() {
            if let Waiting::Snapshot(principal, answer) = waiting {
                let _nobody = answer.send(Ok(self.snapshot(room, &principal)));
            }
        }
    }
}

impl Handler<RoomsDeleted> for ChatServer {
    type Result = ();

    fn handle(&mut self, deleted: RoomsDeleted, ctx: &mut Context<Self>) {
        for deleted in deleted.0 {
            self.remove_room(&deleted, ctx);
        }
    }
}
