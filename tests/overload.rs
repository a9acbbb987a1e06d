//! More than the house can do: what matters least is left undone first, by name and counted, and
//! nothing that was acked is lost.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use serde_json::json;
use uuid::Uuid;

use crate::support::{DEADLINE, Guest, Server, eventually};

/// The id of ChatServer's thread: of those that run actors the first that was begun.
fn chat_thread(server: &Server) -> String {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
    let tasks = tasks.map(|task| task.unwrap().path());
    let acts = |task: &PathBuf| {
        let name = std::fs::read_to_string(task.join("comm")).unwrap();
        name.starts_with("actix-rt")
    };
    let ids = tasks.filter(acts).filter_map(|task| {
        let id = task.file_name()?.to_string_lossy().parse::<u32>();
        id.ok()
    });
    ids.min().unwrap().to_string()
}

/// Gives a thread another share of the processors (sched(7)).
fn schedule(thread: &str, policy: &str) {
    let told = Command::new("chrt")
        .args([policy, "--pid", "0", thread])
        .status();
    assert!(told.unwrap().success(), "chrt {policy}");
}

#[tokio::test]
async fn under_overload_reading_and_newcomers_wait_and_what_is_said_arrives() {
    let server = Server::start(&[("chat.max_message_chars", "20000")]);
    let mut reader = Guest::visiting(&server).await;
    let ada_is = Guest::visiting(&server).await;
    let (mut ada, _) = ada_is.feed().await;
    // ChatServer gets what the rest of the machine leaves: nothing, while there is a flood.
    schedule(&chat_thread(&server), "--idle");
    // Long texts in which everything is escaped are the dearest thing to encode, and without a word in
    // them they cost the index nothing. Before hello, nobody hears them here.
    let long = "\"<&>\" ".repeat(2_800);
    let mut floods = Vec::new();
    for _ in 0..4 {
        let mut flood = Guest::of(&server).open("/ws?feed", &[]).await.unwrap();
        let long = long.clone();
        floods.push(tokio::spawn(async move {
            for _ in 0..200 {
                flood.say(&long).await;
            }
            flood
        }));
    }
    let until = Instant::now() + DEADLINE;
    let busy = loop {
        let answer = reader.get("/api/v1/rooms/1/people").await;
        if answer.status != 200 {
            break answer;
        }
        assert!(Instant::now() < until, "reading was never left undone");
    };
    assert_eq!(busy.status, 503);
    assert_eq!(busy.json()["error"]["code"], "busy");
    assert!(busy.header("retry-after").is_some());
    schedule(&chat_thread(&server), "--other");
    // Whoever is in is heard, however late.
    let nonce = Uuid::new_v4();
    ada.submit(nonce, "said in the thick of it").await;
    for flood in floods {
        flood.await.unwrap();
    }
    eventually("the house has time again", async || {
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
