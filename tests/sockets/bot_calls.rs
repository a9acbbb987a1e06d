//! Bots, their tokens and hooks over the API: by a browser, and by the token of the site's own server.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::house::{Program, refused};
use crate::support::{Guest, Member, Server};

fn named(name: &str) -> Value {
    json!({"name": name})
}

fn key(scopes: &[&str]) -> Value {
    json!({"name": "key", "scopes": scopes})
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What a program is told of itself with a key.
async fn me(server: &Server, key: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {}", key.as_str().unwrap());
    let mut program = Guest::of(server).with("authorization", &bearer);
    let answer = program.get("/api/v1/me").await;
    (answer.status, answer.json())
}

/// What the audit says, the oldest first, without times.
async fn audit(program: &Program) -> Vec<String> {
    let listed = program.may("GET", "audit", &Value::Null).await;
    let rows = listed["entries"].as_array().unwrap().iter().rev();
    rows.map(|row| {
        let [by, what, detail] = ["by", "what", "detail"].map(|field| text(&row[field]));
        format!("{by} {what} {detail}")
    })
    .collect()
}

#[tokio::test]
async fn people_look_after_the_bots_that_they_have_made_and_admins_after_all() {
    let server = Server::start(&[("bots.makers", "\"members\""), ("bots.tokens", "2")]);
    let mut olga = Member::new(&server, "Olga").await;
    server.crown("Olga");
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let bot = ada.may("POST", "bots", &named("Deploys")).await["bot"].take();
    assert_eq!(
        (&bot["name"], &bot["made_by"], &bot["tokens"]),
        (&json!("Deploys"), &json!(ada.id), &json!(0))
    );
    let path = format!("bots/{}", text(&bot["id"]));
    let tokens = format!("{path}/tokens");
    for (name, code) in [
        ("deploys", "name_taken"),
        ("Bob", "name_taken"),
        ("", "bad_name"),
    ] {
        let told = ada.may_not("POST", "bots", &named(name)).await;
        assert_eq!(told.1, code, "{name:?}");
    }
    // Others do not see it, and do nothing with it.
    assert_eq!(
        bob.may("GET", "bots", &Value::Null).await,
        json!({"bots": []})
    );
    for (method, path, body) in [
        ("PATCH", path.clone(), named("Builds")),
        ("DELETE", path.clone(), Value::Null),
        ("GET", tokens.clone(), Value::Null),
        ("POST", tokens.clone(), key(&["read"])),
        ("DELETE", format!("{tokens}/x"), Value::Null),
    ] {
        let told = bob.may_not(method, &path, &body).await;
        assert_eq!(told, refused(403, "not_allowed"), "{method} {path}");
    }
    let told = bob
        .may_not("DELETE", &format!("bots/{}", ada.id), &Value::Null)
        .await;
    assert_eq!(told, refused(404, "not_found"), "a person is no bot");
    // Its maker makes keys, but none of the site's server.
    let made = ada.may("POST", &tokens, &key(&["read", "write"])).await;
    assert_eq!(made["token"]["expires"], Value::Null);
    let (status, is) = me(&server, &made["key"]).await;
    assert_eq!((status, &is["me"]["name"]), (200, &json!("Deploys")));
    let told = ada.may_not("POST", &tokens, &key(&["house"])).await;
    assert_eq!(told, refused(403, "not_allowed"));
    // An admin does both, and everybody hears of another name.
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let house = olga.may("POST", &tokens, &key(&["house"])).await;
    let told = olga.may_not("POST", &tokens, &key(&["read"])).await;
    assert_eq!(told.1, "too_many_tokens");
    olga.may("PATCH", &path, &named("Builds")).await;
    let bearer = format!("Bearer {}", text(&made["key"]));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let mut program = Guest::of(&server);
    let said = json!({"content": "built"}).to_string();
    let said = program
        .request(
            "POST",
            "/api/v1/rooms/1/messages",
            &headers,
            said.as_bytes(),
        )
        .await;
    assert_eq!(said.status, 201, "{said:?}");
    let heard = ws.data(u64::from(kinds::EVENT)).await;
    assert_eq!(heard["message"]["by"]["name"], "Builds");
    let listed = olga.may("GET", "bots", &Value::Null).await;
    assert_eq!(listed["bots"][0]["tokens"], 2);
    // Its maker ends it: it is nobody any more.
    ada.may("DELETE", &path, &Value::Null).await;
    for key in [&made["key"], &house["key"]] {
        assert_eq!(me(&server, key).await.0, 401);
    }
    assert_eq!(
        ada.may("GET", "bots", &Value::Null).await,
        json!({"bots": []})
    );
    let told = ada.may_not("PATCH", &path, &named("x")).await;
    assert_eq!(told, refused(404, "not_found"));
}

#[tokio::test]
async fn where_admins_make_bots_members_and_visitors_do_not() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let told = ada.may_not("POST", "bots", &named("Deploys")).await;
    assert_eq!(told, refused(403, "not_allowed"));
    let mut visitor = Guest::visiting(&server).await;
    let told = visitor
        .change("POST", "/api/v1/bots", &named("Deploys"))
        .await;
    assert_eq!(
        (told.status, told.error()),
        (401, "account_needed".to_owned())
    );
    // Keys are made by whoever has just signed in.
    server.crown("Ada");
    let bot = ada.may("POST", "bots", &named("Deploys")).await;
    server.runs(&["UPDATE sessions SET state = replace(state, '\"since\":\"1', '\"since\":\"')"]);
    let tokens = format!("bots/{}/tokens", text(&bot["bot"]["id"]));
    let told = ada.may_not("POST", &tokens, &key(&["read"])).await;
    assert_eq!(told, refused(401, "sign_in_again"));
}

