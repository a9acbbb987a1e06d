//! Keys by which programs speak for accounts: what each is good for, where, and until when.

use serde_json::{Value, json};
use teahouse::model::grant::Scope;
use teahouse::protocol::kinds;

use crate::support::routes::routes;
use crate::support::{Answer, Guest, Server, ends_at_once};

pub const PHRASE: &str = "a long pass phrase";
pub const TOKENS: &str = "/api/v1/me/tokens";

/// A program with a key.
pub async fn call(
    program: &mut Guest,
    key: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    program
        .request(method, path, &headers, body.as_bytes())
        .await
}

pub async fn ada(server: &Server) -> Guest {
    let mut ada = Guest::visiting(server).await;
    assert_eq!(ada.register("Ada", PHRASE).await.status, 200);
    ada
}

/// A new key of the person's, and its id.
pub async fn key(person: &mut Guest, wanted: &Value) -> (String, String) {
    let made = person.change("POST", TOKENS, wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["key"]), text(&made["token"]["id"]))
}

#[tokio::test]
async fn a_program_reads_and_says_what_its_person_may_and_is_heard_as_them() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let (key, _) = key(
        &mut ada,
        &json!({"name": "script", "scopes": ["read", "write"]}),
    )
    .await;
    let mut program = Guest::of(&server);
    let me = call(&mut program, &key, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(me.json()["me"]["name"], "Ada");
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let said = call(
        &mut program,
        &key,
        "POST",
        "/api/v1/rooms/1/messages",
        &json!({"content": "半个 \u{1F375}"}),
    )
    .await;
    assert_eq!(said.status, 201, "{said:?}");
    let heard = ws.data(u64::from(kinds::EVENT)).await;
    assert_eq!(heard["message"]["by"]["name"], "Ada");
    assert_eq!(heard["message"]["content"], "半个 \u{1F375}");
    let listed = ada.get(TOKENS).await.json();
    let token = &listed["tokens"][0];
    assert_eq!(
        (&token["name"], &token["scopes"]),
        (&json!("script"), &json!(["read", "write"]))
    );
    assert!(token["used"].is_i64(), "{token}");
    let secret = key.trim_start_matches("thp_");
    assert!(!listed.to_string().contains(secret), "shown once");
    drop(ws);
}

#[tokio::test]
async fn every_call_is_open_to_the_scopes_of_the_table_and_to_no_other() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let mut keys = Vec::new();
    for scopes in ["read", "write", "rooms", "read write", "read rooms"] {
        let each: Vec<_> = scopes.split(' ').collect();
        let (key, _) = key(&mut ada, &json!({"name": scopes, "scopes": each})).await;
        keys.push((scopes, key));
    }
    let (here, _) = key(
        &mut ada,
        &json!({"name": "here", "scopes": ["read", "write", "rooms"], "rooms": [1]}),
    )
    .await;
    let (elsewhere, _) = key(
        &mut ada,
        &json!({"name": "elsewhere", "scopes": ["read", "write", "rooms"], "rooms": [99]}),
    )
    .await;
    let mut program = Guest::of(&server);
    let mut open = 0;
    for (method, path) in routes() {
        // Hooks look at their own secrets alone.
        let looks_at_none =
            ["/healthz", "/readyz", "/metrics"].contains(&&*path) || path.starts_with("/hooks/");
        if looks_at_none || method == "HEAD" {
            continue;
        }
        let needed = teahouse::web::scopes::of(&method.parse().unwrap(), &path);
        let filled = path
            .replace("{room}", "1")
            .replace("{message}", "7")
            .replace(['{', '}'], "");
        for (scope, key) in &keys {
            let answer = call(&mut program, key, &method, &filled, &Value::Null).await;
            let told = if answer.status >= 400
                && answer.header("content-type") == Some("application/json")
            {
                answer.error()
            } else {
                String::new()
            };
            use teahouse::web::scopes::Needed;
            let expected = match needed {
                None | Some(Needed::Frame) => Some("not_for_tokens"),
                Some(needed) => {
                    let mut needed = needed.scopes().iter();
                    let has_all = needed.all(|one| scope.split(' ').any(|has| has == one.as_str()));
                    (!has_all).then_some("scope_needed")
                }
            };
            match expected {
                Some(code) => assert_eq!(
                    (answer.status, &*told),
                    (403, code),
                    "{method} {path} with {scope}"
                ),
                None => {
                    open += 1;
                    assert!(
                        !["scope_needed", "not_for_tokens", "bad_token", "cross_site"]
                            .contains(&&*told),
                        "{method} {path} with {scope}: {told}"
                    );
                }
            }
        }
        // A search is about the token's rooms.
        if path.contains("{room}")
            && needed.is_some_and(|needed| !matches!(needed, teahouse::web::scopes::Needed::Frame))
        {
            let answer = call(&mut program, &elsewhere, &method, &filled, &json!({"content": "x", "settings": {}, "seq": 1, "favourite": true, "role": "member", "name": "x", "level": "all", "notify": "all"})).await;
            assert!(
                answer.status >= 400,
                "{method} {path} for another room: {answer:?}"
            );
        }
    }
    assert!(open > 40, "{open}");
    // What is about no room in particular is not for a token of some rooms.
    let page = call(
        &mut program,
        &here,
        "GET",
        "/api/v1/rooms/1/messages",
        &Value::Null,
    )
    .await;
    assert_eq!(page.status, 200);
    for (method, path) in [
        ("POST", "/api/v1/people/u1/messages"),
        ("POST", "/api/v1/rooms"),
        ("POST", "/api/v1/direct"),
    ] {
        let refused = call(&mut program, &here, method, path, &Value::Null).await;
        assert_eq!(refused.error(), "scope_needed", "{method} {path}");
    }
    let hidden = call(
        &mut program,
        &elsewhere,
        "GET",
        "/api/v1/rooms/1/messages",
        &Value::Null,
    )
    .await;
    assert_eq!((hidden.status, hidden.error().as_str()), (404, "not_found"));
    let rooms = call(
        &mut program,
        &elsewhere,
        "GET",
        "/api/v1/rooms",
        &Value::Null,
    )
    .await;
    assert_eq!(rooms.json()["rooms"], json!([]), "{rooms:?}");
    assert_eq!(Scope::ALL.len(), 4);
}

