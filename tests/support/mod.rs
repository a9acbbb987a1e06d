//! What all tests use: the [`Server`], and its clients: [`Guest`] (a browser or a program with an
//! address, a User-Agent and perhaps a cookie), [`Ws`] (a WebSocket that speaks JSON) and [`Raw`]
//! (a socket that may break every rule).

pub mod actions;
mod clock;
mod database;
pub mod demo;
mod guest;
mod http;
mod kept;
mod line;
mod member;
pub mod nats;
mod nodes;
pub mod postgres;
pub mod proxy;
mod raw;
pub mod relay;
pub mod routes;
pub mod s3;
mod server;
pub mod site;
mod standby;
pub mod tool;
pub mod upload;
pub mod video;
mod view;
pub mod voice;
mod ws;

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use clock::{CLOCK_SCRIPT, set_clock};
pub use database::{on_postgres, skipped_on_postgres};
pub use guest::Guest;
pub use http::Answer;
pub use line::{Heard, Line};
pub use member::Member;
pub use raw::{Raw, frame, header, op};
pub use server::{Server, cpu_ms, run_program};
pub use view::View;
pub use ws::Ws;

/// How long anything that must happen may take on a machine that is busy with other things: no test
/// passes or fails by it that is not wrong already. What has a promised time is held against something
/// else that happens in that time, never against a clock.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Asks again until the answer is yes; fails with `what` after [`DEADLINE`].
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let until = Instant::now() + DEADLINE;
    while !ask().await {
        assert!(Instant::now() < until, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for `future`, at most [`DEADLINE`].
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    within_time(what, DEADLINE, future).await
}

/// Waits for `future`, at most `time`.
pub async fn within_time<T>(what: &str, time: Duration, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(time, future).await {
        Ok(value) => value,
        Err(_elapsed) => panic!("after {time:?} still waiting for {what}"),
    }
}

/// Waits until `ws` has been closed because its session ended, and sees that this was done at once and
/// not by the next look at all sessions: whoever asked first found it gone already.
pub async fn ends_at_once(server: SocketAddr, ws: &mut Ws) {
    let people = async || {
        let mut guest = Guest::at_address(server);
        let presence = guest.get("/api/v1/rooms/1/people").await.json();
        presence["connections"].clone()
    };
    let before = people().await;
    assert_eq!(ws.closed().await, Some(4500));
    assert_eq!(people().await, before, "it was still counted");
}

/// Opens a classic client under `agent`, past its history (whose data comes with it) and its
/// first count.
pub async fn arrive(server: &Server, agent: &str) -> (Ws, serde_json::Value) {
    let guest = Guest::of(server).with("user-agent", agent);
    let (mut ws, history) = guest.classic().await;
    ws.data(1).await;
    (ws, history)
}
