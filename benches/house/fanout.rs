//! CPU per delivered message, against a bare loop that writes the same frame to every socket.
//!
//! Server (or loop) on core 0, the
//! readers on core 1; closed loop with one message in flight, complete to all before the next.
//! Five rounds, the two in turn; the ratio is taken within a round, and its median is the
//! figure. Every delivery is counted; one that is missing keeps the bench from ending.

use std::cell::Cell;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use super::support::{Pinned, masked, median, open, teahouse};

/// Rounds, each of the loop and of the server.
const ROUNDS: usize = 5;

/// What is said: with its record about the size of a line of chat.
const TEXT: &str = r#"{"type":3,"data":{"nickname":"Ada","content":"The kettle is on, come in."}}"#;

/// Runs the bench, again as a process of its own on core 1 first.
pub fn run(words: &[String], connections: Option<usize>, messages: Option<usize>) {
    let me = std::env::current_exe().expect("a path");
    if std::env::var_os("BENCH_PINNED").is_none() {
        let mut again = std::process::Command::new("taskset");
        again
            .args(["-c", "1"])
            .arg(me)
            .args(words)
            .env("BENCH_PINNED", "1");
        std::process::exit(
            again
                .status()
                .expect("taskset (util-linux) is there")
                .code()
                .unwrap_or(1),
        );
    }
    let (connections, messages) = (connections.unwrap_or(1_000), messages.unwrap_or(400));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    println!("{connections} connections, {messages} messages a round, one in flight");
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let data = tempfile::tempdir().expect("a directory");
        let (server, address, _) = teahouse(data.path());
        let (server_cost, length) =
            runtime.block_on(measure(&server, address, connections, messages, Talk::Say));
        let resident = server.resident() / 1024 / 1024;
        drop(server);
        let (floor, line) = Pinned::start(
            me.to_str().expect("a plain path"),
            &["floor", &connections.to_string(), &length.to_string()],
            &[],
        );
        let address = line.parse().expect("an address");
        let (floor_cost, _) =
            runtime.block_on(measure(&floor, address, connections, messages, Talk::Poke));
        let ratio = server_cost / floor_cost;
        println!(
            "round {round}: {length} bytes a frame, floor {floor_cost:.2} µs, teahouse {server_cost:.2} µs a delivery, ratio {ratio:.2} ({resident} MiB)"
        );
        ratios.push(ratio);
    }
    println!("median ratio {:.2}", median(ratios));
}

enum Talk {
    /// Say something in the room, through connection 0.
    Say,
    /// Poke the loop through a connection of its own.
    Poke,
}

/// CPU time of `server` per delivery in µs, and the length of a delivered frame.
async fn measure(
    server: &Pinned,
    address: SocketAddr,
    connections: usize,
    messages: usize,
    talk: Talk,
) -> (f64, usize) {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async move {
            let seen = Rc::new(Seen::default());
            let mut talker = None;
            for number in 0..connections {
                let stream = match talk {
                    Talk::Say => open(address),
                    Talk::Poke => TcpStream::connect(address).expect("the loop accepts"),
                };
                if number == 0 && matches!(talk, Talk::Say) {
                    talker = Some(stream.try_clone().expect("a descriptor"));
                }
                tokio::task::spawn_local(read(stream, Rc::clone(&seen)));
            }
            let mut talker =
                talker.unwrap_or_else(|| TcpStream::connect(address).expect("the loop accepts"));
            let say = match talk {
                Talk::Say => masked(TEXT),
                Talk::Poke => vec![1],
            };
            let mut one = async |count: usize| {
                for _ in 0..count {
                    seen.wait_for(connections, || talker.write_all(&say).expect("it is read"))
                        .await;
                }
            };
            one(20).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            let before = server.cpu();
            one(messages).await;
            let cost = server.cpu() - before;
            (
                cost.as_secs_f64() * 1e6 / (messages * connections) as f64,
                seen.length.get(),
            )
        })
        .await
}

/// Deliveries, counted over all readers.
#[derive(Default)]
struct Seen {
    count: Cell<usize>,
    length: Cell<usize>,
    one: Notify,
}

impl Seen {
    async fn wait_for(&self, count: usize, begin: impl FnOnce()) {
        self.count.set(0);
        begin();
        while self.count.get() < count {
            self.one.notified().await;
        }
    }
}

/// Counts the records that reach one socket; other frames are passed over.
async fn read(stream: TcpStream, seen: Rc<Seen>) {
    stream.set_nonblocking(true).expect("non-blocking");
    let stream = tokio::net::TcpStream::from_std(stream).expect("a socket");
    let mut buffer = Vec::with_capacity(4096);
    loop {
        stream.readable().await.expect("the server lives");
        match stream.try_read_buf(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(_would_block) => continue,
        }
        while let Some(length) = frame_length(&buffer) {
            let frame: Vec<u8> = buffer.drain(..length).collect();
            if frame
                .windows(9)
                .take(6)
                .any(|window| window == b"{\"type\":3")
            {
                seen.length.set(length);
                seen.count.set(seen.count.get() + 1);
                seen.one.notify_one();
            }
        }
    }
}

/// The length of the whole frame at the start of `buffer`, once it is all there.
fn frame_length(buffer: &[u8]) -> Option<usize> {
    let length = match *buffer.get(1)? {
        126 => 4 + usize::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?)),
        short => 2 + usize::from(short),
    };
    (buffer.len() >= length).then_some(length)
}
