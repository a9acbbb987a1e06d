//! A PostgreSQL server of the tests' own: one for each process of tests, started when the first test asks for it.
//!
//! It lies in a temporary directory, listens on a socket there and on 127.0.0.1, and ends with the process that
//! started it, however that ends: a shell waits at the end of a pipe that the kernel closes, then takes server and
//! directory away. Nothing of the system's own PostgreSQL is touched but its programs.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long the server may take to be there on a machine that is busy with other things.
const START: Duration = Duration::from_secs(120);

/// The user that owns all databases, and needs no password.
const USER: &str = "teahouse";

/// What keeps the server: makes it, says so, and waits for the end of whoever started this. `$1` is the directory, `$2`
/// that of the programs; the rest runs a program as somebody who is not root, which PostgreSQL refuses to be. `$OF` is the
/// directory of a server that this one is to be a standby of, and `$OF_PORT` its port.
const KEEPER: &str = r#"
trap '' INT HUP PIPE
directory=$1 programs=$2; shift 2
make() {
    if [ -n "$OF" ]; then
        "$@" "$programs/pg_basebackup" --no-sync --checkpoint=fast --wal-method=stream --write-recovery-conf \
            --username=teahouse --host="$OF" --port="$OF_PORT" --pgdata="$directory/data"
    else
        "$@" "$programs/initdb" --no-sync --auth=trust --username=teahouse --encoding=UTF8 $LOCALE \
            --pgdata="$directory/data"
    fi
}
make "$@" >"$directory/log" 2>&1 || { cat "$directory/log"; rm -rf "$directory"; exit 1; }
start() {
    "$@" setpriv --pdeathsig QUIT "$programs/postgres" -D "$directory/data" -k "$directory" -h 127.0.0.1 -p "$PORT" \
        -N 300 -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_wal_size=256MB \
        </dev/null >>"$directory/log" 2>&1 &
    server=$!
}
start "$@"
echo made
exec >/dev/null
while read -r _falls; do
    kill -QUIT $server; wait $server
    read -r _rises
    start "$@"
done
# What is started in the background ignores QUIT until PostgreSQL listens to it.
kill -TERM $server; sleep 0.3; kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$directory"
"#;

/// A server. It ends with this value, or with this process.
#[derive(Debug)]
pub struct Server {
    /// The pipe to the shell that keeps it.
    keeper: Mutex<ChildStdin>,
    directory: PathBuf,
    programs: PathBuf,
    port: u16,
    made: AtomicU64,
    /// A template may not be copied while somebody else does.
    creating: Mutex<()>,
}

/// The server of this process, started when it is not there yet.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    /// Starts one.
    pub fn start() -> Self {
        Self::start_as(None)
    }

    /// Starts one, which follows another one where there is one.
    pub(super) fn start_as(standby_of: Option<&Self>) -> Self {
        let programs = programs();
        let directory = tempfile::Builder::new()
            .prefix("teahouse-pg-")
            .tempdir()
            .unwrap();
        let directory = directory.keep();
        let somebody = somebody(&directory);
        // PostgreSQL wants to be told a port: one that was free a moment ago.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(&directory)
            .arg(&programs)
            .args(somebody)
            .env("LOCALE", locale(&programs))
            .env("PORT", port.to_string())
            .env("OF", standby_of.map_or(Path::new(""), |of| &of.directory))
            .env("OF_PORT", standby_of.map_or(0, |of| of.port).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        #[expect(
            clippy::zombie_processes,
            reason = "it outlives this process, and has to"
        )]
        let mut keeper = keeper.spawn().unwrap();
        let end = keeper.stdin.take().unwrap();
        let mut said = String::new();
        let mut out = keeper.stdout.take().unwrap();
        out.read_to_string(&mut said).unwrap();
        assert_eq!(said, "made\n", "PostgreSQL's files were not made");
        let server = Self {
            keeper: Mutex::new(end),
            directory,
            programs,
            port,
            made: AtomicU64::new(0),
            creating: Mutex::new(()),
        };
        let until = Instant::now() + START;
        let answers = || {
            let asked = server.psql("postgres").args(["-c", "SELECT 1"]).output();
            asked.is_ok_and(|answer| answer.status.success())
        };
        while !answers() {
            let log = fs::read_to_string(server.directory.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PostgreSQL did not start: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The address of one of its databases, as the store reads it.
    pub fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{host}:{}/{database}", self.port)
    }

    /// The address of one of its databases where the server is found at this port of this machine.
    pub fn url_at(&self, port: u16, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{port}/{database}")
    }

    /// Where it listens, beside a socket in its directory.
    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Ends it without a word to anybody, as after the loss of its machine's power.
    pub fn falls(&self) -> Fallen<'_> {
        self.tell_keeper();
        Fallen(self)
    }

    fn tell_keeper(&self) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(keeper).unwrap();
    }

    /// Ends every connection to one of its databases; they have ended when this returns.
    pub fn hangs_up(&self, database: &str) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{database}'"
        );
        self.sql("postgres", &sql);
    }

    /// Makes a database that is a copy of another, and returns its name.
    pub fn create(&self, template: &str) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.create_as(&name, &format!("TEMPLATE {template}"));
        name
    }

    /// Makes a database of this name with these options.
    pub fn create_as(&self, name: &str, options: &str) {
        let _one = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        self.sql("postgres", &format!("CREATE DATABASE {name} {options}"));
    }

    /// Runs SQL in a database, as its owner, and returns what it says.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let done = self.psql(database).args(["-c", sql]).output();
        let done = done.expect("psql beside the server's programs");
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{sql}: {words}");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// A psql of this database's owner, to be told what to do.
    pub fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", USER])
            .args(["-d", database])
            .args(["-p", &self.port.to_string(), "-h"])
            .arg(&self.directory);
        psql
    }
}

/// A server that has fallen. It starts again when this value ends.
#[must_use]
pub struct Fallen<'a>(&'a Server);

impl Drop for Fallen<'_> {
    fn drop(&mut self) {
        self.0.tell_keeper();
    }
}

/// Where the newest version lies that is installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let version = versions.flatten().filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs
            .join("initdb")
            .exists()
            .then_some((number, programs))
    });
    let Some((_, programs)) = version.max() else {
        panic!(
            "PostgreSQL is not installed, and this test needs one: apt-get install postgresql (13 or newer)"
        );
    };
    programs
}

/// Databases order texts by the rules of a language where they can: the store must not depend on it.
fn locale(programs: &Path) -> &'static str {
    let version = programs.parent().and_then(Path::file_name);
    let version = version.and_then(|version| version.to_str()?.parse::<u32>().ok());
    match version {
        Some(15..) => "--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US",
        _ => "--locale=C.UTF-8",
    }
}

/// By what a program is run as the owner of the directory: PostgreSQL does not run as root.
fn somebody(directory: &Path) -> Vec<String> {
    if !rustix::process::geteuid().is_root() {
        return vec!["env".to_owned()];
    }
    let owner = ["postgres", "nobody"].into_iter().find(|name| {
        let mut chown = Command::new("chown");
        let done = chown
            .arg(name)
            .arg(directory)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|done| done.success())
    });
    let owner = owner.unwrap();
    [
        "setpriv",
        "--reuid",
        owner,
        "--regid",
        "nogroup",
        "--clear-groups",
    ]
    .map(str::to_owned)
    .to_vec()
}
