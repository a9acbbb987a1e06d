//! Many senders and many readers in bad weather, over a server that is killed again and again;
//! then a checker looks at all that was acked and heard, and at the disk.
//!
//! The suite runs a short one. A long one, as `docs/reliability.md` reports it:
//! `TORTURE_SENDS=1000000 TORTURE_KILLS=200 cargo test --profile bench --test sockets torture -- --nocapture`

mod agreement;
mod checker;
mod log;
mod lossy;
mod reader;
mod sender;
mod uploads;
mod way;
mod weather;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rand::random_range;
use serde_json::json;
use teahouse::protocol::kinds;
use teahouse::store::db::Db;

use crate::support::nats::Nats;
use crate::support::{Guest, Server, postgres};
use agreement::agree;
use checker::Truth;
use lossy::Lossy;
use reader::Reader;
use sender::Sender;
use way::Way;
use weather::Weather;

const SENDERS: usize = 8;
const READERS: usize = 6;

/// What is done, where nothing else is asked for.
struct Plan {
    /// Changes that are sent.
    sends: usize,
    /// Kills of nodes.
    kills: usize,
    /// Changes that a sender has under way.
    window: usize,
}

const SHORT: Plan = Plan {
    sends: 20_000,
    kills: 12,
    window: 16,
};

/// Where the database is away for longer than a change waits for it: one that is refused as not saved may be overtaken by
/// those that are under way behind it. So there is one under way, as the page does it.
const REFUSED: Plan = Plan {
    sends: 6_000,
    kills: 9,
    window: 1,
};

/// The same where most of the time nothing can be written: every connection to the database lives for seconds.
const SLOW: Plan = Plan {
    sends: 800,
    kills: 3,
    window: 1,
};

/// Whoever still waits for an ack or an event this long after the last one has lost it.
const STUCK: Duration = Duration::from_secs(60);

