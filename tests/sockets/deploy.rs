//! The files for proxies, as they are given to operators: what the server takes passes them.

use std::net::SocketAddr;

use serde_json::json;
use teahouse::protocol::MAX_FRAME;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::proxy::Proxy;
use crate::support::tool::hook;
use crate::support::voice::{FIELDS, form, recording};
use crate::support::{Guest, Member, Server, eventually};

const NGINX: &str = include_str!("../../deploy/nginx.conf");
const CADDY: &str = include_str!("../../deploy/Caddyfile");

/// The place in a file where the server is.
const HERE: &str = "127.0.0.1:8080";

/// Our file as it is but for names, ports and the certificate; `None` where there is no nginx.
async fn nginx(server: SocketAddr) -> Option<Proxy> {
    Proxy::nginx(NGINX, &[(HERE, server)]).await
}

#[test]
fn a_proxy_lets_through_the_longest_body_that_the_server_takes() {
    let kib = NGINX.lines().find_map(|line| {
        let size = line.trim().strip_prefix("client_max_body_size ")?;
        size.strip_suffix("k;")?.parse::<usize>().ok()
    });
    assert_eq!(kib.unwrap() * 1024, MAX_FRAME);
    for file in [NGINX, CADDY] {
        assert!(file.contains("Strict-Transport-Security \"max-age=31536000\""));
    }
}