#[tokio::test]
async fn the_sites_server_makes_bots_and_keys_that_are_less_than_its_own_and_end_with_it() {
    let server = Server::start(&[]);
    let mut olga = Member::new(&server, "Olga").await;
    server.crown("Olga");
    let of_olga = olga.may("POST", "bots", &named("Hers")).await["bot"]["id"].take();
    let program = Program::new(&server).await;
    let site = program.with(&server, &["--scopes", "house", "--name", "Site"]);
    let bot = site.may("POST", "/bots", &named("Shop")).await["bot"].take();
    assert_eq!(bot["made_by"], json!(site.id));
    let path = format!("/bots/{}", text(&bot["id"]));
    let tokens = format!("{path}/tokens");
    let made = site.may("POST", &tokens, &key(&["read", "write"])).await;
    assert_eq!(me(&server, &made["key"]).await.0, 200);
    // Nothing like itself, and nothing of bots that others have made: not of its own account either.
    let told = site
        .may_not("POST", &tokens, &key(&["read", "house"]))
        .await;
    assert_eq!(told, refused(403, "not_allowed"));
    for bot in [text(&of_olga), site.id.clone()] {
        for (method, rest) in [("POST", "/tokens"), ("GET", "/tokens"), ("DELETE", "")] {
            let told = site
                .may_not(method, &format!("/bots/{bot}{rest}"), &key(&["read"]))
                .await;
            assert_eq!(told, refused(403, "not_allowed"), "{method} {bot}{rest}");
        }
    }
    let listed = site.may("GET", "/bots", &Value::Null).await;
    assert_eq!(listed["bots"].as_array().unwrap().len(), 1, "{listed}");
    let told = site.may_not("GET", "/me/tokens", &Value::Null).await;
    assert_eq!(told, refused(403, "not_for_tokens"));
    site.may("PATCH", &path, &named("Market")).await;
    // Another token of the same account looks after the bot, too.
    let other = program.may("POST", &tokens, &key(&["read"])).await;
    // The operator ends the one: what it has made is good for nothing any more, and closes.
    let bearer = format!("Bearer {}", text(&made["key"]));
    let mut ws = Guest::of(&server)
        .open("/ws?feed", &[("authorization", &bearer)])
        .await
        .unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    ws.data(u64::from(kinds::WELCOME)).await;
    let (_, listed, _) = server.run(&["token", "list", "Robot"], "");
    let line = listed.lines().find(|line| line.ends_with("Site")).unwrap();
    let id = line.split_whitespace().next().unwrap();
    assert_eq!(server.run(&["token", "revoke", id], "").0, Some(0));
    assert_eq!(me(&server, &made["key"]).await.0, 401);
    assert_eq!(me(&server, &other["key"]).await.0, 200);
    assert_eq!(ws.closed().await, Some(4500));
    program.may("DELETE", &path, &Value::Null).await;
    assert_eq!(me(&server, &other["key"]).await.0, 401);
    let robot = &site.id;
    let shop = text(&bot["id"]);
    assert_eq!(
        audit(&program).await,
        [
            format!("{} bot_added Hers", olga.id),
            "operator bot_added Robot".to_owned(),
            format!("operator token_added of {robot}, read: command line"),
            format!("operator token_added of {robot}, house: command line"),
            format!("operator token_added of {robot}, house: Site"),
            format!("{robot} bot_added Shop"),
            format!("{robot} token_added of {shop}, read write: key"),
            format!("{robot} bot_renamed Market"),
            format!("{robot} token_added of {shop}, read: key"),
            format!("operator token_removed of {shop}, read write: key"),
            format!("operator token_removed of {robot}, house: Site"),
            format!("{robot} bot_removed Market"),
            format!("{robot} token_removed of {shop}, read: key"),
        ]
    );
}

