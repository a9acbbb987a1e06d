//! Other people's pages: what they may not do with a visitor's cookie. The routes come from the
//! program's own table, so that a new one is tried without anybody thinking of it.

use serde_json::json;

use crate::support::{Guest, Server};

/// Every route that is not a GET, as `src/app.rs` has it.
fn changing_routes() -> Vec<(String, String)> {
    let table = include_str!("../src/app.rs");
    let routes: Vec<(String, String)> = table
        .split(".route(")
        .filter_map(|route| route.trim_start().strip_prefix('"')?.split_once('"'))
        .filter_map(|(path, rest)| {
            let method = rest.split_once("web::")?.1.split_once("()")?.0;
            let path = path.replace("{room}", "1").replace(['{', '}'], "");
            Some((method.to_uppercase(), path))
        })
        .filter(|(method, _)| !matches!(method.as_str(), "GET" | "HEAD" | "ROUTE"))
        .collect();
    assert!(routes.len() >= 15, "the table is read: {routes:?}");
    routes
}

#[tokio::test]
async fn no_change_is_made_for_another_site() {
    let server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let me = guest.feed().await.1["me"].clone();
    let own = format!("http://{}", server.addr());
    let neighbour = format!("http://127.0.0.1:{}", u32::from(server.addr().port()) + 1);
    let tls = format!("https://{}", server.addr());
    let mut tried = 0;
    for (method, path) in changing_routes() {
        for site in [
            None,
            Some("same-origin"),
            Some("none"),
            Some("same-site"),
            Some("cross-site"),
            Some("x"),
        ] {
            for origin in [
                None,
                Some(own.as_str()),
                Some("https://evil.example"),
                Some("null"),
                Some(&neighbour),
                Some(&tls),
            ] {
                for kind in [
                    "application/json",
                    "text/plain",
                    "application/x-www-form-urlencoded",
                ] {
                    let mut headers = vec![("content-type", kind)];
                    headers.extend(site.map(|site| ("sec-fetch-site", site)));
                    headers.extend(origin.map(|origin| ("origin", origin)));
                    let ours = match (site, origin) {
                        (Some(site), _) => matches!(site, "same-origin" | "none"),
                        (None, Some(origin)) => origin == own,
                        (None, None) => false,
                    };
                    // A clone, because one of the routes gives the browser another cookie.
                    let mut browser = guest.clone();
                    let body = if ours {
                        "{}"
                    } else {
                        r#"{"name":"Mallory","password":"a long pass phrase"}"#
                    };
                    if ours && method == "DELETE" {
                        continue;
                    }
                    let answer = browser
                        .request(&method, &path, &headers, body.as_bytes())
                        .await;
                    assert_eq!(
                        answer.status != 403,
                        ours,
                        "{method} {path} {headers:?}: {answer:?}"
                    );
                    if !ours {
                        assert_eq!(answer.error(), "cross_site");
                    }
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 400, "{tried}");
    let after = guest.feed().await.1["me"].clone();
    assert_eq!(after, me, "he is who he was, by his old name");
}

#[tokio::test]
async fn a_program_without_our_cookie_may_change_what_is_its_own() {
    let server = Server::start(&[]);
    let json = [("content-type", "application/json")];
    let mut program = Guest::of(&server);
    let body = br#"{"name":"Script","password":"a long pass phrase"}"#;
    assert_eq!(
        program
            .request("POST", "/api/v1/register", &json, body)
            .await
            .status,
        200
    );
    let refused = program.request("DELETE", "/api/v1/session", &[], b"").await;
    assert_eq!(
        refused.status, 403,
        "with the cookie it must say where it comes from"
    );
}

#[tokio::test]
async fn reading_changes_nothing() {
    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    assert_eq!(ada.register("Ada", "a long pass phrase").await.status, 200);
    let cookie = ada.cookie.clone();
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    for (_, path) in changing_routes() {
        let answer = ada.request("GET", &path, &foreign, b"").await;
        let reads = answer.status < 300 && path.starts_with("/api/v1/rooms");
        assert!(
            reads || matches!(answer.status, 403..=405),
            "GET {path}: {}",
            answer.status
        );
    }
    ada.request("GET", "/", &foreign, b"").await;
    assert_eq!(ada.cookie, cookie);
    assert_eq!(ada.feed().await.1["me"]["name"], "Ada");
}

#[tokio::test]
async fn a_socket_with_our_cookie_opens_for_our_own_pages_only() {
    let server = Server::start(&[("server.allowed_origins", "https://blog.example.org")]);
    let guest = Guest::visiting(&server).await;
    let host = server.addr().to_string();
    let port = server.addr().port();
    for (origin, admitted) in [
        (format!("http://{host}"), true),
        (format!("HTTP://{host}"), true),
        ("https://blog.example.org".into(), true),
        (format!("https://{host}"), false),
        (format!("http://{host}.evil.example"), false),
        (format!("http://evil.example/{host}"), false),
        (format!("http://{host}@evil.example"), false),
        (format!("http://{host}/"), false),
        (format!("http://localhost:{port}"), false),
        ("http://127.0.0.1".into(), false),
        (format!("http://127.0.0.1:{}", u32::from(port) + 1), false),
        ("http://blog.example.org".into(), false),
        ("https://www.blog.example.org".into(), false),
        ("https://blog.example.org:8443".into(), false),
        ("https://blog.example.org.evil.example".into(), false),
        ("file://".into(), false),
        ("null".into(), false),
        ("*".into(), false),
    ] {
        for path in ["/ws", "/ws?feed"] {
            let opened = guest.open(path, &[("origin", &origin)]).await;
            match opened {
                Ok(_) => assert!(admitted, "{origin}"),
                Err(refusal) => {
                    assert!(!admitted, "{origin}: {refusal:?}");
                    assert_eq!(
                        (refusal.status, &refusal.body["error"]["code"]),
                        (403, &json!("cross_site"))
                    );
                }
            }
        }
    }
    assert!(
        guest.open("/ws", &[]).await.is_ok(),
        "no browser, no Origin"
    );
    let mut forged = guest.clone();
    forged.cookie = Some("teahouse=garbage".into());
    let refusal = forged.open("/ws", &[("origin", "null")]).await.unwrap_err();
    assert_eq!(refusal.status, 403, "a bad cookie is a cookie");
}

#[tokio::test]
async fn behind_a_proxy_with_tls_the_site_is_the_one_the_proxy_names() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let guest = Guest::visiting(&server)
        .await
        .with("host", "chat.example.org");
    let secure = ("origin", "https://chat.example.org");
    let proto = ("x-forwarded-proto", "https");
    assert!(guest.open("/ws", &[secure, proto]).await.is_ok());
    assert_eq!(guest.open("/ws", &[secure]).await.unwrap_err().status, 403);
    let elsewhere = guest.at("127.0.0.3");
    let refusal = elsewhere.open("/ws", &[secure, proto]).await.unwrap_err();
    assert_eq!(refusal.status, 403, "only the proxy may say so");
}
