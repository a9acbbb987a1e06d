//! What sweeps of the database find, and that one comes first after the process stood still.
//!
//! Somebody may have been signed out while it did. What they sent waits in the socket, and what was said lies before them in the
//! mailbox: neither goes on before the sweep has.

use std::time::Duration;

use actix::{ActorFuture, ActorFutureExt, Context, Handler, fut::wrap_future};
use tokio::time::timeout;

use crate::chat::mailbox::{
    CloseConnections, DisconnectPerson, EndSession, HaveExpired, HaveSwept, InheritLobbyRole,
    RoomsDeleted, SetProfile, SweepThrough,
};
use crate::chat::server::ChatServer;
use crate::chat::swept::{Head, Sweeps};
use crate::store::notices::Notice;
use crate::telemetry;

/// How long everything waits for a sweep: one takes milliseconds, and without a database there is none.
const PATIENCE: Duration = Duration::from_secs(3);

impl ChatServer {
    /// Waits for a sweep, and takes in what it finds: for [`Context::wait`], which lets nothing else happen meanwhile.
    pub(in crate::chat) fn sweep_first() -> impl ActorFuture<Self, Output = ()> {
        let began = wrap_future(std::future::ready(()));
        let asked = began.then(|(), server: &mut Self, _| {
            let asked = server.neighbours.sweeps.as_ref().map(Sweeps::ask);
            wrap_future(async move { timeout(PATIENCE, asked?).await.ok()?.ok() })
        });
        asked.map(|swept, server, ctx| {
            telemetry::cluster::stood_still(swept.is_some());
            server.take_swept(ctx);
        })
    }

    fn learn(&mut self, notice: Notice, ctx: &mut Context<Self>) {
        match notice {
            Notice::SessionEnded { sid } => self.handle(EndSession { sid }, ctx),
            Notice::ConnectionsEnded { id } => self.handle(CloseConnections { of: id }, ctx),
            Notice::PersonDeleted { id, sids } => self.handle(DisconnectPerson { id, sids }, ctx),
            Notice::Profile { id, name, avatar } => {
                self.handle(SetProfile { id, name, avatar }, ctx);
            }
            Notice::LobbyRole { person, role } => {
                self.handle(InheritLobbyRole { person, role }, ctx);
            }
            Notice::RoomDeleted(deleted) => self.handle(RoomsDeleted(vec![deleted]), ctx),
            Notice::Expired { since, rooms } => self.handle(HaveExpired { since, rooms }, ctx),
            // What rooms are called now only the database knows: all are looked at with the next sweep.
            Notice::Epochs => {}
        }
    }
}

impl ChatServer {
    /// Takes in what has been found.
    fn take_swept(&mut self, ctx: &mut Context<Self>) {
        let sweeps = self.neighbours.sweeps.as_ref();
        let Some(swept) = sweeps.and_then(Sweeps::take) else {
            return;
        };
        self.know_nodes(swept.nodes, ctx);
        for notice in swept.notices {
            self.learn(notice, ctx);
        }
        for (room, Head { seq, epoch }) in swept.heads {
            self.look_at_head(room, seq, epoch.as_deref());
        }
        self.catch_up_soon(ctx);
    }
}

impl Handler<SweepThrough> for ChatServer {
    type Result = ();

    fn handle(&mut self, through: SweepThrough, _ctx: &mut Context<Self>) {
        self.neighbours.sweeps = Some(through.0);
    }
}

impl Handler<HaveSwept> for ChatServer {
    type Result = ();

    fn handle(&mut self, _swept: HaveSwept, ctx: &mut Context<Self>) {
        self.take_swept(ctx);
    }
}
