//! What the site's own server does with accounts and their sessions.

use serde_json::{Value, json};

use crate::house::{Program, person, refused};
use crate::site_sign_in::{enter, entered, feed, settings, with};
use crate::support::site::{claims, token, token_of};
use crate::support::{Guest, Member, Server, ends_at_once, eventually};

#[tokio::test]
async fn an_account_is_made_follows_the_site_and_is_found() {
    let server = Server::start(&settings(&[("site.roles", "true")]));
    let program = Program::new(&server).await;
    Member::new(&server, "Ada").await;
    let mut ada = person("4711", "Ada");
    let made = program.call("PUT", "people", &ada).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(
        (&made["person"]["name"], &made["role"], &made["created"]),
        (&json!("Ada 2"), &json!("member"), &json!(true))
    );
    let id = made["person"]["id"].clone();
    let mut frame = Guest::of(&server);
    let (session, me) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    assert_eq!(me["id"], id, "they come into this account");
    let (_ws, _) = feed(&frame, &session).await;
    for (name, role) in [("Lovelace", "admin"), ("Countess", "member")] {
        ada["name"] = name.into();
        ada["role"] = role.into();
        let renewed = program.call("PUT", "people", &ada).await;
        assert_eq!(renewed.status, 200);
        let renewed = renewed.json();
        assert_eq!(
            (&renewed["person"]["id"], &renewed["created"]),
            (&id, &json!(false))
        );
        assert_eq!(
            (&renewed["person"]["name"], &renewed["role"]),
            (&json!(name), &json!(role))
        );
        let found = program
            .may("GET", "people?issuer=site&subject=4711", &Value::Null)
            .await;
        assert_eq!(
            (&found["person"]["name"], &found["role"]),
            (&json!(name), &json!(role))
        );
        let here = Guest::of(&server).get("/api/v1/rooms/1/people").await;
        assert!(here.text().contains(name), "at the sockets that are open");
    }
    server.crown("Countess");
    assert_eq!(program.may("PUT", "people", &ada).await["role"], "owner");
    let answer = program
        .may_not("GET", "people?issuer=site&subject=1", &Value::Null)
        .await;
    assert_eq!(answer, refused(404, "not_found"));
    for (field, value) in [
        ("role", json!("owner")),
        ("issuer", json!("")),
        ("issuer", json!("i".repeat(256))),
        ("subject", json!("")),
        ("subject", json!("4\n7")),
        ("subject", json!("4".repeat(129))),
        ("name", json!(4)),
    ] {
        let answer = program
            .may_not("PUT", "people", &with(&ada, field, value))
            .await;
        assert_eq!(answer, refused(400, "bad_data"), "{field}");
    }
}

#[tokio::test]
async fn roles_and_names_stay_where_the_site_does_not_say() {
    let server = Server::start(&settings(&[("site.names", "own")]));
    let program = Program::new(&server).await;
    let ada = with(&person("4711", "Ada"), "role", "admin");
    assert_eq!(program.may("PUT", "people", &ada).await["role"], "member");
    let renamed = program
        .may("PUT", "people", &person("4711", "Countess"))
        .await;
    assert_eq!(renamed["person"]["name"], "Ada");
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_messages_have_no_name() {
    let server = Server::start(&settings(&[]));
    let program = Program::new(&server).await;
    let mut frame = Guest::of(&server);
    let (session, me) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut ws, _) = feed(&frame, &session).await;
    ws.post("I was here").await;
    assert_eq!(
        program
            .may("DELETE", "people/site:4711", &Value::Null)
            .await,
        json!({})
    );
    assert_eq!(ws.closed().await, Some(4500));
    eventually("the name is off the message", async || {
        let seen = Guest::of(&server)
            .get("/api/v1/rooms/1/messages")
            .await
            .json();
        let message = &seen["messages"][0];
        message["content"] == "I was here" && message["by"]["name"] == ""
    })
    .await;
    let path = format!("people/{}", me["id"].as_str().unwrap());
    for path in [&*path, "people/site:4711", "people/v0000000000000001"] {
        let answer = program.may_not("DELETE", path, &Value::Null).await;
        assert_eq!(answer, refused(404, "not_found"), "{path}");
    }
    // The same person of the site is somebody new.
    let again = program.may("PUT", "people", &person("4711", "Ada")).await;
    assert_eq!(
        (&again["created"], &again["person"]["name"]),
        (&json!(true), &json!("Ada"))
    );
    assert_ne!(again["person"]["id"], me["id"]);
    let owner = Member::new(&server, "Olga").await;
    server.crown("Olga");
    for id in [&owner.id, &program.id] {
        let answer = program
            .may_not("DELETE", &format!("people/{id}"), &Value::Null)
            .await;
        assert_eq!(answer, refused(403, "not_allowed"));
    }
}

