//! Hooks: what tools post to them, as those tools do, and what the room shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::tool::{self, hook};
use crate::support::{Answer, Guest, Member, Server, Ws};

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The files of a folder of `src/text/` that end so.
fn fixtures(form: &str) -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/text/{form}/fixtures"));
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    files.sort();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let fixture = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let words = read(&path.with_extension("md"));
        (name, read(path), words.trim_end().to_owned())
    };
    files.iter().map(fixture).collect()
}

/// `payload=` and JSON, as a form has it.
fn form(json: &str) -> String {
    let escaped = json.bytes().map(|byte| format!("%{byte:02X}"));
    format!("payload={}", escaped.collect::<String>())
}

/// A tool: it has no cookie, and follows no redirect.
struct Tool(Guest);

impl Tool {
    fn of(server: &Server) -> Self {
        Self(Guest::of(server))
    }

    async fn posts(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.0.request("POST", path, headers, body.as_bytes()).await
    }

    /// Posts, and compares the answer as Alertmanager and Grafana do.
    async fn says(&mut self, path: &str, headers: &[(&str, &str)], body: &str) {
        let answer = self.posts(path, headers, body).await;
        let kind = answer.header("content-type").unwrap().to_owned();
        assert_eq!((answer.status, &*answer.text()), (200, "ok"), "{answer:?}");
        assert!(kind.starts_with("text/plain"), "{kind}");
    }

    /// Posts what is refused; gives status and words.
    async fn may_not(&mut self, path: &str, body: &str) -> (u16, String) {
        let answer = self.posts(path, &[JSON], body).await;
        (answer.status, answer.text())
    }
}

/// The next message of a feed.
async fn heard(feed: &mut Ws) -> Value {
    let is = |frame: &Value| frame["type"] == kinds::EVENT && frame["data"]["kind"] == "message";
    let event = feed.expect("a message", is).await;
    event["data"]["message"].clone()
}

fn text(path: &str) -> String {
    json!({ "text": path }).to_string()
}

#[tokio::test]
async fn each_tool_that_speaks_to_slack_speaks_here() {
    let server = Server::start(&[]);
    let path = hook(&server, "Alerts", 1);
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let mut tool = Tool::of(&server);
    let fixtures = fixtures("slack");
    assert!(fixtures.len() >= 10);
    for (name, body, words) in &fixtures {
        // GitLab labels it so; Slack's own libraries and old tools send a form.
        let json = ("content-type", "application/json; charset=utf-8");
        for (path, header, body) in [
            (path.clone(), json, body.clone()),
            (format!("{path}/slack"), FORM, form(body)),
        ] {
            tool.says(&path, &[header], &body).await;
            let message = heard(&mut feed).await;
            assert_eq!(message["content"], **words, "{name} by {path}");
            assert_eq!(message["by"]["name"], "Alerts");
            assert_eq!(message["by"]["bot"], true);
            assert_eq!(message["by"]["place"], "");
        }
    }
}

