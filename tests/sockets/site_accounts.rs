//! Accounts of people who come from a site: they have its names, and no password to prove who they are by.

use std::time::Instant;

use serde_json::{Value, json};
use teahouse::auth::federation::{self, Admitted, Arrival, Rules, Token};
use teahouse::auth::site_token::Refusal;
use teahouse::config::Names;
use teahouse::store::accounts::identities::{self, Identity};
use teahouse::store::backend::Role;
use teahouse::store::db::Value as Cell;
use teahouse::text::clock;

use crate::support::{Answer, DEADLINE, Guest, Server};

const PHRASE: &str = "a long pass phrase";
const KEY: &str = "2026a:c2hpYmJvbGV0aC1zaGliYm9sZXRoLXNoaWJib2xldGg";

fn server(names: &str) -> Server {
    Server::start(&[
        ("server.public_url", "http://chat.example.org"),
        ("site.keys", KEY),
        ("site.names", names),
    ])
}

/// Somebody with an account that the site has brought, who has signed in just now.
async fn from_the_site(server: &Server) -> Guest {
    let mut ada = Guest::visiting(server).await;
    let answer = ada.register("Ada", PHRASE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    server.database(|db| {
        let identity = Identity {
            issuer: "site".to_owned(),
            subject: "4711".to_owned(),
            user: 1,
            name: "Ada".to_owned(),
            not_before: 0,
            blocked: None,
            linked: 1,
            seen: 2,
        };
        identities::add(db, &identity).unwrap();
        db.execute("UPDATE users SET password = '' WHERE id = 1", &[])
            .unwrap();
    });
    ada
}

/// Has it that everybody signed in at this time, ms since 1970.
fn signed_in_at(server: &Server, at: i64) {
    server.database(|db| {
        for mut row in db
            .query(
                "SELECT key_hash, state FROM sessions WHERE user_id = 1",
                &[],
            )
            .unwrap()
        {
            let (key, state) = (row.text().unwrap(), row.text().unwrap());
            let mut state: Value = serde_json::from_str(&state).unwrap();
            state["since"] = json!(at.to_string());
            let state = state.to_string();
            let values = [Cell::Text(&state), Cell::Text(&key)];
            db.execute(
                "UPDATE sessions SET state = $1 WHERE key_hash = $2",
                &values,
            )
            .unwrap();
        }
    });
}

async fn rename(guest: &mut Guest, name: &str) -> Answer {
    let body = json!({"name": name});
    guest.change("PUT", "/api/v1/me/name", &body).await
}

#[tokio::test]
async fn a_name_is_changed_where_it_comes_from() {
    let elsewhere = server("site");
    let mut ada = from_the_site(&elsewhere).await;
    let refused = rename(&mut ada, "Countess").await;
    assert_eq!((refused.status, &*refused.error()), (403, "name_elsewhere"));
    let mut bob = Guest::visiting(&elsewhere).await;
    bob.register("Bob", PHRASE).await;
    assert_eq!(rename(&mut bob, "Robert").await.status, 200, "his own");
    let own = server("own");
    let mut ada = from_the_site(&own).await;
    assert_eq!(rename(&mut ada, "Countess").await.status, 200);
}

#[tokio::test]
async fn whoever_has_no_password_has_signed_in_a_moment_ago_to_change_or_delete_the_account() {
    let server = server("site");
    let mut ada = from_the_site(&server).await;
    let farewell = json!({"password": ""});
    let password = json!({"password": "", "new_password": "quite another phrase"});
    let now = clock::now_ms();
    for at in [now - 301_000, 0] {
        signed_in_at(&server, at);
        for answer in [
            ada.change("DELETE", "/api/v1/me", &farewell).await,
            ada.change("PUT", "/api/v1/me/password", &password).await,
        ] {
            assert_eq!((answer.status, &*answer.error()), (401, "sign_in_again"));
        }
    }
    let mut stranger = Guest::visiting(&server).await;
    for guess in ["", " ", PHRASE] {
        let answer = stranger.sign_in("Ada", guess).await;
        assert_eq!(
            &*answer.error(),
            "wrong_credentials",
            "no password opens it"
        );
    }
    signed_in_at(&server, now);
    let data = ada.get("/api/v1/me/export").await.json();
    let identity =
        json!({"issuer": "site", "subject": "4711", "name": "Ada", "since": 1, "seen": 2});
    assert_eq!(data["identities"], json!([identity]));
    let gone = ada.change("DELETE", "/api/v1/me", &farewell).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(server.number("SELECT count(*) FROM identities"), 0);
}

/// What becomes of fifty who come in at a time as this subject, each with the token of their number.
fn fifty(
    server: &Server,
    subject: &str,
    token: fn(usize) -> String,
) -> Vec<Result<Admitted, Refusal>> {
    let comes = |number: usize| {
        let (place, subject) = (server.place(), subject.to_owned());
        move || {
            let now = clock::now_ms();
            let arrival = Arrival {
                issuer: "site".to_owned(),
                subject,
                name: "Eve".to_owned(),
                role: None,
                issued: now,
                token: Some(Token {
                    id: token(number),
                    until: i64::MAX,
                }),
            };
            let rules = Rules {
                roles: false,
                names: Names::Site,
            };
            let mut db = place.open(Role::Tool).unwrap();
            let deadline = Instant::now() + DEADLINE;
            loop {
                match db.in_one(|db| federation::admit(db, &arrival, rules, now)) {
                    Ok(admitted) => return admitted,
                    // As the server does where somebody else was in the way.
                    Err(error) => assert!(Instant::now() < deadline, "{error}"),
                }
            }
        }
    };
    let all: Vec<_> = (0..50)
        .map(|number| std::thread::spawn(comes(number)))
        .collect();
    all.into_iter().map(|one| one.join().unwrap()).collect()
}

#[test]
fn of_fifty_who_bring_one_token_one_gets_in() {
    let server = server("site");
    let all = fifty(&server, "4711", |_| "the same token".to_owned());
    let (came_in, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((came_in.len(), refused.len()), (1, 49));
    assert!(refused.iter().all(|one| *one == Err(Refusal::Spent)));
}

#[test]
fn fifty_who_are_one_person_get_one_account() {
    let server = server("site");
    let all = fifty(&server, "4711", |number| format!("token {number}"));
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|one| one.is_new).count(), 1);
    for one in &all {
        assert_eq!((one.user.id, &*one.user.name), (all[0].user.id, "Eve"));
    }
    assert_eq!(server.number("SELECT count(*) FROM users"), 1);
}