fn asked(variable: &str, short: usize) -> usize {
    std::env::var(variable).map_or(short, |number| number.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_doubled_or_out_of_order_whatever_happens_to_lines_and_server() {
    torture(
        vec![Server::start(&[("chat.recall_window", "1d")])],
        SHORT,
        no_trouble,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_doubled_or_out_of_order_on_three_nodes() {
    torture(
        Server::start_nodes(3, &[("chat.recall_window", "1d")]),
        SHORT,
        no_trouble,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_doubled_or_out_of_order_with_bad_lines_to_the_database() {
    let postgres = postgres::server();
    let database = postgres.create("template0");
    let lines = Weather::over(vec![postgres.addr()]).await;
    let url = postgres.url_at(lines.addr.port(), &database);
    // Starting is slow by itself where the database is hardly to be reached.
    let nodes = tokio::task::spawn_blocking(move || {
        Server::start_nodes_on(&url, 3, &[("chat.recall_window", "1d")])
    });
    torture(nodes.await.unwrap(), SLOW, no_trouble).await;
    let unheard = lines.unheard_commits();
    eprintln!(
        "lines to the database: {}; commits that nobody has heard of: {unheard}",
        lines.report()
    );
    assert!(unheard > 0, "no line was cut at a commit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_doubled_or_out_of_order_while_the_database_falls() {
    let server = Arc::new(postgres::Server::start());
    let database = server.create("template0");
    let url = server.url(&database);
    let nodes = Server::start_nodes_on(&url, 3, &[("chat.recall_window", "1d")]);
    let (mut number, postgres) = (0, Arc::clone(&server));
    let trouble = move || {
        number += 1;
        match number % 3 {
            0 => {
                let postgres = Arc::clone(&postgres);
                thread::spawn(move || {
                    let _fallen = postgres.falls();
                    thread::sleep(Duration::from_secs(1));
                });
            }
            _ => postgres.hangs_up(&database),
        }
    };
    torture(nodes, REFUSED, trouble).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_doubled_or_out_of_order_on_three_nodes_with_nats() {
    let nats = Nats::start();
    let way = Lossy::to(nats.addr()).await;
    let nats = Arc::new(Mutex::new(nats));
    let url = format!("nats://{}", way.addr);
    let nodes = tokio::task::spawn_blocking(move || {
        Server::start_nodes(3, &[("chat.recall_window", "1d"), ("cluster.nats", &url)])
    });
    let nodes = nodes.await.unwrap();
    let (mut number, falling) = (0, Arc::clone(&nats));
    let trouble = move || {
        number += 1;
        let mut nats = falling.lock().unwrap();
        match number % 4 {
            1 => nats.kill(),
            2 => nats.launch(),
            3 => nats.signal("STOP"),
            _ => nats.signal("CONT"),
        }
    };
    // After a multiple of four it is there, and stays until the nodes agree.
    assert_eq!(asked("TORTURE_KILLS", SHORT.kills) % 4, 0);
    torture(nodes, SHORT, trouble).await;
    drop(nats);
    eprintln!("over NATS: {}", way.report());
}

/// Nothing happens but to nodes and lines.
fn no_trouble() {}

/// Senders and readers over all of these nodes of one server, which are killed by turns; before each of these kills comes
/// other trouble.
async fn torture(nodes: Vec<Server>, plan: Plan, mut trouble: impl FnMut() + Send + 'static) {
    let sends = asked("TORTURE_SENDS", plan.sends);
    let kills = asked("TORTURE_KILLS", plan.kills);
    let began = Instant::now();
    let way = Arc::new(Way::to(&nodes).await);
    let weather = way.weather.clone();
    let server = &nodes[0];
    let number = nodes.len();
    let epoch = epoch(&visiting(server).await).await;
    let acked = Arc::new(AtomicUsize::new(0));
    let end = Arc::new(AtomicI64::new(0));
    let (mut senders, mut readers) = (Vec::new(), Vec::new());
    for number in 0..SENDERS {
        let guest = visiting(server).await.by_way_of(weather.addr);
        let sender = Sender {
            number,
            guest,
            intents: sends / SENDERS,
            window: plan.window,
            acked: Arc::clone(&acked),
        };
        senders.push(tokio::spawn(sender.run()));
    }
    for _ in 0..READERS {
        let guest = visiting(server).await.by_way_of(weather.addr);
        let reader = Reader {
            guest,
            epoch: epoch.clone(),
            end: Arc::clone(&end),
        };
        readers.push(tokio::spawn(reader.run()));
    }
    let given_up = Arc::new(AtomicBool::new(false));
    let mut killer = Killer {
        thread: {
            let (acked, way) = (Arc::clone(&acked), Arc::clone(&way));
            let given_up = Arc::clone(&given_up);
            let kill = move || {
                let progress = Progress {
                    acked: &acked,
                    given_up: &given_up,
                    sends,
                    kills,
                };
                kill_again_and_again(nodes, &mut trouble, &way, &progress)
            };
            Some(thread::spawn(kill))
        },
        given_up,
    };

    let mut facts = Vec::new();
    for sender in senders {
        facts.push(sender.await.unwrap());
    }
    let took = began.elapsed();
    let nodes = killer.thread.take().unwrap().join().unwrap();
    let truth = Truth::of(&facts);
    weather.calm();
    end.store(truth.head(), Ordering::Release);
    let mut resets = 0;
    for reader in readers {
        let heard = tokio::time::timeout(STUCK, reader).await;
        let deliveries = heard
            .map_err(|_late| "a reader never caught up")
            .unwrap()
            .unwrap();
        truth.check_hearing(&deliveries, number);
        resets += deliveries.resets.len();
    }
    if number > 1 {
        agree(&nodes).await;
    }
    stop(nodes, |database| truth.check_disk(database));
    eprintln!(
        "{} acked changes and {kills} kills in {:.0} s ({:.0}/s); connections: {}; resets: {resets}",
        truth.head(),
        took.as_secs_f64(),
        truth.head() as f64 / took.as_secs_f64(),
        weather.report(),
    );
}

/// Somebody who has been let in, however long the database takes to be reached.
async fn visiting(server: &Server) -> Guest {
    let mut guest = Guest::of(server);
    while guest.get("/").await.status != 200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    guest
}

/// The epoch of the lobby.
async fn epoch(guest: &Guest) -> String {
    let mut ws = loop {
        match guest.open("/ws?feed", &[]).await {
            Ok(ws) => break ws,
            Err(_refused) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let hello = json!({"type": kinds::HELLO, "data": {"v": 1}});
    ws.send(&hello).await;
    let welcome = ws.data(11).await;
    welcome["rooms"][0]["epoch"].as_str().unwrap().to_owned()
}

/// The thread that has the nodes. A test that fails waits for it, so that they die too.
struct Killer {
    thread: Option<JoinHandle<Vec<Server>>>,
    given_up: Arc<AtomicBool>,
}

impl Drop for Killer {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// How far the senders are.
struct Progress<'a> {
    acked: &'a AtomicUsize,
    given_up: &'a AtomicBool,
    sends: usize,
    kills: usize,
}

impl Progress<'_> {
    /// Waits until it is time for this kill; false when nobody wants it any more.
    fn reaches(&self, kill: usize) -> bool {
        let (mut last, mut at) = (0, Instant::now());
        loop {
            if self.given_up.load(Ordering::Acquire) {
                return false;
            }
            let now = self.acked.load(Ordering::Acquire);
            if now >= self.sends * kill / (self.kills + 1) {
                return true;
            }
            if now > last {
                (last, at) = (now, Instant::now());
            }
            assert!(
                at.elapsed() < STUCK,
                "nobody gets an ack any more, after {now}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Kills the server at even steps of progress, three times in four without a word. Of several nodes one stands still now and
/// then before another one is killed.
fn kill_again_and_again(
    mut nodes: Vec<Server>,
    trouble: &mut impl FnMut(),
    way: &Way,
    progress: &Progress<'_>,
) -> Vec<Server> {
    for number in 1..=progress.kills {
        if !progress.reaches(number) {
            break;
        }
        trouble();
        if number % 3 == 0 && nodes.len() > 1 {
            let still = &nodes[(number + 1) % nodes.len()];
            still.signal("STOP");
            thread::sleep(Duration::from_millis(random_range(1_000..4_000)));
            still.signal("CONT");
        }
        let node = number % nodes.len();
        let server = &mut nodes[node];
        if number % 4 == 0 {
            let stopped = server.stop();
            assert_eq!(stopped.code, Some(0), "{}", stopped.log);
        } else {
            server.kill();
        }
        server.launch();
        way.lead_to(node, server.addr());
    }
    nodes
}

fn stop(mut nodes: Vec<Server>, look: impl FnOnce(&mut dyn Db) + Send) {
    for node in &mut nodes {
        node.stop();
    }
    nodes[0].database(look);
}