#[tokio::test]
async fn a_socket_keeps_its_tokens_scopes_and_ends_with_it() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let (key, id) = key(&mut ada, &json!({"name": "ears", "scopes": ["read"]})).await;
    let program = Guest::of(&server);
    let bearer = format!("Bearer {key}");
    let mut ws = program
        .open("/ws?feed", &[("authorization", &bearer)])
        .await
        .unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    ws.data(u64::from(kinds::WELCOME)).await;
    ws.submit(uuid::Uuid::new_v4(), "not mine to say").await;
    assert_eq!(ws.error().await, "scope_needed");
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    other.post("tea?").await;
    let heard = ws.data(u64::from(kinds::EVENT)).await;
    assert_eq!(heard["message"]["content"], "tea?");
    let ended = ada
        .change("DELETE", &format!("{TOKENS}/{id}"), &Value::Null)
        .await;
    assert_eq!(ended.status, 200);
    ends_at_once(server.addr(), &mut ws).await;
    let mut program = Guest::of(&server);
    let refused = call(&mut program, &key, "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (401, "bad_token")
    );
    let again = ada
        .change("DELETE", &format!("{TOKENS}/{id}"), &Value::Null)
        .await;
    assert_eq!(again.error(), "not_found");
}

#[tokio::test]
async fn nobody_makes_keys_but_whoever_has_just_signed_in() {
    let server = Server::start(&[]);
    let mut ada = ada(&server).await;
    let (key, _) = key(
        &mut ada,
        &json!({"name": "script", "scopes": ["read", "write", "rooms"]}),
    )
    .await;
    let mut program = Guest::of(&server);
    let wanted = json!({"name": "another", "scopes": ["read"]});
    let refused = call(&mut program, &key, "POST", TOKENS, &wanted).await;
    assert_eq!(refused.error(), "not_for_tokens");
    let visitor = Guest::visiting(&server)
        .await
        .change("POST", TOKENS, &wanted)
        .await;
    assert_eq!(visitor.error(), "account_needed");
    for wrong in [
        json!({"name": "", "scopes": ["read"]}),
        json!({"name": "x", "scopes": []}),
        json!({"name": "x", "scopes": ["everything"]}),
        json!({"name": "x", "scopes": ["read"], "days": 0}),
        json!({"name": "x", "scopes": ["read"], "days": 367}),
        json!({"name": "x", "scopes": ["read"], "rooms": []}),
        json!({"name": "x", "scopes": ["read"], "rooms": [1, -5]}),
        json!({"name": "x", "scopes": ["read"], "rooms": [0]}),
    ] {
        let refused = ada.change("POST", TOKENS, &wrong).await;
        assert_eq!(refused.status, 400, "{wrong}: {refused:?}");
    }
    let house = ada
        .change("POST", TOKENS, &json!({"name": "x", "scopes": ["house"]}))
        .await;
    assert_eq!(house.error(), "not_allowed");
    for _ in 1..20 {
        assert_eq!(ada.change("POST", TOKENS, &wanted).await.status, 201);
    }
    assert_eq!(
        ada.change("POST", TOKENS, &wanted).await.error(),
        "too_many_tokens"
    );
    // Somebody who finds the browser open after a while.
    server.runs(&["UPDATE sessions SET state = replace(state, '\"since\":\"1', '\"since\":\"')"]);
    let refused = ada.change("POST", TOKENS, &wanted).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (401, "sign_in_again")
    );
}
