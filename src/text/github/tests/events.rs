//! What is told of each event, and of what nothing is told.

use serde_json::{Value, json};

use super::super::{Delivery, Run};
use super::{changed, told, words};
use crate::text::markdown::preview;
use crate::text::markdown::tests::list::text_of;

#[test]
fn each_event_is_told_to_the_letter() {
    for (name, body, expected) in told![
        "deployment_status",
        "gitea-push",
        "issue_comment",
        "issues",
        "ping",
        "pull_request",
        "pull_request_review",
        "push",
        "release",
        "workflow_run",
    ] {
        let event = name.trim_start_matches("gitea-");
        let told = Delivery::read(event, body).unwrap().words(4_000, false);
        let told = told.unwrap();
        assert_eq!(told, expected.trim_end(), "{name}");
        text_of(&preview(&told), name);
        // The form that GitHub sends unless it is told to send JSON.
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", std::str::from_utf8(body).unwrap())
            .finish();
        let delivery = Delivery::read(event, form.as_bytes()).unwrap();
        assert_eq!(
            delivery.words(4_000, false).unwrap(),
            told,
            "{name} as a form"
        );
    }
}

#[test]
fn other_events_and_actions_say_nothing() {
    for event in [
        "",
        "star",
        "fork",
        "watch",
        "check_run",
        "PUSH",
        "installation",
    ] {
        let posted = changed(include_bytes!("../fixtures/push.json"), &[]);
        assert_eq!(words(event, &posted), None, "{event}");
    }
    let labeled = ("/action", json!("labeled"));
    for (event, body, change) in [
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json").as_slice(),
            labeled.clone(),
        ),
        (
            "issues",
            include_bytes!("../fixtures/issues.json"),
            labeled.clone(),
        ),
        (
            "issue_comment",
            include_bytes!("../fixtures/issue_comment.json"),
            ("/action", json!("edited")),
        ),
        (
            "release",
            include_bytes!("../fixtures/release.json"),
            ("/action", json!("created")),
        ),
        (
            "pull_request_review",
            include_bytes!("../fixtures/pull_request_review.json"),
            ("/action", json!("dismissed")),
        ),
        (
            "deployment_status",
            include_bytes!("../fixtures/deployment_status.json"),
            ("/deployment_status/state", json!("in_progress")),
        ),
        (
            "workflow_run",
            include_bytes!("../fixtures/workflow_run.json"),
            ("/action", json!("requested")),
        ),
        (
            "workflow_run",
            include_bytes!("../fixtures/workflow_run.json"),
            ("/workflow_run/conclusion", json!("cancelled")),
        ),
        (
            "workflow_run",
            include_bytes!("../fixtures/workflow_run.json"),
            ("/workflow_run/conclusion", json!(null)),
        ),
        (
            "push",
            include_bytes!("../fixtures/push.json"),
            ("/commits", json!([])),
        ),
    ] {
        assert_eq!(
            words(event, &changed(body, std::slice::from_ref(&change))),
            None,
            "{event} {change:?}"
        );
    }
    for body in ["", "[]", "{", "payload=x"] {
        assert!(Delivery::read("push", body.as_bytes()).is_none(), "{body}");
    }
    assert_eq!(words("push", &json!({})), None);
    assert_eq!(
        words("workflow_run", &json!({ "action": "completed" })),
        None
    );
}

#[test]
fn a_push_says_what_became_of_the_branch() {
    let push = include_bytes!("../fixtures/push.json");
    let none = ("/commits", json!([]));
    for (changes, expected) in [
        (
            vec![("/deleted", json!(true)), none.clone()],
            "deleted branch `main`",
        ),
        (
            vec![("/created", json!(true)), none.clone()],
            "created branch `main`",
        ),
        (
            vec![("/forced", json!(true)), none.clone()],
            "force-pushed `main`",
        ),
        (
            vec![("/ref", json!("refs/tags/v1`2"))],
            "pushed tag ``v1`2``",
        ),
        (
            vec![("/ref", json!("refs/tags/v1")), ("/deleted", json!(true))],
            "deleted tag `v1`",
        ),
    ] {
        let told = words("push", &changed(push, &changes)).unwrap();
        assert!(told.ends_with(expected), "{told}");
    }
    let commit = changed(push, &[])["commits"][0].clone();
    let many = changed(
        push,
        &[
            ("/commits", json!(vec![commit; 13])),
            ("/forced", json!(true)),
        ],
    );
    let told = words("push", &many).unwrap();
    assert!(told.contains("force-pushed [13 commits](") && told.ends_with("\n- and 3 more"));
    assert_eq!(told.lines().count(), 12);
}

