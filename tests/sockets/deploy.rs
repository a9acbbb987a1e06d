//! The files for proxies, as they are given to operators: what the server takes passes them.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use teahouse::protocol::MAX_FRAME;

use crate::support::{Guest, Server, eventually};

const NGINX: &str = include_str!("../../deploy/nginx.conf");
const CADDY: &str = include_str!("../../deploy/Caddyfile");

/// nginx with our file, in front of `server`; it ends with this value.
struct Nginx {
    child: Child,
    addr: SocketAddr,
    _home: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The file as it is but for names, ports and the certificate; `None` where there is no nginx.
async fn nginx(server: SocketAddr) -> Option<Nginx> {
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
    let program = program.into_iter().find(|path| Path::new(path).exists())?;
    let home = tempfile::tempdir().unwrap();
    let (port, plain) = (free_port(), free_port());
    let ours: String = NGINX
        .lines()
        .filter(|line| !line.contains("[::]") && !line.contains("ssl_certificate"))
        .map(|line| {
            line.replace(
                "listen 443 ssl http2;",
                &format!("listen 127.0.0.1:{port};"),
            )
            .replace("listen 80;", &format!("listen 127.0.0.1:{plain};"))
            .replace("127.0.0.1:8080", &server.to_string())
                + "\n"
        })
        .collect();
    let at = home.path().display();
    let whole = format!(
        "daemon off; master_process off; worker_processes 1; pid {at}/pid; error_log stderr warn;\n\
         events {{}}\nhttp {{ access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
         fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n{ours}}}\n"
    );
    let file = home.path().join("nginx.conf");
    std::fs::write(&file, whole).unwrap();
    let child = Command::new(program)
        .args(["-p", home.path().to_str().unwrap(), "-c"])
        .arg(&file)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let nginx = Nginx {
        child,
        addr,
        _home: home,
    };
    eventually("nginx listens", || async move {
        tokio::net::TcpStream::connect(addr).await.is_ok()
    })
    .await;
    Some(nginx)
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
