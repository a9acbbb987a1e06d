//! Expired messages: they are gone from the store, and nothing of them is kept here either.

use actix::{Context, Handler};

use super::ChatServer;
use crate::chat::mailbox::HaveExpired;

impl Handler<HaveExpired> for ChatServer {
    type Result = ();

    fn handle(&mut self, have: HaveExpired, ctx: &mut Context<Self>) {
        for expired in have.rooms {
            let room = expired.room;
            if let Some(record) = self.registry.get_mut(room)
                && expired.begin.seq > record.begin.seq
            {
                record.expired(expired.begin);
                self.count_less(room, ctx);
            }
            if let Some(live_room) = self.live_rooms.get_mut(&room) {
                live_room.room.expire(expired.last, have.since);
            }
            self.catch_up.expire(room, expired.last, have.since);
            // What is being read of it may have been read before.
            if let Some(loading) = self.loading.get_mut(&room) {
                let (last, since) = loading.expired.unwrap_or_default();
                loading.expired = Some((last.max(expired.last), since.max(have.since)));
            }
        }
    }
}
