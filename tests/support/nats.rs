//! A NATS server of a test's own: the one of the distribution, on a free port of this machine. It ends with the process
//! that started it, however that ends: a shell waits at the end of a pipe that the kernel closes, then kills it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to be there on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

/// Starts the program that follows, says its process id, and kills it when whoever started this has ended.
const KEEPER: &str = r#"
trap '' INT HUP PIPE
"$@" </dev/null >/dev/null 2>&1 &
echo $!
exec >/dev/null
read -r _
kill -KILL $! 2>/dev/null
"#;

/// The NATS server.
#[derive(Debug)]
pub struct Nats {
    arguments: Vec<String>,
    home: TempDir,
    port: u16,
    pid: String,
    keeper: Option<Child>,
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
            pid: String::new(),
            keeper: None,
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
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper", program()])
            .args(["-a", "127.0.0.1", "-p", &port, "--ports_file_dir"])
            .arg(home)
            .arg("-l")
            .arg(home.join("log"))
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut pid = String::new();
        let said = keeper.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut pid).unwrap();
        pid.trim().clone_into(&mut self.pid);
        self.keeper = Some(keeper);
        let ports = home.join(format!("nats-server_{}.ports", self.pid));
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

    /// Its address with a user.
    pub fn url_of(&self, user: &str) -> String {
        format!("nats://{user}@127.0.0.1:{}", self.port)
    }

    /// SIGKILL; [`Self::launch`] starts it again.
    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ended = keeper.wait();
        }
    }

    /// Sends it a signal, such as `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let status = kill.args(["-s", name, &self.pid]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
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
