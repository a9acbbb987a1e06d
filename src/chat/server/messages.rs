//! What people say and change: from a wish to a draft for the store, and from what the store has
//! committed to the news for everybody and the answer for the sender.

use actix::fut::wrap_future;
use actix::{ActorFutureExt, AsyncContext, Context};
use uuid::Uuid;

use crate::chat::commands::{ChangeMessage, Claim, MessageAction, SendMessage};
use crate::chat::server::{ChatServer, Connection};
use crate::delivery::{AfterSend, ConnId, RoomBroadcast, Unicast};
use crate::error::Error;
use crate::model::command::{Command, Outcome, RoomDeleted, Target};
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::RoomRole;
use crate::model::mention::Mentions;
use crate::model::message::{KIND_TEXT, LOBBY, Message, Quote};
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::reaction;
use crate::model::room::RoomKind;
use crate::protocol::feed;
use crate::store::commands::common;
use crate::store::writer::{RequestId, WriteResult};
use crate::text::body::MessageBody;
use crate::text::{clock, content, name};
use crate::{audit, telemetry};

/// What the store has said, and whom it is to be told.
#[derive(Default)]
struct Told {
    news: Vec<RoomBroadcast>,
    tells: Vec<Unicast>,
    /// Connections that lose the room that they hear.
    losers: Vec<(PersonId, i64, &'static str)>,
    /// Rooms that are no more.
    deleted: Vec<RoomDeleted>,
}

impl ChatServer {
    /// What somebody wants in a room, asked before it is handed to the store.
    pub(super) fn permitted(
        &self,
        connection: &Connection,
        room: i64,
        action: Action,
    ) -> Result<(), Error> {
        let entry = self.directory.get(room).ok_or(Error::NotFound)?;
        entry.authorize(&connection.principal, action)
    }

    pub(super) fn say(&mut self, say: SendMessage) -> Result<(), Error> {
        let connection = self.sessions.get(&say.conn).ok_or(Error::NotFound)?;
        self.permitted(connection, say.room, Action::Say)?;
        let words = say.words?;
        self.pace
            .count(connection.principal.id(), connection.prefix, say.nonce)?;
        let principal = self.principal(connection)?;
        let mut by = Person::clone(&principal.person);
        let own_name = by.name.clone();
        if let Some(claim) = say.claim
            && !connection.named
        {
            dress(&mut by, claim);
        }
        let fallback_name = (by.kind == PersonKind::Visitor).then_some(if by.name == own_name {
            Person::fallback_name(by.id)
        } else {
            own_name
        });
        let message = Message {
            id: 0,
            room: say.room,
            seq: 0,
            rev: 0,
            at: clock::now_ms(),
            kind: KIND_TEXT,
            by,
            address: connection.address.clone(),
            words: MessageBody::default(),
            edited: None,
            recalled: false,
            mentions: Mentions::default(),
            reply: say.reply.map(Quote::of),
            reactions: Vec::new(),
            pinned: false,
        };
        let draft = Command::Say {
            message: Box::new(message),
            words,
            fallback_name,
            principal,
        };
        self.submit(say.conn, say.nonce, draft)
    }

    pub(super) fn amend(&mut self, amend: ChangeMessage) -> Result<(), Error> {
        let connection = self.sessions.get(&amend.conn).ok_or(Error::NotFound)?;
        let action = match amend.wish {
            MessageAction::Edit(_) => Action::Say,
            MessageAction::Recall => Action::Recall,
            MessageAction::React { .. } => Action::React,
            MessageAction::Pin { .. } => Action::Pin,
        };
        self.permitted(connection, amend.room, action)?;
        let at = clock::now_ms();
        let target = Box::new(Target {
            room: amend.room,
            id: amend.id,
            principal: self.principal(connection)?,
            at,
        });
        let limits = self.settings.limits;
        let draft = match amend.wish {
            MessageAction::Edit(words) => Command::Edit {
                target,
                words: words?,
            },
            MessageAction::React { emoji, on } => Command::React {
                target,
                emoji: reaction::emoji(&emoji).ok_or(Error::BadEmoji)?,
                on,
            },
            MessageAction::Pin { on } => Command::Pin { target, on },
            MessageAction::Recall => Command::Recall {
                target,
                not_before: at
                    .saturating_sub(i64::try_from(limits.recall_window).unwrap_or(i64::MAX)),
            },
        };
        self.pace
            .count(connection.principal.id(), connection.prefix, amend.nonce)?;
        self.submit(amend.conn, amend.nonce, draft)
    }

