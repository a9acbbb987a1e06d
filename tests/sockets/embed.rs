//! The room in a page of another site, as its frame asks for it: who one is there, and what a bearer token may do.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::routes::routes;
use crate::support::{Answer, Guest, Server, Ws, eventually};

pub(super) const HOST: &str = "https://blog.example.org";
pub(super) const OTHER: &str = "https://shop.example.org";
pub(super) const HOSTS: (&str, &str) = (
    "embed.hosts",
    "https://blog.example.org,https://shop.example.org",
);
pub(super) const WELCOME: u64 = kinds::WELCOME as u64;
pub(super) const PHRASE: &str = "a long pass phrase";

/// What the frame's script sends: no cookie, and its token.
pub(super) async fn call(
    frame: &mut Guest,
    token: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/json"),
    ];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    frame.request(method, path, &headers, body.as_bytes()).await
}

pub(super) async fn enter(browser: &mut Guest, entry: &Value) -> Answer {
    browser.change("POST", "/api/v1/embed/session", entry).await
}

/// Enters, and gives the token and who one is.
pub(super) async fn entered(browser: &mut Guest, entry: &Value) -> (String, Value) {
    let answer = enter(browser, entry).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None, "no cookie in a frame");
    let answer = answer.json();
    (
        answer["session"].as_str().unwrap().to_owned(),
        answer["me"].clone(),
    )
}

pub(super) async fn socket(frame: &Guest, token: &str) -> Ws {
    let protocols = format!("teahouse.1, teahouse.bearer.{token}");
    let headers = [
        ("sec-websocket-protocol", protocols.as_str()),
        ("origin", HOST),
    ];
    let mut ws = frame.open("/ws?feed", &headers).await.unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    ws
}

#[tokio::test]
async fn the_document_is_for_the_sites_on_the_list_and_others_are_told_the_missing_line() {
    let server = Server::start(&[HOSTS]);
    let mut browser = Guest::of(&server);
    let shown = browser
        .get(&format!("/embed/rooms/1?host={HOST}&lang=en"))
        .await;
    assert_eq!(shown.status, 200);
    let policy = shown.header("content-security-policy").unwrap();
    assert!(
        policy.ends_with(&format!("; frame-ancestors {HOST} {OTHER}")),
        "{policy}"
    );
    assert_eq!(shown.header("set-cookie"), None);
    assert_eq!(
        browser
            .get(&format!("/embed/rooms/1?host={HOST}&lang=en"))
            .await
            .body,
        shown.body,
        "the same for everybody"
    );
    for host in [
        "https://evil.example",
        "",
        "https://blog.example.org.evil.example",
        "\"><script>alert(1)</script>",
    ] {
        let refused = browser
            .get(&format!(
                "/embed/rooms/1?host={}&lang=en",
                host.replace('"', "%22")
                    .replace('<', "%3C")
                    .replace('>', "%3E")
            ))
            .await;
        assert_eq!(refused.status, 403, "{host}");
        assert_eq!(
            refused.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors *")
        );
        let text = refused.text();
        assert!(!text.contains("<script"), "{text}");
        assert!(
            text.contains("hosts = [") && text.contains("config.toml"),
            "{text}"
        );
    }
    let told = browser
        .get("/embed/rooms/1?host=https://evil.example&lang=en")
        .await;
    assert!(
        told.text().contains("hosts = [\"https://evil.example\"]"),
        "{}",
        told.text()
    );
}

