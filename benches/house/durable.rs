//! Acked sends a second, and how long an ack takes: the full path, from the socket to the disk
//! and to everybody.
//!
//! Eight signed-in members of one room. First with eight sends in flight each, as fast as acks
//! come; then 500 a second in all, whatever the acks do. Everybody receives everything: each
//! round ends when each member has every event. Server and load share the machine. Beside it
//! what the disk alone can do: the store's own statements in a loop.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use teahouse::bench::line::{Line, field, kind_of};
use teahouse::bench::options::Protocol;
use teahouse::chat::message::{KIND_TEXT, LOBBY, Message};
use teahouse::chat::person::{Kind, Person};
use teahouse::store::changes::{self, Draft};
use teahouse::store::rooms;
use teahouse::store::sqlite::Sqlite;
use teahouse::text::content::Format;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::support::{House, median, percentile, scratch, somebody};

const MEMBERS: usize = 8;
const IN_FLIGHT: usize = 8;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);
/// Sends a second of the second part.
const STEADY: u32 = 500;

/// What is said, about the length of a line of chat.
const WORDS: &str = "The kettle is on, come in. 茶已经泡好了，进来坐。";

/// Runs the bench, with nonces that grow with time as the page makes them, or with `random` ones:
/// these touch another page of the index each, and cost the disk twice as much.
pub fn run(random: bool) {
    let data = scratch();
    let nonces = if random { Uuid::new_v4 } else { Uuid::now_v7 };
    disk(data.path(), nonces);
    let house = House::start(data.path(), &[]);
    let cookies: Vec<String> = (0..MEMBERS)
        .map(|number| register(house.address, number))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let local = tokio::task::LocalSet::new();
    let (mut rates, mut waits) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let flood = local.block_on(&runtime, talk(house.address, &cookies, Pace::Flood, nonces));
        let rate = flood.len() as f64 / ROUND.as_secs_f64();
        let steady = local.block_on(
            &runtime,
            talk(house.address, &cookies, Pace::Steady, nonces),
        );
        let wait = percentile(&steady, 99.0);
        println!(
            "round {round}: {rate:.0} acked sends/s (ack p50 {:.1} ms, p99 {:.1} ms); at {STEADY}/s ack p50 {:.2} ms, p99 {wait:.2} ms, max {:.2} ms",
            percentile(&flood, 50.0),
            percentile(&flood, 99.0),
            percentile(&steady, 50.0),
            percentile(&steady, 100.0),
        );
        rates.push(rate);
        waits.push(wait);
    }
    println!(
        "medians: {:.0} acked sends/s; p99 of the ack at {STEADY}/s: {:.2} ms",
        median(rates),
        median(waits)
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// [`IN_FLIGHT`] sends under way, always.
    Flood,
    /// [`STEADY`] a second over all members.
    Steady,
}

