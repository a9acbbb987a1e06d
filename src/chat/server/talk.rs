//! What people say and change: from a wish to a draft for the store, and from what the store has
//! committed to the news for everybody and the answer for the sender.

use uuid::Uuid;

use super::ChatServer;
use crate::chat::message::{KIND_TEXT, LOBBY, Message};
use crate::chat::messages::{Amend, Claim, Say};
use crate::chat::person::{Kind, Person, Role};
use crate::error::Error;
use crate::protocol::feed;
use crate::protocol::request::Action;
use crate::store::changes::{Draft, Target, Written};
use crate::store::db::StoreError;
use crate::store::writer::{Outcome, Ticket};
use crate::telemetry;
use crate::text::content::{self, Format};
use crate::text::{clock, name};
use crate::ws::hub::{Tell, Then};
use crate::ws::{ConnId, Frames};

impl ChatServer {
    pub(super) fn say(&mut self, say: Say) -> Result<(), Error> {
        let member = self.sessions.get(&say.conn).ok_or(Error::NotFound)?;
        if say.room != LOBBY {
            return Err(Error::NotFound);
        }
        if !member.may_write {
            return Err(Error::GuestsRead);
        }
        let limit = self.settings.limits.message_chars;
        let content = content::accept(&say.content, limit)?;
        self.pace.count(&member.id, member.prefix, say.nonce)?;
        let mut by = self.person(&member.id)?;
        let format = if say.claim.is_some() {
            Format::Classic
        } else {
            Format::Plain
        };
        let own_name = by.name.clone();
        if let Some(claim) = say.claim
            && !member.named
        {
            dress(&mut by, claim);
        }
        let fallback_name = (by.kind == Kind::Visitor).then_some(if by.name == own_name {
            Person::fallback_name(&by.id)
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
            address: member.address.clone(),
            content,
            format,
            edited: None,
            recalled: false,
        };
        let draft = Draft::Say {
            message: Box::new(message),
            fallback_name,
        };
        self.submit(say.conn, say.nonce, draft)
    }

    pub(super) fn amend(&mut self, amend: Amend) -> Result<(), Error> {
        let member = self.sessions.get(&amend.conn).ok_or(Error::NotFound)?;
        if amend.room != LOBBY {
            return Err(Error::NotFound);
        }
        let any = member.role >= Role::Admin;
        let at = clock::now_ms();
        let target = Target {
            room: amend.room,
            id: amend.id,
            by: self.person(&member.id)?,
            at,
        };
        let limits = self.settings.limits;
        let draft = match amend.action {
            Action::Edit { .. } if !member.may_write => return Err(Error::GuestsRead),
            Action::Edit { content } => Draft::Edit {
                target,
                content: content::accept(&content, limits.message_chars)?,
                format: Format::Plain,
            },
            Action::Recall => Draft::Recall {
                target,
                any,
                not_before: at
                    .saturating_sub(i64::try_from(limits.recall_window).unwrap_or(i64::MAX)),
            },
        };
        self.pace.count(&member.id, member.prefix, amend.nonce)?;
        self.submit(amend.conn, amend.nonce, draft)
    }

    fn person(&self, id: &str) -> Result<Person, Error> {
        self.presence.get(id).cloned().ok_or(Error::NotFound)
    }

    fn submit(&self, conn: ConnId, nonce: Option<Uuid>, draft: Draft) -> Result<(), Error> {
        let ticket = Ticket {
            connection: conn.to_raw(),
            nonce,
        };
        self.writer
            .submit(ticket, draft)
            .map_err(|error| match error {
                StoreError::Busy => Error::Busy,
                _ => Error::NotSaved,
            })
    }

    /// Applies what the store has committed, and tells everybody and each sender. True when the
    /// room has changed.
    pub(super) fn commit(&mut self, outcomes: Vec<Outcome>) -> bool {
        let mut news = Vec::with_capacity(outcomes.len());
        let mut tells = Vec::with_capacity(outcomes.len());
        for (ticket, result) in outcomes {
            let to = ConnId::from_raw(ticket.connection);
            let acked = match result {
                Ok(Written::Event(event)) => {
                    let ack = (event.change.message(), event.seq, event.change.at());
                    news.push(self.room.apply(event));
                    telemetry::event();
                    Ok(ack)
                }
                Ok(Written::Repeated { id, seq, at }) => Ok((id, seq, at)),
                Ok(Written::Refused(error)) => Err(error),
                Err(_store) => Err(Error::NotSaved),
            };
            match acked {
                Ok((id, seq, at)) => tells.extend(ticket.nonce.map(|nonce| Tell {
                    to,
                    frames: feed::ack(nonce, self.room.id(), id, seq, at),
                    then: Then::Nothing,
                })),
                Err(error) => tells.extend(self.refusal(to, &error, ticket.nonce)),
            }
        }
        let changed = !news.is_empty();
        self.fanout.send(&Frames::join(news), tells);
        changed
    }
}

/// Puts the claimed name and picture of a nameless visitor on him, as far as they can be shown.
fn dress(by: &mut Person, claim: Claim) {
    if let Some(name) = claim.nickname.as_deref().and_then(name::tidy) {
        by.name = name;
    }
    if let Some(avatar) = claim
        .avatar
        .filter(|avatar| content::is_picture_address(avatar))
    {
        by.avatar = avatar;
    }
}