#[tokio::test]
async fn without_a_list_nobody_enters() {
    let server = Server::start(&[]);
    let mut browser = Guest::of(&server);
    let refused = enter(&mut browser, &json!({"host": HOST})).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (403, "host_not_allowed")
    );
    assert_eq!(
        browser
            .get(&format!("/embed/rooms/1?host={HOST}"))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_visitor_talks_from_a_frame_without_a_cookie() {
    let mut server = Server::start(&[HOSTS]);
    let mut frame = Guest::of(&server);
    let (token, me) = entered(&mut frame, &json!({"host": HOST})).await;
    assert_eq!(me["kind"], "visitor");
    let page = call(
        &mut frame,
        &token,
        "GET",
        "/embed/rooms/1/page",
        &Value::Null,
    )
    .await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("data-embedded"),
        "the room's page, and how it is shown"
    );
    assert!(
        page.text().contains(&format!("\"id\":{}", me["id"])),
        "drawn for the frame's person"
    );
    let renamed = call(
        &mut frame,
        &token,
        "PUT",
        "/api/v1/me/name",
        &json!({"name": "Su Shi"}),
    )
    .await;
    assert_eq!(renamed.json()["me"]["name"], "Su Shi");
    let mut ws = socket(&frame, &token).await;
    let welcome = ws.data(WELCOME).await;
    assert_eq!(
        (&welcome["me"]["id"], &welcome["me"]["name"]),
        (&me["id"], &json!("Su Shi"))
    );
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    ws.post("from the frame").await;
    let heard = other.data(u64::from(kinds::EVENT)).await;
    assert_eq!(
        (&heard["message"]["by"]["id"], &heard["message"]["content"]),
        (&me["id"], &json!("from the frame"))
    );
    // The same person comes back, also after a restart.
    server.stop();
    server.launch();
    let mut frame = frame.follow(&server);
    let (again, after) = entered(&mut frame, &json!({"host": HOST, "session": token})).await;
    assert_eq!(
        (again, after["id"].clone(), after["name"].clone()),
        (token.clone(), me["id"].clone(), json!("Su Shi"))
    );
    // What the site keeps for a frame that can keep nothing is as good.
    let (kept, _) = entered(&mut frame, &json!({"host": HOST, "visitor": token})).await;
    assert_eq!(kept, token);
    // Elsewhere they are somebody else.
    let (elsewhere, stranger) =
        entered(&mut frame, &json!({"host": OTHER, "session": token})).await;
    assert_ne!(elsewhere, token);
    assert_ne!(stranger["id"], me["id"]);
}

