//! ChatServer's handlers, one for each message: thin, they call what `server.rs` and the plain
//! types decide.

use std::collections::HashSet;
use std::time::Instant;

use actix::Handler;
use bytes::{Bytes, BytesMut};

use super::{COME_BACK, ChatServer, Member};
use crate::chat::messages::{
    Amend, AskHistory, AskOnline, Committed, Connect, Disconnect, EndSession, Forget, Hello,
    HubReady, Lobby, LookIn, OpenSessions, OpenSessionsOf, Rename, Say, Shutdown, WhoIsHere,
};
use crate::chat::room::Missed;
use crate::protocol::close::Close;
use crate::protocol::{classic, feed};
use crate::spare;
use crate::ws::Dialect;
use crate::ws::hub::Then;

impl Handler<HubReady> for ChatServer {
    type Result = ();

    fn handle(&mut self, ready: HubReady, _ctx: &mut Self::Context) {
        self.fanout.add(ready);
    }
}

impl Handler<Connect> for ChatServer {
    type Result = ();

    fn handle(&mut self, connect: Connect, ctx: &mut Self::Context) {
        let identity = connect.arrival.identity;
        let ended = |sid: &String| self.ended.contains_key(sid);
        if identity.sid.as_ref().is_some_and(ended) {
            let out = Then::Close(Close::SignedOut);
            return self.fanout.tell(connect.conn, Bytes::new(), out);
        }
        if connect.arrival.greet {
            let history = self
                .room
                .classic_history(&identity.address, &identity.person.place);
            self.fanout
                .tell(connect.conn, history, Then::Hear(Dialect::Classic));
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
            spare::give_back(&mut self.sessions);
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
            return self
                .fanout
                .tell(conn, Bytes::new(), Then::Close(Close::Version));
        }
        let Some(welcome) = self.welcome(conn) else {
            return;
        };
        let mut frames = BytesMut::from(&feed::welcome(&welcome)[..]);
        if let Some(position) = hello.resume.get(&self.room.id().to_string()) {
            match self.room.since(position) {
                Missed::Batch(frame) | Missed::Reset(frame) => frames.extend_from_slice(&frame),
            }
        }
        frames.extend_from_slice(&feed::presence(&self.presence_told()));
        self.fanout
            .tell(conn, frames.freeze(), Then::Hear(Dialect::Feed));
    }
}

impl Handler<AskOnline> for ChatServer {
    type Result = ();

    fn handle(&mut self, ask: AskOnline, _ctx: &mut Self::Context) {
        self.fanout.tell(
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
        self.fanout.tell(ask.conn, history, Then::Nothing);
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

impl Handler<Amend> for ChatServer {
    type Result = ();

    fn handle(&mut self, amend: Amend, _ctx: &mut Self::Context) {
        let (conn, nonce) = (amend.conn, amend.nonce);
        if let Err(error) = self.amend(amend) {
            self.refuse(conn, &error, nonce);
        }
    }
}

impl Handler<Committed> for ChatServer {
    type Result = ();

    fn handle(&mut self, committed: Committed, ctx: &mut Self::Context) {
        if self.commit(committed.0) {
            self.head_changed(ctx);
        }
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
        if self.presence.rename(&rename.id, rename.name, rename.avatar) {
            self.presence_changed(ctx);
        }
    }
}

impl Handler<OpenSessions> for ChatServer {
    type Result = Vec<String>;

    fn handle(&mut self, _ask: OpenSessions, _ctx: &mut Self::Context) -> Vec<String> {
        let sids = self
            .sessions
            .values()
            .filter_map(|member| member.sid.clone());
        sids.collect::<HashSet<_>>().into_iter().collect()
    }
}

impl Handler<EndSession> for ChatServer {
    type Result = ();

    fn handle(&mut self, end: EndSession, ctx: &mut Self::Context) {
        self.sign_out(ctx, |member| member.sid.as_ref() == Some(&end.sid));
        self.ended.insert(end.sid, Instant::now());
    }
}

impl Handler<Forget> for ChatServer {
    type Result = ();

    fn handle(&mut self, forget: Forget, ctx: &mut Self::Context) {
        self.sign_out(ctx, |member| member.id == forget.id);
        let now = Instant::now();
        self.ended
            .extend(forget.sids.into_iter().map(|sid| (sid, now)));
        self.room.forget(&forget.id);
    }
}

impl Handler<OpenSessionsOf> for ChatServer {
    type Result = Vec<String>;

    fn handle(&mut self, ask: OpenSessionsOf, _ctx: &mut Self::Context) -> Vec<String> {
        let his = self.sessions.values().filter(|member| member.id == ask.id);
        let sids = his.filter_map(|member| member.sid.clone());
        sids.collect::<HashSet<_>>().into_iter().collect()
    }
}

impl Handler<LookIn> for ChatServer {
    type Result = Lobby;

    fn handle(&mut self, _look: LookIn, _ctx: &mut Self::Context) -> Lobby {
        Lobby {
            messages: self.room.page().cloned().collect(),
            head: self.room.head(),
            epoch: self.room.epoch().to_owned(),
            presence: self.presence_told(),
        }
    }
}

impl Handler<WhoIsHere> for ChatServer {
    type Result = actix::MessageResult<WhoIsHere>;

    fn handle(&mut self, who: WhoIsHere, _ctx: &mut Self::Context) -> Self::Result {
        actix::MessageResult(self.presence_with(Some(self.presence.list(who.limit))))
    }
}

impl Handler<Shutdown> for ChatServer {
    type Result = ();

    fn handle(&mut self, _shutdown: Shutdown, _ctx: &mut Self::Context) {
        self.fanout.close_all(COME_BACK);
    }
}
