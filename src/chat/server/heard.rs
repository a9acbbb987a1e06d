//! What other nodes of this server have committed. It passes the same resequencer as what this node has, and
//! changes the same things: for clients there is no difference.

use std::time::Instant;

use actix::{Context, Handler};

use crate::chat::mailbox::Heard;
use crate::chat::resequencer::Passage;
use crate::chat::server::ChatServer;
use crate::chat::server::apply::{Answers, Committed};
use crate::model::command::CommittedEvents;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::telemetry;

impl ChatServer {
    fn hear(&mut self, committed: CommittedEvents, answers: &mut Answers, ctx: &mut Context<Self>) {
        let CommittedEvents {
            room,
            epoch,
            created,
            events,
            head,
        } = committed;
        if let Some(created) = created.filter(|created| created.id == room) {
            self.registry.add_created(created);
        }
        let events = events.into_iter().filter(|event| event.room == room);
        for event in events {
            let passage = self.offer(epoch.as_deref(), Committed::foreign(event));
            let waits = !self.resequencer.is_empty();
            let passage = self.pass(passage, answers, ctx);
            telemetry::cluster::heard(match passage {
                Passage::Next(()) => "next",
                Passage::Old => "old",
                Passage::Held => "held",
            });
            if waits && self.resequencer.is_empty() {
                telemetry::cluster::hole("heard");
            }
        }
        self.look_at_head(room, head, epoch.as_deref());
    }

    /// A room is so far, somewhere.
    pub(super) fn look_at_head(&mut self, room: RoomId, head: Seq, epoch: Option<&str>) {
        let here = Self::here(&self.registry, room);
        let epoch = epoch.or(here.known.map(|(epoch, _)| epoch));
        let epoch = epoch.unwrap_or_default();
        self.resequencer.exists(here, epoch, head, Instant::now());
    }
}

impl Handler<Heard> for ChatServer {
    type Result = ();

    fn handle(&mut self, heard: Heard, ctx: &mut Context<Self>) {
        let mut answers = Answers::default();
        for committed in heard.committed {
            self.hear(committed, &mut answers, ctx);
        }
        self.deliver(answers, ctx);
        self.catch_up_soon(ctx);
        heard.then.call();
    }
}

#[cfg(test)]
mod shuffled;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
