//! Six tools tell a room what they would tell Slack or GitHub's own: what each of them posts, as people see it. With
//! `TEAHOUSE_SCREENSHOTS=DIR` it leaves pictures of the page there, for docs/tour.md.

use std::path::Path;

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, PASSWORD};
use super::phone::nothing_sticks_out;
use super::{Browsers, Person, site};
use crate::support::tool::hook;
use crate::support::{Guest, Server};

/// Bots by the names of their tools, what they post, and words of it that people see.
const TOOLS: [(&str, &str, &str); 7] = [
    (
        "Grafana",
        "slack/fixtures/grafana.json",
        "[FIRING:1] Water is cold",
    ),
    (
        "Alertmanager",
        "slack/fixtures/alertmanager-resolved.json",
        "[RESOLVED] KettleCold",
    ),
    ("GitHub", "github/fixtures/push.json", "2 commits"),
    (
        "GitHub",
        "github/fixtures/workflow_run.json",
        "failed on main",
    ),
    (
        "Gitea",
        "slack/fixtures/gitea-issue.json",
        "The lid [left] is *hot*",
    ),
    (
        "Uptime Kuma",
        "slack/fixtures/uptime-kuma.json",
        "connect ECONNREFUSED",
    ),
    (
        "n8n",
        "slack/fixtures/n8n-blocks.json",
        "Approve the order?",
    ),
];

/// A tool posts a file of its form at the hook of its bot.
async fn posts(server: &Server, room: i64, bot: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/text")
        .join(file);
    let body = std::fs::read_to_string(&path).unwrap();
    let mut hook = hook(server, bot, room);
    let mut headers = vec![("content-type", "application/json")];
    if file.starts_with("github/") {
        hook.push_str("/github");
        headers.push((
            "x-github-event",
            path.file_stem().unwrap().to_str().unwrap(),
        ));
    }
    let mut tool = Guest::of(server);
    let answer = tool.request("POST", &hook, &headers, body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{bot}: {answer:?}");
}

/// The newest message is in sight at its place; nothing has the focus.
async fn rests(person: &Person) {
    person.click("h1").await;
    let end = "document.getElementById('timeline').scrollTop > -2";
    person.until("the end is in sight", end).await;
}

#[tokio::test]
async fn six_tools_post_and_everybody_sees_what_happened() {
    let server = Server::start(&[]);
    let mut ada = Companion::named(&server, "Ada").await;
    let room = ada.makes("public", "Operations").await;
    for (bot, file, _) in TOOLS {
        posts(&server, room, bot, file).await;
    }
    let browsers = Browsers::start();
    let person = browsers.person(&site(&server), "en").await;
    person.sign_in("Ada", PASSWORD).await;
    person
        .devtools("Emulation.setScrollbarsHidden", json!({"hidden": true}))
        .await;
    for (theme, width, height, name) in [
        ("light", 1440, 1620, "39-tools"),
        ("dark", 390, 844, "40-tools-phone"),
    ] {
        person.resize(1440, 900).await;
        person.choose(&format!("#theme-{theme}")).await;
        person.press(Key::Escape).await;
        person.resize(width, height).await;
        person.goto(&format!("/rooms/{room}")).await;
        person.is_live().await;
        // What is new is shown from its beginning.
        if theme == "light" {
            person.click("#newer").await;
        }
        for (bot, _, words) in TOOLS {
            let seen = format!(
                "[...document.querySelectorAll('#messages > .msg')].some((row) => row.querySelector('.name').textContent === {} && row.querySelector('.bot') && row.querySelector('.body').textContent.includes({}))",
                json!(bot),
                json!(words)
            );
            person.until(&format!("what {bot} says"), &seen).await;
        }
        let read = "document.querySelectorAll('#messages .seen').length";
        assert_eq!(person.look::<usize>(read).await, 0, "a bot reads nothing");
        nothing_sticks_out(&person).await;
        rests(&person).await;
        person.picture(name).await;
    }
    person.leave().await;
}
