//! Going down, or sending everybody to other nodes: who is here is asked to come back, spread over a time.

use actix::Handler;

use crate::chat::mailbox::{SendAway, Shutdown};
use crate::chat::server::ChatServer;
use crate::delivery::CloseAll;

/// A server that restarts is back after about so long, in ms.
const RESTART_MS: u64 = 300;

/// People a second who are asked to come back after a restart: 5,900 could be let in on one core
/// (docs/performance.md). On a machine a third as fast they wait longer, and nobody is refused.
const RECONNECTS_PER_SECOND: u64 = 6_000;

/// The least time over which they are spread, however few they are, in ms.
const SPREAD_MS: u64 = 200;

impl ChatServer {
    /// When `connections` are to come back after a restart: as soon as they can be let in, and
    /// not sooner, spread evenly.
    fn come_back(connections: usize) -> CloseAll {
        let connections = u64::try_from(connections).unwrap_or(u64::MAX);
        CloseAll {
            after_ms: RESTART_MS,
            spread_ms: SPREAD_MS.max(connections.saturating_mul(1_000) / RECONNECTS_PER_SECOND),
        }
    }

    fn send_away(&self) {
        self.fanout
            .close_all(Self::come_back(self.connections.len()));
    }
}

impl Handler<Shutdown> for ChatServer {
    type Result = ();

    fn handle(&mut self, _shutdown: Shutdown, _ctx: &mut Self::Context) {
        self.store_read_markers();
        self.polls.end();
        self.tell_beat(true);
        self.send_away();
    }
}

impl Handler<SendAway> for ChatServer {
    type Result = ();

    fn handle(&mut self, _away: SendAway, _ctx: &mut Self::Context) {
        self.send_away();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_come_back_at_once_and_a_crowd_as_fast_as_it_is_let_in() {
        let spread = |connections| ChatServer::come_back(connections).spread_ms;
        assert_eq!([spread(0), spread(100), spread(1_200)], [200; 3]);
        assert_eq!([spread(5_000), spread(18_000)], [833, 3_000]);
        assert_eq!(ChatServer::come_back(5_000).after_ms, 300);
    }
}
