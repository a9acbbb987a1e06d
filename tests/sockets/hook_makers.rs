//! Who makes hooks, what of them is seen, and what the documentation says of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::hooks::{JSON, Tool, fixtures, heard, text};
use crate::support::tool::{self, hook};
use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn a_hook_is_made_by_those_who_look_after_the_room_and_everybody_sees_its_bot_come() {
    let server = Server::start(&[("bots.makers", "members"), ("hooks.per_room", "2")]);
    let (mut ada, mut bob, public) = Member::two_in_a_room(&server, "Kettles").await;
    let room = ada.makes("private", "Accounts").await;
    let mut tool = Tool::of(&server);
    let wanted = |room: i64, bot: &str| json!({"room": room, "bot": bot, "name": "Grafana"});
    let not_allowed = (403, "not_allowed".to_owned());
    let not_found = (404, "not_found".to_owned());
    assert_eq!(
        bob.may_not("POST", "hooks", &wanted(public, "Kettle"))
            .await,
        not_allowed
    );
    assert_eq!(
        bob.may_not("POST", "hooks", &wanted(room, "Kettle")).await,
        not_found
    );
    assert_eq!(
        ada.may_not("POST", "hooks", &wanted(1, "Kettle")).await,
        not_allowed
    );
    assert_eq!(
        ada.may_not("POST", "hooks", &wanted(room, "Bob")).await,
        (409, "name_taken".to_owned())
    );
    let list = format!("hooks?room={room}");
    assert_eq!(bob.may_not("GET", &list, &Value::Null).await, not_found);

    let (mut feed, _) = ada.hears(room).await;
    let made = ada.may("POST", "hooks", &wanted(room, "Kettle")).await;
    let came = feed
        .expect("the bot", |frame| frame["data"]["kind"] == "join")
        .await;
    let who = &came["data"]["who"];
    assert_eq!(
        (&who["name"], &who["bot"]),
        (&json!("Kettle"), &json!(true))
    );
    let path = made["url"].as_str().unwrap();
    tool.says(path, &[JSON], &text("The water boils")).await;
    let message = heard(&mut feed).await;
    assert_eq!(message["content"], "The water boils");
    assert_eq!(message["by"]["id"], who["id"]);

    // Another room of the same bot, and no others than these two.
    let elsewhere = ada.may("POST", "hooks", &wanted(public, "Kettle")).await;
    let (mut public_feed, _) = bob.hears(public).await;
    let other = elsewhere["url"].as_str().unwrap();
    let delivery = [
        JSON,
        ("x-github-event", "ping"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ];
    let all = fixtures("github");
    let (_, ping, _) = all.iter().find(|(name, ..)| name == "ping").unwrap();
    for (path, feed) in [(path, &mut feed), (other, &mut public_feed)] {
        tool.says(path, &delivery, ping).await;
        let message = heard(feed).await;
        assert_eq!(
            message["by"]["name"], "Kettle",
            "one event, two hooks, two rooms"
        );
    }
    ada.may("POST", "hooks", &wanted(public, "Kettle")).await;
    let full = ada
        .may_not("POST", "hooks", &wanted(public, "Kettle"))
        .await;
    assert_eq!(full, (403, "too_many_hooks".to_owned()));

    let listed = ada.may("GET", &list, &Value::Null).await;
    let hook = &listed["hooks"][0];
    assert_eq!(
        (&hook["bot"]["name"], &hook["name"], &hook["made_by"]),
        (&json!("Kettle"), &json!("Grafana"), &json!(ada.id))
    );
    let secret = path.rsplit('/').next().unwrap();
    assert!(!listed.to_string().contains(secret), "shown once");
    let people = ada
        .may("GET", &format!("rooms/{room}/people"), &Value::Null)
        .await;
    assert_eq!(people["people"], 1, "a bot is nobody's presence: {people}");

    // Who puts the bot out of the room has it out, and whoever ends the hook has ended it.
    let member = format!("rooms/{room}/members/{}", who["id"].as_str().unwrap());
    ada.may("DELETE", &member, &Value::Null).await;
    let out = tool.may_not(path, &text("Let me in")).await;
    assert_eq!(out, (403, "action_prohibited".to_owned()));
    let one = format!("hooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(bob.may_not("DELETE", &one, &Value::Null).await, not_found);
    ada.may("DELETE", &one, &Value::Null).await;
    assert_eq!(tool.may_not(path, &text("Let me in")).await.1, "no_service");
    ada.may(
        "PATCH",
        &format!("rooms/{public}"),
        &json!({"archived": true}),
    )
    .await;
    let closed = tool.may_not(other, &text("Anybody?")).await;
    assert_eq!(closed, (410, "channel_is_archived".to_owned()));
}

#[tokio::test]
async fn by_default_a_member_uses_bots_that_are_there_and_makes_none() {
    let server = Server::start(&[("bots.most", "1")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Accounts").await;
    let wanted = |bot: &str| json!({"room": room, "bot": bot});
    let refused = ada.may_not("POST", "hooks", &wanted("Kettle")).await;
    assert_eq!(refused, (403, "not_allowed".to_owned()));
    assert_eq!(server.run(&["bot", "add", "Kettle"], "").0, Some(0));
    let made = ada.may("POST", "hooks", &wanted("kettle")).await;
    tool::says(&server, made["url"].as_str().unwrap(), "The water boils").await;
    server.crown("Ada");
    let refused = ada.may_not("POST", "hooks", &wanted("Another")).await;
    assert_eq!(refused, (403, "too_many_bots".to_owned()));
}

#[tokio::test]
async fn the_operators_hook_brings_its_bot_into_a_private_room_with_its_first_words() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Accounts").await;
    let path = hook(&server, "Kettle", room);
    let (mut feed, _) = ada.hears(room).await;
    let mut tool = Tool::of(&server);
    tool.says(&path, &[JSON], &text("The water boils")).await;
    let came = feed
        .expect("the bot", |frame| frame["data"]["kind"] == "join")
        .await;
    assert_eq!(came["data"]["who"]["bot"], true);
    assert_eq!(heard(&mut feed).await["content"], "The water boils");
    let who = came["data"]["who"]["id"].as_str().unwrap();
    let member = format!("rooms/{room}/members/{who}");
    ada.may("DELETE", &member, &Value::Null).await;
    let out = tool.may_not(&path, &text("Let me in")).await;
    assert_eq!(out, (403, "action_prohibited".to_owned()), "once");
    let (code, _, err) = server.run(&["hook", "add", "--bot", "Kettle", "--room", "99"], "");
    assert!(
        code == Some(1) && err.contains("no room with the id 99"),
        "{err}"
    );
}

#[tokio::test]
async fn the_secret_of_a_hook_is_in_no_log_and_not_in_the_database() {
    let mut server = Server::start(&[]);
    let path = hook(&server, "Alerts", 1);
    let mut tool = Tool::of(&server);
    tool.says(&path, &[JSON], &text("hello")).await;
    tool.may_not(&path, "nonsense").await;
    tool.may_not(&format!("{path}x"), "nonsense").await;
    let secret = path.rsplit('/').next().unwrap().to_owned();
    let list = server.run(&["hook", "list"], "").1;
    let id = path.split('/').nth(2).unwrap();
    assert!(
        list.contains(id) && list.contains("Alerts") && !list.contains(&secret),
        "{list}"
    );
    let stopped = server.stop();
    assert!(!stopped.log.contains(&secret), "{}", stopped.log);
    let files = std::fs::read_dir(server.data()).unwrap();
    let all: BTreeSet<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    for file in all.iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        let is_in = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!is_in, "{}", file.display());
    }
}

/// The pages of the documentation, whose addresses have this in them.
const PAGES: [&str; 2] = [
    include_str!("../../docs/site/hooks.md"),
    include_str!("../../docs/site/hooks.zh-CN.md"),
];
const DOCUMENTED: &str =
    "https://chat.example.org/hooks/kettle7brew2/0123456789abcdefghijklmnopqrstuv";

/// What stands in the blocks of a page, each with its kind, in order.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = page.split("```").collect();
    let blocks = parts.into_iter().skip(1).step_by(2);
    blocks
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// Every address of a hook in a page.
fn addresses(page: &str) -> BTreeSet<String> {
    let ends = |c: char| c.is_whitespace() || c == '`';
    let all = page
        .split(ends)
        .filter(|word| word.starts_with("https://chat.example.org/hooks/"));
    all.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_documentation_is_followed_to_the_letter() {
    assert_eq!(blocks(PAGES[0]), blocks(PAGES[1]));
    assert_eq!(addresses(PAGES[0]), addresses(PAGES[1]));
    let server = Server::start(&[]);
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let (mut path, mut signed) = (String::new(), Vec::new());
    let mut said = Vec::new();
    for (kind, text) in blocks(PAGES[0]) {
        match kind {
            "sh" if text.starts_with("teahouse") => {
                for line in text.lines() {
                    let words: Vec<&str> = line.split(' ').skip(1).collect();
                    let (code, out, err) = server.run(&words, "");
                    assert_eq!(code, Some(0), "{line}: {err}");
                    let printed: Vec<String> = out.lines().map(str::to_owned).collect();
                    match printed.as_slice() {
                        [address] => address.clone_into(&mut path),
                        _ => signed = printed,
                    }
                }
            }
            "sh" => {
                let here = format!("http://{}{path}", server.addr());
                let command = text.replace(DOCUMENTED, &here);
                let mut run = std::process::Command::new("sh");
                run.args(["-c", &command]);
                if let [address, secret] = signed.as_slice() {
                    run.env("HOOK_URL", format!("http://{}{address}", server.addr()));
                    run.env("HOOK_SECRET", secret);
                }
                let run = run.output();
                let run = run.unwrap();
                assert_eq!(
                    String::from_utf8_lossy(&run.stdout),
                    "ok",
                    "{command}: {run:?}"
                );
                said.push(
                    heard(&mut feed).await["content"]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                );
            }
            "yaml" => assert!(text.contains(&format!("api_url: {DOCUMENTED}\n")), "{text}"),
            other => panic!("{other}: {text}"),
        }
    }
    assert_eq!(
        said,
        [
            "The water **boils**",
            "Backup: [done](https://example.org/log)",
            "News of **[ada/tea](https://github.com/ada/tea)** will be told here."
        ]
    );
    let forms = [
        ("", "slack", "grafana"),
        ("/slack", "slack", "gitea-push"),
        ("/github", "github", "push"),
    ];
    let documented: BTreeSet<String> = forms
        .iter()
        .map(|(end, ..)| format!("{DOCUMENTED}{end}"))
        .collect();
    assert_eq!(addresses(PAGES[0]), documented);
    let mut tool = Tool::of(&server);
    for (end, form, name) in forms {
        let all = fixtures(form);
        let (_, body, words) = all.iter().find(|(each, ..)| each == name).unwrap();
        // Gitea sends GitHub's header with Slack's form, too.
        let headers = [JSON, ("x-github-event", "push")];
        let headers = if end.is_empty() {
            &headers[..1]
        } else {
            &headers
        };
        tool.says(&format!("{path}{end}"), headers, body).await;
        assert_eq!(heard(&mut feed).await["content"], **words, "{name}");
    }
}
