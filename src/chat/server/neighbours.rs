//! Other nodes: telling them who is here and who types here, and hearing the same of them.
//!
//! It goes over the bus, which may lose anything: presence has versions, and who has missed one asks for everything.
//! Where there is no bus, other nodes are numbers that the database knows. Bounded by [`EVERY`], [`EVERYTHING`] and what
//! [`Presence`](crate::chat::presence::Presence) keeps.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use actix::{AsyncContext, Context, Handler};
use uuid::Uuid;

use crate::chat::live_room::LiveRoom;
use crate::chat::mailbox::{TellThrough, Words};
use crate::chat::presence::{Audience, Changes, Neighbour};
use crate::chat::server::ChatServer;
use crate::chat::shedding::Workload;
use crate::chat::swept::Sweeps;
use crate::chat::word::{Ask, Here, Teller, Types, Word};
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::protocol::view::PresenceStatus;
use crate::telemetry;

/// How often the others are told what has changed, with few and with many people here, …
const EVERY: RangeInclusive<Duration> = Duration::from_millis(250)..=Duration::from_secs(1);

/// … from so many connections on, …
const MANY: usize = 1_000;

/// … and when ChatServer is behind.
const WHEN_BUSY: Duration = Duration::from_secs(5);

/// How often they are told that this node lives, and asked again for what was missed.
const BEAT: Duration = Duration::from_secs(1);

/// How often it is looked which nodes are silent.
const LOOK: Duration = Duration::from_millis(500);

/// How long somebody who has missed something waits at most before they ask: another one may ask before.
const ASK: Duration = Duration::from_millis(250);

/// How often everything is told at most, and how long after somebody has asked: others will ask at the same moment.
const EVERYTHING: Duration = Duration::from_secs(1);
const EVERYTHING_AFTER: Duration = Duration::from_millis(100);

/// What is known of the way to other nodes.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// The way to them, where there is one.
    teller: Option<Teller>,
    /// What they have changed, where there may be some.
    pub(super) sweeps: Option<Sweeps>,
    /// This node goes down, and has told its last.
    is_quiet: bool,
    timed: bool,
    told: Option<Instant>,
    /// Whether everything will be told soon, and when it last was.
    told_all_soon: bool,
    told_all: Option<Instant>,
    asks: bool,
}

impl Neighbours {
    fn tell(&self, words: Vec<Word>) {
        if let Some(teller) = self.teller.as_ref().filter(|_| !self.is_quiet) {
            teller.tell(words);
        }
    }

    fn tell_here(&self, parts: Vec<Here>) {
        if !parts.is_empty() {
            self.tell(parts.into_iter().map(Word::Here).collect());
        }
    }
}

impl ChatServer {
    /// Starts looking which nodes are silent.
    pub(super) fn watch_neighbours(&self, ctx: &mut Context<Self>) {
        if self.settings.clustered {
            ctx.run_interval(LOOK, |server, ctx| {
                let changes = server.presence.look(Instant::now());
                server.have_changed(changes, ctx);
            });
            ctx.run_interval(BEAT, |server, _| {
                server.tell_beat(false);
                server.ask_for_missing();
            });
        }
    }

    /// Tells the others soon what has changed here.
    pub(super) fn tell_soon(&mut self, ctx: &mut Context<Self>) {
        if !self.presence.is_due() || std::mem::replace(&mut self.neighbours.timed, true) {
            return;
        }
        let every = if !self.shedding.admits(Workload::Presence) {
            WHEN_BUSY
        } else if self.presence.own_connections() < MANY {
            *EVERY.start()
        } else {
            *EVERY.end()
        };
        let since = self.neighbours.told.map(|told| told.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| every.saturating_sub(since));
        ctx.run_later(wait, |server, ctx| {
            server.neighbours.timed = false;
            server.neighbours.told = Some(Instant::now());
            let live_rooms = &server.live_rooms;
            let round = server
                .presence
                .round(|room| live_rooms.get(&room).map_or(NOBODY, audience));
            server.neighbours.tell_here(round);
            server.tell_soon(ctx);
        });
    }

    /// Tells the others soon who has a room open here. In the lobby everybody is.
    pub(super) fn tell_audience(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        if room != LOBBY {
            self.presence.tell_room(room);
            self.tell_soon(ctx);
        }
    }

    /// Tells the others that this node lives, or that it goes down and will say nothing more.
    pub(super) fn tell_beat(&mut self, draining: bool) {
        let beat = self.presence.beat(draining);
        self.neighbours.tell_here(beat.into_iter().collect());
        self.neighbours.is_quiet |= draining;
    }