#[tokio::test]
async fn where_nobody_makes_bots_the_sites_server_makes_none() {
    let server = Server::start(&[("bots.makers", "\"nobody\"")]);
    let site = Program::new(&server).await;
    let told = site.may_not("POST", "/bots", &named("Shop")).await;
    assert_eq!(told, refused(403, "not_allowed"));
}

#[tokio::test]
async fn the_sites_server_makes_hooks_where_its_bot_looks_after_the_room() {
    let server = Server::start(&[]);
    let mut olga = Member::new(&server, "Olga").await;
    let site = Program::new(&server).await;
    let room = olga.makes("public", "Kitchen").await;
    let hook = json!({"room": room, "bot": "Oven", "name": "Timer"});
    let told = site.may_not("POST", "/hooks", &hook).await;
    assert_eq!(told, refused(403, "not_allowed"));
    let brought = json!({"room": room, "bot": "Robot"});
    olga.may("POST", "hooks", &brought).await;
    let of_robot = format!("rooms/{room}/members/{}", site.id);
    olga.may("PUT", &of_robot, &json!({"role": "admin"})).await;
    let made = site.may("POST", "/hooks", &hook).await;
    assert_eq!(made["hook"]["made_by"], json!(site.id));
    let path = format!("/hooks/{}", text(&made["hook"]["id"]));
    site.may("PATCH", &path, &named("Bell")).await;
    let list = format!("/hooks?room={room}");
    let listed = site.may("GET", &list, &Value::Null).await;
    let names: Vec<_> = listed["hooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hook| text(&hook["name"]))
        .collect();
    assert_eq!(names, ["", "Bell"]);
    site.may("DELETE", &path, &Value::Null).await;
    let listed = site.may("GET", &list, &Value::Null).await;
    assert_eq!(listed["hooks"].as_array().unwrap().len(), 1);
    let private = olga.makes("private", "Cellar").await;
    for path in [
        format!("/hooks?room={private}"),
        "/hooks?room=99".to_owned(),
    ] {
        let told = site.may_not("GET", &path, &Value::Null).await;
        assert_eq!(told, refused(404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn the_audit_is_read_page_by_page() {
    let server = Server::start(&[("bots.most", "100")]);
    let program = Program::new(&server).await;
    for number in 0..60 {
        let (code, _, err) = server.run(
            &["token", "add", "Robot", "--name", &format!("n{number}")],
            "",
        );
        assert!(code == Some(0) || number >= 18, "{err}");
    }
    for number in 0..40 {
        program
            .may("POST", "/bots", &named(&format!("Bot {number}")))
            .await;
    }
    let first = program.may("GET", "audit", &Value::Null).await;
    let next = text(&first["next"]);
    let second = program
        .may("GET", &format!("audit?after={next}"), &Value::Null)
        .await;
    assert_eq!(second["next"], Value::Null);
    let both = [&first, &second].map(|page| page["entries"].as_array().unwrap().clone());
    let rows: Vec<_> = both.concat();
    assert_eq!((both[0].len(), rows.len()), (50, 61));
    let times: Vec<_> = rows.iter().map(|row| row["at"].as_i64().unwrap()).collect();
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "{times:?}"
    );
    assert_eq!(
        (&rows[0]["detail"], &rows[60]["what"]),
        (&json!("Bot 39"), &json!("bot_added"))
    );
}

#[tokio::test]
async fn a_bot_says_as_much_as_the_operator_lets_bots_say() {
    let server = Server::start_strict(&[
        ("limits.messages_per_minute", "2"),
        ("bots.messages_per_minute", "3"),
    ]);
    Program::new(&server).await;
    let (_, key, _) = server.run(&["token", "add", "Robot"], "");
    let bearer = format!("Bearer {}", key.trim());
    let mut ws = Guest::of(&server)
        .open("/ws?feed", &[("authorization", &bearer)])
        .await
        .unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    let welcome = ws.data(u64::from(kinds::WELCOME)).await;
    assert_eq!(welcome["limits"]["messages_per_minute"], 3);
    let mut program = Guest::of(&server).with("authorization", &bearer);
    let headers = [("content-type", "application/json")];
    let mut statuses = Vec::new();
    for number in 0..4 {
        let body = json!({"content": format!("{number}")}).to_string();
        let answer = program
            .request(
                "POST",
                "/api/v1/rooms/1/messages",
                &headers,
                body.as_bytes(),
            )
            .await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [201, 201, 201, 429]);
}
