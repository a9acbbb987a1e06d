//! The proxies that operators have, each with our file for it, in front of the servers of a test.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::eventually;

/// A proxy that runs; it ends with this value.
#[derive(Debug)]
pub struct Proxy {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    home: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// An address in a file of ours, and the server that is there in this test.
type Place<'a> = (&'a str, SocketAddr);

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The first of these programs that is here.
fn program<'a>(paths: &[&'a str]) -> Option<&'a str> {
    let mut paths = paths.iter().copied();
    paths.find(|path| Path::new(path).exists())
}

fn placed(file: &str, places: &[Place<'_>]) -> String {
    places.iter().fold(file.to_owned(), |file, (name, server)| {
        let placed = file.replace(name, &server.to_string());
        assert_ne!(placed, file, "{name} is in the file");
        placed
    })
}

impl Proxy {
    /// What nginx has logged of requests.
    pub fn access_log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("access.log")).unwrap_or_default()
    }

    /// nginx with a file that is as it is but for names, ports and the certificate; `None` where there is no nginx.
    pub async fn nginx(file: &str, places: &[Place<'_>]) -> Option<Self> {
        let program = program(&["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"])?;
        let home = tempfile::tempdir().unwrap();
        let (port, plain) = (free_port(), free_port());
        let ours: String = placed(file, places)
            .lines()
            .filter(|line| !line.contains("[::]") && !line.contains("ssl_certificate"))
            .map(|line| {
                line.replace(
                    "listen 443 ssl http2;",
                    &format!("listen 127.0.0.1:{port};"),
                )
                .replace("listen 80;", &format!("listen 127.0.0.1:{plain};"))
                    + "\n"
            })
            .collect();
        let at = home.path().display();
        let whole = format!(
            "daemon off; master_process off; worker_processes 1; pid {at}/pid; error_log stderr crit;\n\
             events {{}}\nhttp {{ access_log {at}/access.log; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
             fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n{ours}}}\n"
        );
        let file = home.path().join("nginx.conf");
        std::fs::write(&file, whole).unwrap();
        let mut command = Command::new(program);
        command.args(["-p", home.path().to_str().unwrap(), "-c"]);
        command.arg(&file).stderr(Stdio::inherit());
        Some(Self::start(command, port, home).await)
    }

    /// Caddy, but for the name and the certificate; `None` where there is no Caddy.
    pub async fn caddy(file: &str, places: &[Place<'_>]) -> Option<Self> {
        let program = program(&["/usr/bin/caddy", "/usr/local/bin/caddy"])?;
        let home = tempfile::tempdir().unwrap();
        let port = free_port();
        let ours = placed(file, places)
            .replace("chat.example.org {", &format!("http://127.0.0.1:{port} {{"));
        let file = home.path().join("Caddyfile");
        std::fs::write(&file, format!("{{\n\tadmin off\n}}\n{ours}")).unwrap();
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(&file).stderr(Stdio::null());
        command.env("HOME", home.path());
        Some(Self::start(command, port, home).await)
    }

    /// HAProxy, but for the ports and the certificate; `None` where there is none.
    pub async fn haproxy(file: &str, places: &[Place<'_>]) -> Option<Self> {
        let program = program(&["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"])?;
        let home = tempfile::tempdir().unwrap();
        let (port, plain) = (free_port(), free_port());
        let certificate = ":443 ssl crt /etc/haproxy/chat.pem alpn h2,http/1.1";
        assert!(file.contains(certificate));
        let ours = placed(file, places)
            .replace(certificate, &format!("127.0.0.1:{port}"))
            .replace("bind :80", &format!("bind 127.0.0.1:{plain}"));
        let file = home.path().join("haproxy.cfg");
        std::fs::write(&file, ours).unwrap();
        let mut command = Command::new(program);
        command
            .arg("-db")
            .arg("-f")
            .arg(&file)
            .stderr(Stdio::null());
        Some(Self::start(command, port, home).await)
    }

    async fn start(mut command: Command, port: u16, home: tempfile::TempDir) -> Self {
        let child = command.spawn().unwrap();
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let proxy = Self { child, addr, home };
        eventually("the proxy listens", || async move {
            tokio::net::TcpStream::connect(addr).await.is_ok()
        })
        .await;
        proxy
    }
}
