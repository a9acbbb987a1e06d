//! Sessions: what a cookie is worth, when it is worth nothing any more, and what is left of the
//! sockets of a session that has ended.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Answer, Guest, Server, ends_at_once, frame, on_postgres, op};

const PHRASE: &str = "a long pass phrase";

fn me(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["me"].clone()
}

#[tokio::test]
async fn the_session_key_changes_with_the_person_and_the_old_one_is_dead() {
    let server = Server::start(&[]);
    let mut browser = Guest::visiting(&server).await;
    let mut cookies = vec![browser.clone()];
    me(&browser.register("Ada", PHRASE).await);
    cookies.push(browser.clone());
    me(&browser.sign_in("Ada", PHRASE).await);
    cookies.push(browser.clone());
    me(&browser.sign_out().await);
    cookies.push(browser.clone());
    me(&browser.sign_in("Ada", PHRASE).await);
    let all: HashSet<String> = cookies
        .iter()
        .chain([&browser])
        .map(|guest| guest.cookie.clone().unwrap())
        .collect();
    assert_eq!(all.len(), 5, "a new key each time");
    let living = browser.feed().await.1["me"].clone();
    assert_eq!(living["id"], "u1");
    let nobody = Guest::of(&server).feed().await.1["me"].clone();
    for old in cookies {
        let seen = old.feed().await.1["me"].clone();
        assert_eq!(seen["id"], nobody["id"], "an old cookie is none");
    }
    // A key that an attacker has chosen is not taken over.
    let mut fixed = Guest::of(&server);
    fixed.cookie = Some("teahouse=chosen-by-somebody-else".into());
    fixed.visit().await;
    assert_ne!(
        fixed.cookie.as_deref(),
        Some("teahouse=chosen-by-somebody-else")
    );
}

#[tokio::test]
async fn whoever_shows_once_more_who_they_are_keeps_session_and_sockets_under_a_new_key() {
    let server = Server::start(&[]);
    let mut browser = Guest::visiting(&server).await;
    me(&browser.register("Ada", PHRASE).await);
    let (mut page, _) = browser.feed().await;
    let mut old = browser.clone();
    server.runs(&["UPDATE sessions SET state = replace(state, '\"since\":\"1', '\"since\":\"')"]);
    let wanted = json!({"name": "script", "scopes": ["read"]});
    let refused = browser.change("POST", "/api/v1/me/tokens", &wanted).await;
    assert_eq!(refused.error(), "sign_in_again");
    me(&browser.sign_in("Ada", PHRASE).await);
    let made = browser.change("POST", "/api/v1/me/tokens", &wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        old.get("/api/v1/me/devices").await.status,
        401,
        "the old key"
    );
    let devices = browser.get("/api/v1/me/devices").await.json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
    page.post("still here").await;
    // Another account is another session.
    let mut other = Guest::visiting(&server).await;
    me(&other.register("Bob", PHRASE).await);
    me(&browser.sign_in("Bob", PHRASE).await);
    ends_at_once(server.addr(), &mut page).await;
}

#[tokio::test]
async fn a_script_that_asked_before_signing_in_brings_no_cookie_after_it() {
    let server = Server::start(&[]);
    let mut browser = Guest::visiting(&server).await;
    let mut before = browser.clone();
    me(&browser.register("Ada", PHRASE).await);
    let late = before.request("GET", "/", &[("sec-fetch-dest", "empty")], b"");
    let late = late.await;
    assert_eq!((late.status, late.header("set-cookie")), (200, None));
    // Whoever opens the page with it is somebody new.
    let opened = before.request("GET", "/", &[("sec-fetch-dest", "document")], b"");
    assert!(opened.await.header("set-cookie").is_some());
}

#[tokio::test]
async fn signing_out_ends_all_sockets_of_the_session_and_no_others() {
    let server = Server::start(&[]);
    let mut laptop = Guest::visiting(&server).await;
    me(&laptop.register("Ada", PHRASE).await);
    let mut phone = Guest::visiting(&server).await;
    me(&phone.sign_in("Ada", PHRASE).await);
    let (mut page, _) = laptop.feed().await;
    let (mut second_tab, _) = laptop.feed().await;
    let (mut classic, _) = laptop.classic().await;
    let (mut elsewhere, _) = phone.feed().await;
    elsewhere
        .expect("all are in", |frame| frame["data"]["connections"] == 4)
        .await;
    me(&laptop.sign_out().await);
    for ws in [&mut page, &mut second_tab, &mut classic] {
        ends_at_once(server.addr(), ws).await;
    }
    elsewhere
        .expect("they are out", |frame| frame["data"]["connections"] == 1)
        .await;
    elsewhere.post("the other device goes on").await;
}

