//! ChatServer: the one actor that everything passes.
//!
//! Holds the sessions with their people, the room's newest history, and the presence; decides
//! with plain types ([`Room`], [`Presence`], [`Pace`]); hands drafts to the store and, when they
//! are committed, events to the hubs. It runs on a thread of its own, so that a busy room does
//! not starve a worker. Bounds: [`MAILBOX`] waiting messages, the store's queue, the hubs'
//! mailboxes.

mod handlers;

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context};
use uuid::Uuid;

use super::fanout::Fanout;
use super::message::{KIND_TEXT, LOBBY, Message};
use super::messages::{Claim, Recall, Say};
use super::pace::Pace;
use super::person::{Kind, Person, Role};
use super::presence::{LISTED, Presence};
use super::room::Room;
use crate::error::Error;
use crate::protocol::classic;
use crate::protocol::feed::{self, Limits, Me, RoomHead, Welcome};
use crate::store::db::StoreError;
use crate::store::messages::{Draft, Written};
use crate::store::writer::{Outcome, Ticket, Writer};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::text::content::{self, Format};
use crate::text::{clock, name};
use crate::ws::hub::{CloseAll, Tell, Then};
use crate::ws::{ConnId, Frames};

/// Messages that may wait for ChatServer: a `Connect` for every connection that the largest
/// house admits at once.
const MAILBOX: usize = 16_384;

/// At most one count goes out in this time, however many come and go.
const PRESENCE_EVERY: Duration = Duration::from_millis(250);

/// How often buckets of people who have gone quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// How long the end of a cookie session is remembered: longer than any request takes.
const ENDED_FOR: Duration = Duration::from_secs(60);

/// After a restart clients come back within this time, spread evenly.
const COME_BACK: CloseAll = CloseAll {
    after_ms: 500,
    spread_ms: 1_500,
};

/// The settings that ChatServer needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The limits that clients are told.
    pub limits: Limits,
    /// The lobby's name; empty = the localized one.
    pub room_name: String,
}

/// The actor.
#[derive(Debug)]
pub struct ChatServer {
    settings: Settings,
    writer: Writer,
    fanout: Fanout,
    sessions: HashMap<ConnId, Member>,
    /// Marks of cookie sessions that ended lately: an upgrade may have read its cookie before.
    ended: HashMap<String, Instant>,
    presence: Presence,
    presence_sent: Option<Instant>,
    presence_due: bool,
    pace: Pace,
    room: Room,
}

/// One connection and who is behind it.
#[derive(Debug)]
struct Member {
    id: String,
    role: Role,
    may_write: bool,
    /// Whether his name is his own, by account or choice, so that no claim replaces it.
    named: bool,
    lang: Lang,
    address: String,
    sid: Option<String>,
    prefix: IpAddr,
}

impl ChatServer {
    /// A server of `room`, as the store has it.
    #[must_use]
    pub fn new(settings: Settings, writer: Writer, room: Room) -> Self {
        Self {
            pace: Pace::new(settings.limits.messages_per_minute),
            settings,
            writer,
            fanout: Fanout::default(),
            sessions: HashMap::new(),
            ended: HashMap::new(),
            presence: Presence::default(),
            presence_sent: None,
            presence_due: false,
            room,
        }
    }

    fn refuse(&self, to: ConnId, error: &Error, nonce: Option<Uuid>) {
        if let Some(tell) = self.refusal(to, error, nonce) {
            self.fanout.tell(tell.to, tell.frames, tell.then);
        }
    }

    fn refusal(&self, to: ConnId, error: &Error, nonce: Option<Uuid>) -> Option<Tell> {
        telemetry::refused(error);
        let member = self.sessions.get(&to)?;
        Some(Tell {
            to,
            frames: feed::error(error, member.lang, nonce),
            then: Then::Nothing,
        })
    }

    /// What everybody is told: the counts, and the people while they are few.
    fn presence_told(&self) -> feed::Presence {
        let few = self.presence.people() <= LISTED;
        self.presence_with(few.then(|| self.presence.list(LISTED)))
    }

