//! What all tests use: the [`Server`], and its clients: [`Guest`] (a browser or a program with an
//! address, a User-Agent and perhaps a cookie), [`Ws`] (a WebSocket that speaks JSON) and [`Raw`]
//! (a socket that may break every rule).

mod guest;
mod http;
mod line;
mod member;
mod raw;
mod server;
mod view;
mod ws;

use std::future::Future;
use std::time::{Duration, Instant};

pub use guest::Guest;
pub use http::Answer;
pub use line::{Heard, Line};
pub use member::Member;
pub use raw::{Raw, frame, header, op};
pub use server::{Server, run_program};
pub use view::View;
pub use ws::Ws;

/// How long anything that must happen may take on a busy machine. What has a promised time is
/// measured by its own test.
pub const DEADLINE: Duration = Duration::from_secs(10);

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

/// Opens a classic client under `agent`, past its history (whose data comes with it) and its
/// first count.
pub async fn arrive(server: &Server, agent: &str) -> (Ws, serde_json::Value) {
    let guest = Guest::of(server).with("user-agent", agent);
    let (mut ws, history) = guest.classic().await;
    ws.data(1).await;
    (ws, history)
}
