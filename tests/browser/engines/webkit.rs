//! WebKit as GTK has it, the engine of Safari, on a screen that nobody sees. It knows no touch: a phone
//! is a narrow window here.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};

use super::Engine;
use crate::browsers::{find, lines};
use crate::person::BLINK;
use crate::{PATIENCE, Person};

/// The bars above the page take no room, so that a window can be as narrow as a phone.
const BARE: &str = "* { min-width: 0; min-height: 0; padding: 0; margin: 0; border: 0; font-size: 1px; -gtk-icon-transform: scale(0); }";

/// The one locale that every Debian has. WebKit asks the locale which language to read, and looks it
/// up by name: its files will do for any.
const LOCALE: &str = "/usr/lib/locale/C.utf8";

/// How the table of the system's sockets says that one listens.
const LISTENING: &str = "0A";

/// Keeps what goes wrong in the page from now on.
const LISTEN: &str = "
    if (!window.complaints) {
        window.complaints = [];
        addEventListener('error', ({ message, filename, lineno }) => complaints.push(`${message} ${filename}:${lineno}`));
        addEventListener('unhandledrejection', ({ reason }) => complaints.push(`unhandled: ${reason} ${reason?.stack}`));
        document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => complaints.push(`${violatedDirective}: ${blockedURI}`));
    }
    return complaints.splice(0);";

/// A screen, a driver, and by that driver a browser.
pub struct WebKit {
    driver: Child,
    screen: Child,
    _home: TempDir,
}

impl WebKit {
    /// Somebody who has just opened `site`, and reads `language` ("zh_CN").
    pub async fn person(site: &str, language: &str) -> Person {
        let home = tempfile::tempdir().unwrap();
        let css = home.path().join("gtk-3.0/gtk.css");
        std::fs::create_dir_all(css.parent().unwrap()).unwrap();
        std::fs::write(css, BARE).unwrap();
        symlink(LOCALE, home.path().join(language)).unwrap();
        let (screen, display) = screen(home.path());
        let driver = launch(home.path(), &display, language);
        let mut webkit = Self {
            driver,
            screen,
            _home: home,
        };
        let port = webkit.port().await;
        let browser = WebDriver::new(format!("http://127.0.0.1:{port}"), Capabilities::new())
            .await
            .unwrap();
        browser.clone().leak().unwrap();
        let profile = webkit._home.path().to_owned();
        let person = Person::new(browser, site, profile).with(Engine::WebKit(webkit));
        person.open().await;
        person
    }

    /// Makes the window so large that its page has this size.
    pub async fn resize(browser: &WebDriver, width: u32, height: u32) {
        let bars = browser.execute("return outerHeight - innerHeight", vec![]);
        let bars: u32 = bars.await.unwrap().convert().unwrap();
        let window = browser.set_window_rect(0, 0, width, height + bars);
        window.await.unwrap();
    }

    /// What went wrong in this page since it was asked last.
    pub async fn complaints(browser: &WebDriver) -> Vec<String> {
        browser
            .execute(LISTEN, vec![])
            .await
            .unwrap()
            .convert()
            .unwrap()
    }

    /// The driver does not say which port it took; the system knows.
    async fn port(&mut self) -> u16 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(port) = listens(self.driver.id()) {
                return port;
            }
            assert!(Instant::now() < deadline, "WebKit's driver does not listen");
            tokio::time::sleep(BLINK).await;
        }
    }
}

impl Drop for WebKit {
    fn drop(&mut self) {
        // Without its screen the browser ends, too.
        for process in [&mut self.driver, &mut self.screen] {
            let _gone = process.kill();
            let _reaped = process.wait();
        }
    }
}

/// A screen, and how programs call it.
fn screen(home: &Path) -> (Child, String) {
    let mut screen = Command::new(find(&["Xvfb"]))
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1600x1000x24",
            "-nolisten",
            "tcp",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(home.join("screen.log")).unwrap())
        .spawn()
        .unwrap();
    let number = lines(&mut screen).recv_timeout(PATIENCE);
    (screen, format!(":{}", number.unwrap()))
}

fn launch(home: &Path, display: &str, language: &str) -> Child {
    Command::new(find(&["WebKitWebDriver"]))
        .args(["--host=127.0.0.1", "--port=0"])
        .envs([("DISPLAY", display), ("GDK_BACKEND", "x11")])
        .env("LOCPATH", home)
        .env("LC_ALL", language)
        .env("TZ", "Asia/Shanghai")
        // Pictures are painted by the processor; nothing outside of this test is asked for anything.
        .envs([
            ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
            ("LIBGL_ALWAYS_SOFTWARE", "1"),
        ])
        .envs([("GSETTINGS_BACKEND", "memory"), ("NO_AT_BRIDGE", "1")])
        .envs(
            [
                "HOME",
                "TMPDIR",
                "XDG_CONFIG_HOME",
                "XDG_CACHE_HOME",
                "XDG_DATA_HOME",
            ]
            .map(|name| (name, home)),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The port at which a process listens.
fn listens(pid: u32) -> Option<u16> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .ok()?
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.ok()?.path()).ok()?;
            let name = target.to_str()?.strip_prefix("socket:[")?;
            Some(name.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = *fields.get(3)? == LISTENING && sockets.iter().any(|each| each == fields[9]);
        let (_, port) = fields[1].split_once(':').filter(|_| listens)?;
        u16::from_str_radix(port, 16).ok()
    })
}