    fn presence_with(&self, who: Option<Vec<Person>>) -> feed::Presence {
        feed::Presence {
            room: self.room.id(),
            people: self.presence.people(),
            connections: self.presence.connections(),
            who,
        }
    }

    /// Sends the counts now, or soon when they have just been sent.
    fn presence_changed(&mut self, ctx: &mut Context<Self>) {
        if self.presence_due {
            return;
        }
        let since = self.presence_sent.map(|sent| sent.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| PRESENCE_EVERY.saturating_sub(since));
        self.presence_due = true;
        // Even at once means after what is waiting in the mailbox: a burst of joins is one frame.
        ctx.run_later(wait, |server, _| {
            server.presence_due = false;
            server.presence_sent = Some(Instant::now());
            let classic = classic::online(server.presence.people());
            let feed = feed::presence(&server.presence_told());
            let news = Frames {
                bare: classic.clone(),
                classic,
                feed,
            };
            server.fanout.send(&news, Vec::new());
        });
    }

    fn welcome(&self, conn: ConnId) -> Option<Welcome> {
        let member = self.sessions.get(&conn)?;
        let name = member.lang.given_or(&self.settings.room_name, "room.lobby");
        Some(Welcome {
            v: feed::VERSION,
            me: Me {
                person: self.presence.get(&member.id)?.clone(),
                role: member.role,
                may_write: member.may_write,
            },
            connection: conn.to_string(),
            now: clock::now_ms(),
            rooms: vec![RoomHead {
                id: self.room.id(),
                name: name.to_owned(),
                head: self.room.head(),
                epoch: self.room.epoch().to_owned(),
            }],
            limits: self.settings.limits,
        })
    }

    fn say(&mut self, say: Say) -> Result<(), Error> {
        let member = self.sessions.get(&say.conn).ok_or(Error::NotFound)?;
        if say.room != LOBBY {
            return Err(Error::NotFound);
        }
        if !member.may_write {
            return Err(Error::GuestsRead);
        }
        let limit = self.settings.limits.message_chars;
        let content = content::accept(&say.content, limit)?;
        self.pace.count(&member.id, member.prefix)?;
        let mut by = self
            .presence
            .get(&member.id)
            .ok_or(Error::NotFound)?
            .clone();
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
            at: clock::now_ms(),
            kind: KIND_TEXT,
            by,
            address: member.address.clone(),
            content,
            format,
            recalled: false,
        };
        let draft = Draft::Say {
            message: Box::new(message),
            nonce: say.nonce,
            fallback_name,
        };
        self.submit(say.conn, say.nonce, draft)
    }

    fn recall(&mut self, recall: &Recall) -> Result<(), Error> {
        let member = self.sessions.get(&recall.conn).ok_or(Error::NotFound)?;
        if recall.room != LOBBY {
            return Err(Error::NotFound);
        }
        self.pace.count(&member.id, member.prefix)?;
        let at = clock::now_ms();
        let window = i64::try_from(self.settings.limits.recall_window).unwrap_or(i64::MAX);
        let draft = Draft::Recall {
            room: recall.room,
            id: recall.id,
            by: self
                .presence
                .get(&member.id)
                .ok_or(Error::NotFound)?
                .clone(),
            any: member.role >= Role::Admin,
            not_before: at.saturating_sub(window),
            at,
        };
        self.submit(recall.conn, recall.nonce, draft)
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

    /// Applies what the store has committed, and tells everybody and each sender.
    fn commit(&mut self, outcomes: Vec<Outcome>) {
        let mut news = Vec::with_capacity(outcomes.len());
        let mut tells = Vec::with_capacity(outcomes.len());
        for (ticket, result) in outcomes {
            let to = ConnId::from_raw(ticket.connection);
            let acked = match result {
                Ok(Written::Event(event)) => {
                    news.push(self.room.apply(&event));
                    telemetry::event();
                    let (id, at) = event.change.id_and_time();
                    Ok((id, event.seq, at))
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
        self.fanout.send(&Frames::join(news), tells);
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

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(FORGET_EVERY, |server, _| {
            server.pace.forget_idle();
            server.ended.retain(|_, ended| ended.elapsed() < ENDED_FOR);
        });
    }
}
