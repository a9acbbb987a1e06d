//! Other people's pages: what they may not do with a visitor's cookie. The routes come from the
//! program's own table, so that a new one is tried without anybody thinking of it.

use serde_json::json;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::routes::routes;
use crate::support::{Answer, Guest, Server, within};

/// Every route with something in the place of its parameters.
fn filled_routes() -> Vec<(String, String)> {
    let filled = |path: String| path.replace("{room}", "1").replace(['{', '}'], "");
    let routes = routes().into_iter();
    routes
        .map(|(method, path)| (method, filled(path)))
        .collect()
}

fn changing_routes() -> Vec<(String, String)> {
    let mut routes = filled_routes();
    routes.retain(|(method, _)| !matches!(&**method, "GET" | "HEAD" | "OPTIONS"));
    assert!(routes.len() >= 15, "the table is read: {routes:?}");
    routes
}

/// Whether classic clients send here, and are answered in words of their own.
fn is_classic(path: &str) -> bool {
    path.ends_with("/voice")
}

/// Whether an answer tells that the request came from another site.
fn is_told(answer: &Answer, path: &str) -> bool {
    if is_classic(path) {
        answer.json()["code"] == 51_000
    } else {
        answer.error() == "cross_site"
    }
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
                    // No browser may make some calls, which is for the call to say.
                    let is_for_programs = path.starts_with("/api/v1/house/");
                    assert_eq!(
                        answer.status != 403,
                        ours && !is_for_programs,
                        "{method} {path} {headers:?}: {answer:?}"
                    );
                    if !ours {
                        assert!(is_told(&answer, &path), "{method} {path}: {answer:?}");
                    } else if is_for_programs {
                        assert_eq!(answer.error(), "scope_needed", "{method} {path}");
                    }
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 400, "{tried}");
    let after = guest.feed().await.1["me"].clone();
    assert_eq!(after, me, "they are who they were, by their old name");
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
        let is_read = filled_routes().contains(&("GET".into(), path.clone()));
        assert!(
            matches!(answer.status, 404 | 405) || is_read,
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

#[tokio::test]
async fn a_site_that_is_let_in_may_use_the_socket_and_change_nothing_else() {
    let allowed = "https://blog.example.org";
    let server = Server::start(&[("server.allowed_origins", allowed)]);
    let guest = Guest::visiting(&server).await;
    assert!(guest.open("/ws", &[("origin", allowed)]).await.is_ok());
    for (method, path) in changing_routes() {
        // They send voices as they send words.
        if is_classic(&path) {
            continue;
        }
        for site in [None, Some("cross-site"), Some("same-site")] {
            let mut headers = vec![("origin", allowed), ("content-type", "application/json")];
            headers.extend(site.map(|site| ("sec-fetch-site", site)));
            let answer = guest.clone().request(&method, &path, &headers, b"{}").await;
            assert_eq!(answer.status, 403, "{method} {path} {site:?}");
            assert_eq!(answer.error(), "cross_site");
        }
    }
}

/// The status of the answer to a request with these headers, as they are, with the guest's cookie.
async fn status(guest: &Guest, request: &str, headers: &[(&str, &str)]) -> u16 {
    let mut head = format!("{request} HTTP/1.1\r\nhost: {}\r\n", guest.server);
    head.push_str(&format!("cookie: {}\r\n", guest.cookie.as_ref().unwrap()));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    if !request.starts_with("GET ") {
        head.push_str("{}");
    }
    let mut stream = guest.dial().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = [0; 12];
    within("an answer", stream.read_exact(&mut line))
        .await
        .unwrap();
    let line = String::from_utf8(line.to_vec()).unwrap();
    line.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_is_said_twice_about_where_a_request_comes_from_is_not_believed() {
    let server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let own = format!("http://{}", server.addr());
    let host = server.addr().to_string();
    let socket = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let change = [
        ("content-length", "2"),
        ("content-type", "application/json"),
    ];
    for (sources, admitted) in [
        (vec![("origin", own.as_str())], true),
        (
            vec![("origin", &own), ("origin", "https://evil.example")],
            false,
        ),
        (
            vec![("origin", "https://evil.example"), ("origin", &own)],
            false,
        ),
        (vec![("origin", &own), ("origin", &own)], false),
        (vec![("origin", &own), ("host", &host)], false),
        (vec![("origin", &own), ("host", "evil.example")], false),
        (
            vec![("origin", "http://evil.example"), ("host", "evil.example")],
            false,
        ),
    ] {
        let headers = [&socket[..], &sources].concat();
        let opened = status(&guest, "GET /ws", &headers).await;
        assert_eq!(opened == 101, admitted, "{sources:?}: {opened}");
        let headers = [&change[..], &sources].concat();
        let changed = status(&guest, "PUT /api/v1/preferences", &headers).await;
        assert_eq!(
            matches!(changed, 400 | 403),
            !admitted,
            "{sources:?}: {changed}"
        );
    }
    let sites = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "cross-site"),
    ];
    for sites in [sites, [sites[1], sites[0]]] {
        let headers = [&change[..], &sites].concat();
        assert_eq!(
            status(&guest, "PUT /api/v1/preferences", &headers).await,
            403
        );
    }
}
