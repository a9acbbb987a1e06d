//! A house full of clients through a restart: how long each is cut off, and how long after the
//! server is up the last one is back and caught up.
//!
//! The clients do what the page does: they wait as `bye` asks, else a random time below 0.5 s,
//! 1 s, 2 s, …; they say hello with where they were, and are back when the resume is answered.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::sleep;

use teahouse::bench::line::{Line, field, kind_of};
use teahouse::bench::options::Protocol;

use super::support::{House, median, percentile, scratch, somebody};

const ROUNDS: usize = 3;

/// Runs the bench with SIGTERM and with SIGKILL.
pub fn run(connections: Option<usize>) {
    let connections = connections.unwrap_or(5_000);
    rlimit::increase_nofile_limit(u64::MAX).expect("descriptors");
    for signal in ["TERM", "KILL"] {
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| round(connections, signal)).collect();
        println!(
            "SIG{signal}, medians: last of {connections} back {:.2} s after the server was up, blackout p99 {:.2} s",
            median(rounds.iter().map(|round| round.0).collect()),
            median(rounds.iter().map(|round| round.1).collect()),
        );
    }
}

fn round(connections: usize, signal: &str) -> (f64, f64) {
    let data = scratch();
    let mut house = House::start(data.path(), &[]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let crowd = Rc::new(Crowd::default());
        let mut clients = Vec::new();
        for number in 0..connections {
            let client = client(house.address, number, Rc::clone(&crowd));
            clients.push(tokio::task::spawn_local(client));
            if number % 100 == 99 {
                crowd.until(number + 1).await;
            }
        }
        crowd.until(connections).await;
        sleep(Duration::from_secs(1)).await;
        crowd.in_room.set(0);
        let began = Instant::now();
        let address = house.address;
        // Blocking, as an operator's restart is: nobody is served meanwhile.
        let (again, up) = tokio::task::spawn_blocking({
            let signal = signal.to_owned();
            move || {
                house.end(&signal);
                house.start_again();
                let up = Instant::now();
                (house, up)
            }
        })
        .await
        .expect("a restart");
        assert_eq!(again.address, address);
        let mut blackouts = Vec::new();
        let mut last = up;
        for client in clients {
            let (lost, back) = client.await.expect("a client");
            blackouts.push((back - lost).as_secs_f64());
            last = last.max(back);
        }
        let after = (last - up).as_secs_f64();
        let p99 = percentile(&blackouts, 99.0);
        println!(
            "SIG{signal}: server away {:.2} s; last back {after:.2} s after it was up; blackout p50 {:.2} s, p99 {p99:.2} s, max {:.2} s",
            (up - began).as_secs_f64(),
            percentile(&blackouts, 50.0),
            percentile(&blackouts, 100.0),
        );
        (after, p99)
    })
}

#[derive(Default)]
struct Crowd {
    in_room: Cell<usize>,
    changed: Notify,
}

impl Crowd {
    async fn until(&self, count: usize) {
        while self.in_room.get() < count {
            self.changed.notified().await;
        }
    }
}

/// Is in the room, is put out, comes back; gives the times of both.
async fn client(address: SocketAddr, number: usize, crowd: Rc<Crowd>) -> (Instant, Instant) {
    let who = somebody(format!("User-Agent: client {number}"));
    let mut line = Line::open(address, &who, Protocol::Feed)
        .await
        .expect("let in");
    line.send(r#"{"type":10,"data":{"v":1}}"#)
        .await
        .expect("open");
    let welcome = line.expect(11).await.expect("welcome");
    let epoch = field(&welcome, "epoch").expect("an epoch").to_owned();
    let seq = field(&welcome, "head").expect("a head").to_owned();
    crowd.in_room.set(crowd.in_room.get() + 1);
    crowd.changed.notify_one();
    let mut asked = None;
    while let Ok(frame) = line.next().await {
        if kind_of(&frame) == Some(29) {
            asked = field(&frame, "retry_after").and_then(|seconds| seconds.parse().ok());
        }
    }
    let lost = Instant::now();
    drop(line);
    let hello = format!(
        "{{\"type\":10,\"data\":{{\"v\":1,\"resume\":{{\"1\":{{\"epoch\":\"{epoch}\",\"seq\":{seq}}}}}}}}}"
    );
    let mut most = 0.5;
    loop {
        let wait = asked
            .take()
            .unwrap_or_else(|| rand::random_range(0.0..most));
        most = f64::min(most * 2.0, 30.0);
        sleep(Duration::from_secs_f64(wait)).await;
        let Ok(mut line) = Line::open(address, &who, Protocol::Feed).await else {
            continue;
        };
        if line.send(&hello).await.is_ok() && line.expect(19).await.is_ok() {
            return (lost, Instant::now());
        }
    }
}