#[test]
fn pull_requests_reviews_and_issues_say_what_was_done() {
    for (event, body, changes, expected) in [
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json").as_slice(),
            vec![
                ("/action", json!("closed")),
                ("/pull_request/merged", json!(true)),
            ],
            "merged pull request [#12",
        ),
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json"),
            vec![("/action", json!("closed"))],
            "closed pull request [#12",
        ),
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json"),
            vec![("/action", json!("reopened"))],
            "reopened pull request [#12",
        ),
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json"),
            vec![("/pull_request/draft", json!(true))],
            "opened draft pull request [#12",
        ),
        (
            "pull_request_review",
            include_bytes!("../fixtures/pull_request_review.json"),
            vec![
                ("/review/state", json!("APPROVED")),
                ("/review/body", json!(null)),
            ],
            "approved pull request [#12",
        ),
        (
            "pull_request_review",
            include_bytes!("../fixtures/pull_request_review.json"),
            vec![("/review/state", json!("commented"))],
            "commented on pull request [#12",
        ),
        (
            "issues",
            include_bytes!("../fixtures/issues.json"),
            vec![("/action", json!("opened"))],
            "opened issue [#9 The lid is hot](https://github.example/tea/kettle/issues/9)\n> au",
        ),
        (
            "issues",
            include_bytes!("../fixtures/issues.json"),
            vec![("/issue/state_reason", json!("completed"))],
            "closed issue [#9",
        ),
        (
            "issue_comment",
            include_bytes!("../fixtures/issue_comment.json"),
            vec![("/issue/pull_request", json!(null))],
            "commented on issue [#12",
        ),
        (
            "release",
            include_bytes!("../fixtures/release.json"),
            vec![
                ("/release/prerelease", json!(true)),
                ("/release/name", json!(null)),
            ],
            "published pre-release [v1.2.0](",
        ),
        (
            "deployment_status",
            include_bytes!("../fixtures/deployment_status.json"),
            vec![("/deployment_status/state", json!("failure"))],
            "🔴 **[tea/kettle](https://github.example/tea/kettle)** `main` was not deployed to [production](",
        ),
    ] {
        let told = words(event, &changed(body, &changes)).unwrap();
        assert!(told.contains(expected), "{told}");
    }
    let silent = [
        ("/review/state", json!("commented")),
        ("/review/body", json!(" ")),
    ];
    let review = changed(
        include_bytes!("../fixtures/pull_request_review.json"),
        &silent,
    );
    assert_eq!(
        words("pull_request_review", &review),
        None,
        "comments on lines come one by one"
    );
}

#[test]
fn a_workflow_is_told_of_when_it_fails_and_when_it_is_well_again() {
    let body = include_bytes!("../fixtures/workflow_run.json");
    let of = "tea/kettle/2823525:main".to_owned();
    let conclusion = |words: &str| ("/workflow_run/conclusion", json!(words));
    let read = |changes: &[(&str, Value)]| {
        let posted = changed(body, changes).to_string();
        Delivery::read("workflow_run", posted.as_bytes()).unwrap()
    };
    for words in ["failure", "timed_out", "startup_failure"] {
        let failed = read(&[conclusion(words)]);
        assert_eq!(
            failed.run(),
            Some(Run {
                of: of.clone(),
                failed: true
            })
        );
        assert!(failed.words(400, false).unwrap().starts_with("🔴"));
        assert!(
            failed.words(400, true).unwrap().starts_with("🔴"),
            "each failure is one"
        );
    }
    let well = read(&[conclusion("success")]);
    assert_eq!(well.run(), Some(Run { of, failed: false }));
    assert_eq!(well.words(400, false), None, "what was well is no news");
    let cancelled = read(&[conclusion("cancelled")]);
    assert_eq!((cancelled.run(), cancelled.words(400, true)), (None, None));
    let told = well.words(400, true).unwrap();
    assert!(
        told.starts_with("🟢") && told.contains("is well again on `main`"),
        "{told}"
    );
    let again = read(&[
        conclusion("success"),
        ("/workflow_run/run_attempt", json!(2)),
    ]);
    assert!(again.words(400, false).unwrap().starts_with("🟢"));
    let elsewhere = read(&[("/workflow_run/head_branch", json!("lid"))]).run();
    assert!(elsewhere.is_some_and(|run| run.of.ends_with(":lid")));
}
