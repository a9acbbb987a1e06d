//! Signed hooks: their address alone says nothing.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::hooks::{JSON, Tool, heard, text};
use crate::support::{Member, Server};

const BODY: &str = r#"{"zen": "Tea first.", "repository": {"full_name": "ada/tea", "html_url": "https://github.com/ada/tea"}}"#;

/// The signature of a body, as GitHub makes it.
fn signature(secret: &str, body: &str) -> String {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    let digest = mac.chain_update(body).finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

/// Makes a signed hook for a room; gives its path and secret.
async fn makes(member: &mut Member, room: i64, bot: &str) -> (String, String) {
    let wanted = json!({"room": room, "bot": bot, "signed": true});
    let made = member.may("POST", "hooks", &wanted).await;
    assert_eq!(made["hook"]["signed"], true);
    let of = |name: &str| made[name].as_str().unwrap().to_owned();
    (of("url"), of("secret"))
}

/// Posts with these headers; gives status and word.
async fn posts(tool: &mut Tool, path: &str, more: &[(&str, &str)], body: &str) -> (u16, String) {
    let answer = tool.posts(path, &[&[JSON], more].concat(), body).await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn what_is_not_signed_with_its_secret_is_refused() {
    let server = Server::start(&[("bots.makers", "members")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Kettles").await;
    let (path, secret) = makes(&mut ada, room, "Octocat").await;
    let (other_path, other_secret) = makes(&mut ada, room, "Octocat").await;
    assert_ne!(secret, other_secret);
    let (mut feed, _) = ada.hears(room).await;
    let mut tool = Tool::of(&server);
    let refused = (403, "invalid_token".to_owned());
    let ok = (200, "ok".to_owned());
    let good = signature(&secret, BODY);
    let sha1 = "sha1=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12";
    let altered = BODY.replace("Tea", "tea");
    let ping = ("x-github-event", "ping");
    let (others, bare) = (signature(&other_secret, BODY), good.replace("sha256=", ""));
    let by = |signature| [ping, ("x-hub-signature-256", signature)];
    for (headers, body, why) in [
        (&[ping][..], BODY, "no signature"),
        (&by(""), BODY, "an empty one"),
        (&by(&others), BODY, "another hook's"),
        (&by(&good), &*altered, "another body"),
        (&by(&bare), BODY, "no name of it"),
        (&by(sha1), BODY, "SHA-1"),
        (&[ping, ("x-hub-signature", sha1)], BODY, "SHA-1 alone"),
    ] {
        assert_eq!(
            posts(&mut tool, &path, headers, body).await,
            refused,
            "{why}"
        );
        let as_github = format!("{path}/github");
        let answer = posts(&mut tool, &as_github, headers, body).await;
        assert_eq!(answer, refused, "{why}");
    }
    let as_slack = format!("{path}/slack");
    for path in [&path, &as_slack] {
        let slack = posts(&mut tool, path, &[], &text("Let me in")).await;
        assert_eq!(slack, refused, "Slack's form signs nothing");
    }
    // What is refused does not take from the pace of who signs: that is 60 a minute.
    for _ in 0..60 {
        assert_eq!(posts(&mut tool, &path, &[ping], BODY).await, refused);
    }
    assert_eq!(posts(&mut tool, &path, &by(&good), BODY).await, ok);
    let message = heard(&mut feed).await;
    let words = message["content"].as_str().unwrap();
    assert!(words.starts_with("News of **[ada/tea]"), "{words}");
    assert_eq!(message["by"]["name"], "Octocat");
    let at_other = posts(&mut tool, &other_path, &by(&good), BODY).await;
    assert_eq!(at_other, refused);
    let counted = ada
        .guest
        .metric("teahouse_hooks_in_total{result=\"invalid_token\"}")
        .await;
    assert_eq!(counted, 77);
    let counted = ada
        .guest
        .metric("teahouse_hooks_in_total{result=\"ok\"}")
        .await;
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn the_secret_is_shown_once_kept_nowhere_and_good_after_a_restart() {
    let mut server = Server::start(&[("bots.makers", "members")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Kettles").await;
    let (path, secret) = makes(&mut ada, room, "Octocat").await;
    let plain = json!({"room": room, "bot": "Octocat"});
    let plain = ada.may("POST", "hooks", &plain).await;
    assert_eq!(plain.get("secret"), None);
    let listed = ada
        .may("GET", &format!("hooks?room={room}"), &Value::Null)
        .await;
    assert!(!listed.to_string().contains(&secret));
    let signed = |at: usize| listed["hooks"][at]["signed"].as_bool().unwrap();
    assert!(signed(0) && !signed(1), "{listed}");
    let by = [
        ("x-github-event", "ping"),
        ("x-hub-signature-256", &*signature(&secret, BODY)),
    ];
    let log = server.stop().log;
    assert!(!log.contains(&secret), "{log}");
    for name in ["teahouse.db", "session.key"] {
        let bytes = std::fs::read(server.data().join(name)).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{name}");
    }
    server.launch();
    let mut tool = Tool::of(&server);
    let answer = posts(&mut tool, &path, &by, BODY).await;
    assert_eq!(answer, (200, "ok".to_owned()));
}

#[tokio::test]
async fn the_command_line_makes_one_where_the_servers_key_is() {
    let server = Server::start(&[]);
    assert_eq!(server.run(&["bot", "add", "Octocat"], "").0, Some(0));
    let add = ["hook", "add", "--bot", "Octocat", "--room", "1", "--signed"];
    let (code, out, err) = server.run(&add, "");
    assert_eq!(code, Some(0), "{err}");
    let [path, secret] = *out.lines().collect::<Vec<_>>() else {
        panic!("{out}")
    };
    let by = [
        ("x-github-event", "ping"),
        ("x-hub-signature-256", &*signature(secret, BODY)),
    ];
    let mut tool = Tool::of(&server);
    let answer = posts(&mut tool, path, &by, BODY).await;
    assert_eq!(answer, (200, "ok".to_owned()));
    let listed = server.run(&["hook", "list"], "").1;
    assert!(listed.contains("\tsigned\t"), "{listed}");
    std::fs::remove_file(server.data().join("session.key")).unwrap();
    let (code, _, err) = server.run(&add, "");
    assert!(
        code == Some(1) && err.contains("Start the server once"),
        "{err}"
    );
    assert_eq!(server.run(&["hook", "list"], "").1, listed, "none was made");
}
