//! The watch that every test keeps over its browsers: what they complain about, what they ask of
//! other sites; and pictures, for those who want to look themselves.

use std::path::PathBuf;

use super::engines::{Engine, WebKit};
use super::{Browsers, Person, site};
use crate::support::Server;

/// What a browser says of a line that is cut, and of what it could not fetch over it.
const CUTS: [&str; 11] = [
    "ERR_CONNECTION",
    "ERR_SOCKET_NOT_CONNECTED",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "ERR_FAILED",
    "WebSocket connection to",
    "An unknown error occurred when fetching the script",
    "Error while trying to use the following icon from the Manifest",
    "can’t establish a connection to the server",
    "was interrupted while the page was loading",
    "A ServiceWorker passed a promise to FetchEvent.respondWith() that rejected",
];

impl Person {
    /// Lets their browser complain about something that the test is about.
    pub fn expects(&self, complaint: &'static str) {
        self.expected.borrow_mut().push(complaint);
    }

    /// Lets their browser complain about a line that the test cuts, or a server that it stops.
    pub fn expects_cuts(&self) {
        self.expected.borrow_mut().extend(CUTS);
    }

    /// What their browser has complained about since they were asked last.
    pub async fn complaints(&self) -> Vec<String> {
        let expected = self.expected.borrow().clone();
        let all = match &self.engine {
            Engine::Chromium => self.log().await,
            Engine::Firefox(firefox) => firefox.complaints(&self.site).await,
            Engine::WebKit(_) => WebKit::complaints(&self.browser).await,
        };
        all.into_iter()
            .filter(|message| !expected.iter().any(|known| message.contains(known)))
            .collect()
    }

    async fn log(&self) -> Vec<String> {
        let log = self.browser.browser_log().await.unwrap();
        log.into_iter()
            .filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING")
            .map(|entry| entry.message)
            .collect()
    }

    /// Everything that this page asked for, it asked of its own site.
    pub(super) async fn stays_home(&self) {
        let abroad = self.abroad().await;
        assert!(abroad.is_empty(), "requests to other sites: {abroad:?}");
    }

    /// What this page asked of other sites.
    pub async fn abroad(&self) -> Vec<String> {
        self.look(
            "performance.getEntriesByType('resource').map((entry) => entry.name)
                .filter((name) => new URL(name).origin !== location.origin)",
        )
        .await
    }

    /// A picture of the page, once nothing moves, if `TEAHOUSE_SCREENSHOTS` names a directory.
    pub async fn picture(&self, name: &str) {
        let Some(directory) = std::env::var_os("TEAHOUSE_SCREENSHOTS") else {
            return;
        };
        // A picture outside of the view is not loaded before it is needed.
        let rest = "document.getAnimations().length === 0
            && [...document.images].every((image) => {
                const { top, bottom } = image.getBoundingClientRect();
                return image.complete || !image.checkVisibility() || bottom < 0 || top > innerHeight;
            })";
        self.until("everything is at rest", rest).await;
        let directory = PathBuf::from(directory);
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join(format!("{name}.png"));
        self.browser.screenshot(&file).await.unwrap();
    }

    /// Closes the last window, and the browser with it, which had nothing to complain about.
    pub async fn leave(self) {
        self.stays_home().await;
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.browser.close_window().await.unwrap();
    }
}

#[tokio::test]
async fn an_inline_script_a_foreign_picture_and_an_error_are_noticed() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    assert!(ann.complaints().await.is_empty());
    for (mischief, complaint) in [
        (
            "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.owned = 1' }))",
            "Content Security Policy",
        ),
        (
            "new Image().src = 'http://elsewhere.example/x.png'",
            "Content Security Policy",
        ),
        (
            "fetch('http://elsewhere.example/').catch(() => {})",
            "Content Security Policy",
        ),
        ("setTimeout(() => undefined.tea)", "tea"),
        (
            "setTimeout(() => Promise.reject(new Error('oolong')))",
            "oolong",
        ),
    ] {
        let _nothing: serde_json::Value = ann.look(&format!("void ({mischief})")).await;
        let until = std::time::Instant::now() + super::PATIENCE;
        loop {
            let complaints = ann.complaints().await;
            if complaints.iter().any(|text| text.contains(complaint)) {
                break;
            }
            assert!(std::time::Instant::now() < until, "not noticed: {mischief}");
        }
    }
    assert!(ann.look::<bool>("window.owned === undefined").await);
    assert_eq!(ann.abroad().await, ["http://elsewhere.example/x.png"]);
    ann.open().await;
    ann.leave().await;
}
