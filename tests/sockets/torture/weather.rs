//! A relay of TCP connections in bad weather: it delays, freezes, closes one way, cuts, and cuts when a database has answered a
//! commit and before anybody has heard that.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::random_range;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// The way from the clients to the nodes of the server, wherever those are now: each connection leads to one of them.
#[derive(Clone)]
pub struct Weather {
    pub addr: SocketAddr,
    sky: Arc<Sky>,
}

struct Sky {
    nodes: Mutex<Vec<SocketAddr>>,
    calm: AtomicBool,
    seen: [AtomicUsize; FATES.len()],
    unheard_commits: AtomicUsize,
}

/// What happens to a connection once it has lived for a while.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Clear,
    Delay,
    Freeze,
    HalfClose,
    Cut,
    CutAtCommit,
}

/// What PostgreSQL answers to a commit (its protocol, "CommandComplete").
const COMMITTED: &[u8] = b"COMMIT\0";

const FATES: [Fate; 6] = [
    Fate::Clear,
    Fate::Delay,
    Fate::Freeze,
    Fate::HalfClose,
    Fate::Cut,
    Fate::CutAtCommit,
];

impl Weather {
    pub async fn over(nodes: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let weather = Self {
            addr: listener.local_addr().unwrap(),
            sky: Arc::new(Sky {
                nodes: Mutex::new(nodes),
                calm: AtomicBool::new(false),
                seen: Default::default(),
                unheard_commits: AtomicUsize::new(0),
            }),
        };
        let sky = Arc::clone(&weather.sky);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(relay(near, Arc::clone(&sky)));
            }
        });
        weather
    }

    /// The node of this number is somewhere else now.
    pub fn lead_to(&self, node: usize, addr: SocketAddr) {
        self.sky.nodes.lock().unwrap()[node] = addr;
    }

    /// From now on nothing happens to new connections.
    pub fn calm(&self) {
        self.sky.calm.store(true, Ordering::Release);
    }

    /// How many commits nobody has heard of.
    pub fn unheard_commits(&self) -> usize {
        self.sky.unheard_commits.load(Ordering::Acquire)
    }

    /// How many connections met which fate.
    pub fn report(&self) -> String {
        let seen = FATES.iter().zip(&self.sky.seen);
        let words: Vec<String> = seen
            .map(|(fate, count)| format!("{fate:?} {}", count.load(Ordering::Acquire)))
            .collect();
        words.join(", ")
    }
}

async fn relay(near: TcpStream, sky: Arc<Sky>) {
    let node = {
        let nodes = sky.nodes.lock().unwrap();
        nodes[random_range(0..nodes.len())]
    };
    let Ok(far) = TcpStream::connect(node).await else {
        return;
    };
    let number = if sky.calm.load(Ordering::Acquire) {
        0
    } else {
        random_range(0..FATES.len())
    };
    sky.seen[number].fetch_add(1, Ordering::AcqRel);
    let fate = FATES[number];
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let delay = matches!(fate, Fate::Delay);
    let (up, mut up_state) = watch::channel(Flow::Open);
    let (down, mut down_state) = watch::channel(Flow::Open);
    up_state.mark_unchanged();
    down_state.mark_unchanged();
    let pumps = async {
        tokio::join!(
            pump(near_in, far_out, up_state, delay),
            pump(far_in, near_out, down_state, delay)
        )
    };
    let happen = async {
        sleep(Duration::from_millis(random_range(20..3_000))).await;
        let ways = [&up, &down];
        let way = ways[random_range(0..2)];
        match fate {
            Fate::Clear | Fate::Delay => {}
            Fate::CutAtCommit => {
                down.send_replace(Flow::UntilCommit);
            }
            Fate::Freeze => {
                way.send_replace(Flow::Frozen);
                sleep(Duration::from_millis(random_range(100..3_000))).await;
                way.send_replace(Flow::Open);
            }
            Fate::HalfClose => drop(way.send_replace(Flow::Closed)),
            Fate::Cut => return,
        }
        std::future::pending().await
    };
    let (_, unheard) = tokio::select! {
        ended = pumps => ended,
        () = happen => return,
    };
    if unheard {
        sky.unheard_commits.fetch_add(1, Ordering::AcqRel);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Open,
    Frozen,
    /// Open until a commit is answered: then closed, and the answer is lost.
    UntilCommit,
    Closed,
}

/// Whether it ended with the answer to a commit that was lost.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut flow: watch::Receiver<Flow>,
    delay: bool,
) -> bool {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            closed = flow.wait_for(|flow| *flow == Flow::Closed) => {
                drop(closed);
                Ok(0)
            }
        };
        let Ok(read @ 1..) = read else {
            let _gone = to.shutdown().await;
            return false;
        };
        if delay {
            sleep(Duration::from_millis(random_range(0..30))).await;
        }
        let thawed = flow.wait_for(|flow| *flow != Flow::Frozen).await;
        let now = thawed.map_or(Flow::Closed, |now| *now);
        let unheard = now == Flow::UntilCommit
            && buffer[..read]
                .windows(COMMITTED.len())
                .any(|part| part == COMMITTED);
        if unheard || now == Flow::Closed || to.write_all(&buffer[..read]).await.is_err() {
            let _gone = to.shutdown().await;
            return unheard;
        }
    }
}