#[tokio::test]
async fn what_github_and_gitea_tell_of_a_repository_is_said_once() {
    let server = Server::start(&[]);
    let path = hook(&server, "Deploys", 1);
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let mut tool = Tool::of(&server);
    for (number, (name, body, words)) in fixtures("github").into_iter().enumerate() {
        let event = name.trim_start_matches("gitea-").to_owned();
        let delivery = format!("72d3162e-cc78-11e3-81ab-4c9367dc{number:04}");
        let headers = [
            JSON,
            ("x-github-event", &*event),
            ("x-github-delivery", &*delivery),
        ];
        tool.says(&path, &headers, &body).await;
        // A redelivery, in GitHub's other form and by the other address.
        let again = [FORM, headers[1], headers[2]];
        tool.says(&format!("{path}/github"), &again, &form(&body))
            .await;
        tool.says(&path, &[JSON], &text(&format!("after {name}")))
            .await;
        if !words.is_empty() {
            let message = heard(&mut feed).await;
            assert_eq!(message["content"], words, "{name}");
        }
        let after = heard(&mut feed).await;
        assert_eq!(after["content"], format!("after {name}"), "said once");
    }
    let unknown = [JSON, ("x-github-event", "watch")];
    tool.says(&path, &unknown, r#"{"action": "started"}"#).await;
    tool.says(&path, &[JSON], &text("the end")).await;
    assert_eq!(
        heard(&mut feed).await["content"],
        "the end",
        "nothing is said of a star"
    );
}

#[tokio::test]
async fn a_workflow_that_failed_is_told_when_it_is_well_again() {
    let server = Server::start(&[]);
    let path = hook(&server, "Deploys", 1);
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let mut tool = Tool::of(&server);
    let all = fixtures("github");
    let (_, failed, _) = all
        .iter()
        .find(|(name, ..)| name == "workflow_run")
        .unwrap();
    let mut well: Value = serde_json::from_str(failed).unwrap();
    *well.pointer_mut("/workflow_run/conclusion").unwrap() = json!("success");
    let headers = [JSON, ("x-github-event", "workflow_run")];
    for body in [
        &well.to_string(),
        failed,
        &well.to_string(),
        &well.to_string(),
    ] {
        tool.says(&path, &headers, body).await;
    }
    tool.says(&path, &[JSON], &text("the end")).await;
    let mut said = Vec::new();
    while said.last() != Some(&"the end".to_owned()) {
        said.push(
            heard(&mut feed).await["content"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0].contains("failed") && !said[1].contains("failed"),
        "{said:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_said_is_answered_as_slack_does() {
    let server = Server::start(&[]);
    let path = hook(&server, "Alerts", 1);
    let mut tool = Tool::of(&server);
    let other = hook(&server, "Alerts", 1);
    let (mine, theirs) = (
        path.rsplit_once('/').unwrap(),
        other.rsplit_once('/').unwrap(),
    );
    let no_service = (404, "no_service".to_owned());
    for wrong in [
        format!("{}/{}", mine.0, theirs.1),
        format!("{}/{}", mine.0, &mine.1[1..]),
        format!("/hooks/AAAAAAAAAAAA/{}", mine.1),
        "/hooks/x/y".to_owned(),
        "/hooks/x/y/github".to_owned(),
    ] {
        assert_eq!(
            tool.may_not(&wrong, &text("let me in")).await,
            no_service,
            "{wrong}"
        );
    }
    for (body, answer) in [
        ("", (400, "invalid_payload")),
        ("[1]", (400, "invalid_payload")),
        ("payload=%7B", (400, "invalid_payload")),
        ("{}", (400, "no_text")),
        (r#"{"text": " "}"#, (400, "no_text")),
    ] {
        let (status, words) = tool.may_not(&path, body).await;
        assert_eq!((status, &*words), answer, "{body}");
    }
    let long = |bytes: usize| {
        let around = text("").len();
        text(&"x".repeat(bytes - around))
    };
    tool.says(&path, &[JSON], &long(128 * 1024)).await;
    let too_long = tool.may_not(&path, &long(128 * 1024 + 1)).await;
    assert_eq!(too_long, (413, "invalid_payload".to_owned()));
    assert_eq!(tool.0.get(&path).await.status, 404, "nothing is read by it");
    assert_eq!(
        server
            .run(
                &["hook", "remove", mine.0.trim_start_matches("/hooks/")],
                ""
            )
            .0,
        Some(0)
    );
    assert_eq!(tool.may_not(&path, &text("still here?")).await, no_service);
    tool.says(&other, &[JSON], &text("I am")).await;
    assert_eq!(server.run(&["bot", "remove", "Alerts"], "").0, Some(0));
    assert_eq!(tool.may_not(&other, &text("still here?")).await, no_service);
}

#[tokio::test]
async fn a_hook_says_sixty_things_a_minute_and_another_one_of_its_bot_too() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let (one, other) = (hook(&server, "Alerts", 1), hook(&server, "Alerts", 1));
    let mut tool = Tool::of(&server);
    for number in 0..60 {
        tool.says(&one, &[JSON], &text(&format!("alert {number}")))
            .await;
    }
    let answer = tool.posts(&one, &[JSON], &text("one more")).await;
    assert_eq!((answer.status, &*answer.text()), (429, "rate_limited"));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    tool.says(&other, &[JSON], &text("another")).await;
}

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
async fn what_was_answered_ok_is_there_after_a_crash_and_is_not_said_again() {
    let mut server = Server::start(&[]);
    let path = hook(&server, "Deploys", 1);
    let mut tool = Tool::of(&server);
    let all = fixtures("github");
    let (_, push, words) = all.iter().find(|(name, ..)| name == "push").unwrap();
    let headers = [
        JSON,
        ("x-github-event", "push"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ];
    tool.says(&path, &headers, push).await;
    server.kill();
    server.launch();
    let mut tool = Tool::of(&server);
    tool.says(&path, &headers, push).await;
    tool.says(&path, &[JSON], &text("the end")).await;
    let mut guest = Guest::visiting(&server).await;
    let page = guest.get("/api/v1/rooms/1/messages").await.json();
    let said: Vec<&str> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["content"].as_str().unwrap())
        .collect();
    assert_eq!(said, [&**words, "the end"]);
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
    let mut path = String::new();
    let mut said = Vec::new();
    for (kind, text) in blocks(PAGES[0]) {
        match kind {
            "sh" if text.starts_with("teahouse") => {
                for line in text.lines() {
                    let words: Vec<&str> = line.split(' ').skip(1).collect();
                    let (code, out, err) = server.run(&words, "");
                    assert_eq!(code, Some(0), "{line}: {err}");
                    path = out.trim_end().to_owned();
                }
            }
            "sh" => {
                let here = format!("http://{}{path}", server.addr());
                let command = text.replace(DOCUMENTED, &here);
                let run = std::process::Command::new("sh")
                    .args(["-c", &command])
                    .output();
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
            "Backup: [done](https://example.org/log)"
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
