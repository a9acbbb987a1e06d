//! People who do not read, among many who do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use teahouse::protocol::kinds;

use crate::support::{DEADLINE, Guest, Heard, Line, Raw, Server, View, Ws, eventually};

const READERS: usize = 900;
const NEVER: usize = 100;

/// Enough for every reader who takes nothing to be over their budget of 1 MiB.
const MESSAGES: i64 = 120;

fn stranger(server: &Server, number: usize) -> Guest {
    Guest::of(server).with("user-agent", &format!("stranger {number}"))
}

/// Reads events until the one with seq `last`, each exactly once and in order.
async fn read_all(mut line: Line, last: i64, read: Arc<AtomicUsize>) -> Line {
    let mut seq = 0;
    while seq < last {
        let Heard::Text(text) = line.hear(DEADLINE * 6).await else {
            panic!("a reader was put out after {seq}");
        };
        if let Some(rest) = text.strip_prefix("{\"type\":17,\"data\":{\"room\":1,\"seq\":") {
            let (number, _) = rest.split_once(',').unwrap();
            assert_eq!(number.parse::<i64>().unwrap(), seq + 1);
            seq += 1;
            read.fetch_add(1, Ordering::AcqRel);
        }
    }
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_never_read_cost_nine_hundred_others_nothing() {
    let files = rlimit::increase_nofile_limit(4_096).unwrap();
    assert!(files >= 4_096, "this test needs 4,096 descriptors");
    let server = Server::start(&[("chat.max_message_chars", "20000")]);
    let mut never: Vec<Raw> = Vec::new();
    let mut readers = Vec::new();
    let mut witness = None;
    for number in 0..READERS + NEVER {
        let guest = stranger(&server, number);
        if number % 10 == 9 {
            let mut raw = guest.narrow("/ws?feed").await;
            let hello = json!({"type": kinds::HELLO, "data": {"v": 1}}).to_string();
            raw.send(&crate::support::frame(
                crate::support::op::TEXT,
                hello.as_bytes(),
            ))
            .await;
            never.push(raw);
            witness.get_or_insert(guest);
            continue;
        }
        let mut line = Line::open(&guest, "/ws?feed").await.unwrap();
        assert!(
            line.say(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
                .await
        );
        readers.push(line);
    }
    let (mut ada, welcome): (Ws, _) = Guest::visiting(&server).await.feed().await;
    let people = (READERS + NEVER + 1) as u64;
    ada.expect("everybody is in", |frame| {
        frame["type"] == kinds::PRESENCE && frame["data"]["connections"] == people
    })
    .await;
    let before = server.peak_kib();
    let read = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = readers
        .into_iter()
        .map(|line| tokio::spawn(read_all(line, MESSAGES, Arc::clone(&read))))
        .collect();
    let long = "tea ".repeat(4_500);
    for number in 1..=MESSAGES {
        let ack = ada.post(&format!("{number} {long}")).await;
        assert_eq!(ack["seq"], number);
        if number % 20 == 0 {
            // Readers, not racers: a busy machine must not put them out.
            let all = READERS * usize::try_from(number).unwrap();
            eventually("all have read it", async || {
                read.load(Ordering::Acquire) == all
            })
            .await;
        }
    }
    for reader in readers {
        reader.await.unwrap();
    }
    let more = server.peak_kib() - before;
    assert!(more < 64 * 1024, "{NEVER} who never read cost {more} KiB");
    eventually("they are cut", async || {
        Guest::of(&server).metric("teahouse_connections").await == 1
    })
    .await;
    // By the budget, unless the machine is so busy that they have stalled for too long before they reach it.
    let cut = Guest::of(&server)
        .metric("teahouse_slow_readers_cut_total")
        .await;
    assert!(cut > 0, "not by what ends a connection later");
    drop(never);
    // And one of them comes back: what they missed is too much, so they get the newest page.
    let mut view = View::empty(&welcome);
    let (mut back, _) = witness.unwrap().resume(&view.resume()).await;
    view.take(
        &back
            .expect("the page", |frame| frame["type"] == kinds::RESET)
            .await,
    );
    assert_eq!(view.seq, MESSAGES);
    assert!(view.messages.contains_key(&MESSAGES));
}