/// One round; the time to each ack, in ms.
async fn talk(
    address: SocketAddr,
    cookies: &[String],
    pace: Pace,
    nonces: fn() -> Uuid,
) -> Vec<f64> {
    let sent = Rc::new(Cell::new(0_usize));
    let mut members = Vec::new();
    for cookie in cookies {
        let mut line = Line::open(address, &somebody(cookie.clone()), Protocol::Feed)
            .await
            .expect("let in");
        line.send(r#"{"type":10,"data":{"v":1}}"#)
            .await
            .expect("open");
        line.expect(27).await.expect("the greeting");
        members.push(line);
    }
    let until = Instant::now() + ROUND;
    let tasks: Vec<_> = members
        .into_iter()
        .enumerate()
        .map(|(number, line)| {
            let member = member(line, number, (pace, nonces), until, Rc::clone(&sent));
            tokio::task::spawn_local(member)
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("a member"));
    }
    waits
}

async fn member(
    mut line: Line,
    number: usize,
    (pace, nonces): (Pace, fn() -> Uuid),
    until: Instant,
    sent: Rc<Cell<usize>>,
) -> Vec<f64> {
    let under_way: Rc<RefCell<Vec<(Uuid, Instant)>>> = Rc::default();
    let every = Duration::from_secs(MEMBERS as u64) / STEADY;
    let due = Semaphore::new(if pace == Pace::Flood { IN_FLIGHT } else { 0 });
    let mut ticks = tokio::time::interval_at(
        tokio::time::Instant::now() + every * u32::try_from(number).expect("few") / 8,
        every,
    );
    let (mut waits, mut heard) = (Vec::new(), 0);
    loop {
        let now = Instant::now();
        if now >= until && under_way.borrow().is_empty() && heard >= sent.get() {
            return waits;
        }
        while now < until
            && due
                .try_acquire()
                .map(tokio::sync::SemaphorePermit::forget)
                .is_ok()
        {
            let nonce = nonces();
            let text = format!(
                "{{\"type\":12,\"data\":{{\"nonce\":\"{nonce}\",\"room\":1,\"content\":\"{WORDS}\"}}}}"
            );
            under_way.borrow_mut().push((nonce, Instant::now()));
            sent.set(sent.get() + 1);
            line.send(&text).await.expect("sent");
        }
        let frame = tokio::select! {
            frame = line.next() => frame.expect("the server lives"),
            _tick = ticks.tick() => {
                if pace == Pace::Steady {
                    due.add_permits(1);
                }
                continue;
            }
        };
        if kind_of(&frame) == Some(17) {
            heard += 1;
        } else if kind_of(&frame) == Some(13) {
            let nonce: Uuid = field(&frame, "nonce")
                .expect("a nonce")
                .parse()
                .expect("a UUID");
            let mut waiting = under_way.borrow_mut();
            let at = waiting
                .iter()
                .position(|(mine, _)| *mine == nonce)
                .expect("mine");
            let (_, began) = waiting.swap_remove(at);
            waits.push(began.elapsed().as_secs_f64() * 1e3);
            if pace == Pace::Flood {
                due.add_permits(1);
            }
        } else {
            assert!(kind_of(&frame) != Some(15), "refused: {frame:?}");
        }
    }
}

/// Registers a member; gives his cookie as a header line.
fn register(address: SocketAddr, number: usize) -> String {
    let body =
        format!("{{\"name\":\"member {number}\",\"password\":\"tea before noon {number}\"}}");
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    write!(
        stream,
        "POST /api/v1/register HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|cookie| cookie.split(';').next());
    format!("Cookie: {}", cookie.expect("registered"))
}

/// The store's own statements in a loop, without anything around them.
fn disk(directory: &Path, nonces: fn() -> Uuid) {
    for group in [1_usize, 16, 64] {
        let mut db =
            Sqlite::open(Some(&directory.join(format!("disk{group}.db")))).expect("a file");
        rooms::open(&mut db, LOBBY).expect("a room");
        let (began, mut commits) = (Instant::now(), 0_usize);
        while began.elapsed() < Duration::from_secs(2) {
            db.begin().expect("a transaction");
            for _ in 0..group {
                let draft = Draft::Say {
                    message: Box::new(message()),
                    fallback_name: None,
                };
                changes::apply(&mut db, Some(nonces()), draft).expect("written");
            }
            db.commit().expect("on disk");
            commits += 1;
        }
        let rate = commits as f64 / began.elapsed().as_secs_f64();
        println!(
            "the disk alone, groups of {group}: {rate:.0} commits/s, {:.0} messages/s",
            rate * group as f64
        );
    }
}

/// A message as a member says it.
pub fn message() -> Message {
    Message {
        id: 0,
        room: LOBBY,
        seq: 0,
        rev: 0,
        at: 1_700_000_000_000,
        kind: KIND_TEXT,
        by: Person {
            id: "u1".to_owned(),
            kind: Kind::User,
            name: "member 1".to_owned(),
            avatar: "/avatar/00000000000000000000000000000000.svg".to_owned(),
            place: String::new(),
        },
        address: "u1".to_owned(),
        content: WORDS.to_owned(),
        format: Format::Plain,
        edited: None,
        recalled: false,
    }
}
