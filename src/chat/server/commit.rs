//! The way out: from what the store has committed to the broadcast for everybody and the answer for the
//! sender.

use std::sync::Arc;
use std::time::Instant;

use actix::Context;
use uuid::Uuid;

use crate::chat::requests::Acked;
use crate::chat::resequencer::Passage;
use crate::chat::server::ChatServer;
use crate::chat::server::apply::{Answers, Committed};
use crate::delivery::{AfterSend, ConnId, Unicast};
use crate::error::Error;
use crate::model::command::{Ack, Outcome};
use crate::model::event::{Event, EventContent};
use crate::model::message_id::MessageId;
use crate::model::seq::Seq;
use crate::protocol::feed;
use crate::store::backend::{RequestId, WriteResult};
use crate::store::db::StoreError;
use crate::{audit, telemetry};

impl ChatServer {
    /// Applies what the store has committed, and sends broadcasts to the rooms and an ack to each sender.
    pub(super) fn commit(&mut self, outcomes: Vec<WriteResult>, ctx: &mut Context<Self>) {
        let mut answers = Answers::default();
        for (request, result) in outcomes {
            let (acked, is_applied) = match result {
                Ok(Outcome::Event(event)) => {
                    let ack = Ack {
                        room: event.room,
                        id: event.change.message().unwrap_or_default(),
                        seq: event.seq,
                        at: event.change.at(),
                    };
                    let sent = match &event.change {
                        EventContent::Message(message) if self.is_asked_for(request) => {
                            Some(Arc::clone(message))
                        }
                        _ => None,
                    };
                    (
                        Acked { ack, sent },
                        self.apply_own(event, &mut answers, ctx),
                    )
                }
                Ok(Outcome::Events {
                    room,
                    created,
                    events,
                }) => {
                    if let Some(created) = created {
                        self.registry.add_created(created);
                    }
                    let last = events.last();
                    let ack = Ack {
                        room,
                        id: MessageId(0),
                        seq: last.map_or(Seq(0), |event| event.seq),
                        at: last.map_or(0, |event| event.change.at()),
                    };
                    let mut is_applied = true;
                    for event in events {
                        is_applied = self.apply_own(event, &mut answers, ctx);
                    }
                    (ack.into(), is_applied)
                }
                Ok(Outcome::Deleted(deleted)) => {
                    let ack = Ack {
                        room: deleted.room,
                        ..Ack::default()
                    };
                    answers.deleted.push(deleted);
                    (ack.into(), true)
                }
                Ok(Outcome::Repeated(ack)) => (ack.into(), self.has_applied(&ack)),
                Ok(Outcome::Refused(error)) => {
                    self.answer(request, Err(error), &mut answers);
                    continue;
                }
                Err(store) => {
                    let error = match store {
                        StoreError::Gone(_) => Error::StoreAway,
                        _ => Error::NotSaved,
                    };
                    self.answer(request, Err(error), &mut answers);
                    continue;
                }
            };
            if is_applied {
                self.answer(request, Ok(acked), &mut answers);
            } else {
                self.answer_later(request, acked, &mut answers);
            }
        }
        self.deliver(answers, ctx);
        self.catch_up_soon(ctx);
    }

    /// Applies an event that this server has written, or has it wait for those before it. Returns whether it is
    /// applied.
    fn apply_own(&mut self, event: Event, answers: &mut Answers, ctx: &mut Context<Self>) -> bool {
        telemetry::event();
        audit::happened(&event);
        let Some(record) = self.registry.get(event.room) else {
            // It was made by another node, or deleted since.
            return false;
        };
        let room = event.room;
        let author = match &event.change {
            EventContent::Message(message) => Some(message.by.id),
            _ => None,
        };
        // The usual case asks nothing and nobody: one node has every event in order.
        let passage = if event.seq == record.head.seq.next() {
            Passage::Next(Committed::own(event))
        } else {
            self.offer(None, Committed::own(event))
        };
        let passage = self.pass(passage, answers, ctx);
        if let (Passage::Old | Passage::Held, Some(author)) = (&passage, author) {
            // It may pass, or have passed, as it was read from the store: no other node stores its author's marker.
            self.schedule_read_marker(room, author, ctx);
        }
        !matches!(passage, Passage::Held)
    }

    /// Whether the event that an ack is of was applied here.
    fn has_applied(&self, ack: &Ack) -> bool {
        let record = self.registry.get(ack.room);
        record.is_some_and(|record| ack.seq <= record.head.seq) || ack.seq == Seq(0)
    }

    /// Has an ack wait for its event: that comes first.
    fn answer_later(&mut self, request: RequestId, acked: Acked, answers: &mut Answers) {
        let (room, seq) = (acked.ack.room, acked.ack.seq);
        let here = Self::here(&self.registry, room);
        let now = Instant::now();
        let held = self.resequencer.hold(here, seq, (request, acked), now);
        if let Err((request, _)) = held {
            // It is in the store, and whoever sends it again gets its ack then.
            self.answer(request, Err(Error::NotSaved), answers);
        }
    }

    /// Answers whoever has asked for a change: a page or the API, or a connection.
    pub(super) fn answer(
        &mut self,
        request: RequestId,
        acked: Result<Acked, Error>,
        answers: &mut Answers,
    ) {
        let to = ConnId::from_raw(request.connection);
        let Some(acked) = self.pending_requests.answer(to, acked) else {
            return;
        };
        match acked {
            Ok(Acked { ack, .. }) => {
                let nonce = request.nonce.into_iter();
                let acks = nonce.filter_map(|nonce| self.ack(to, nonce, &ack));
                answers.unicasts.extend(acks);
            }
            Err(error) => answers
                .unicasts
                .extend(self.refusal(to, &error, request.nonce)),
        }
    }

    /// What a connection is told of what it had written. A nonce may be that of another room, of which it hears nothing.
    pub(super) fn ack(&self, to: ConnId, nonce: Uuid, ack: &Ack) -> Option<Unicast> {
        let connection = self.connections.get(&to)?;
        if !connection.principal.reaches(ack.room) {
            return self.refusal(to, &Error::NotFound, Some(nonce));
        }
        Some(Unicast {
            to,
            frames: feed::ack(nonce, ack),
            after: AfterSend::Nothing,
        })
    }
}
