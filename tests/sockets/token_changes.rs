//! Keys that are changed and ended, and what ends with them.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Guest, Server, ends_at_once};
use crate::tokens::{PHRASE, TOKENS, ada, call, key};

#[tokio::test]
async fn a_key_is_renamed_and_narrowed_and_never_widened() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let wanted = json!({"name": "script", "scopes": ["read", "write"], "days": 10});
    let (secret, id) = key(&mut ada, &wanted).await;
    let path = format!("{TOKENS}/{id}");
    let mut program = Guest::of(&server);
    let bearer = format!("Bearer {secret}");
    let mut ws = program
        .open("/ws?feed", &[("authorization", &bearer)])
        .await
        .unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    ws.data(u64::from(kinds::WELCOME)).await;
    // Another name is no other key.
    let renamed = ada.change("PATCH", &path, &json!({"name": "日志"})).await;
    assert_eq!(renamed.json()["token"]["name"], "日志");
    ws.post("still here").await;
    for (wider, code) in [
        (json!({"scopes": ["read", "rooms"]}), "would_widen"),
        (json!({"days": 11}), "would_widen"),
        (json!({"scopes": []}), "bad_data"),
        (json!({"rooms": []}), "bad_data"),
        (json!({"days": 0}), "bad_data"),
        (json!({"name": ""}), "bad_name"),
    ] {
        let told = ada.change("PATCH", &path, &wider).await;
        assert_eq!(told.error(), code, "{wider}");
    }
    let less = json!({"scopes": ["read"], "rooms": [1], "days": 5});
    let narrowed = ada.change("PATCH", &path, &less).await.json();
    let (token, before) = (&narrowed["token"], &renamed.json()["token"]);
    assert_eq!(
        (&token["scopes"], &token["rooms"]),
        (&json!(["read"]), &json!([1]))
    );
    assert!(token["expires"].as_i64() < before["expires"].as_i64());
    // What was opened with more is closed, and the key goes on with less.
    ends_at_once(server.addr(), &mut ws).await;
    let said = json!({"content": "no more"});
    let told = call(
        &mut program,
        &secret,
        "POST",
        "/api/v1/rooms/1/messages",
        &said,
    )
    .await;
    assert_eq!(told.error(), "scope_needed");
    let read = call(
        &mut program,
        &secret,
        "GET",
        "/api/v1/rooms/1/messages",
        &Value::Null,
    )
    .await;
    assert_eq!(read.status, 200);
    for wider in [
        json!({"rooms": [1, 2]}),
        json!({"scopes": ["read", "write"]}),
    ] {
        assert_eq!(
            ada.change("PATCH", &path, &wider).await.error(),
            "would_widen"
        );
    }
    let told = call(&mut program, &secret, "PATCH", &path, &json!({"name": "x"})).await;
    assert_eq!(told.error(), "not_for_tokens");
    let mut bob = Guest::visiting(&server).await;
    assert_eq!(bob.register("Bob", PHRASE).await.status, 200);
    let told = bob.change("PATCH", &path, &json!({"name": "his"})).await;
    assert_eq!(told.error(), "not_found");
}

#[tokio::test]
async fn the_operator_narrows_a_key_too() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let wanted = json!({"name": "script", "scopes": ["read", "write"]});
    let (secret, id) = key(&mut ada, &wanted).await;
    let change =
        |arguments: &[&str]| server.run(&[&["token", "change", &id], arguments].concat(), "");
    let (code, out, _) = change(&["--scopes", "read", "--name", "logs", "--days", "3"]);
    assert_eq!((code, &*out), (Some(0), "it is changed\n"));
    let (code, _, err) = change(&["--scopes", "read,write"]);
    assert!(code == Some(1) && err.contains("not for more"), "{err}");
    let (code, _, err) = server.run(&["token", "change", "nothing", "--name", "x"], "");
    assert!(code == Some(1) && err.contains("there is no key"), "{err}");
    let listed = ada.get(TOKENS).await.json();
    assert_eq!(listed["tokens"][0]["name"], "logs");
    let mut program = Guest::of(&server);
    let said = json!({"content": "no more"});
    let told = call(
        &mut program,
        &secret,
        "POST",
        "/api/v1/rooms/1/messages",
        &said,
    )
    .await;
    assert_eq!(told.error(), "scope_needed");
}

