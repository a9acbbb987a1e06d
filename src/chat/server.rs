//! ChatServer: the one actor that every message and every change of a room passes.
//!
//! Holds the connections and who is behind each, what every room is and who is in it ([`RoomRegistry`]), what
//! is in the live rooms ([`LiveRoom`]), and who is present ([`Presence`]); decides with
//! plain types; hands commands to the store and, when they are committed, events to the hubs. It runs
//! on a thread of its own, so that a busy room does not starve a worker. Bounds: [`MAILBOX`] waiting
//! messages, the store's queue, the hubs' mailboxes, [`subscriptions::IDLE_ROOMS`].

mod apply;
mod catch_up;
mod commands;
mod commit;
mod deletion;
mod ephemeral;
mod expiry;
mod goodbye;
mod handlers;
mod heard;
mod neighbours;
mod pending_requests;
mod polls;
mod read_markers;
mod second_look;
mod subscriptions;
mod sweeps;
mod unread;
mod views;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context};
use bytes::Bytes;
use uuid::Uuid;

use super::fanout::Fanout;
use super::presence::{Headcount, Presence};
use crate::chat::live_room::LiveRoom;
use crate::chat::rate_limit::MessageRates;
use crate::chat::requests::Acked;
use crate::chat::resequencer::Resequencer;
use crate::chat::room_history::RoomHistory;
use crate::chat::server::apply::Committed;
use crate::chat::server::catch_up::CatchUp;
use crate::chat::server::neighbours::Neighbours;
use crate::chat::server::pending_requests::PendingRequests;
use crate::chat::server::polls::Polls;
use crate::chat::server::read_markers::ReadMarkers;
use crate::chat::server::subscriptions::Loading;
use crate::chat::server::unread::UnreadCounters;
use crate::chat::shedding::{self, Shedding};
use crate::config::Uploaders;
use crate::delivery::{AfterSend, ConnId, Unicast};
use crate::error::Error;
use crate::model::message::LOBBY;
use crate::model::person::Person;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRegistry;
use crate::protocol::close::Close;
use crate::protocol::feed::{self, Limits};
use crate::store::Store;
use crate::store::backend::RequestId;
use crate::telemetry;

/// Messages that may wait for ChatServer: a `Connect` for every connection that the largest
/// server admits at once.
const MAILBOX: usize = 32_768;

/// How often the rate limits of people who have gone quiet are forgotten, and live rooms that nobody has open.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// How long the end of a cookie session is remembered: longer than any request takes.
const ENDED_FOR: Duration = Duration::from_secs(60);

/// The settings that ChatServer needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may send files.
    pub uploaders: Uploaders,
    /// Who may send voices.
    pub speakers: Uploaders,
    /// The limits that clients are sent.
    pub limits: Limits,
    /// Messages of one bot in a minute; 0 = no limit.
    pub bot_messages_per_minute: u32,
    /// The lobby's name; empty = the localized one.
    pub lobby: String,
    /// The lobby's topic; empty = the localized one.
    pub welcome: String,
    /// Whether the members of small rooms see how far the others have read.
    pub seen_by: bool,
    /// Whether other nodes write into the same database: what is not known here may be known there.
    pub clustered: bool,
    /// What other nodes know this one by.
    pub boot: Uuid,
    /// Where it is written how many people are at this node.
    pub headcount: Headcount,
}

/// The actor that owns all rooms; see the [module](self).
#[derive(Debug)]
pub struct ChatServer {
    settings: Settings,
    shedding: Shedding,
    store: Store,
    fanout: Fanout,
    connections: HashMap<ConnId, Connection>,
    /// Cookie sessions that ended lately, and when: an upgrade under way may have read its cookie before.
    ended_sessions: HashMap<String, Instant>,
    presence: Presence,
    neighbours: Neighbours,
    message_rates: MessageRates,
    bot_rates: MessageRates,
    registry: RoomRegistry,
    /// Every committed event passes it, so that those of each room are applied in their order.
    resequencer: Resequencer<Committed, (RequestId, Acked)>,
    catch_up: CatchUp,
    live_rooms: HashMap<RoomId, LiveRoom>,
    /// Rooms that are being read from the store, with who waits for them.
    loading: HashMap<RoomId, Loading>,
    unread: UnreadCounters,
    read_markers: ReadMarkers,
    /// Pages and API calls that wait for the outcome of a command.
    pending_requests: PendingRequests,
    /// Programs that wait for events by a call.
    polls: Polls,
}

/// One connection and who is behind it.
#[derive(Debug)]
struct Connection {
    principal: Principal,
    /// Whether their name is their own, by account or choice, so that no claim replaces it.
    named: bool,
    address: String,
    sid: Option<String>,
    prefix: IpAddr,
    /// Whether it is a feed connection.
    feed: bool,
    /// The room that it has open.
    open: Option<RoomId>,
    /// The room that it will have open once that has been read from the store.
    opening: Option<RoomId>,
    /// Whether it has been left alone for minutes.
    idle: bool,
}

