//! What people may write who may write in a repository, and whatever may be missing.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::Delivery;
use super::{changed, told, words};
use crate::text::markdown::preview;
use crate::text::markdown::tests::list::text_of;

#[test]
fn nobody_is_called_and_nothing_is_markup() {
    let nasty = "@all @Ada *b* [x](https://evil.example) <!-- a --> ＠所有人 `c` ](https://evil.example) me@example.org";
    for (event, body, places) in [
        (
            "push",
            include_bytes!("../fixtures/push.json").as_slice(),
            vec![
                "/commits/0/message",
                "/commits/0/author/name",
                "/commits/0/id",
                "/sender/login",
                "/repository/full_name",
            ],
        ),
        (
            "issues",
            include_bytes!("../fixtures/issues.json"),
            vec!["/issue/title", "/issue/body", "/sender/login"],
        ),
        (
            "issue_comment",
            include_bytes!("../fixtures/issue_comment.json"),
            vec!["/comment/body", "/issue/title"],
        ),
        (
            "pull_request",
            include_bytes!("../fixtures/pull_request.json"),
            vec!["/pull_request/body", "/pull_request/title"],
        ),
        (
            "release",
            include_bytes!("../fixtures/release.json"),
            vec!["/release/body", "/release/name"],
        ),
        (
            "workflow_run",
            include_bytes!("../fixtures/workflow_run.json"),
            vec![
                "/workflow_run/name",
                "/workflow_run/head_branch",
                "/workflow_run/head_commit/message",
            ],
        ),
        (
            "deployment_status",
            include_bytes!("../fixtures/deployment_status.json"),
            vec![
                "/deployment_status/description",
                "/deployment_status/environment",
                "/deployment/ref",
            ],
        ),
    ] {
        for place in places {
            for address in [true, false] {
                let mut posted = changed(body, &[(place, json!(nasty))]);
                if !address {
                    for link in [
                        "/sender/html_url",
                        "/repository/html_url",
                        "/issue/html_url",
                    ] {
                        if let Some(link) = posted.pointer_mut(link) {
                            *link = json!("javascript:alert(1)");
                        }
                    }
                }
                let Some(told) = words(event, &posted) else {
                    continue;
                };
                let rendered = crate::text::markdown::render(&told);
                assert!(rendered.mentioned().is_empty(), "{place}: {told}");
                let html = preview(&told);
                assert!(!html.contains("href=\"javascript"), "{html}");
                assert!(
                    !html.contains("<a href=\"https://evil.example\" title"),
                    "{html}"
                );
                text_of(&html, &told);
            }
        }
    }
}

#[test]
fn a_mail_address_is_one() {
    let change = ("/commits/0/message", json!("Ask ada@example.org, @grace"));
    let told = words(
        "push",
        &changed(include_bytes!("../fixtures/push.json"), &[change]),
    );
    assert!(
        told.unwrap()
            .contains(" Ask ada@example.org, `@grace` — Ada\n")
    );
}

#[test]
fn of_what_is_long_the_beginning_is_told() {
    let lines = (0..40)
        .map(|line| format!("line {line}\n\n"))
        .collect::<String>();
    let issue = include_bytes!("../fixtures/issues.json");
    let opened = |body: &str| {
        let changes = [("/action", json!("opened")), ("/issue/body", json!(body))];
        words("issues", &changed(issue, &changes)).unwrap()
    };
    let told = opened(&lines);
    assert!(told.ends_with("> line 7\n> …"), "{told}");
    let told = opened(&"茶".repeat(50_000));
    assert!(
        told.ends_with("茶…") && told.chars().count() < 600,
        "{told}"
    );
    assert!(!opened("<!-- what is it? --><!-- never ends").contains('>'));
    let delivery = Delivery::read("issues", issue).unwrap();
    for limit in 0..80 {
        let told = delivery.words(limit, false).unwrap_or_default();
        assert!(told.chars().count() <= limit, "{told}");
    }
}

proptest! {
    #[test]
    fn whatever_is_missing_or_wrong_it_is_told_or_not(
        which in 0_usize..10, place in 0_usize..400, text in "(\\PC|@| |\n|`|\\*|<|\\[|\\]){0,20}", kind in 0..4, limit in 1_usize..300,
    ) {
        let (name, body, _) = told![
            "deployment_status", "gitea-push", "issue_comment", "issues", "ping", "pull_request", "pull_request_review", "push",
            "release", "workflow_run",
        ][which];
        let mut posted: Value = serde_json::from_slice(body).unwrap();
        let value = [json!(null), json!(text), json!([text]), json!(7)][kind as usize].clone();
        let count = leaves(&mut posted, &mut |_, _| {});
        let chosen = place % count;
        leaves(&mut posted, &mut |at, leaf| {
            if at == chosen {
                *leaf = value.clone();
            }
        });
        let event = name.trim_start_matches("gitea-");
        let delivery = Delivery::read(event, posted.to_string().as_bytes()).unwrap();
        let told = delivery.words(limit, true).unwrap_or_default();
        prop_assert!(told.chars().count() <= limit);
        text_of(&preview(&told), &told);
    }
}

/// Gives `visit` each value in `value` that has none in it, with its number; says how many there are.
fn leaves(value: &mut Value, visit: &mut impl FnMut(usize, &mut Value)) -> usize {
    fn walk(value: &mut Value, from: usize, visit: &mut impl FnMut(usize, &mut Value)) -> usize {
        match value {
            Value::Object(fields) => fields
                .values_mut()
                .fold(from, |at, value| walk(value, at, visit)),
            Value::Array(values) => values
                .iter_mut()
                .fold(from, |at, value| walk(value, at, visit)),
            leaf => {
                visit(from, leaf);
                from + 1
            }
        }
    }
    walk(value, 0, visit)
}
