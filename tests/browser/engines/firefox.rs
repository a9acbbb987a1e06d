//! Firefox, without a screen: a page of a phone's size under fingers, and everything that the browser
//! complained about.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{DesiredCapabilities, WebDriver};

use super::Engine;
use super::marionette::Marionette;
use crate::browsers::find;
use crate::person::BLINK;
use crate::{PATIENCE, Person};

/// Where Firefox writes down which port it listens at.
const PORT: &str = "MarionetteActivePort";

/// A running Firefox with a profile of its own.
pub struct Firefox {
    process: Child,
    line: Marionette,
    _home: TempDir,
}

impl Firefox {
    /// Somebody who has just opened `site`, and reads `languages` ("zh-CN,zh").
    pub async fn person(site: &str, languages: &str) -> Person {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("user.js"), preferences(languages)).unwrap();
        let mut process = launch(home.path());
        let line = line_to(&mut process, home.path()).await;
        let browser = WebDriver::builder("http://firefox", DesiredCapabilities::firefox())
            .client(line.clone())
            .connect()
            .await
            .unwrap();
        browser.clone().leak().unwrap();
        let profile = home.path().to_owned();
        let firefox = Self {
            process,
            line,
            _home: home,
        };
        let person = Person::new(browser, site, profile).with(Engine::Firefox(firefox));
        person.open().await;
        person
    }

    /// What DevTools call responsive design: the page is this large, and under 700 px touched.
    pub async fn resize(&self, width: u32, height: u32) {
        let phone = width < 700;
        let script = format!(
            "const browser = gBrowser.selectedBrowser;
            for (const [side, size] of [['width', {width}], ['height', {height}]])
                for (const bound of ['min-', 'max-', '']) browser.style.setProperty(bound + side, size + 'px');
            browser.browsingContext.inRDMPane = {phone};
            browser.browsingContext.touchEventsOverride = {phone} ? 'enabled' : 'none';"
        );
        self.line.in_browser(&script).await;
    }

    /// The errors of this site's pages since it was asked last. That a request was given up while the
    /// service worker had it, because its picture had left the page, is no error of theirs: whether
    /// pictures are there is seen on the page.
    pub async fn complaints(&self, site: &str) -> Vec<String> {
        let script = format!(
            "const errors = Services.console.getMessageArray()
                .filter((each) => each instanceof Ci.nsIScriptError)
                .filter(({{ flags }}) => !(flags & Ci.nsIScriptError.warningFlag))
                .map((each) => each.toString())
                .filter((text) => text.includes({}))
                .filter((text) => !text.includes('intercepted the request and encountered an unexpected error'));
            Services.console.reset();
            return errors;",
            json!(site)
        );
        let errors = self.line.in_browser(&script).await;
        serde_json::from_value(errors).unwrap()
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A mouse: it points finely (2), and can hover (4).
const MOUSE: u32 = 2 | 4;

/// A port of its own; a mouse, where no screen has one; no other site. Marionette's defaults keep
/// everything else quiet.
fn preferences(languages: &str) -> String {
    [
        ("marionette.port", json!(0)),
        ("intl.accept_languages", json!(languages)),
        ("ui.primaryPointerCapabilities", json!(MOUSE)),
        ("ui.allPointerCapabilities", json!(MOUSE)),
        ("network.proxy.type", json!(1)),
        ("network.proxy.http", json!("127.0.0.1")),
        ("network.proxy.http_port", json!(9)),
        ("network.proxy.ssl", json!("127.0.0.1")),
        ("network.proxy.ssl_port", json!(9)),
    ]
    .map(|(name, value)| format!("user_pref({}, {value});\n", json!(name)))
    .concat()
}

fn launch(home: &Path) -> Child {
    Command::new(find(&["firefox-esr", "firefox"]))
        .args(["--headless", "--no-remote", "--marionette"])
        .arg("--remote-allow-system-access")
        .arg("--profile")
        .arg(home)
        .env("HOME", home)
        .env("TZ", "Asia/Shanghai")
        .env("MOZ_CRASHREPORTER_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn line_to(process: &mut Child, home: &Path) -> Marionette {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let port = std::fs::read_to_string(home.join(PORT)).unwrap_or_default();
        if let Ok(port) = port.trim().parse()
            && let Ok(line) = Marionette::at(port).await
        {
            return line;
        }
        let ended = process.try_wait().unwrap();
        assert!(ended.is_none(), "Firefox has ended: {ended:?}");
        assert!(Instant::now() < deadline, "Firefox says nothing");
        tokio::time::sleep(BLINK).await;
    }
}
