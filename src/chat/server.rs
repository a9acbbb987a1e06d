//! ChatServer: the one actor that everything passes.
//!
//! Holds the sessions with their people, the room's newest history, and the presence; decides
//! with plain types ([`Room`], [`Presence`], [`Pace`]); hands drafts to the store and, when they
//! are committed, events to the hubs. It runs on a thread of its own, so that a busy room does
//! not starve a worker. Bounds: [`MAILBOX`] waiting messages, the store's queue, the hubs'
//! mailboxes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::SendError;
use actix::{Actor, Addr, AsyncContext, Context, Handler};
use bytes::{Bytes, BytesMut};
use uuid::Uuid;

use super::message::{KIND_TEXT, LOBBY, Message};
use super::messages::{
    AskHistory, AskOnline, Claim, Committed, Connect, Disconnect, EndSession, Hello, HubReady,
    Lobby, LookIn, Recall, Rename, Say, Shutdown, WhoIsHere,
};
use super::pace::Pace;
use super::person::{Kind, Person, Role};
use super::presence::{LISTED, Presence};
use super::room::{Missed, Room};
use crate::error::Error;
use crate::protocol::classic;
use crate::protocol::close::Close;
use crate::protocol::feed::{self, Limits, Me, RoomHead, Welcome};
use crate::store::db::StoreError;
use crate::store::messages::{Draft, Written};
use crate::store::writer::{Outcome, Ticket, Writer};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::text::content::{self, Format};
use crate::text::{clock, name};
use crate::ws::hub::{CloseAll, Deliver, Hub, Tell, Then};
use crate::ws::{ConnId, Dialect};

/// Messages that may wait for ChatServer: a `Connect` for every connection that the largest
/// house admits at once.
const MAILBOX: usize = 16_384;

/// At most one count goes out in this time, however many come and go.
const PRESENCE_EVERY: Duration = Duration::from_millis(250);

/// How often buckets of people who have gone quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// After a restart clients come back within this time, spread evenly.
const COME_BACK: CloseAll = CloseAll {
    after_ms: 500,
    spread_ms: 1_500,
};

/// The settings that ChatServer needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long an author may recall.
    pub recall_window: Duration,
    /// Longest message, in Unicode scalar values.
    pub max_message_chars: usize,
    /// Messages a minute and person, 0 = no limit.
    pub messages_per_minute: u32,
    /// The lobby's name; empty = the localized one.
    pub room_name: String,
}

/// The actor.
#[derive(Debug)]
pub struct ChatServer {
    settings: Settings,
    writer: Writer,
    hubs: HashMap<u16, HubLink>,
    sessions: HashMap<ConnId, Member>,
    presence: Presence,
    presence_sent: Option<Instant>,
    presence_due: bool,
    pace: Pace,
    room: Room,
}

