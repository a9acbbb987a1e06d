//! Who one is in a frame, as the cookie and the window for signing in say, and how that ends.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::embed::{HOST, HOSTS, OTHER, PHRASE, WELCOME, call, enter, entered, socket};
use crate::support::{Answer, Guest, Server, ends_at_once};

#[tokio::test]
async fn the_cookie_says_who_one_is_where_it_comes_and_only_there() {
    let server = Server::start(&[HOSTS]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", PHRASE).await;
    let (token, me) = entered(&mut ada, &json!({"host": HOST})).await;
    assert_eq!(me["name"], "Ada");
    // A site that says that nobody is there is believed, whatever the browser knows.
    let (visitor, nobody) = entered(&mut ada, &json!({"host": HOST, "token": null})).await;
    assert_eq!(nobody["kind"], "visitor");
    let (same, _) = entered(
        &mut ada,
        &json!({"host": HOST, "token": null, "session": visitor}),
    )
    .await;
    assert_eq!(same, visitor);
    // What is planted as a visitor's is never an account.
    let mut stranger = Guest::of(&server);
    let (_, planted) = entered(&mut stranger, &json!({"host": HOST, "visitor": token})).await;
    assert_eq!(planted["kind"], "visitor");
    // The account's session ends where nobody is there any more.
    let mut ws = socket(&stranger, &token).await;
    ws.data(WELCOME).await;
    entered(
        &mut stranger,
        &json!({"host": HOST, "token": null, "session": token}),
    )
    .await;
    ends_at_once(server.addr(), &mut ws).await;
    let gone = call(&mut stranger, &token, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!((gone.status, gone.error().as_str()), (401, "bad_token"));
}

#[tokio::test]
async fn whoever_signs_in_in_the_window_is_themselves_in_the_frame_that_asked_once() {
    let server = Server::start(&[HOSTS]);
    let mut ada = Guest::visiting(&server).await;
    let window = ada
        .get(&format!("/embed/connect?host={HOST}&challenge=x"))
        .await;
    assert_eq!(window.status, 200);
    assert_eq!(
        ada.get("/embed/connect?host=https://evil.example&challenge=x")
            .await
            .status,
        403
    );
    let verifier = "what the frame keeps to itself";
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let wish = json!({"host": HOST, "challenge": challenge});
    let refused = ada.change("POST", "/api/v1/embed/grant", &wish).await;
    assert_eq!(refused.error(), "account_needed");
    ada.register("Ada", PHRASE).await;
    let window = ada
        .get(&format!("/embed/connect?host={HOST}&challenge={challenge}"))
        .await;
    assert!(
        window.text().contains("Ada") && window.text().contains("blog.example.org"),
        "{}",
        window.text()
    );
    let code = |answer: Answer| answer.json()["code"].as_str().unwrap().to_owned();
    let granted = code(ada.change("POST", "/api/v1/embed/grant", &wish).await);
    let mut frame = Guest::of(&server);
    let (before, visitor) = entered(&mut frame, &json!({"host": HOST})).await;
    assert_eq!(visitor["kind"], "visitor");
    for wrong in [
        json!({"host": OTHER, "code": granted, "verifier": verifier}),
        json!({"host": HOST, "code": granted, "verifier": "another"}),
        json!({"host": HOST, "code": granted.replacen("1.", "2.", 1), "verifier": verifier}),
        json!({"host": HOST, "code": "x", "verifier": verifier}),
    ] {
        let refused = enter(&mut frame, &wrong).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (401, "bad_token"),
            "{wrong}"
        );
    }
    let right = json!({"host": HOST, "session": before, "code": granted, "verifier": verifier});
    let (token, me) = entered(&mut frame, &right).await;
    assert_eq!(me["name"], "Ada");
    assert_ne!(token, before, "another person is another session");
    let old = call(&mut frame, &before, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(old.error(), "bad_token");
    let again = enter(&mut frame, &right).await;
    assert_eq!(again.error(), "bad_token", "once");
    // Her list has one line for the site, and ending it ends the frame.
    let (second, _) = entered(&mut frame, &json!({"host": HOST, "session": token})).await;
    assert_eq!(second, token);
    let mut ws = socket(&frame, &token).await;
    ws.data(WELCOME).await;
    let devices = ada.get("/api/v1/me/devices").await.json()["devices"].clone();
    let devices = devices.as_array().unwrap();
    let hosts: Vec<_> = devices
        .iter()
        .map(|device| device["host"].as_str())
        .collect();
    assert_eq!(hosts, [None, Some(HOST)]);
    let id = devices[1]["id"].as_str().unwrap();
    assert_eq!(
        ada.change("DELETE", &format!("/api/v1/me/devices/{id}"), &Value::Null)
            .await
            .status,
        200
    );
    ends_at_once(server.addr(), &mut ws).await;
    assert_eq!(
        call(&mut frame, &token, "GET", "/api/v1/me", &Value::Null)
            .await
            .error(),
        "bad_token"
    );
}

#[tokio::test]
async fn signing_out_in_a_frame_ends_it_there_and_nowhere_else() {
    let server = Server::start(&[HOSTS]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", PHRASE).await;
    let (token, _) = entered(&mut ada, &json!({"host": HOST})).await;
    let mut frame = Guest::of(&server);
    let mut ws = socket(&frame, &token).await;
    ws.data(WELCOME).await;
    let out = call(
        &mut frame,
        &token,
        "DELETE",
        "/api/v1/session",
        &Value::Null,
    )
    .await;
    assert_eq!((out.status, out.json()), (200, json!({"me": null})));
    ends_at_once(server.addr(), &mut ws).await;
    assert_eq!(
        call(&mut frame, &token, "GET", "/api/v1/me", &Value::Null)
            .await
            .error(),
        "bad_token"
    );
    assert_eq!(ada.get("/api/v1/me").await.json()["me"]["name"], "Ada");
}

#[tokio::test]
async fn a_site_that_is_taken_off_the_list_has_no_frames_any_more() {
    let mut server = Server::start(&[HOSTS]);
    let mut frame = Guest::of(&server);
    let (token, _) = entered(&mut frame, &json!({"host": OTHER})).await;
    server.stop();
    server.set("embed.hosts", HOST);
    server.launch();
    let mut frame = frame.follow(&server);
    let refused = call(&mut frame, &token, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (401, "bad_token")
    );
}
