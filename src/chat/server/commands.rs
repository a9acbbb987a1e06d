//! New messages and changes: from a request to a command for the store.

use actix::fut::wrap_future;
use actix::{ActorFutureExt, AsyncContext, Context};
use uuid::Uuid;

use crate::chat::rate_limit::MessageRates;
use crate::chat::requests::{Claim, MessageAction, MessageChange, NewMessage, Sender};
use crate::chat::server::{ChatServer, Connection};
use crate::delivery::ConnId;
use crate::error::Error;
use crate::model::command::{Command, Target};
use crate::model::message::{Message, Quote};
use crate::model::person::{Person, PersonKind};
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::reaction;
use crate::model::room_id::RoomId;
use crate::store::backend::RequestId;
use crate::text::{clock, content, name};

impl ChatServer {
    /// Checks what a person wants in a room, before it is handed to the store, which checks it again. Where there are
    /// other nodes, only the store knows that something is not permitted.
    fn may_ask(&self, principal: &Principal, room: RoomId, action: Action) -> Result<(), Error> {
        if self.settings.clustered {
            return Ok(());
        }
        self.authorize(principal, room, action)
    }

    /// Whether a person may do something in a room, as far as it is known here.
    pub(super) fn permitted(
        &self,
        connection: &Connection,
        room: RoomId,
        action: Action,
    ) -> Result<(), Error> {
        self.authorize(&connection.principal, room, action)
    }

    pub(super) fn authorize(
        &self,
        principal: &Principal,
        room: RoomId,
        action: Action,
    ) -> Result<(), Error> {
        let record = self.registry.get(room).ok_or(Error::NotFound)?;
        record.authorize(principal, action)
    }

    /// How fast people, or bots, may send messages.
    pub(super) fn rates_of(&mut self, bot: bool) -> &mut MessageRates {
        match bot {
            true => &mut self.bot_rates,
            false => &mut self.message_rates,
        }
    }

    /// The person behind a connection as a sender.
    fn sender(&self, conn: ConnId) -> Result<Sender, Error> {
        let connection = self.connections.get(&conn).ok_or(Error::NotFound)?;
        Ok(Sender {
            principal: self.principal(connection)?,
            named: connection.named,
            address: connection.address.clone(),
            prefix: connection.prefix,
        })
    }

    pub(super) fn send_message(&mut self, conn: ConnId, new: NewMessage) -> Result<(), Error> {
        let sender = self.sender(conn)?;
        let nonce = new.nonce;
        let command = self.new_message(sender, new)?;
        self.submit(conn, nonce, command)
    }

    pub(super) fn change_message(
        &mut self,
        conn: ConnId,
        change: MessageChange,
    ) -> Result<(), Error> {
        let sender = self.sender(conn)?;
        let nonce = change.nonce;
        let command = self.new_change(sender, change)?;
        self.submit(conn, nonce, command)
    }

    /// The command that stores a message, if its author may send it.
    pub(super) fn new_message(
        &mut self,
        sender: Sender,
        new: NewMessage,
    ) -> Result<Command, Error> {
        let Sender {
            principal,
            named,
            address,
            prefix,
        } = sender;
        self.may_ask(&principal, new.room, Action::Send)?;
        let body = new.body?;
        let attachments = new.files?;
        self.rates_of(principal.person.bot)
            .count(principal.id(), prefix, new.nonce)?;
        let mut by = Person::clone(&principal.person);
        let own_name = by.name.clone();
        if let Some(claim) = new.claim
            && !named
        {
            apply_claim(&mut by, claim);
        }
        // An account may have the name that is claimed, or chosen, by the time this is written: the store
        // takes the other one then.
        let fallback_name = (by.kind == PersonKind::Visitor).then_some(if by.name == own_name {
            Person::fallback_name(by.id)
        } else {
            own_name
        });
        let message = Message {
            address,
            reply: new.reply.map(Quote::of),
            ..Message::new(new.room, by, clock::now_ms())
        };
        Ok(Command::Send {
            message: Box::new(message),
            body,
            attachments,
            fallback_name,
            principal,
        })
    }

    /// The command that changes a message, if its sender may.
    pub(super) fn new_change(
        &mut self,
        sender: Sender,
        change: MessageChange,
    ) -> Result<Command, Error> {
        let Sender {
            principal, prefix, ..
        } = sender;
        let action = match change.action {
            MessageAction::Edit(_) => Action::Send,
            MessageAction::Recall | MessageAction::TakeFile(_) => Action::Recall,
            MessageAction::React { .. } => Action::React,
            MessageAction::Pin { .. } => Action::Pin,
        };
        let (by, bot) = (principal.id(), principal.person.bot);
        self.may_ask(&principal, change.room, action)?;
        let at = clock::now_ms();
        let target = Box::new(Target {
            room: change.room,
            id: change.id,
            principal,
            at,
        });
        let limits = self.settings.limits;
        let command = match change.action {
            MessageAction::Edit(body) => Command::Edit {
                target,
                body: body?,
            },
            MessageAction::React { emoji, on } => Command::React {
                target,
                emoji: reaction::emoji(&emoji).ok_or(Error::BadEmoji)?,
                on,
            },
            MessageAction::Pin { on } => Command::Pin { target, on },
            MessageAction::TakeFile(file) => Command::TakeFile { target, file },
            MessageAction::Recall => Command::Recall {
                target,
                not_before: at
                    .saturating_sub(i64::try_from(limits.recall_window).unwrap_or(i64::MAX)),
            },
        };
        self.rates_of(bot).count(by, prefix, change.nonce)?;
        Ok(command)
    }

    fn submit(&self, conn: ConnId, nonce: Option<Uuid>, command: Command) -> Result<(), Error> {
        let request = RequestId {
            connection: conn.to_raw(),
            nonce,
        };
        Ok(self.store.writer().submit(request, command)?)
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
        let connection = self.connections.get(&conn);
        let (Some(nonce), Some(connection)) = (nonce, connection) else {
            return self.refuse(conn, &error, nonce);
        };
        let (store, by) = (self.store.clone(), connection.principal.id());
        let looking = async move { store.written_or(by, Some(nonce), error).await };
        ctx.spawn(
            wrap_future(looking).map(move |found, server: &mut Self, _| match found {
                Ok(ack) => server
                    .fanout
                    .send(&[], server.ack(conn, nonce, &ack).into_iter().collect()),
                Err(error) => server.refuse(conn, &error, Some(nonce)),
            }),
        );
    }
}

/// Gives a visitor who has chosen no name the name and the picture that their client claims, each only if it
/// is acceptable.
fn apply_claim(by: &mut Person, claim: Claim) {
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