#[tokio::test]
async fn through_nginx_pages_sockets_and_the_longest_preview_come_and_go() {
    let server = Server::start(&[
        ("server.trusted_proxies", "127.0.0.1"),
        ("server.public_url", "https://chat.example.org"),
        ("chat.max_message_chars", "20000"),
    ]);
    let Some(nginx) = nginx(server.addr()).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    let mut ada = Guest::of(&server).by_way_of(nginx.addr);
    let page = ada.visit().await;
    let stay = page
        .headers
        .iter()
        .filter(|(name, _)| name == "strict-transport-security");
    assert_eq!(stay.count(), 1, "{page:?}");
    let (mut ws, _) = ada.feed().await;
    ws.post("by way of nginx").await;
    // As our page writes it, and with each character escaped, as many programs do.
    let tea = "茶".repeat(4_000);
    let escaped = format!(r#"{{"content":"{}"}}"#, "\\u8336".repeat(4_000));
    let cups = json!({"content": "🍵".repeat(20_000)}).to_string();
    for body in [json!({"content": tea}).to_string(), escaped, cups] {
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        let path = "/api/v1/preview";
        let answer = ada.request("POST", path, &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 200, "{} bytes", body.len());
    }
}

#[tokio::test]
async fn what_tools_post_passes_nginx_and_its_secret_stands_in_no_log() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let Some(nginx) = nginx(server.addr()).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    let path = hook(&server, "Alerts", 1);
    let mut tool = Guest::of(&server).by_way_of(nginx.addr);
    let headers = [("content-type", "application/json")];
    let longest = format!(r#"{{"text": "{}"}}"#, "x".repeat(128 * 1024 - 12));
    assert_eq!(longest.len(), 128 * 1024);
    for (body, answer) in [(longest, (200, "ok")), ("{}".to_owned(), (400, "no_text"))] {
        let said = tool.request("POST", &path, &headers, body.as_bytes()).await;
        assert_eq!((said.status, &*said.text()), answer);
    }
    tool.get("/healthz").await;
    eventually("the next request is logged", async || {
        nginx.access_log().contains("/healthz")
    })
    .await;
    assert!(!nginx.access_log().contains("/hooks/"));
}

/// Bytes that differ everywhere, more than nginx takes by itself.
fn three_megabytes() -> Vec<u8> {
    (0..3_000_000_u32)
        .map(|place| (place * 31 % 251) as u8)
        .collect()
}

/// Ada, who comes by way of a proxy.
async fn ada_by_way_of(proxy: &Proxy, server: &Server) -> Member {
    let mut ada = Member::new(server, "Ada").await;
    ada.guest = ada.guest.by_way_of(proxy.addr);
    ada
}

/// Where an upload of so many bytes is.
async fn announced(who: &mut Member, length: usize) -> String {
    let answer = who.guest.announce(length, &[]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn through_nginx_a_large_file_comes_in_as_one_piece() {
    let buffered = NGINX.replace("proxy_request_buffering off", "proxy_request_buffering on");
    assert_ne!(buffered, NGINX);
    for file in [NGINX, &buffered] {
        let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
        let Some(nginx) = Proxy::nginx(file, &[(HERE, server.addr())]).await else {
            return eprintln!("no nginx here: its file was not tried");
        };
        let mut ada = ada_by_way_of(&nginx, &server).await;
        let whole = three_megabytes();
        let id = ada.uploads("tea.bin", &whole).await;
        let got = ada.guest.get(&format!("/files/{id}/raw")).await;
        assert!(got.body == whole, "the same bytes");
    }
}

/// Long voices of classic clients come through `proxy`, by both of their addresses.
async fn voices_pass(proxy: &Proxy, server: &Server) {
    let mut lin = Guest::of(server).by_way_of(proxy.addr);
    lin.visit().await;
    let sound = recording(48_000, 60_000);
    assert!(sound.len() > 5_000_000, "nginx takes 1 MB by itself");
    for path in ["/api/voice", "/voice"] {
        let body = form(Some(&sound), &FIELDS);
        let answer = lin
            .posts_form(path, &[("sec-fetch-site", "same-origin")], &body)
            .await;
        assert_eq!(answer.json()["flag"], true, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn through_nginx_long_voices_come_in() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let Some(nginx) = nginx(server.addr()).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    voices_pass(&nginx, &server).await;
}

#[tokio::test]
async fn through_caddy_everything_comes_and_goes() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let Some(caddy) = Proxy::caddy(CADDY, &[(HERE, server.addr())]).await else {
        return eprintln!("no Caddy here: its file was not tried");
    };
    let mut ada = ada_by_way_of(&caddy, &server).await;
    let (mut ws, _) = ada.guest.feed().await;
    ws.post("by way of Caddy").await;
    let whole = three_megabytes();
    let id = ada.uploads("tea.bin", &whole).await;
    let got = ada.guest.get(&format!("/files/{id}/raw")).await;
    assert!(got.body == whole, "the same bytes");
    voices_pass(&caddy, &server).await;
}

#[tokio::test]
async fn through_nginx_what_came_of_a_broken_piece_is_kept() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let Some(nginx) = nginx(server.addr()).await else {
        return eprintln!("no nginx here: its file was not tried");
    };
    let mut ada = ada_by_way_of(&nginx, &server).await;
    let whole = three_megabytes();
    let location = announced(&mut ada, whole.len()).await;
    let came = 2_000_000;
    let mut broken = ada.guest.begins_piece(&location, 0, whole.len()).await;
    broken.write_all(&whole[..came]).await.unwrap();
    eventually("the bytes arrive", async || {
        Guest::of(&server)
            .metric("teahouse_upload_bytes_total")
            .await
            >= came as u64
    })
    .await;
    drop(broken);
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(head.header("upload-offset"), Some(&*came.to_string()));
    let rest = ada.guest.continues(&location, came, &whole[came..]).await;
    assert_eq!(rest.status, 204, "{rest:?}");
}

#[tokio::test]
async fn an_nginx_that_takes_little_refuses_long_pieces_by_itself_and_passes_short_ones() {
    let as_it_comes: String = NGINX
        .lines()
        .filter(|line| {
            let set = ["client_max_body_size", "proxy_request_buffering"];
            !set.iter().any(|name| line.contains(name))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let Some(nginx) = Proxy::nginx(&as_it_comes, &[(HERE, server.addr())]).await else {
        return eprintln!("no nginx here: its default was not tried");
    };
    let mut ada = ada_by_way_of(&nginx, &server).await;
    let whole = three_megabytes();
    let location = announced(&mut ada, whole.len()).await;
    let mut long = ada.guest.begins_piece(&location, 0, whole.len()).await;
    // It goes on reading for a while after its answer, and only then ends the connection.
    let mut answer = String::new();
    while !answer.contains("\r\n\r\n") {
        let byte = long.read_u8().await.unwrap();
        answer.push(char::from(byte));
    }
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(!answer.contains("tus-resumable"), "it is nginx's: {answer}");
    let mut offset = 0;
    for piece in whole.chunks(512 * 1024) {
        let sent = ada.guest.continues(&location, offset, piece).await;
        assert_eq!(sent.status, 204, "{sent:?}");
        offset += piece.len();
    }
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    let path = format!("/files/{}/raw", upload["id"].as_str().unwrap());
    assert!(ada.guest.get(&path).await.body == whole, "the same bytes");
}