#[derive(Debug)]
struct HubLink {
    addr: Addr<Hub>,
    overrun: Arc<AtomicBool>,
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
            pace: Pace::new(settings.messages_per_minute),
            settings,
            writer,
            hubs: HashMap::new(),
            sessions: HashMap::new(),
            presence: Presence::default(),
            presence_sent: None,
            presence_due: false,
            room,
        }
    }

    /// The one way out: frames for everybody, then for single connections, to every hub that
    /// has something to do with them.
    fn fan_out(&self, classic: &Bytes, feed: &Bytes, tells: Vec<Tell>) {
        let everybody = !(classic.is_empty() && feed.is_empty());
        let mut by_hub: HashMap<u16, Vec<Tell>> = HashMap::new();
        for tell in tells {
            by_hub.entry(tell.to.hub()).or_default().push(tell);
        }
        for (number, hub) in &self.hubs {
            let tells = by_hub.remove(number).unwrap_or_default();
            if !everybody && tells.is_empty() {
                continue;
            }
            let deliver = Deliver {
                classic: classic.clone(),
                feed: feed.clone(),
                tells,
            };
            if let Err(SendError::Full(_)) = hub.addr.try_send(deliver) {
                telemetry::hub_overrun();
                hub.overrun.store(true, Ordering::Release);
            }
        }
    }

    fn tell(&self, to: ConnId, frames: Bytes, then: Then) {
        self.fan_out(
            &Bytes::new(),
            &Bytes::new(),
            vec![Tell { to, frames, then }],
        );
    }

    fn refuse(&self, to: ConnId, error: &Error, nonce: Option<Uuid>) {
        if let Some(tell) = self.refusal(to, error, nonce) {
            self.tell(tell.to, tell.frames, tell.then);
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

    fn presence_view(&self, limit: usize) -> feed::Presence {
        let people = self.presence.people();
        feed::Presence {
            room: self.room.id(),
            people,
            connections: self.presence.connections(),
            who: (limit > LISTED || people <= LISTED).then(|| self.presence.list(limit)),
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
            let feed = feed::presence(&server.presence_view(LISTED));
            server.fan_out(&classic, &feed, Vec::new());
        });
    }

    fn me(&self, member: &Member) -> Option<Me> {
        Some(Me {
            person: self.presence.get(&member.id)?.clone(),
            role: member.role,
            may_write: member.may_write,
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
        let limit = self.settings.max_message_chars;
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
        let window = i64::try_from(self.settings.recall_window.as_millis()).unwrap_or(i64::MAX);
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
        let (mut classic, mut feed) = (BytesMut::new(), BytesMut::new());
        let mut tells = Vec::with_capacity(outcomes.len());
        for (ticket, result) in outcomes {
            let to = ConnId::from_raw(ticket.connection);
            let acked = match result {
                Ok(Written::Event(event)) => {
                    let encoded = self.room.apply(&event);
                    classic.extend_from_slice(&encoded.classic);
                    feed.extend_from_slice(&encoded.feed);
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
        self.fan_out(&classic.freeze(), &feed.freeze(), tells);
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
        ctx.run_interval(FORGET_EVERY, |server, _| server.pace.forget_idle());
    }
}

impl Handler<HubReady> for ChatServer {
    type Result = ();

    fn handle(&mut self, ready: HubReady, _ctx: &mut Self::Context) {
        let link = HubLink {
            addr: ready.hub,
            overrun: ready.overrun,
        };
        self.hubs.insert(ready.number, link);
    }
}

impl Handler<Connect> for ChatServer {
    type Result = ();

    fn handle(&mut self, connect: Connect, ctx: &mut Self::Context) {
        let identity = connect.arrival.identity;
        if connect.arrival.greet {
            let history = self
                .room
                .classic_history(&identity.address, &identity.person.place);
            self.tell(connect.conn, history, Then::Hear(Dialect::Classic));
        }
        let member = Member {
            id: identity.person.id.clone(),
            role: identity.role,
            may_write: identity.may_write,
            named: identity.named,
            lang: identity.lang,
            address: identity.address,
            sid: identity.sid,
            prefix: connect.arrival.prefix,
        };
        self.sessions.insert(connect.conn, member);
        self.presence.join(identity.person);
        self.presence_changed(ctx);
    }
}

impl Handler<Disconnect> for ChatServer {
    type Result = ();

    fn handle(&mut self, gone: Disconnect, ctx: &mut Self::Context) {
        if let Some(member) = self.sessions.remove(&gone.conn) {
            self.presence.leave(&member.id);
            self.presence_changed(ctx);
        }
    }
}

impl Handler<Hello> for ChatServer {
    type Result = ();

    fn handle(&mut self, hello: Hello, _ctx: &mut Self::Context) {
        let Hello { conn, hello } = hello;
        if hello.v != feed::VERSION {
            return self.tell(conn, Bytes::new(), Then::Close(Close::Version));
        }
        let Some(member) = self.sessions.get(&conn) else {
            return;
        };
        let Some(me) = self.me(member) else { return };
        let name = if self.settings.room_name.is_empty() {
            member.lang.get("room.lobby").to_owned()
        } else {
            self.settings.room_name.clone()
        };
        let welcome = feed::welcome(&Welcome {
            v: feed::VERSION,
            me,
            connection: conn.to_string(),
            now: clock::now_ms(),
            rooms: vec![RoomHead {
                id: self.room.id(),
                name,
                head: self.room.head(),
                epoch: self.room.epoch().to_owned(),
            }],
            limits: Limits {
                message_chars: self.settings.max_message_chars,
                recall_window: u64::try_from(self.settings.recall_window.as_millis())
                    .unwrap_or(u64::MAX),
                messages_per_minute: self.settings.messages_per_minute,
            },
        });
        let mut frames = BytesMut::from(&welcome[..]);
        if let Some(position) = hello.resume.get(&self.room.id().to_string()) {
            match self.room.since(position) {
                Missed::Batch(frame) | Missed::Reset(frame) => frames.extend_from_slice(&frame),
            }
        }
        frames.extend_from_slice(&feed::presence(&self.presence_view(LISTED)));
        self.tell(conn, frames.freeze(), Then::Hear(Dialect::Feed));
    }
}

impl Handler<AskOnline> for ChatServer {
    type Result = ();

    fn handle(&mut self, ask: AskOnline, _ctx: &mut Self::Context) {
        self.tell(
            ask.conn,
            classic::online(self.presence.people()),
            Then::Nothing,
        );
    }
}

impl Handler<AskHistory> for ChatServer {
    type Result = ();

    fn handle(&mut self, ask: AskHistory, _ctx: &mut Self::Context) {
        let Some(member) = self.sessions.get(&ask.conn) else {
            return;
        };
        let Some(person) = self.presence.get(&member.id) else {
            return;
        };
        let history = self.room.classic_history(&member.address, &person.place);
        self.tell(ask.conn, history, Then::Nothing);
    }
}

impl Handler<Say> for ChatServer {
    type Result = ();

    fn handle(&mut self, say: Say, _ctx: &mut Self::Context) {
        let (conn, nonce) = (say.conn, say.nonce);
        if let Err(error) = self.say(say) {
            self.refuse(conn, &error, nonce);
        }
    }
}

impl Handler<Recall> for ChatServer {
    type Result = ();

    fn handle(&mut self, recall: Recall, _ctx: &mut Self::Context) {
        if let Err(error) = self.recall(&recall) {
            self.refuse(recall.conn, &error, recall.nonce);
        }
    }
}

impl Handler<Committed> for ChatServer {
    type Result = ();

    fn handle(&mut self, committed: Committed, _ctx: &mut Self::Context) {
        self.commit(committed.0);
    }
}

impl Handler<Rename> for ChatServer {
    type Result = ();

    fn handle(&mut self, rename: Rename, ctx: &mut Self::Context) {
        for member in self
            .sessions
            .values_mut()
            .filter(|member| member.id == rename.id)
        {
            member.named = true;
        }
        if self.presence.rename(&rename.id, &rename.name) {
            self.presence_changed(ctx);
        }
    }
}

impl Handler<EndSession> for ChatServer {
    type Result = ();

    fn handle(&mut self, end: EndSession, _ctx: &mut Self::Context) {
        let tells = self
            .sessions
            .iter()
            .filter(|(_, member)| member.sid.as_ref() == Some(&end.sid))
            .map(|(conn, _)| Tell {
                to: *conn,
                frames: Bytes::new(),
                then: Then::Close(Close::SignedOut),
            })
            .collect();
        self.fan_out(&Bytes::new(), &Bytes::new(), tells);
    }
}

impl Handler<LookIn> for ChatServer {
    type Result = Lobby;

    fn handle(&mut self, _look: LookIn, _ctx: &mut Self::Context) -> Lobby {
        Lobby {
            messages: self.room.page().cloned().collect(),
            head: self.room.head(),
            epoch: self.room.epoch().to_owned(),
            presence: self.presence_view(LISTED),
        }
    }
}

impl Handler<WhoIsHere> for ChatServer {
    type Result = actix::MessageResult<WhoIsHere>;

    fn handle(&mut self, who: WhoIsHere, _ctx: &mut Self::Context) -> Self::Result {
        actix::MessageResult(self.presence_view(who.limit))
    }
}

impl Handler<Shutdown> for ChatServer {
    type Result = ();

    fn handle(&mut self, _shutdown: Shutdown, _ctx: &mut Self::Context) {
        for hub in self.hubs.values() {
            hub.addr.do_send(COME_BACK);
        }
    }
}
