//! Bad tokens of a site at each door: the frame, a socket, the page. One code outside, the check in the log, the token nowhere.

use serde_json::{Value, json};

use crate::site_sign_in::{enter, server, with};
use crate::site_socket::refused;
use crate::support::site::{SECRET, claims, signed, token, token_of};
use crate::support::{Guest, Server};

/// A bad token, the code that it is refused with, and the check in the log.
fn table() -> Vec<(String, &'static str, &'static str)> {
    let good = claims("4711", "Ada");
    let now = good["iat"].as_i64().unwrap();
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": "2026a"});
    let claims = |name, value: Value| token(&with(&good, name, value));
    let headed = |name, value: Value| signed(&with(&header, name, value), &good, SECRET);
    let old = with(&with(&good, "iat", now - 100), "exp", now - 40);
    vec![
        (headed("alg", json!("none")), "bad_token", "alg"),
        (headed("alg", json!("HS512")), "bad_token", "alg"),
        (headed("kid", json!("2025")), "bad_token", "kid"),
        (headed("crit", json!(["exp"])), "bad_token", "crit"),
        (
            signed(&header, &good, b"another-another-another-another-"),
            "bad_token",
            "signature",
        ),
        (claims("iss", json!("another")), "bad_token", "iss"),
        (
            claims("aud", json!("http://other.example.org")),
            "bad_token",
            "aud",
        ),
        (claims("sub", json!("")), "bad_token", "sub"),
        (claims("exp", json!("soon")), "bad_token", "exp"),
        (token(&old), "token_expired", "exp passed"),
        (claims("nbf", json!(now + 100)), "bad_token", "nbf"),
        (claims("iat", json!(now + 100)), "bad_token", "iat"),
        (claims("exp", json!(now + 301)), "bad_token", "exp - iat"),
        (claims("jti", json!("short")), "bad_token", "jti"),
        (claims("role", json!("owner")), "bad_token", "role"),
        (claims("x", json!("x".repeat(5_000))), "bad_token", "size"),
    ]
}

fn count(server: &Server) -> i64 {
    server.number("SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM spent) + (SELECT count(*) FROM sessions WHERE user_id IS NOT NULL)")
}

#[tokio::test]
async fn each_is_refused_at_each_door_with_its_code_and_the_log_names_the_check() {
    let mut server = server(&[("site.sign_in", "https://www.example.org/in")]);
    let mut page = Guest::visiting(&server).await;
    page.change("POST", "/api/v1/auth/site/start", &Value::Null)
        .await;
    let mut checks = Vec::new();
    let table = table();
    for (token, code, check) in &table {
        let frame = enter(&mut Guest::of(&server), &json!(token), &Value::Null).await;
        assert_eq!((frame.status, &*frame.error()), (401, *code), "{check}");
        assert_eq!(
            refused(&Guest::of(&server), token).await,
            (401, (*code).to_owned()),
            "{check}"
        );
        let body = json!({"token": token});
        let back = page.change("POST", "/api/v1/auth/site", &body).await;
        assert_eq!((back.status, &*back.error()), (401, *code), "{check}");
        checks.push(*check);
    }
    assert_eq!(count(&server), 0, "nobody came in");
    let mut guest = Guest::of(&server);
    let refusals = guest
        .metric("teahouse_refused_total{code=\"bad_token\"}")
        .await;
    let bad = table.iter().filter(|(_, code, _)| *code == "bad_token");
    assert_eq!(usize::try_from(refusals).unwrap(), bad.count() * 3);
    let log = server.stop().log;
    for check in checks {
        let quoted = format!("check=\"{check}\"");
        assert!(log.matches(&quoted).count() >= 3, "{quoted} in {log}");
    }
    assert_eq!(
        log.matches("sign-in refused").count(),
        table.len() * 3,
        "a line for each"
    );
}

/// §4.5, a token in a log: whatever becomes of it, at whichever door.
#[tokio::test]
async fn attack_a_token_in_the_log() {
    let mut all = crate::site_sign_in::settings(&[("site.sign_in", "https://www.example.org/in")]);
    all.extend([
        ("limits.sign_ins_per_minute", "0"),
        ("limits.connections_per_address", "0"),
    ]);
    let mut server = Server::start_strict_by("RUST_LOG=trace exec \"$@\"", &all);
    let mut secret = Vec::new();
    let mut page = Guest::visiting(&server).await;
    for number in 0..3 {
        let token = token_of(&format!("u{number}"), "Ada");
        secret.push(token.clone());
        let guest = Guest::of(&server);
        match number {
            0 => drop(enter(&mut guest.clone(), &json!(token), &Value::Null).await),
            1 => drop(crate::site_socket::classic(&guest, &token).await),
            _ => {
                let body = json!({"token": token});
                page.change("POST", "/api/v1/auth/site", &body).await;
                drop(crate::site_socket::classic(&guest, &token).await);
            }
        }
        // Used, broken, and in requests that are refused for something else.
        refused(&guest, &token).await;
        refused(&guest, &format!("{token}x")).await;
        let mut guest = guest.clone();
        guest.get(&format!("/ws?token={token}")).await;
        guest.get(&format!("/nowhere?token={token}")).await;
    }
    let log = server.stop().log;
    for token in secret {
        for part in token.split('.') {
            let is_common = part == token.split('.').next().unwrap();
            assert!(is_common || !log.contains(part), "{part} in {log}");
        }
    }
}

#[tokio::test]
async fn too_many_bad_ones_from_an_address_are_not_looked_at() {
    let mut server = server(&[("limits.sign_ins_per_minute", "5")]);
    let mut codes = Vec::new();
    for _ in 0..8 {
        let answer = enter(&mut Guest::of(&server), &json!("x.y.z"), &Value::Null).await;
        codes.push(answer.error());
    }
    assert_eq!(codes[..5], ["bad_token"; 5]);
    assert_eq!(codes[7], "sign_in_throttled");
    // Good ones are not counted: a school has one address.
    for number in 0..8 {
        let token = token_of(&number.to_string(), "Ada");
        let answer = enter(&mut Guest::of(&server), &json!(token), &Value::Null).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(server.stop().log.matches("sign-in refused").count(), 5);
}