    fn submit(&self, conn: ConnId, nonce: Option<Uuid>, draft: Command) -> Result<(), Error> {
        let ticket = RequestId {
            connection: conn.to_raw(),
            nonce,
        };
        Ok(self.store.writer().submit(ticket, draft)?)
    }

    /// Refuses a send or a change, but for one that was written before: that gets its ack again,
    /// whatever the rules are by now.
    pub(super) fn refuse_unless_written(
        &self,
        conn: ConnId,
        error: Error,
        nonce: Option<Uuid>,
        ctx: &mut Context<Self>,
    ) {
        let connection = self.sessions.get(&conn);
        let (Some(nonce), Some(connection)) = (nonce, connection) else {
            return self.refuse(conn, &error, nonce);
        };
        let (store, by) = (self.store.clone(), connection.principal.id());
        // By way of the writer: the first time may still wait there.
        let looking = async move { store.write(move |db| common::written(db, by, nonce)).await };
        ctx.spawn(
            wrap_future(looking).map(move |found, server: &mut Self, _| {
                let error = match found {
                    Ok(Some(Outcome::Repeated { room, id, seq, at })) => {
                        let ack = feed::ack(nonce, room, id, seq, at);
                        return server.fanout.tell(conn, ack, AfterSend::Nothing);
                    }
                    Ok(_) => error,
                    // Nobody knows: the same again may find out.
                    Err(unread) => unread.into(),
                };
                server.refuse(conn, &error, Some(nonce));
            }),
        );
    }

    /// Applies what the store has committed, and tells everybody and each sender.
    pub(super) fn commit(&mut self, outcomes: Vec<WriteResult>, ctx: &mut Context<Self>) {
        let mut told = Told::default();
        for (ticket, result) in outcomes {
            let to = ConnId::from_raw(ticket.connection);
            let acked = match result {
                Ok(Outcome::Event(event)) => {
                    let id = event.change.message().unwrap_or_default();
                    let ack = (event.room, id, event.seq, event.change.at());
                    self.take_in(event, &mut told, ctx);
                    Ok(ack)
                }
                Ok(Outcome::Events { room, made, events }) => {
                    if let Some(made) = made {
                        self.directory.make(made);
                    }
                    let (seq, at) = events
                        .last()
                        .map_or((0, 0), |event| (event.seq, event.change.at()));
                    for event in events {
                        self.take_in(event, &mut told, ctx);
                    }
                    Ok((room, 0, seq, at))
                }
                Ok(Outcome::Deleted(deleted)) => {
                    let ack = (deleted.room, 0, 0, 0);
                    told.deleted.push(deleted);
                    Ok(ack)
                }
                Ok(Outcome::Repeated { room, id, seq, at }) => Ok((room, id, seq, at)),
                Ok(Outcome::Refused(error)) => Err(error),
                Err(_store) => Err(Error::NotSaved),
            };
            let room = acked.clone().map(|(room, ..)| room);
            if self.desk.answer(to, room) {
                continue;
            }
            match acked {
                Ok((room, id, seq, at)) => told.tells.extend(ticket.nonce.map(|nonce| Unicast {
                    to,
                    frames: feed::ack(nonce, room, id, seq, at),
                    then: AfterSend::Nothing,
                })),
                Err(error) => told.tells.extend(self.refusal(to, &error, ticket.nonce)),
            }
        }
        self.fanout.send(&told.news, told.tells);
        for (id, room, why) in told.losers {
            for conn in self.presence.connections_of(id).to_vec() {
                self.hush(conn, room, why, ctx);
            }
        }
        for deleted in told.deleted {
            self.take_away(&deleted, ctx);
        }
    }

