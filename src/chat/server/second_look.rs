//! A node may be some ms behind the others: somebody was let in on one, and asks on another. So a no from memory is
//! asked of the store, once, and a client that is ahead of this node is waited for.
//!
//! What a client says is not believed: it costs one row of the store, and nothing is read that the store does not
//! have. Bounded by the connections and requests under way, and by [`PATIENCE`]. A server of one node never does this.

use std::time::{Duration, Instant};

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use crate::chat::server::ChatServer;
use crate::chat::server::subscriptions::Waiting;
use crate::model::policy::Action;
use crate::model::room_id::RoomId;
use crate::protocol::request::Position;
use crate::store::db::Db;
use crate::store::queries::catch_up;

/// How long somebody waits at most until this node has caught up: ten times as long as it takes to hear of everything on a
/// machine that is not busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether it has.
const EVERY: Duration = Duration::from_millis(20);

impl ChatServer {
    /// Whether what a client asks for is refused, or a client is ahead, only because this node is behind, perhaps.
    pub(super) fn may_be_behind(&self, room: RoomId, waiting: &Waiting) -> bool {
        if !self.settings.clustered {
            return false;
        }
        match waiting {
            Waiting::Open(conn, position) => {
                let is_ahead = |position| self.is_ahead(room, position);
                self.may_read(*conn, room).is_err() || position.as_ref().is_some_and(is_ahead)
            }
            Waiting::Snapshot(principal, _) => {
                let record = self.registry.get(room);
                record.is_none_or(|record| record.authorize(principal, Action::Read).is_err())
            }
        }
    }

    /// Whether a client has events of a room that this node does not have.
    pub(super) fn is_ahead(&self, room: RoomId, position: &Position) -> bool {
        let record = self.registry.get(room);
        self.settings.clustered
            && record.is_some_and(|record| {
                record.epoch == position.epoch && position.seq > record.head.seq
            })
    }

    /// Asks the store how far a room is, catches up, and serves `waiting` with what is known then.
    pub(super) fn look_again(&self, room: RoomId, waiting: Waiting, ctx: &mut Context<Self>) {
        let store = self.store.clone();
        let asking = async move {
            let ask = move |db: &mut dyn Db| catch_up::head(db, room);
            store.read(ask).await
        };
        ctx.spawn(
            wrap_future(asking).map(move |head, server: &mut Self, ctx| {
                let now = Instant::now();
                if let Ok(Some((epoch, head))) = head {
                    let here = Self::here(&server.registry, room);
                    server.resequencer.exists(here, &epoch, head, now);
                    server.catch_up_soon(ctx);
                }
                server.serve_when_caught_up(room, waiting, now + PATIENCE, ctx);
            }),
        );
    }

    fn serve_when_caught_up(
        &mut self,
        room: RoomId,
        waiting: Waiting,
        until: Instant,
        ctx: &mut Context<Self>,
    ) {
        let is_enough = !self.may_be_behind(room, &waiting) || !self.resequencer.is_behind(room);
        if !is_enough && Instant::now() < until {
            ctx.run_later(EVERY, move |server, ctx| {
                server.serve_when_caught_up(room, waiting, until, ctx);
            });
            return;
        }
        match waiting {
            Waiting::Open(conn, _) => {
                let connection = self.connections.get(&conn);
                // Who has opened another room meanwhile wants that one.
                if connection.is_some_and(|connection| connection.opening == Some(room)) {
                    self.open_known(room, waiting, ctx);
                }
            }
            Waiting::Snapshot(principal, answer) => {
                let is_known = self.live_rooms.contains_key(&room);
                if !is_known && self.view(room, &principal).is_some() {
                    return self.load_room(room, Waiting::Snapshot(principal, answer), ctx);
                }
                let _nobody = answer.send(Ok(self.snapshot(room, &principal)));
            }
        }
    }
}
