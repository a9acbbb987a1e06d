//! ChatServer: the one actor that everything passes.
//!
//! Holds the sessions with their people, the room's newest history, and the presence; decides
//! with plain types ([`Room`], [`Presence`], [`Pace`]); hands drafts to the store and, when they
//! are committed, events to the hubs. It runs on a thread of its own, so that a busy room does
//! not starve a worker. Bounds: [`MAILBOX`] waiting messages, the store's queue, the hubs'
//! mailboxes.

mod handlers;
mod talk;

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context};
use bytes::Bytes;
use uuid::Uuid;

use super::fanout::Fanout;
use super::load::{self, Load, Work};
use super::pace::Pace;
use super::person::{Person, Role};
use super::presence::{LISTED, Presence};
use super::room::Room;
use crate::error::Error;
use crate::protocol::classic;
use crate::protocol::close::Close;
use crate::protocol::feed::{self, Limits, Me, RoomHead, Welcome};
use crate::store::writer::Writer;
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::ws::hub::{CloseAll, Tell, Then};
use crate::ws::{ConnId, Frames};

/// Messages that may wait for ChatServer: a `Connect` for every connection that the largest
/// house admits at once.
const MAILBOX: usize = 32_768;

/// At most one count goes out in this time for each connection, however many come and go …
const PRESENCE_EACH: Duration = Duration::from_micros(111);

/// … but no more often than this in a small room, and no less often in a large one. So a burst of
/// joins costs frames in proportion to the joins, not to their square: at 9,000 it is a second.
const PRESENCE_EVERY: RangeInclusive<Duration> =
    Duration::from_millis(250)..=Duration::from_secs(1);

/// The same when ChatServer is behind.
const PRESENCE_WHEN_BUSY: Duration = Duration::from_secs(5);

/// How long after a change everybody is told where the room is, so that who lost something on the
/// way notices; half of the 10 s in which a silent loss must be repaired.
const HEAD_AFTER: Duration = Duration::from_secs(5);

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
    load: Load,
    writer: Writer,
    fanout: Fanout,
    sessions: HashMap<ConnId, Member>,
    /// Marks of cookie sessions that ended lately: an upgrade may have read its cookie before.
    ended: HashMap<String, Instant>,
    presence: Presence,
    presence_sent: Option<Instant>,
    presence_due: bool,
    head_due: bool,
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
    pub fn new(settings: Settings, load: Load, writer: Writer, room: Room) -> Self {
        Self {
            pace: Pace::new(settings.limits.messages_per_minute),
            settings,
            load,
            writer,
            fanout: Fanout::default(),
            sessions: HashMap::new(),
            ended: HashMap::new(),
            presence: Presence::default(),
            presence_sent: None,
            presence_due: false,
            head_due: false,
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
        let every = if self.load.admits(Work::Presence) {
            let connections = u32::try_from(self.presence.connections()).unwrap_or(u32::MAX);
            let fair = PRESENCE_EACH.saturating_mul(connections);
            fair.clamp(*PRESENCE_EVERY.start(), *PRESENCE_EVERY.end())
        } else {
            PRESENCE_WHEN_BUSY
        };
        let wait = since.map_or(Duration::ZERO, |since| every.saturating_sub(since));
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

    /// Tells everybody soon where the room is, so that a last event that was lost is noticed too.
    fn head_changed(&mut self, ctx: &mut Context<Self>) {
        if self.head_due {
            return;
        }
        self.head_due = true;
        ctx.run_later(HEAD_AFTER, |server, _| {
            server.head_due = false;
            let room = &server.room;
            let feed = feed::head(room.id(), room.epoch(), room.head());
            let news = Frames {
                feed,
                ..Frames::default()
            };
            server.fanout.send(&news, Vec::new());
        });
    }

    /// Ends connections. They are out at once, not when they agree: whoever keeps his socket open
    /// is not heard.
    fn sign_out(&mut self, ctx: &mut Context<Self>, whose: impl Fn(&Member) -> bool) {
        let ended: Vec<_> = self
            .sessions
            .extract_if(|_, member| whose(member))
            .collect();
        if ended.is_empty() {
            return;
        }
        let mut tells = Vec::with_capacity(ended.len());
        for (to, member) in ended {
            self.presence.leave(&member.id);
            tells.push(Tell {
                to,
                frames: Bytes::new(),
                then: Then::Close(Close::SignedOut),
            });
        }
        self.fanout.send(&Frames::default(), tells);
        self.presence_changed(ctx);
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
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.load.tick();
        ctx.run_interval(load::TICK, |server, _| server.load.tick());
        ctx.run_interval(FORGET_EVERY, |server, _| {
            server.pace.forget_idle();
            server.ended.retain(|_, ended| ended.elapsed() < ENDED_FOR);
        });
    }
}
