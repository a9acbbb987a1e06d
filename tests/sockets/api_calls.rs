//! Calls of the API are counted by what says who calls.

use serde_json::Value;

use crate::site_sign_in::{entered, server};
use crate::support::site::token_of;
use crate::support::{Guest, Member, Server};

/// How many calls have been counted as made by this.
async fn counted(by: &str, ears: &mut Guest) -> u64 {
    let metrics = ears.get("/metrics").await.text();
    let name = format!("teahouse_api_calls_total{{by=\"{by}\"}} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&*name));
    value.map_or(0, |value| value.parse().unwrap())
}

/// A key of an account, as the command line makes it.
fn key(server: &Server, account: &str) -> String {
    let (code, key, err) = server.run(&["token", "add", account], "");
    assert_eq!(code, Some(0), "{err}");
    key.trim().to_owned()
}

#[tokio::test]
async fn a_call_is_counted_once_by_what_says_who_calls() {
    let server = server(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut ears = Guest::of(&server);
    let (session, _) = entered(
        &mut Guest::of(&server),
        &token_of("4711", "Eve"),
        &Value::Null,
    )
    .await;
    assert_eq!(server.run(&["bot", "add", "Robot"], "").0, Some(0));
    let before = counted("cookie", &mut ears).await;
    ada.may("GET", "me", &Value::Null).await;
    assert_eq!(counted("cookie", &mut ears).await, before + 1);
    for (by, bearer) in [
        ("frame", session),
        ("token", key(&server, "Ada")),
        ("bot", key(&server, "Robot")),
    ] {
        assert_eq!(counted(by, &mut ears).await, 0);
        let caller = Guest::of(&server).with("authorization", &format!("Bearer {bearer}"));
        assert_eq!(caller.clone().get("/api/v1/me").await.status, 200);
        assert_eq!(counted(by, &mut ears).await, 1, "{by}");
        // What is no call of the API is none.
        caller.clone().get("/rooms/1").await;
        assert_eq!(counted(by, &mut ears).await, 1, "{by}");
    }
    let bad = Guest::of(&server).with("authorization", "Bearer thp_nobody");
    assert_eq!(bad.clone().get("/api/v1/me").await.status, 401);
    assert_eq!(counted("cookie", &mut ears).await, before + 1);
}
