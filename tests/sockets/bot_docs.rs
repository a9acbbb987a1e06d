//! The page "A bot in 20 lines": its bots are run as they stand there, and answer.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::support::{Guest, Server};

const PAGES: [&str; 2] = [
    include_str!("../../docs/site/bot.md"),
    include_str!("../../docs/site/bot.zh-CN.md"),
];
const NODE: &str = include_str!("../../docs/site/snippets/bot.mjs");
const PYTHON: &str = include_str!("../../docs/site/snippets/bot.py");

/// How long a bot has for each answer, and how many it may miss while it starts.
const A_WHILE: Duration = Duration::from_secs(5);
const PATIENCE: usize = 12;

/// The one block of this kind on a page.
fn block<'a>(page: &'a str, kind: &str) -> &'a str {
    let fence = format!("```{kind}\n");
    let (_, rest) = page.split_once(&*fence).unwrap();
    rest.split("\n```").next().unwrap()
}

#[test]
fn both_pages_show_what_is_run() {
    for page in PAGES {
        assert_eq!(block(page, "js"), NODE.trim_end());
        assert_eq!(block(page, "python"), PYTHON.trim_end());
        assert_eq!(block(page, "sh"), block(PAGES[0], "sh"));
    }
    for bot in [NODE, PYTHON] {
        let lines = bot.lines().filter(|line| !line.trim().is_empty());
        assert!(lines.count() <= 20);
    }
}

/// The key that the lines of the page make.
fn key(server: &Server) -> String {
    let mut printed = String::new();
    for line in block(PAGES[0], "sh").lines() {
        let arguments: Vec<&str> = line.strip_prefix("teahouse ").unwrap().split(' ').collect();
        let (code, out, err) = server.run(&arguments, "");
        assert_eq!(code, Some(0), "{err}");
        printed = out;
    }
    printed.trim().to_owned()
}

/// A bot, which ends with the test.
fn bot(server: &Server, program: &str, arguments: &[&str], key: &str) -> Child {
    Command::new(program)
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/site/snippets"))
        .env("TEAHOUSE_URL", format!("http://{}", server.addr()))
        .env("TEAHOUSE_TOKEN", key)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Says `words` until the bot, which may still be starting, answers to one of them.
async fn answers(guest: &Guest, words: &str, begins: &str) {
    let (mut ws, _) = guest.feed().await;
    let mut said = Vec::new();
    let heard = loop {
        assert!(said.len() < PATIENCE, "the bot does not answer");
        said.push(ws.post(words).await["id"].clone());
        let answer = ws.expect("the bot's answer", |frame| {
            let content = frame["data"]["message"]["content"].as_str();
            content.is_some_and(|content| content.starts_with(begins))
        });
        if let Ok(heard) = tokio::time::timeout(A_WHILE, answer).await {
            break heard;
        }
    };
    let message = &heard["data"]["message"];
    assert_eq!(message["by"]["name"], "Dice");
    assert_eq!(message["by"]["bot"], true);
    assert!(said.contains(&message["reply"]["id"]), "{message}");
}

#[tokio::test]
async fn the_bot_with_a_socket_answers_and_is_nobodys_presence() {
    let server = Server::start(&[]);
    let key = key(&server);
    // Node has WebSockets without being asked since version 22.
    let version = std::process::Command::new("node")
        .arg("--version")
        .output()
        .unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let major = version.trim_start_matches('v').split('.').next().unwrap();
    let arguments: &[&str] = match major.parse::<u32>().unwrap() {
        ..22 => &["--experimental-websocket", "bot.mjs"],
        _ => &["bot.mjs"],
    };
    let _bot = bot(&server, "node", arguments, &key);
    let mut ann = Guest::visiting(&server).await;
    answers(&ann, "!dice please", "🎲 ").await;
    let here = ann.get("/api/v1/rooms/1/people").await.json();
    assert_eq!(here["people"], 0, "{here}");
}

#[tokio::test]
async fn the_bot_that_calls_answers() {
    let server = Server::start(&[]);
    let key = key(&server);
    let ann = Guest::visiting(&server).await;
    let _bot = bot(&server, "python3", &["bot.py"], &key);
    answers(&ann, "!time", "🕰 ").await;
}