impl Connection {
    /// Its person has a name of their own now.
    fn take_profile(&mut self, name: &str, avatar: &str) {
        self.named = true;
        // Of people presence knows it.
        if self.principal.person.bot {
            self.principal.person = Arc::new(Person {
                name: name.to_owned(),
                avatar: avatar.to_owned(),
                ..Person::clone(&self.principal.person)
            });
        }
    }
}

impl ChatServer {
    /// A server of the rooms in `registry`, of which the lobby is live from the beginning.
    #[must_use]
    pub fn new(
        settings: Settings,
        shedding: Shedding,
        store: Store,
        registry: RoomRegistry,
        lobby: RoomHistory,
    ) -> Self {
        Self {
            message_rates: MessageRates::new(settings.limits.messages_per_minute),
            bot_rates: MessageRates::new(settings.bot_messages_per_minute),
            presence: Presence::new(settings.headcount.clone()),
            settings,
            shedding,
            store,
            fanout: Fanout::default(),
            connections: HashMap::new(),
            ended_sessions: HashMap::new(),
            neighbours: Neighbours::default(),
            registry,
            resequencer: Resequencer::default(),
            catch_up: CatchUp::default(),
            live_rooms: HashMap::from([(LOBBY, LiveRoom::new(lobby))]),
            loading: HashMap::new(),
            unread: UnreadCounters::default(),
            read_markers: ReadMarkers::default(),
            pending_requests: PendingRequests::default(),
            polls: Polls::default(),
        }
    }

    fn refuse(&self, to: ConnId, error: &Error, nonce: Option<Uuid>) {
        if let Some(unicast) = self.refusal(to, error, nonce) {
            self.fanout
                .unicast(unicast.to, unicast.frames, unicast.after);
        }
    }

    /// The room that a connection asked for cannot be read now.
    fn not_opened(&self, to: ConnId, room: RoomId, error: &Error) {
        telemetry::refused(error.code());
        if let Some(connection) = self.connections.get(&to) {
            let frames = feed::not_opened(error, connection.principal.lang, room);
            self.fanout.unicast(to, frames, AfterSend::Nothing);
        }
    }

    fn refusal(&self, to: ConnId, error: &Error, nonce: Option<Uuid>) -> Option<Unicast> {
        telemetry::refused(error.code());
        let connection = self.connections.get(&to)?;
        Some(Unicast {
            to,
            frames: feed::error(error, connection.principal.lang, nonce),
            after: AfterSend::Nothing,
        })
    }

    /// The person behind a connection, with their current profile. A bot is nobody's presence: its connections have its profile.
    fn person(&self, connection: &Connection) -> Result<Arc<Person>, Error> {
        let known = &connection.principal.person;
        if known.bot {
            return Ok(Arc::clone(known));
        }
        self.presence.get(known.id).cloned().ok_or(Error::NotFound)
    }

    /// The person behind a connection, with their current profile.
    fn principal(&self, connection: &Connection) -> Result<Principal, Error> {
        Ok(Principal {
            person: self.person(connection)?,
            ..connection.principal.clone()
        })
    }

    /// Ends connections. They are out at once, not when they agree: a client that keeps its socket
    /// open is not heard.
    fn disconnect_all(
        &mut self,
        close: Close,
        ctx: &mut Context<Self>,
        whose: impl Fn(&Connection) -> bool,
    ) {
        let ended_sessions: Vec<_> = self
            .connections
            .extract_if(|_, connection| whose(connection))
            .collect();
        if ended_sessions.is_empty() {
            return;
        }
        let mut unicasts = Vec::with_capacity(ended_sessions.len());
        for (to, connection) in ended_sessions {
            self.remove_connection(to, &connection, ctx);
            unicasts.push(Unicast {
                to,
                frames: Bytes::new(),
                after: AfterSend::Close(close),
            });
        }
        self.fanout.send(&[], unicasts);
    }

    /// Takes a connection that has gone, or must go, out of everything.
    fn remove_connection(
        &mut self,
        conn: ConnId,
        connection: &Connection,
        ctx: &mut Context<Self>,
    ) {
        self.leave_live_room(connection, ctx);
        let id = connection.principal.id();
        if self.presence.leave(id, conn, connection.idle) {
            self.forget_absent(id);
            self.person_changed(id, ctx);
        } else {
            self.schedule_presence(LOBBY, ctx);
        }
        self.tell_soon(ctx);
        if self.settings.clustered && self.presence.connections_of(id).is_empty() {
            // At the next node that they come to it is read.
            self.store_read_markers();
        }
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.shedding.tick();
        ctx.run_interval(shedding::TICK, |server, _| server.shedding.tick());
        self.watch_neighbours(ctx);
        ctx.run_interval(FORGET_EVERY, |server, _| {
            server.message_rates.forget_idle();
            server.bot_rates.forget_idle();
            server
                .ended_sessions
                .retain(|_, ended_sessions| ended_sessions.elapsed() < ENDED_FOR);
            server.unload_quiet_rooms();
            server.forget_marks();
            server.polls.forget_gone();
        });
    }
}