#[tokio::test]
async fn whatever_ends_a_key_closes_its_sockets_too() {
    let server = Server::start(&[]);
    crate::house::robot(&server);
    let (_, house, _) = server.run(&["token", "add", "Robot", "--scopes", "house"], "");
    let ways = [
        "revoked here",
        "all of them",
        "narrowed",
        "expired",
        "another password",
        "by a link",
        "by the operator",
        "revoked by the operator",
        "account deleted",
        "deleted by the operator",
        "deleted by the site",
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let name = format!("Ada {number}");
        let mut ada = Guest::visiting(&server).await;
        let me = ada.register(&name, PHRASE).await;
        let me = me.json()["me"]["id"].as_str().unwrap().to_owned();
        let wanted = json!({"name": "script", "scopes": ["read", "write"]});
        let (secret, id) = key(&mut ada, &wanted).await;
        let path = format!("{TOKENS}/{id}");
        let bearer = format!("Bearer {secret}");
        let mut ws = Guest::of(&server)
            .open("/ws?feed", &[("authorization", &bearer)])
            .await
            .unwrap();
        ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
            .await;
        ws.data(u64::from(kinds::WELCOME)).await;
        let done = match way {
            "revoked here" => ada.change("DELETE", &path, &Value::Null).await.status == 200,
            "all of them" => ada.change("DELETE", TOKENS, &Value::Null).await.status == 200,
            "narrowed" => {
                ada.change("PATCH", &path, &json!({"scopes": ["read"]}))
                    .await
                    .status
                    == 200
            }
            "expired" => {
                server.runs(&[&format!(
                    "UPDATE tokens SET expires_at = 1 WHERE id = '{id}'"
                )]);
                true
            }
            "another password" => {
                let change = json!({"password": PHRASE, "new_password": "another long phrase"});
                ada.change("PUT", "/api/v1/me/password", &change)
                    .await
                    .status
                    == 200
            }
            "by a link" => {
                let (_, link, _) = server.run(&["user", "password-link", &name], "");
                let code = link.split_once("/password#").unwrap().1;
                let code = code.split_whitespace().next().unwrap();
                let body = json!({"code": code, "new_password": "another long phrase"});
                Guest::visiting(&server)
                    .await
                    .change("PUT", "/api/v1/password", &body)
                    .await
                    .status
                    == 200
            }
            "by the operator" => {
                server
                    .run(
                        &["user", "passwd", &name, "--password-stdin"],
                        "another long phrase\n",
                    )
                    .0
                    == Some(0)
            }
            "revoked by the operator" => server.run(&["token", "revoke", &id], "").0 == Some(0),
            "account deleted" => {
                ada.change("DELETE", "/api/v1/me", &json!({"password": PHRASE}))
                    .await
                    .status
                    == 200
            }
            "deleted by the operator" => {
                server.run(&["user", "delete", &name, "--yes"], "").0 == Some(0)
            }
            _ => {
                let path = format!("/api/v1/house/people/{me}");
                call(
                    &mut Guest::of(&server),
                    house.trim(),
                    "DELETE",
                    &path,
                    &Value::Null,
                )
                .await
                .status
                    == 200
            }
        };
        assert!(done, "{way}");
        assert_eq!(ws.closed().await, Some(4500), "{way}");
        let answer = call(
            &mut Guest::of(&server),
            &secret,
            "GET",
            "/api/v1/me",
            &Value::Null,
        )
        .await;
        match way {
            "narrowed" => assert_eq!(answer.status, 200),
            _ => assert_eq!(
                (answer.status, answer.error()),
                (401, "bad_token".to_owned()),
                "{way}"
            ),
        }
    }
}

#[tokio::test]
async fn signing_out_elsewhere_leaves_programs_alone() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let (secret, _) = key(&mut ada, &json!({"name": "script", "scopes": ["read"]})).await;
    let done = ada
        .change("DELETE", "/api/v1/me/devices", &Value::Null)
        .await;
    assert_eq!(done.status, 200);
    assert_eq!(server.run(&["user", "sign-out", "Ada"], "").0, Some(0));
    let mut program = Guest::of(&server);
    let me = call(&mut program, &secret, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(me.status, 200);
}
