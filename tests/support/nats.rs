//! A NATS server of a test's own: the one of the distribution, on a free port of this machine.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::kept::Kept;

/// How long it may take to be there on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

/// The NATS server.
#[derive(Debug)]
pub struct Nats {
    arguments: Vec<String>,
    home: TempDir,
    port: u16,
    running: Option<Kept>,
}

impl Nats {
    /// Starts one that everybody may use.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let mut nats = Self {
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            home: tempfile::tempdir().unwrap(),
            port: 0,
            running: None,
        };
        nats.launch();
        nats
    }

    /// Starts it, at the same port where it has had one.
    pub fn launch(&mut self) {
        let until = Instant::now() + START;
        let port = match self.port {
            0 => "-1".to_owned(),
            port => port.to_string(),
        };
        let home = self.home.path();
        let mut nats = Command::new(program());
        nats.args(["-a", "127.0.0.1", "-p", &port, "--ports_file_dir"])
            .arg(home)
            .arg("-l")
            .arg(home.join("log"))
            .args(&self.arguments);
        let running = self.running.insert(Kept::start(&nats));
        let ports = home.join(format!("nats-server_{}.ports", running.pid));
        self.port = loop {
            let written = std::fs::read_to_string(&ports).unwrap_or_default();
            if let Some(port) = port_of(&written) {
                break port;
            }
            let log = std::fs::read_to_string(home.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "nats-server did not start: {log}");
            std::thread::sleep(Duration::from_millis(10));
        };
    }

    /// Its address, as the settings name it.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Its address with a user.
    pub fn url_of(&self, user: &str) -> String {
        format!("nats://{user}@127.0.0.1:{}", self.port)
    }

    /// SIGKILL; [`Self::launch`] starts it again.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Sends it a signal, such as `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        let pid = &self.running.as_ref().unwrap().pid;
        let status = Command::new("kill").args(["-s", name, pid]).status();
        let status = status.unwrap();
        assert!(status.success());
    }
}

/// The port in what the server has written: `{"nats":["nats://127.0.0.1:4222"]}`.
fn port_of(written: &str) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_str(written).ok()?;
    let (_, port) = ports["nats"][0].as_str()?.rsplit_once(':')?;
    port.parse().ok()
}

/// Debian has it where only root looks.
fn program() -> &'static str {
    let known = ["/usr/sbin/nats-server", "/usr/bin/nats-server"];
    let found = known
        .into_iter()
        .find(|path| std::path::Path::new(path).exists());
    found.unwrap_or_else(|| {
        panic!("NATS is not installed, and this test needs it: apt-get install nats-server")
    })
}
