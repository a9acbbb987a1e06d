//! A resume of 300 events: over a socket of a living room, and what the store adds when the room
//! is not in memory.

use std::time::Instant;

use teahouse::bench::line::Line;
use teahouse::bench::options::Protocol;
use teahouse::chat::ring::EVENTS;
use teahouse::chat::room_history::RoomHistory;
use teahouse::model::command::Command;
use teahouse::model::message::LOBBY;
use teahouse::model::principal::Principal;
use teahouse::model::seq::Seq;
use teahouse::protocol::request::Position;
use teahouse::store::commands::apply::apply;
use teahouse::store::queries::{epochs, messages};
use teahouse::store::schema;
use uuid::Uuid;

use super::disk::{body, message};
use super::support::{Fixture, percentile, scratch, somebody};

const TIMES: usize = 200;

/// Runs the bench.
pub fn run() {
    let data = scratch();
    let database = data.path().join("teahouse.db");
    let mut db = schema::open(Some(&database)).expect("a file");
    epochs::open(&mut db, LOBBY).expect("a room");
    db.begin().expect("a transaction");
    for _ in 0..20_000 {
        let draft = Command::Send {
            principal: Principal::member(message().by),
            message: Box::new(message()),
            body: body(),
            attachments: Vec::new(),
            fallback_name: None,
        };
        apply(&mut db, Some(Uuid::new_v4()), draft).expect("written");
    }
    db.commit().expect("on disk");
    let limit = i64::try_from(EVENTS).expect("few");
    let head = epochs::open(&mut db, LOBBY).expect("a room");
    let position = Position {
        epoch: head.epoch.clone(),
        seq: Seq(head.seq.0 - limit),
    };
    let from_store: Vec<f64> = (0..TIMES)
        .map(|_| {
            let began = Instant::now();
            let newest = messages::page(&mut db, LOBBY, None, limit).expect("messages");
            let events = messages::events(&mut db, LOBBY, limit).expect("events");
            let (epoch, base) = (head.epoch.clone(), String::new());
            let room = RoomHistory::new(LOBBY, epoch, head.seq, newest, events, 50, base);
            std::hint::black_box(room.since(&position));
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    drop(db);
    let house = Fixture::start(data.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let hello = format!(
        "{{\"type\":10,\"data\":{{\"v\":1,\"resume\":{{\"1\":{{\"epoch\":\"{}\",\"seq\":{}}}}}}}}}",
        position.epoch, position.seq
    );
    let mut bytes = 0;
    let from_memory: Vec<f64> = (0..TIMES)
        .map(|number| {
            runtime.block_on(async {
                let who = somebody(format!("User-Agent: client {number}"));
                let mut line = Line::open(house.address, &who, Protocol::Feed)
                    .await
                    .expect("let in");
                let began = Instant::now();
                line.send(&hello).await.expect("open");
                bytes = 0;
                loop {
                    let batch = line.expect(19).await.expect("a batch");
                    bytes += batch.len();
                    if batch.ends_with(b"\"more\":false}}") {
                        return began.elapsed().as_secs_f64() * 1e3;
                    }
                }
            })
        })
        .collect();
    for (what, times) in [
        (
            "hello to the last of 300 events, over a socket",
            &from_memory,
        ),
        (
            "the room read from the store and encoded, and the resume",
            &from_store,
        ),
    ] {
        println!(
            "{what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            percentile(times, 50.0),
            percentile(times, 99.0),
            percentile(times, 100.0)
        );
    }
    println!("{bytes} bytes; 20,000 messages in the database; {TIMES} times");
}
