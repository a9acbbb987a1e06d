//! Signing in to the page at the site: with the nonce of this very session, and no other way.

use serde_json::{Value, json};

use crate::site_sign_in::{server, with};
use crate::support::site::{HOUSE, claims, token, token_of};
use crate::support::{Answer, Guest, Server};

const SIGN_IN: &str = "https://www.example.org/chat/sign-in?from=chat";

fn with_page() -> Server {
    server(&[("site.sign_in", SIGN_IN), ("site.name", "Example")])
}

/// Begins to sign in at the site; the nonce.
async fn start(guest: &mut Guest) -> String {
    let answer = guest
        .change("POST", "/api/v1/auth/site/start", &Value::Null)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let address = answer.json()["address"].as_str().unwrap().to_owned();
    let address = url::Url::parse(&address).unwrap();
    let pairs: Vec<_> = address.query_pairs().into_owned().collect();
    assert_eq!(address.host_str(), Some("www.example.org"));
    assert_eq!(pairs[0], ("from".into(), "chat".into()));
    assert_eq!(pairs[2], ("back".into(), format!("{HOUSE}/auth/back")));
    pairs[1].1.clone()
}

async fn back(guest: &mut Guest, token: &str) -> Answer {
    let body = json!({"token": token});
    guest.change("POST", "/api/v1/auth/site", &body).await
}

fn asked(subject: &str, name: &str, nonce: &str) -> String {
    token(&with(&claims(subject, name), "nonce", nonce))
}

#[tokio::test]
async fn who_comes_back_with_the_nonce_of_their_session_is_signed_in() {
    let server = with_page();
    let mut ada = Guest::visiting(&server).await;
    let page = ada.get("/").await.text();
    assert!(page.contains("Sign in with Example"), "the button");
    let before = ada.cookie.clone().unwrap();
    let nonce = start(&mut ada).await;
    let (mut ws, _) = ada.feed().await;
    let document = ada.get("/auth/back").await;
    assert_eq!(document.status, 200);
    let once = asked("4711", "Ada", &nonce);
    let answer = back(&mut ada, &once).await;
    assert_eq!(answer.json()["me"]["name"], "Ada", "{answer:?}");
    assert_eq!(ws.closed().await, Some(4500), "the visitor's");
    assert_eq!(ada.get("/api/v1/me").await.json()["me"]["name"], "Ada");
    let via = server.texts("SELECT via FROM sessions WHERE user_id = 1 AND host IS NULL");
    assert_eq!(via, ["site"]);
    // §4.5, session fixation: whoever knew the visitor's cookie has nothing.
    let mut other = Guest::of(&server);
    other.cookie = Some(before);
    assert_eq!(
        other.get("/api/v1/me").await.json()["me"]["kind"],
        "visitor"
    );
    // The settings have no password to change, and a name that is changed elsewhere.
    let page = ada.get("/").await.text();
    assert!(!page.contains("id=\"password-form\"") && !page.contains("id=\"delete-password\""));
    assert!(page.contains("readonly"));
    let again = back(&mut ada, &once).await;
    assert_eq!(again.error(), "bad_token", "the nonce is used up too");
}

/// §4.5, login CSRF: no link signs anybody in as somebody else.
#[tokio::test]
async fn attack_login_csrf() {
    let mut server = with_page();
    let mut mallory = Guest::visiting(&server).await;
    let hers = start(&mut mallory).await;
    let mut victim = Guest::visiting(&server).await;
    let bare = back(&mut victim, &token_of("666", "Mallory")).await;
    assert_eq!((bare.status, &*bare.error()), (401, "bad_token"));
    let foreign = asked("666", "Mallory", &hers);
    assert_eq!(back(&mut victim, &foreign).await.error(), "bad_token");
    start(&mut victim).await;
    for nonce in ["", "x", &hers] {
        let token = match nonce {
            "" => token_of("666", "Mallory"),
            nonce => asked("666", "Mallory", nonce),
        };
        assert_eq!(back(&mut victim, &token).await.error(), "bad_token");
    }
    // Nor does a form of another site, or one without our cookie.
    let own = start(&mut victim).await;
    let token = asked("666", "Mallory", &own);
    let body = json!({"token": token}).to_string();
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("content-type", "application/json"),
    ];
    let forged = victim
        .request("POST", "/api/v1/auth/site", &headers, body.as_bytes())
        .await;
    assert_eq!(forged.error(), "cross_site");
    assert_eq!(
        victim.get("/api/v1/me").await.json()["me"]["kind"],
        "visitor"
    );
    assert_eq!(server.number("SELECT count(*) FROM users"), 0);
    let log = server.stop().log;
    assert!(log.contains("check=\"nonce of this session\""), "{log}");
}

#[tokio::test]
async fn a_nonce_is_good_for_ten_minutes() {
    let server = with_page();
    let mut ada = Guest::visiting(&server).await;
    let nonce = start(&mut ada).await;
    let states = server.texts("SELECT state FROM sessions");
    let mut state: Value = serde_json::from_str(&states[0]).unwrap();
    let mut kept: Value = serde_json::from_str(state["nonce"].as_str().unwrap()).unwrap();
    let left = kept["until"].as_i64().unwrap() - teahouse::text::clock::now_ms();
    assert!((590_000..=600_000).contains(&left), "{left}");
    kept["until"] = json!(1);
    state["nonce"] = json!(kept.to_string());
    server.database(|db| {
        let state = state.to_string();
        let values = [teahouse::store::db::Value::Text(&state)];
        db.execute("UPDATE sessions SET state = $1", &values)
            .unwrap();
    });
    let late = back(&mut ada, &asked("4711", "Ada", &nonce)).await;
    assert_eq!((late.status, &*late.error()), (401, "bad_token"));
}

#[tokio::test]
async fn without_such_a_page_there_is_neither_button_nor_way_back() {
    let server = server(&[]);
    let mut guest = Guest::visiting(&server).await;
    let page = guest.get("/").await.text();
    assert!(!page.contains("site-sign-in"));
    assert_eq!(guest.get("/auth/back").await.status, 404);
    let start = guest
        .change("POST", "/api/v1/auth/site/start", &Value::Null)
        .await;
    assert_eq!((start.status, &*start.error()), (404, "not_found"));
}

#[tokio::test]
async fn who_signs_in_again_may_delete_the_account() {
    let server = with_page();
    let mut ada = Guest::visiting(&server).await;
    let nonce = start(&mut ada).await;
    back(&mut ada, &asked("4711", "Ada", &nonce)).await;
    let states = server.texts("SELECT state FROM sessions WHERE user_id = 1");
    let mut state: Value = serde_json::from_str(&states[0]).unwrap();
    state["since"] = json!("1");
    server.database(|db| {
        let state = state.to_string();
        let values = [teahouse::store::db::Value::Text(&state)];
        db.execute("UPDATE sessions SET state = $1 WHERE user_id = 1", &values)
            .unwrap();
    });
    let farewell = json!({"password": ""});
    let stale = ada.change("DELETE", "/api/v1/me", &farewell).await;
    assert_eq!((stale.status, &*stale.error()), (401, "sign_in_again"));
    let nonce = start(&mut ada).await;
    back(&mut ada, &asked("4711", "Ada", &nonce)).await;
    let gone = ada.change("DELETE", "/api/v1/me", &farewell).await;
    assert_eq!(gone.status, 200, "{gone:?}");
}
