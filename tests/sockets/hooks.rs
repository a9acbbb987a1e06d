//! Hooks: what tools post to them, as those tools do, and what the room shows.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::tool::hook;
use crate::support::{Answer, Guest, Server, Ws};

pub(super) const JSON: (&str, &str) = ("content-type", "application/json");
pub(super) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The files of a folder of `src/text/` that end so.
pub(super) fn fixtures(form: &str) -> Vec<(String, String, String)> {
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
pub(super) fn form(json: &str) -> String {
    let escaped = json.bytes().map(|byte| format!("%{byte:02X}"));
    format!("payload={}", escaped.collect::<String>())
}

/// A tool: it has no cookie, and follows no redirect.
pub(super) struct Tool(Guest);

impl Tool {
    pub(super) fn of(server: &Server) -> Self {
        Self(Guest::of(server))
    }

    pub(super) async fn posts(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.0.request("POST", path, headers, body.as_bytes()).await
    }

    /// Posts, and compares the answer as Alertmanager and Grafana do.
    pub(super) async fn says(&mut self, path: &str, headers: &[(&str, &str)], body: &str) {
        let answer = self.posts(path, headers, body).await;
        let kind = answer.header("content-type").unwrap().to_owned();
        assert_eq!((answer.status, &*answer.text()), (200, "ok"), "{answer:?}");
        assert!(kind.starts_with("text/plain"), "{kind}");
    }

    /// Posts what is refused; gives status and words.
    pub(super) async fn may_not(&mut self, path: &str, body: &str) -> (u16, String) {
        let answer = self.posts(path, &[JSON], body).await;
        (answer.status, answer.text())
    }
}

/// The next message of a feed.
pub(super) async fn heard(feed: &mut Ws) -> Value {
    let is = |frame: &Value| frame["type"] == kinds::EVENT && frame["data"]["kind"] == "message";
    let event = feed.expect("a message", is).await;
    event["data"]["message"].clone()
}

pub(super) fn text(path: &str) -> String {
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
        format!("{}/{}", mine.0, mine.1.get(1..).unwrap()),
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
