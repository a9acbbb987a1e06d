//! More than the server can do: what matters least is left undone first, by name and counted, and
//! nothing that was acked is lost.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::support::{DEADLINE, Guest, Server, eventually};

/// The id of ChatServer's thread.
fn chat_thread(server: &Server) -> String {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
    let mut tasks = tasks.map(|task| task.unwrap().path());
    let is_chat = |task: &PathBuf| {
        let name = std::fs::read_to_string(task.join("comm")).unwrap();
        name == "chat-server\n"
    };
    let task = tasks.find(is_chat).unwrap();
    task.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Gives a thread another share of the processors (sched(7)).
fn schedule(thread: &str, policy: &str) {
    let told = Command::new("chrt")
        .args([policy, "--pid", "0", thread])
        .status();
    assert!(told.unwrap().success(), "chrt {policy}");
}

/// How often somebody reads meanwhile.
const EVERY: Duration = Duration::from_millis(100);

#[tokio::test]
async fn under_overload_reading_and_newcomers_wait_and_what_is_said_arrives() {
    let server = Server::start(&[("chat.max_message_chars", "20000")]);
    let mut reader = Guest::visiting(&server).await;
    let ada_is = Guest::visiting(&server).await;
    let (mut ada, _) = ada_is.feed().await;
    // ChatServer gets what the rest of the machine leaves: nothing, while there is a flood.
    schedule(&chat_thread(&server), "--idle");
    let over = Arc::new(AtomicBool::new(false));
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let over = Arc::clone(&over);
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
    // Long texts in which everything is escaped are the dearest thing to encode, and without a word in
    // them they cost the index nothing. Before hello, nobody hears them here.
    let long = "\"<&>\" ".repeat(2_800);
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(Guest::of(&server).open("/ws?feed", &[]).await.unwrap());
    }
    let mut floods = Vec::new();
    for mut flood in waiting {
        let long = long.clone();
        floods.push(tokio::spawn(async move {
            for _ in 0..200 {
                flood.say(&long).await;
            }
            flood
        }));
    }
    let until = Instant::now() + DEADLINE;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    // Whoever asked in time waits for their answer; the next one asks all the same.
    let busy = loop {
        let (mut guest, tell) = (Guest::of(&server), tell.clone());
        tokio::spawn(async move {
            let answer = guest.get("/api/v1/rooms/1/people").await;
            let _heard = tell.send(answer);
        });
        match tokio::time::timeout(EVERY, told.recv()).await {
            Ok(Some(answer)) if answer.status != 200 => break answer,
            _ => {}
        }
        if Instant::now() > until {
            over.store(true, Ordering::Relaxed);
            panic!("reading was never left undone");
        }
    };
    assert_eq!(busy.status, 503);
    assert_eq!(busy.json()["error"]["code"], "busy");
    assert!(busy.header("retry-after").is_some());
    over.store(true, Ordering::Relaxed);
    schedule(&chat_thread(&server), "--other");
    // Whoever is in is heard, however late.
    let nonce = Uuid::new_v4();
    ada.submit(nonce, "said in the thick of it").await;
    for flood in floods {
        flood.await.unwrap();
    }
    eventually("the server has time again", async || {
        let mut guest = Guest::of(&server);
        guest.get("/api/v1/rooms/1/people").await.status == 200
    })
    .await;
    let (mut again, _) = ada_is.feed().await;
    again.submit(nonce, "said in the thick of it").await;
    let ack = again.ack(nonce).await;
    let before = ack["id"].as_i64().unwrap() + 1;
    let page = format!("/api/v1/rooms/1/messages?limit=1&before={before}");
    let kept = reader.get(&page).await.json()["messages"][0].take();
    assert_eq!(
        (&kept["content"], &kept["seq"]),
        (&json!("said in the thick of it"), &ack["seq"])
    );
    let metrics = reader.get("/metrics").await.text();
    assert!(
        metrics.contains("teahouse_shed_total{work=\"reading\"}"),
        "{metrics}"
    );
}
