//! The driver's process and the browsers that it starts for one test. All of them end with it:
//! the driver is asked to close its browsers first, because a browser outlives a killed driver.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::{DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

use super::{PATIENCE, Person};

const INSTALL: &str = "The browser tests need three browsers. On Debian: \
     apt-get install chromium chromium-driver firefox-esr webkit2gtk-driver xvfb";

/// The driver picks a port that is free on `::1` and gives up when `127.0.0.1` has it in use, as it
/// may on a machine with many connections.
const TRIES: u32 = 5;

/// What the driver says on stderr.
const LOG: &str = "driver.log";

/// How long the driver may take to close its browsers.
const GOODBYE: Duration = Duration::from_secs(10);

/// No screen, no sandbox (containers have none to give), nothing in the background that a test
/// did not ask for, a mouse (2 = it can hover, 4 = it is fine), and no name that resolves: a
/// request to another site fails, and is logged. The list below Chromium's own address bar is two pages
/// that nobody sees here, and would take two fifths of the CPU time of a start.
const FLAGS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    "--window-size=1280,800",
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/// The browsers of one test.
pub struct Browsers {
    driver: Child,
    addr: SocketAddr,
    home: TempDir,
    flags: &'static [&'static str],
    /// Preferences that their profiles have besides the usual ones.
    preferences: Value,
    opened: AtomicU32,
}

impl Browsers {
    /// Starts the driver on a free port.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same, for browsers that have these flags besides the usual ones.
    pub fn with(flags: &'static [&'static str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        for _ in 0..TRIES {
            let mut driver = launch(home.path());
            if let Some(port) = port_of(&mut driver) {
                return Self {
                    driver,
                    addr: ([127, 0, 0, 1], port).into(),
                    home,
                    flags,
                    preferences: json!({}),
                    opened: AtomicU32::new(0),
                };
            }
            let _ended = driver.kill();
            let _reaped = driver.wait();
        }
        let log = std::fs::read_to_string(home.path().join(LOG));
        panic!("the driver did not start: {log:?}");
    }

    /// The same, whose profiles have these preferences.
    pub fn preferring(mut self, preferences: Value) -> Self {
        self.preferences = preferences;
        self
    }

    /// A person who has just opened `site`, and reads `languages` ("zh-CN,zh").
    pub async fn person(&self, site: &str, languages: &str) -> Person {
        let person = self.stranger(site, languages).await;
        person.is_live().await;
        person
    }

    /// The same before a server that may not let them in.
    pub async fn stranger(&self, site: &str, languages: &str) -> Person {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let profile = self.home.path().join(format!("profile-{number}"));
        let browser = self.browser(languages, &profile).await;
        let person = Person::new(browser, site, profile);
        person.arrive().await;
        person
    }

    /// The same person, who ends their browser and starts it again, on no page yet.
    pub async fn restarted(&self, person: Person, languages: &str) -> Person {
        person.browser.close_window().await.unwrap();
        self.back(person, languages).await
    }

    /// The same person after a power cut: their browser is killed and started again, on no page yet.
    pub async fn crashed(&self, person: Person, languages: &str) -> Person {
        let main = |line: &String| !line.contains("--type=");
        for (pid, _) in processes_on(&person.profile, main) {
            let killed = Command::new("kill").args(["-s", "KILL", &pid]).status();
            assert!(killed.unwrap().success());
        }
        self.back(person, languages).await
    }

    async fn back(&self, person: Person, languages: &str) -> Person {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = processes_on(&person.profile, |_| true);
            if left.is_empty() {
                break;
            }
            assert!(
                Instant::now() < until,
                "their browser does not end: {left:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let browser = self.browser(languages, &person.profile).await;
        person.before(browser)
    }

    async fn browser(&self, languages: &str, profile: &Path) -> WebDriver {
        let mut capabilities = DesiredCapabilities::chrome();
        let binary = find(&["chromium", "chromium-browser", "google-chrome"]);
        capabilities.set_binary(binary.to_str().unwrap()).unwrap();
        for flag in FLAGS.iter().chain(self.flags) {
            capabilities.add_arg(flag).unwrap();
        }
        capabilities
            .add_arg(&format!("--user-data-dir={}", profile.display()))
            .unwrap();
        let mut preferences = self.preferences.clone();
        preferences["intl.accept_languages"] = json!(languages);
        capabilities
            .add_experimental_option("prefs", preferences)
            .unwrap();
        capabilities
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .unwrap();
        // The driver's client could do TLS, and wants to know how, though nothing here has any.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let browser = WebDriver::new(format!("http://{}", self.addr), capabilities)
            .await
            .unwrap_or_else(|error| panic!("no browser: {error}\n{INSTALL}"));
        // Its own drop would wait for an answer that only this test's runtime can read.
        browser.clone().leak().unwrap();
        browser
    }

    /// Asks the driver to end its browsers and itself.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.addr)?;
        stream.set_read_timeout(Some(GOODBYE))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.addr
        )?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Browsers {
    fn drop(&mut self) {
        let until = Instant::now() + GOODBYE;
        if self.shut_down().is_ok() {
            while Instant::now() < until && matches!(self.driver.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let _gone = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

/// The processes of the browser that has this profile: pid and command line.
fn processes_on(profile: &Path, which: impl Fn(&String) -> bool) -> Vec<(String, String)> {
    let ours = format!("--user-data-dir={}", profile.display());
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).into_owned();
            let pid = entry.file_name().into_string().ok()?;
            Some((pid, line))
        })
        .filter(|(_, line)| line.split('\0').any(|word| word == ours) && which(line))
        .collect()
}

fn launch(home: &Path) -> Child {
    let log = File::create(home.join(LOG)).unwrap();
    Command::new(find(&["chromedriver"]))
        .arg("--port=0")
        .env("TMPDIR", home)
        .env("XDG_CONFIG_HOME", home)
        .env("TZ", "Asia/Shanghai")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// Where the driver listens; `None` when it has ended, or says nothing.
fn port_of(driver: &mut Child) -> Option<u16> {
    let told = lines(driver);
    loop {
        let line = told.recv_timeout(PATIENCE).ok()?;
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().ok();
        }
    }
}

/// What a process says on stdout, line by line.
pub(super) fn lines(process: &mut Child) -> mpsc::Receiver<String> {
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _nobody = tell.send(line);
        }
    });
    told
}

/// The first of these programs that this machine has.
pub(super) fn find(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |dir| dir.join(name)))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{} is missing. {INSTALL}", names[0]))
}
