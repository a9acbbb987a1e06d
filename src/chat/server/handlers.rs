//! ChatServer's handlers, one for each message: thin, they call what `server.rs` and the plain
//! types decide.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use actix::Handler;
use bytes::{Bytes, BytesMut};

use super::{ChatServer, Connection};
use crate::chat::mailbox::{
    AskHistory, AskOnline, ChangeMessage, CloseConnections, Committed, Connect, Disconnect,
    DisconnectPerson, EndSession, Hello, HubReady, Idle, MarkRead, OpenRoom, OpenSessions, Ping,
    SendMessage, SetProfile, SetServerRoles, StoreReadMarkers, Typing,
};
use crate::chat::shedding::Workload;
use crate::delivery::{AfterSend, Dialect};
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::{NOBODY, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::protocol::close::Close;
use crate::protocol::{classic, feed, request};
use crate::shrink;

impl Handler<HubReady> for ChatServer {
    type Result = ();

    fn handle(&mut self, HubReady(hub): HubReady, _ctx: &mut Self::Context) {
        self.fanout.add(hub);
    }
}

impl Handler<Connect> for ChatServer {
    type Result = ();

    fn handle(&mut self, connect: Connect, ctx: &mut Self::Context) {
        let Connect { conn, arrival } = connect;
        let ended = |sid: &String| self.ended_sessions.contains_key(sid);
        if arrival.sid.as_ref().is_some_and(ended) {
            let out = AfterSend::Close(Close::SignedOut);
            return self.fanout.unicast(conn, Bytes::new(), out);
        }
        let person = Arc::clone(&arrival.principal.person);
        let mut open = None;
        if arrival.greet
            && let Some(lobby) = self.live_rooms.get_mut(&LOBBY)
        {
            let history = lobby.room.classic_history(&arrival.address, &person.place);
            let record = self.registry.get(LOBBY);
            let banned = record.and_then(|record| record.role(person.id)) == Some(RoomRole::Banned);
            let history = if banned || !arrival.principal.reaches(LOBBY) {
                Bytes::new()
            } else {
                lobby.enter(&arrival.principal.person, false);
                open = Some(LOBBY);
                history
            };
            let hear = AfterSend::Subscribe(Dialect::Classic, open);
            self.fanout.unicast(conn, history, hear);
        }
        let connection = Connection {
            principal: arrival.principal,
            named: arrival.named,
            address: arrival.address,
            sid: arrival.sid,
            prefix: arrival.prefix,
            feed: false,
            open,
            opening: None,
            idle: false,
        };
        self.connections.insert(conn, connection);
        let id = person.id;
        if self.presence.join(person, conn) {
            self.person_changed(id, ctx);
        } else {
            self.schedule_presence(LOBBY, ctx);
        }
        self.tell_soon(ctx);
        if self.presence.connections_of(id).len() == 1 {
            self.read_marks(id, ctx);
        }
    }
}

impl Handler<Disconnect> for ChatServer {
    type Result = ();

    fn handle(&mut self, gone: Disconnect, ctx: &mut Self::Context) {
        if let Some(connection) = self.connections.remove(&gone.conn) {
            shrink::give_back(&mut self.connections);
            self.remove_connection(gone.conn, &connection, ctx);
        }
    }
}

impl Handler<Hello> for ChatServer {
    type Result = ();

    fn handle(&mut self, hello: Hello, ctx: &mut Self::Context) {
        let Hello { conn, hello } = hello;
        if hello.v != feed::VERSION {
            return self
                .fanout
                .unicast(conn, Bytes::new(), AfterSend::Close(Close::Version));
        }
        let Some(connection) = self.connections.get_mut(&conn) else {
            return;
        };
        connection.feed = true;
        let Some(welcome) = self.welcome(conn) else {
            return;
        };
        let room = hello.open.unwrap_or(LOBBY);
        let position = hello.resume.get(&room.to_string());
        let mut frames = BytesMut::from(&feed::welcome(&welcome)[..]);
        // Most come to a room that is in memory: one write.
        let known = self.live_rooms.contains_key(&room)
            && self.may_read(conn, room).is_ok()
            && !position.is_some_and(|position| self.is_ahead(room, position));
        if known && let Some(arrival) = self.arrival(conn, room, position, ctx) {
            frames.extend_from_slice(&arrival);
            let after = AfterSend::Subscribe(Dialect::Feed, Some(room));
            return self.fanout.unicast(conn, frames.freeze(), after);
        }
        self.fanout.unicast(
            conn,
            frames.freeze(),
            AfterSend::Subscribe(Dialect::Feed, None),
        );
        // Until the room has been read, events go on past the head that the welcome names.
        let position = position.cloned().or_else(|| self.head_of(room));
        self.open(conn, room, position, ctx);
    }
}

impl Handler<AskOnline> for ChatServer {
    type Result = ();

    fn handle(&mut self, ask: AskOnline, _ctx: &mut Self::Context) {
        let connection = self.connections.get(&ask.conn);
        if connection.is_none_or(|connection| !connection.principal.reaches(LOBBY)) {
            return;
        }
        self.fanout.unicast(
            ask.conn,
            classic::online(self.presence.people()),
            AfterSend::Nothing,
        );
    }
}

impl Handler<AskHistory> for ChatServer {
    type Result = ();

    fn handle(&mut self, ask: AskHistory, _ctx: &mut Self::Context) {
        let Some(connection) = self.connections.get(&ask.conn) else {
            return;
        };
        let Some(person) = self.presence.get(connection.principal.id()) else {
            return;
        };
        if let Some(lobby) = self.live_rooms.get_mut(&LOBBY)
            && connection.open == Some(LOBBY)
        {
            let history = lobby
                .room
                .classic_history(&connection.address, &person.place);
            self.fanout.unicast(ask.conn, history, AfterSend::Nothing);
        }
    }
}

impl Handler<SendMessage> for ChatServer {
    type Result = ();

    fn handle(&mut self, SendMessage { conn, message }: SendMessage, ctx: &mut Self::Context) {
        let nonce = message.nonce;
        if let Err(error) = self.send_message(conn, message) {
            self.refuse_unless_written(conn, error, nonce, ctx);
        }
    }
}

impl Handler<ChangeMessage> for ChatServer {
    type Result = ();

    fn handle(&mut self, ChangeMessage { conn, change }: ChangeMessage, ctx: &mut Self::Context) {
        let nonce = change.nonce;
        if let Err(error) = self.change_message(conn, change) {
            self.refuse_unless_written(conn, error, nonce, ctx);
        }
    }
}

impl Handler<Committed> for ChatServer {
    type Result = ();

    fn handle(&mut self, committed: Committed, ctx: &mut Self::Context) {
        self.commit(committed.0, ctx);
    }
}

impl Handler<SetProfile> for ChatServer {
    type Result = ();

    fn handle(&mut self, profile: SetProfile, ctx: &mut Self::Context) {
        for connection in self
            .connections
            .values_mut()
            .filter(|connection| connection.principal.id() == profile.id)
        {
            connection.take_profile(&profile.name, &profile.avatar);
        }
        self.registry
            .set_profile(profile.id, &profile.name, &profile.avatar);
        if self
            .presence
            .set_profile(profile.id, &profile.name, &profile.avatar)
        {
            self.person_changed(profile.id, ctx);
            self.tell_soon(ctx);
        }
    }
}

impl Handler<Ping> for ChatServer {
    type Result = ();

    fn handle(&mut self, _ask: Ping, _ctx: &mut Self::Context) {}
}

impl Handler<StoreReadMarkers> for ChatServer {
    type Result = ();

    fn handle(&mut self, _store: StoreReadMarkers, _ctx: &mut Self::Context) {
        self.store_read_markers();
    }
}

impl Handler<OpenSessions> for ChatServer {
    type Result = Vec<String>;

    fn handle(&mut self, wanted: OpenSessions, _ctx: &mut Self::Context) -> Vec<String> {
        let is_wanted = |id: PersonId| wanted.of.is_none_or(|of| of == id);
        let connections = self.connections.values();
        let theirs = connections.filter(|connection| is_wanted(connection.principal.id()));
        let sids = theirs.filter_map(|connection| connection.sid.clone());
        sids.collect::<HashSet<_>>().into_iter().collect()
    }
}

impl Handler<EndSession> for ChatServer {
    type Result = ();

    fn handle(&mut self, end: EndSession, ctx: &mut Self::Context) {
        self.disconnect_all(Close::SignedOut, ctx, |connection| {
            connection.sid.as_ref() == Some(&end.sid)
        });
        self.ended_sessions.insert(end.sid, Instant::now());
    }
}

impl Handler<CloseConnections> for ChatServer {
    type Result = ();

    fn handle(&mut self, close: CloseConnections, ctx: &mut Self::Context) {
        let whose = |connection: &Connection| connection.principal.id() == close.of;
        self.disconnect_all(Close::Restart, ctx, whose);
    }
}

impl Handler<SetServerRoles> for ChatServer {
    type Result = ();

    fn handle(&mut self, in_charge: SetServerRoles, _ctx: &mut Self::Context) {
        let mut changed = Vec::new();
        for (conn, connection) in &mut self.connections {
            let role = in_charge
                .0
                .get(&connection.principal.id())
                .copied()
                .unwrap_or_default();
            if std::mem::replace(&mut connection.principal.role, role) != role {
                changed.push(*conn);
            }
        }
        self.send_views(&changed);
    }
}

impl Handler<DisconnectPerson> for ChatServer {
    type Result = ();

    fn handle(&mut self, forget: DisconnectPerson, ctx: &mut Self::Context) {
        self.disconnect_all(Close::SignedOut, ctx, |connection| {
            connection.principal.id() == forget.id
        });
        let now = Instant::now();
        self.ended_sessions
            .extend(forget.sids.into_iter().map(|sid| (sid, now)));
        self.registry.anonymise(forget.id);
        self.presence.set_profile(forget.id, "", NOBODY);
        self.count_nameless(forget.id);
        for live_room in self.live_rooms.values_mut() {
            live_room.room.anonymise(forget.id);
        }
    }
}

impl Handler<OpenRoom> for ChatServer {
    type Result = ();

    fn handle(&mut self, open: OpenRoom, ctx: &mut Self::Context) {
        let request::Open { room, resume } = open.open;
        let position = resume.or_else(|| self.fresh_position(room));
        self.open(open.conn, room, position, ctx);
    }
}

impl Handler<Typing> for ChatServer {
    type Result = ();

    fn handle(&mut self, typing: Typing, ctx: &mut Self::Context) {
        let Some(connection) = self.connections.get(&typing.conn) else {
            return;
        };
        let hears = connection.open == Some(typing.room);
        if !hears
            || self
                .permitted(connection, typing.room, Action::Send)
                .is_err()
        {
            return;
        }
        let Ok(person) = self.person(connection) else {
            return;
        };
        if self.shedding.admits(Workload::Typing)
            && let Some(live_room) = self.live_rooms.get_mut(&typing.room)
        {
            let who = PersonRef::from(person.as_ref());
            let is_news = live_room.typing.add(who, Instant::now());
            self.schedule_typing(typing.room, ctx);
            if is_news {
                self.tell_typing(typing.room, person.id);
            }
        }
    }
}

impl Handler<MarkRead> for ChatServer {
    type Result = ();

    fn handle(&mut self, read: MarkRead, ctx: &mut Self::Context) {
        let MarkRead { conn, read } = read;
        if let Some(connection) = self.connections.get(&conn)
            && self
                .permitted(connection, read.room, Action::MarkRead)
                .is_ok()
        {
            self.read(connection.principal.id(), &read, ctx);
        }
    }
}

impl Handler<Idle> for ChatServer {
    type Result = ();

    fn handle(&mut self, idle: Idle, ctx: &mut Self::Context) {
        let Some(connection) = self.connections.get_mut(&idle.conn) else {
            return;
        };
        if std::mem::replace(&mut connection.idle, idle.idle) == idle.idle {
            return;
        }
        let id = connection.principal.id();
        if self.presence.idle(id, idle.idle) {
            self.person_changed(id, ctx);
        }
        self.tell_soon(ctx);
    }
}
