//! The page "From your server": what stands there is run as it stands.

use std::collections::HashMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::site_sign_in::settings;
use crate::support::{Member, Server};

const PAGES: [&str; 2] = [
    include_str!("../../docs/site/server.md"),
    include_str!("../../docs/site/server.zh-CN.md"),
];

/// The blocks of this kind on a page.
fn blocks<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    let blocks = page.split(&*fence).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap())
        .collect()
}

#[test]
fn both_languages_have_the_same_lines() {
    for kind in ["sh", "text"] {
        let [english, chinese] = PAGES.map(|page| blocks(page, kind));
        assert!(!english.is_empty(), "{kind}");
        assert_eq!(english, chinese, "{kind}");
    }
}

#[tokio::test]
async fn each_line_of_the_page_does_what_it_says() {
    let server = Server::start(&settings(&[]));
    let mut olga = Member::new(&server, "Olga").await;
    let room = olga.makes("public", "Kitchen").await;
    let mut key = String::new();
    for line in blocks(PAGES[0], "text")[0].lines() {
        let line = line.strip_prefix("teahouse ").unwrap();
        let line = line.replace("\"my site\"", "site");
        let arguments: Vec<&str> = line.split(' ').collect();
        let (code, out, err) = server.run(&arguments, "");
        assert_eq!(code, Some(0), "{err}");
        key = out;
    }
    let environment = HashMap::from([
        ("TEAHOUSE_URL", format!("http://{}", server.addr())),
        ("TEAHOUSE_TOKEN", key.trim().to_owned()),
        ("ROOM", room.to_string()),
    ]);
    let mut answers = Vec::new();
    for block in blocks(PAGES[0], "sh") {
        let mut command = Command::new("sh");
        command.args(["-euc", block]).envs(&environment);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = run.await.unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success(), "{block}: {out}");
        answers.push(serde_json::from_str::<Value>(&out).unwrap());
    }
    let mut next = answers.into_iter();
    let mut next = || next.next().unwrap();
    assert_eq!(next()["created"], true);
    assert_eq!(next()["person"]["name"], "Ada");
    assert_eq!(next()["people"], 0);
    assert_eq!(next()["asked"][0]["here"], "off");
    assert_eq!(next()["people"], json!([]));
    assert_eq!(next()["message"]["content"], "Your **tea** has been sent.");
    assert_eq!(next()["room"], 1);
    for _ in ["in", "out", "disconnected", "signed out", "deleted"] {
        assert_eq!(next(), json!({}));
    }
    assert_eq!(next()["bot"]["name"], "Shop");
    assert_eq!(next()["entries"][0]["what"], "bot_added");
}