#[tokio::test]
async fn a_socket_speaks_the_language_that_its_client_offers() {
    let server = Server::start(&[HOSTS]);
    let mut frame = Guest::of(&server);
    let (token, _) = entered(&mut frame, &json!({"host": HOST})).await;
    for (lang, lobby) in [("zh", "大堂"), ("en", "Lobby"), ("x", "Lobby")] {
        let protocols = format!("teahouse.1, teahouse.bearer.{token}, teahouse.lang.{lang}");
        let headers = [("sec-websocket-protocol", protocols.as_str())];
        let mut ws = frame.open("/ws?feed", &headers).await.unwrap();
        ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
            .await;
        let welcome = ws.data(WELCOME).await;
        assert_eq!(welcome["rooms"][0]["name"], lobby, "{lang}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_everywhere_and_never_somebody_less() {
    let server = Server::start(&[HOSTS]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", PHRASE).await;
    let made_up = format!("ths_{}", "a".repeat(43));
    let mut tried = 0;
    for (method, path) in routes() {
        // Tools speak at hooks by the secret in the address alone.
        if ["/healthz", "/readyz", "/metrics"].contains(&&*path) || path.starts_with("/hooks/") {
            continue;
        }
        let path = path.replace("{room}", "1").replace(['{', '}'], "");
        for token in ["", "x", "ths_short", "thp_", &made_up] {
            let answer = call(&mut ada, token, &method, &path, &Value::Null).await;
            assert_eq!(answer.status, 401, "{method} {path} {token}: {answer:?}");
            if method != "HEAD" {
                assert_eq!(answer.error(), "bad_token", "{method} {path} {token}");
            }
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
    let protocols = format!("teahouse.1, teahouse.bearer.{made_up}");
    let refused = ada
        .open("/ws?feed", &[("sec-websocket-protocol", &protocols)])
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, &refused.body["error"]["code"]),
        (401, &json!("bad_token"))
    );
    let two = [
        ("authorization", "Basic YTpi"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(
        ada.request("GET", "/api/v1/me", &two, b"").await.json()["me"]["name"],
        "Ada",
        "what a proxy asks for itself is not ours"
    );
}

#[tokio::test]
async fn with_a_token_cookies_count_for_nothing_and_the_browsers_own_calls_are_not_for_it() {
    let server = Server::start(&[HOSTS]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", PHRASE).await;
    let mut frame = Guest::of(&server);
    let (token, visitor) = entered(&mut frame, &json!({"host": HOST})).await;
    // Ada's browser with the visitor's token, without any sign of where it comes from.
    let bearer = format!("Bearer {token}");
    let me = ada
        .request("GET", "/api/v1/me", &[("authorization", &bearer)], b"")
        .await;
    assert_eq!(me.json()["me"]["id"], visitor["id"]);
    let renamed = ada
        .request(
            "PUT",
            "/api/v1/me/name",
            &[
                ("authorization", &bearer),
                ("content-type", "application/json"),
            ],
            br#"{"name":"Bo"}"#,
        )
        .await;
    assert_eq!(
        renamed.json()["me"]["name"],
        "Bo",
        "no cookie, so nobody can have forged it"
    );
    assert_eq!(ada.get("/api/v1/me").await.json()["me"]["name"], "Ada");
    let (mine, me) = entered(&mut ada, &json!({"host": HOST})).await;
    assert_eq!(me["name"], "Ada");
    let mut refused = Vec::new();
    for (method, path) in routes() {
        let path = path.replace("{room}", "1").replace(['{', '}'], "");
        // It would end the frame.
        if (&*method, &*path) == ("DELETE", "/api/v1/session") {
            continue;
        }
        let answer = call(&mut frame, &mine, &method, &path, &json!({})).await;
        if answer.status == 403 && method != "HEAD" && answer.error() == "not_for_tokens" {
            refused.push(format!("{method} {path}"));
        }
    }
    for path in [
        "PUT /api/v1/me/password",
        "DELETE /api/v1/me",
        "GET /api/v1/me/devices",
        "DELETE /api/v1/me/devices",
        "GET /api/v1/me/export",
        "POST /api/v1/embed/grant",
        "POST /api/v1/register",
        "POST /api/v1/session",
        "POST /api/v1/people/person/password-link",
    ] {
        assert!(
            refused.iter().any(|one| one == path),
            "{path} of {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_frame_that_is_not_shown_is_told_what_waits_and_is_in_nobodys_presence() {
    let server = Server::start(&[HOSTS]);
    let mut frame = Guest::of(&server);
    let (token, _) = entered(&mut frame, &json!({"host": HOST})).await;
    let mut other = Guest::visiting(&server).await;
    let (mut ws, welcome) = other.feed().await;
    let people = other.get("/api/v1/rooms/1/people").await.json()["people"].clone();
    ws.post("one").await;
    ws.post("two").await;
    let mut own = socket(&frame, &token).await;
    own.data(WELCOME).await;
    own.post("mine, which does not wait for me").await;
    drop(own);
    let left = async || {
        let mut guest = Guest::of(&server);
        guest.get("/api/v1/rooms/1/people").await.json()["people"] == people
    };
    eventually("the frame's socket is gone", left).await;
    let news = call(
        &mut frame,
        &token,
        "GET",
        "/api/v1/embed/news?room=1&since=0",
        &Value::Null,
    )
    .await;
    assert_eq!(
        news.json(),
        json!({"head": welcome["rooms"][0]["head"].as_i64().unwrap_or(0) + 3, "unread": 2, "mentions": 0})
    );
    assert_eq!(
        other.get("/api/v1/rooms/1/people").await.json()["people"],
        people
    );
    let hidden = call(
        &mut frame,
        &token,
        "GET",
        "/api/v1/embed/news?room=99",
        &Value::Null,
    )
    .await;
    assert_eq!(hidden.error(), "not_found");
}