#[tokio::test]
async fn whoever_was_banned_when_they_were_deleted_gets_no_other_account() {
    let server = Server::start(&settings(&[]));
    let program = Program::new(&server).await;
    let id = program.knows("4711", "Mallory").await;
    let mut owner = Member::new(&server, "Olga").await;
    server.crown("Olga");
    let path = format!("rooms/1/members/{id}");
    owner.may("PUT", &path, &json!({"role": "banned"})).await;
    program
        .may("DELETE", "people/site:4711", &Value::Null)
        .await;
    let answer = program
        .may_not("PUT", "people", &person("4711", "Mallory"))
        .await;
    assert_eq!(answer, refused(403, "not_allowed"));
}

#[tokio::test]
async fn whoever_is_signed_out_is_out_at_once_and_older_tokens_are_worthless() {
    let server = Server::start(&settings(&[]));
    let program = Program::new(&server).await;
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut ws, _) = feed(&frame, &session).await;
    let claims = claims("4711", "Ada");
    let iat = claims["iat"].as_i64().unwrap();
    let unused = token(&with(&claims, "iat", iat - 1));
    assert_eq!(
        program
            .may("POST", "people/site:4711/sign-out", &Value::Null)
            .await,
        json!({})
    );
    assert_eq!(ws.closed().await, Some(4500));
    let answer = enter(&mut frame, &json!(unused), &json!(session)).await;
    assert_eq!((answer.status, &*answer.error()), (401, "bad_token"));
    let renewed = program.call("PUT", "people", &person("4711", "Ada")).await;
    assert_eq!(renewed.status, 200, "it is no token of before: {renewed:?}");
    let later = token(&with(&with(&claims, "iat", iat + 1), "exp", iat + 60));
    let (_, me) = entered(&mut frame, &later, &Value::Null).await;
    assert_eq!(me["name"], "Ada");
    // A browser with a password, by its id.
    let bob = Member::new(&server, "Bob").await;
    let (mut ws, _) = bob.hears(1).await;
    let path = format!("people/{}/sign-out", bob.id);
    program.may("POST", &path, &Value::Null).await;
    ends_at_once(server.addr(), &mut ws).await;
    let me = bob.guest.clone().get("/api/v1/me/devices").await;
    assert_eq!(me.status, 401, "{me:?}");
    for path in [
        "people/site:1/sign-out",
        "people/v0000000000000001/sign-out",
    ] {
        let answer = program.may_not("POST", path, &Value::Null).await;
        assert_eq!(answer, refused(404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn whoever_is_disconnected_may_come_back() {
    let server = Server::start(&[]);
    let program = Program::new(&server).await;
    let ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let guest = Guest::visiting(&server).await;
    let (mut visitor_ws, welcome) = guest.feed().await;
    let visitor = welcome["me"]["id"].as_str().unwrap();
    program
        .may(
            "POST",
            &format!("people/{}/disconnect", ada.id),
            &Value::Null,
        )
        .await;
    assert_eq!(ws.closed().await, Some(4000));
    assert!(visitor_ws.is_alive().await, "and nobody else");
    program
        .may(
            "POST",
            &format!("people/{visitor}/disconnect"),
            &Value::Null,
        )
        .await;
    assert_eq!(visitor_ws.closed().await, Some(4000));
    let (_ws, welcome) = ada.hears(1).await;
    assert_eq!(welcome["me"]["id"], json!(ada.id));
    let answer = program
        .may_not("POST", "people/u4711/disconnect", &Value::Null)
        .await;
    assert_eq!(answer, refused(404, "not_found"));
}