    /// Takes in one event, wherever it matters.
    fn take_in(&mut self, event: Event, told: &mut Told, ctx: &mut Context<Self>) {
        telemetry::event();
        audit::happened(&event);
        if self.directory.get(event.room).is_none() {
            // The command line has deleted the room since.
            return;
        }
        let less = self.directory.apply(&event);
        let room = event.room;
        match &event.change {
            EventContent::Said(message) => {
                if let Some(hall) = self.halls.get_mut(&room) {
                    hall.typing.remove(message.by.id);
                }
                self.count_said(message, ctx);
                told.tells.extend(self.spoke(room, message.by.id, ctx));
            }
            EventContent::Member {
                turn,
                who,
                standing,
                by,
                ..
            } => {
                self.turned(room, *turn, who, *standing, told);
                if *turn == MembershipChange::Transfer {
                    self.show_again(room, by.id, told);
                }
                self.stir_presence(room, ctx);
            }
            EventContent::About { .. } => self.show_all(room, told),
            EventContent::Recalled { .. } | EventContent::Edited { .. } => {
                self.count_changed(&event, less, ctx);
            }
            EventContent::Reacted { .. } | EventContent::Pinned { .. } => {}
        }
        if let Some(hall) = self.halls.get_mut(&room) {
            // What was committed while it was read from the store is in it already.
            if event.seq > hall.room.head() {
                let frames = hall.room.apply(event);
                told.news.push(RoomBroadcast { room, frames });
                self.head_changed(room, ctx);
            }
        } else {
            self.keep_for_reading(&event);
        }
    }

    /// Somebody's standing has changed: he is told, wherever he is.
    fn turned(
        &self,
        room: i64,
        turn: MembershipChange,
        who: &Person,
        standing: Option<RoomRole>,
        told: &mut Told,
    ) {
        let why = match turn {
            MembershipChange::Ban => "banned",
            MembershipChange::Remove => "removed",
            _ => "left",
        };
        match standing {
            // The others see him in a direct room's name.
            Some(_) if self.is_direct(room) => self.show_all(room, told),
            Some(standing) if standing.is_in() => self.show_again(room, who.id, told),
            Some(_) => told.losers.push((who.id, room, why)),
            // Whoever was banned and is not any more has lost nothing.
            None if turn != MembershipChange::Unban => told.losers.push((who.id, room, why)),
            None => {}
        }
    }

    fn is_direct(&self, room: i64) -> bool {
        let entry = self.directory.get(room);
        entry.is_some_and(|entry| entry.kind == RoomKind::Direct)
    }

    /// Shows a room to one person as it is for him now.
    fn show_again(&self, room: i64, id: PersonId, told: &mut Told) {
        for to in self.feeds_of(id) {
            let connection = self.sessions.get(&to);
            let view = connection.and_then(|connection| self.view(room, &connection.principal));
            told.tells.extend(view.map(|view| Unicast {
                to,
                frames: feed::rooms(&[view]),
                then: AfterSend::Nothing,
            }));
        }
    }

    /// Shows connections all of their rooms, and the one that is open, as they are for them now.
    pub(super) fn show_rooms(&self, conns: &[ConnId]) {
        let mut tells = Vec::with_capacity(conns.len());
        for to in conns {
            let Some(connection) = self.sessions.get(to).filter(|connection| connection.feed)
            else {
                continue;
            };
            let viewer = &connection.principal;
            let mut views = self.views(viewer);
            if let Some(open) = connection.open
                && !views.iter().any(|view| view.id == open)
            {
                views.extend(self.view(open, viewer));
            }
            tells.push(Unicast {
                to: *to,
                frames: feed::rooms(&views),
                then: AfterSend::Nothing,
            });
        }
        self.fanout.send(&[], tells);
    }

    /// Shows a room to everybody who is in it, as it is for him now.
    fn show_all(&self, room: i64, told: &mut Told) {
        let Some(entry) = self.directory.get(room) else {
            return;
        };
        if room == LOBBY {
            let ids: std::collections::HashSet<PersonId> = self
                .sessions
                .values()
                .map(|connection| connection.principal.id())
                .collect();
            for id in ids {
                self.show_again(room, id, told);
            }
            return;
        }
        let lookers = self.halls.get(&room).into_iter();
        let lookers = lookers.flat_map(|hall| hall.lookers.keys());
        for id in entry.seats.keys().chain(lookers) {
            self.show_again(room, *id, told);
        }
    }
}

/// Puts the claimed name and picture of a nameless visitor on him, as far as they can be shown.
fn dress(by: &mut Person, claim: Claim) {
    let claimed = claim.nickname.as_deref();
    if let Some(name) = claimed.and_then(|claimed| name::wanted(claimed).ok()) {
        by.name = name;
    }
    if let Some(avatar) = claim
        .avatar
        .filter(|avatar| content::is_picture_address(avatar))
    {
        by.avatar = avatar;
    }
}