#[tokio::test]
async fn a_socket_that_ignores_its_end_is_heard_no_more() {
    let server = Server::start(&[]);
    let (mut witness, _) = Guest::visiting(&server).await.feed().await;
    let mut ada = Guest::visiting(&server).await;
    me(&ada.register("Ada", PHRASE).await);
    let mut zombie = ada.raw("/ws").await;
    zombie.text_with("chatRecordList").await;
    me(&ada.sign_out().await);
    assert_eq!(zombie.close_code().await, Some(4500));
    zombie
        .send_or_be_cut(&frame(op::TEXT, br#"{"type":3,"data":"as Ada still"}"#))
        .await;
    witness
        .expect("only the witness is left", |frame| {
            frame["type"] == kinds::PRESENCE && frame["data"]["connections"] == 1
        })
        .await;
    witness.post("the end").await;
    let heard = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .text();
    assert!(!heard.contains("as Ada still"), "{heard}");
}

#[tokio::test]
async fn a_cookie_that_was_tampered_with_is_nobodys() {
    let server = Server::start(&[("chat.guests", "off")]);
    let mut ada = Guest::visiting(&server).await;
    me(&ada.register("Ada", PHRASE).await);
    let people = "/api/v1/rooms/1/people";
    assert_eq!(ada.get(people).await.status, 200);
    let cookie = ada.cookie.clone().unwrap();
    let (name, value) = cookie.split_once('=').unwrap();
    let value: Vec<char> = value.chars().collect();
    let mut random: u64 = 1;
    for round in 0..1_000 {
        let mut forged = value.clone();
        let mut next = |below: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % below
        };
        let at = next(forged.len());
        match round % 5 {
            0 | 1 => {
                let other = ['A', 'b', '7', '-', '/'][next(5)];
                forged[at] = if forged[at].eq_ignore_ascii_case(&other) {
                    'z'
                } else {
                    other
                };
            }
            2 => forged.truncate(at),
            3 => forged.insert(at, 'x'),
            _ => forged.swap(at, (at + 1) % value.len()),
        }
        if forged == value {
            continue;
        }
        let forged: String = forged.into_iter().collect();
        let mut forger = Guest::of(&server);
        forger.cookie = Some(format!("{name}={forged}"));
        let answer = forger.get(people).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (401, "guests_off"),
            "{forged}"
        );
    }
    assert_eq!(
        ada.get(people).await.status,
        200,
        "the true one is still good"
    );
}

#[tokio::test]
async fn the_database_opens_no_session() {
    let mut server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    me(&ada.register("Ada", PHRASE).await);
    let keys = server.texts("SELECT key_hash FROM sessions");
    assert!(!keys.is_empty());
    let me = ada.feed().await.1["me"].clone();
    for key in &keys {
        assert!(
            key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit()),
            "a SHA-256: {key}"
        );
        let mut thief = Guest::of(&server);
        thief.cookie = Some(format!("teahouse={key}"));
        assert_ne!(thief.feed().await.1["me"]["id"], me["id"]);
    }
    let password = server.texts("SELECT password FROM users").remove(0);
    assert!(
        password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{password}"
    );
    server.stop();
    let bytes = match on_postgres() {
        true => format!("{:?}", server.cells()).into_bytes(),
        false => std::fs::read(server.data().join("teahouse.db")).unwrap(),
    };
    let cookie = ada.cookie.unwrap();
    for secret in [PHRASE, cookie.split_once('=').unwrap().1] {
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes()),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_a_visitor_stays_the_same_person() {
    let mut server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    me(&ada.register("Ada", PHRASE).await);
    let visitor = Guest::visiting(&server).await;
    let was = visitor.feed().await.1["me"].clone();
    assert_eq!(server.stop().code, Some(0));
    server.launch();
    assert_eq!(ada.follow(&server).feed().await.1["me"]["id"], "u1");
    assert_eq!(visitor.follow(&server).feed().await.1["me"], was);
}

#[tokio::test]
async fn a_session_that_has_run_out_is_nobodys() {
    let server = Server::start(&[("session.ttl", "1s")]);
    let mut ada = Guest::visiting(&server).await;
    me(&ada.register("Ada", PHRASE).await);
    // Its end is time itself.
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(ada.feed().await.1["me"]["kind"], "visitor");
}

#[tokio::test]
async fn sockets_end_with_sessions_that_end_elsewhere() {
    let server = Server::start(&[("session.ttl", "3s")]);
    let guest = Guest::visiting(&server).await;
    let (mut expiring, _) = guest.feed().await;
    assert_eq!(
        expiring.closed().await,
        Some(4500),
        "the session has expired"
    );

    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    assert_eq!(ada.register("Ada", "a long pass phrase").await.status, 200);
    let (mut ada_ws, _) = ada.feed().await;
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    let passwd = ["user", "passwd", "Ada", "--password-stdin"];
    let (code, _, err) = server.run(&passwd, "another pass phrase\n");
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(
        ada_ws.closed().await,
        Some(4500),
        "the password is another one"
    );
    assert!(other.is_alive().await, "others are left alone");
}
