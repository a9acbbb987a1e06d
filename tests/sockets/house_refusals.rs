//! Who may not make the calls of the site's own server.

use serde_json::Value;
use teahouse::model::grant::Scope;
use teahouse::web::scopes::{self, Needed};

use crate::house::Program;
use crate::site_sign_in::{entered, settings};
use crate::support::routes::routes;
use crate::support::site::token_of;
use crate::support::{Answer, Guest, Member, Server};

/// Every call under `/api/v1/house`, about somebody.
fn calls() -> Vec<(String, String)> {
    let all = routes().into_iter();
    let house = all.filter(|(_, path)| path.starts_with("/api/v1/house/"));
    let calls: Vec<_> = house
        .map(|(method, path)| {
            let needed = scopes::of(&method.parse().unwrap(), &path);
            assert_eq!(needed, Some(Needed::Everywhere(Scope::House)), "{path}");
            (
                method,
                path.replace("{room}", "1").replace("{person}", "u1"),
            )
        })
        .collect();
    assert!(calls.len() > 10, "{calls:?}");
    calls
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

async fn ask(guest: &Guest, method: &str, path: &str) -> (u16, String) {
    let headers = [("content-type", "application/json")];
    let mut guest = guest.clone();
    told(&guest.request(method, path, &headers, b"").await)
}

#[tokio::test]
async fn no_other_token_is_good_for_them() {
    let server = Server::start(&settings(&[]));
    let site = Program::new(&server).await;
    let mut tokens: Vec<Vec<&str>> = vec![vec!["--scopes", "read,write,rooms"]];
    tokens.extend(["read", "write", "rooms"].map(|scope| vec!["--scopes", scope]));
    tokens.push(vec!["--scopes", "house", "--room", "1"]);
    for arguments in tokens {
        let program = site.with(&server, &arguments);
        for (method, path) in calls() {
            let path = path.strip_prefix("/api/v1/house/").unwrap();
            let answer = program.may_not(&method, path, &Value::Null).await;
            assert_eq!(
                answer,
                (403, "scope_needed".into()),
                "{method} {path} {arguments:?}"
            );
        }
    }
    let frame = Guest::of(&server);
    let (session, _) = entered(&mut frame.clone(), &token_of("4711", "Ada"), &Value::Null).await;
    let frame = frame.with("authorization", &format!("Bearer {session}"));
    let program = site.with(&server, &["--scopes", "house", "--name", "Site"]);
    let (_, listed, _) = server.run(&["token", "list", "Robot"], "");
    let line = listed.lines().find(|line| line.ends_with("Site")).unwrap();
    let id = line.split_whitespace().next().unwrap();
    program.may("GET", "online", &Value::Null).await;
    assert_eq!(server.run(&["token", "revoke", id], "").0, Some(0));
    for (method, path) in calls() {
        let answer = ask(&frame, &method, &path).await;
        assert_eq!(answer, (403, "not_for_tokens".into()), "{method} {path}");
        let path = path.strip_prefix("/api/v1/house/").unwrap();
        let answer = program.may_not(&method, path, &Value::Null).await;
        assert_eq!(answer, (401, "bad_token".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn no_browser_makes_them_whoever_is_signed_in_there() {
    let server = Server::start(&[]);
    let mut owner = Member::new(&server, "Olga").await;
    server.crown("Olga");
    let mut visitor = Guest::visiting(&server).await;
    for (method, path) in calls() {
        for body in [Value::Null, serde_json::json!({"content": "x"})] {
            let browser = match &*method {
                "GET" => owner.guest.get(&path).await,
                _ => owner.guest.change(&method, &path, &body).await,
            };
            assert_eq!(
                told(&browser),
                (403, "scope_needed".into()),
                "{method} {path}"
            );
            let browser = match &*method {
                "GET" => visitor.get(&path).await,
                _ => visitor.change(&method, &path, &body).await,
            };
            assert_eq!(
                told(&browser),
                (403, "scope_needed".into()),
                "{method} {path}"
            );
        }
        let nobody = ask(&Guest::of(&server), &method, &path).await;
        assert_eq!(nobody, (403, "scope_needed".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn no_person_is_the_sites_server_by_whatever_way() {
    let server = Server::start(&[]);
    let mut owner = Member::new(&server, "Olga").await;
    server.crown("Olga");
    let (code, _, err) = server.run(&["token", "add", "Olga", "--scopes", "read,house"], "");
    assert_eq!(code, Some(1));
    assert!(
        err.contains("Olga is a person") && err.contains("teahouse bot add"),
        "{err}"
    );
    let wanted = |scopes: &[&str]| serde_json::json!({"name": "x", "scopes": scopes});
    let refused = owner
        .may_not("POST", "me/tokens", &wanted(&["house"]))
        .await;
    assert_eq!(refused, (403, "not_allowed".into()));
    let made = owner.may("POST", "me/tokens", &wanted(&["read"])).await;
    let id = made["token"]["id"].as_str().unwrap();
    let path = format!("me/tokens/{id}");
    let wider = serde_json::json!({"scopes": ["read", "house"]});
    let refused = owner.may_not("PATCH", &path, &wider).await;
    assert_eq!(refused, (403, "would_widen".into()));
    // Not even by a row of a database that somebody else has written.
    server.runs(&["UPDATE tokens SET scopes = 'read house'"]);
    let bearer = format!("Bearer {}", made["key"].as_str().unwrap());
    let program = Guest::of(&server).with("authorization", &bearer);
    assert_eq!(program.clone().get("/api/v1/me").await.status, 200);
    for (method, path) in calls() {
        let answer = ask(&program, &method, &path).await;
        assert_eq!(answer, (403, "scope_needed".into()), "{method} {path}");
    }
}