    fn tell_everything_soon(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.neighbours.told_all_soon, true) {
            return;
        }
        let since = self.neighbours.told_all.map(|told| told.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| EVERYTHING.saturating_sub(since));
        ctx.run_later(wait.max(EVERYTHING_AFTER), |server, _| {
            server.neighbours.told_all_soon = false;
            server.neighbours.told_all = Some(Instant::now());
            telemetry::cluster::presence_told();
            let rooms = server.live_rooms.iter();
            let heard = rooms.filter(|(id, live_room)| **id != LOBBY && live_room.ids_in > 0);
            let heard = heard.map(|(id, live_room)| (*id, audience(live_room)));
            let everything = server.presence.everything(heard);
            server.neighbours.tell_here(everything);
        });
    }

    /// Asks the nodes of which something was missed.
    fn ask_for_missing(&mut self) {
        self.neighbours.asks = false;
        let wanting = self.presence.wanting();
        if !wanting.is_empty() {
            let asks = wanting
                .into_iter()
                .map(|of| Word::Ask(Ask { of: Some(of) }));
            self.tell_words(asks.collect());
        }
    }

    /// Whether there is a way to other nodes.
    pub(super) fn tells_others(&self) -> bool {
        self.neighbours.teller.is_some()
    }

    /// Tells the others something.
    pub(super) fn tell_words(&self, words: Vec<Word>) {
        if !words.is_empty() {
            self.neighbours.tell(words);
        }
    }

    /// Tells the others that somebody types here.
    pub(super) fn tell_typing(&self, room: RoomId, id: PersonId) {
        self.tell_words(vec![Word::Types(Types { room, id })]);
    }

    fn hear_word(&mut self, boot: Uuid, word: Word, ctx: &mut Context<Self>) {
        match word {
            Word::Here(here) => {
                let changes = self.presence.hear(boot, here, Instant::now());
                self.have_changed(changes, ctx);
                if self.presence.wants(boot) && !std::mem::replace(&mut self.neighbours.asks, true)
                {
                    let wait = ASK.mul_f64(rand::random_range(0.0..=1.0));
                    ctx.run_later(wait, |server, _| server.ask_for_missing());
                }
            }
            Word::Ask(Ask { of }) => {
                if of.is_none_or(|of| of == self.settings.boot) {
                    self.tell_everything_soon(ctx);
                }
            }
            Word::Types(Types { room, id }) => self.types_elsewhere(room, id, ctx),
            Word::Marks(marks) => {
                for mark in marks {
                    self.hear_mark(&mark, ctx);
                }
            }
        }
    }

    /// Somebody types at another node, which has asked whether they may.
    fn types_elsewhere(&mut self, room: RoomId, id: PersonId, ctx: &mut Context<Self>) {
        let role = self.registry.get(room).and_then(|record| record.role(id));
        let is_out = matches!(role, Some(RoomRole::Banned | RoomRole::Muted));
        let Some(who) = self.presence.get(id).filter(|_| !is_out) else {
            return;
        };
        let who = PersonRef::from(who.as_ref());
        if self.shedding.admits(Workload::Typing)
            && let Some(live_room) = self.live_rooms.get_mut(&room)
        {
            live_room.typing.add(who, Instant::now());
            self.schedule_typing(room, ctx);
        }
    }

    /// The other nodes that live, as the database says.
    pub(super) fn know_nodes(&mut self, living: Vec<Neighbour>, ctx: &mut Context<Self>) {
        let changes = self.presence.know(living, Instant::now());
        self.have_changed(changes, ctx);
    }

    /// People have come or gone at other nodes: those who see them are told, as of people who are here.
    fn have_changed(&mut self, changes: Changes, ctx: &mut Context<Self>) {
        for id in changes.people {
            self.forget_absent(id);
            self.person_changed(id, ctx);
        }
        for room in changes.rooms {
            self.schedule_presence(room, ctx);
        }
        if changes.numbers {
            self.schedule_presence(LOBBY, ctx);
        }
        if changes.stale {
            let rooms: Vec<RoomId> = self.live_rooms.keys().copied().collect();
            for room in rooms {
                self.schedule_presence(room, ctx);
            }
        }
    }

    /// Of a visitor who is nowhere any more nothing is kept.
    pub(super) fn forget_absent(&mut self, id: PersonId) {
        if id.is_visitor() && self.presence.here(id) == PresenceStatus::Off {
            self.registry.remove_visitor(id);
        }
    }
}

const NOBODY: Audience = Audience {
    heard: 0,
    lookers: Vec::new(),
};

fn audience(live_room: &LiveRoom) -> Audience {
    Audience {
        heard: live_room.heard(),
        lookers: live_room.non_members.keys().copied().collect(),
    }
}

impl Handler<TellThrough> for ChatServer {
    type Result = ();

    fn handle(&mut self, through: TellThrough, ctx: &mut Context<Self>) {
        self.neighbours.teller = Some(through.0);
        self.presence.tell();
        self.tell_beat(false);
        self.neighbours.tell(vec![Word::Ask(Ask { of: None })]);
        self.tell_soon(ctx);
    }
}

impl Handler<Words> for ChatServer {
    type Result = ();

    fn handle(&mut self, heard: Words, ctx: &mut Context<Self>) {
        for (boot, word) in heard.words {
            self.hear_word(boot, word, ctx);
        }
        heard.then.call();
    }
}
