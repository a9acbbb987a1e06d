//! What people do with the room in a page of another site.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::blog::Blog;
use super::{Browsers, PATIENCE, Person};
use crate::support::Server;

/// The script of the documentation, in a page of a blog.
pub const SCRIPT: &str =
    "<script src=\"https://chat.example.org/embed.js\" data-room=\"1\" defer></script>";

/// What of a page's bubble is in its shadow root.
pub const SHADOW: &str = "document.querySelector('html > div').shadowRoot";

/// The frame of a page: that of its bubble, or else that of the room inside it.
const FRAME: &str = "(document.querySelector('html > div') ?? document.querySelector('teahouse-room')).shadowRoot.querySelector('iframe')";

/// The names of both sites go to this machine, others nowhere.
const NAMES: &str = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost";

/// A server, and a site whose pages may show its rooms.
pub struct Sites {
    pub server: Server,
    pub blog: Blog,
}

impl Sites {
    pub async fn open() -> Self {
        let blog = Blog::open().await;
        let hosts = format!("[\"{}\", \"{}\"]", blog.origin(), blog.near_origin());
        let server = Server::start(&[("embed.hosts", &hosts)]);
        let sites = Self { server, blog };
        let page = format!("<h1>A blog</h1><p><input id=\"field\"></p>{SCRIPT}");
        sites.blog.page("/", &sites.page(&page));
        sites
    }

    /// The server's origin.
    pub fn house(&self) -> String {
        super::site(&self.server)
    }

    /// A page of the blog in the words of the documentation, with these two sites' names.
    pub fn page(&self, body: &str) -> String {
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta name=\"viewport\" content=\"width=device-width\"><title>A blog</title><script src=\"/told.js\"></script></head><body>{body}</body></html>"
        );
        self.named(&html)
    }

    /// Text of the documentation with these two sites' names.
    pub fn named(&self, text: &str) -> String {
        text.replace("https://chat.example.org", &self.house())
            .replace("https://blog.example.org", &self.blog.origin())
    }

    /// Somebody who has just opened a page of the blog.
    pub async fn reader(&self, browsers: &Browsers, path: &str) -> Person {
        let person = browsers.stranger(&self.blog.origin(), "en").await;
        person.visits(path).await;
        person
    }
}

/// Browsers for which `localhost` is another site than the server's address.
pub fn browsers() -> Browsers {
    Browsers::with(&[NAMES])
}

impl Person {
    /// Opens a page of the blog.
    pub async fn visits(&self, path: &str) {
        self.goto(path).await;
        self.until("the script is there", "window.Teahouse?.open")
            .await;
    }

    /// Waits until the page has been told this, and gives it.
    pub async fn is_told(&self, name: &str) -> Value {
        let name = json!(name);
        let found = format!("window.told.find(([each]) => each === {name})");
        self.until(&format!("the page is told {name}"), &found)
            .await;
        self.look(&format!("{found}[1]")).await
    }

    /// Forgets what the page has been told.
    pub async fn forgets(&self) {
        let _nothing: Value = self.look("void told.splice(0)").await;
    }

    /// Presses something that stands in the shadow root of the bubble.
    pub async fn presses(&self, css: &str) {
        let find = format!("return {SHADOW}.querySelector('{css}')");
        let found = self.browser.execute(find.as_str(), vec![]).await.unwrap();
        found.element().unwrap().click().await.unwrap();
    }

    /// Opens the panel and goes into its frame, once the room is there.
    pub async fn opens_panel(&self) {
        self.presses(".bubble").await;
        self.goes_into_frame().await;
    }

    /// From now on they look at what is in the frame, where the room is live.
    pub async fn goes_into_frame(&self) {
        self.enters_frame().await;
        self.is_live().await;
    }

    /// From now on they look at what is in the frame.
    pub async fn enters_frame(&self) {
        self.until("there is a frame", FRAME).await;
        let find = format!("return {FRAME}");
        let found = self.browser.execute(find.as_str(), vec![]).await.unwrap();
        let frame = found.element().unwrap();
        frame.enter_frame().await.unwrap();
    }

    /// From now on they look at the page around the frame.
    pub async fn goes_out_of_frame(&self) {
        self.browser.enter_default_frame().await.unwrap();
    }

    /// Goes into the window that has just been opened; gives the one before.
    pub async fn enters_window(&self) -> WindowHandle {
        let here = self.browser.window().await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let all = self.browser.windows().await.unwrap();
            if let Some(other) = all.into_iter().find(|each| *each != here) {
                self.browser.switch_to_window(other).await.unwrap();
                return here;
            }
            assert!(Instant::now() < deadline, "no window opens");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// From the frame they look at they sign in, by the window of the house, where they may be signed in already; they are in the frame again.
    pub async fn signs_in_by_window(&self, name: &str, password: &str) {
        self.click("#menu-button").await;
        self.click("#open-sign-in").await;
        let back = self.enters_window().await;
        let asks = "document.getElementById('connect-yes')?.checkVisibility()";
        let begins =
            format!("document.getElementById('connect-name')?.checkVisibility() || {asks}");
        self.until("the window is there", &begins).await;
        if !self.look::<bool>(&format!("Boolean({asks})")).await {
            self.write_into("#connect-name", name).await;
            self.write_into("#connect-password", password).await;
            self.press(Key::Enter).await;
        }
        self.until("they are asked", asks).await;
        self.click("#connect-yes").await;
        self.browser.switch_to_window(back).await.unwrap();
        self.goes_out_of_frame().await;
        let is_told = format!(
            "told.findLast(([each]) => each === 'identity')?.[1].name === {}",
            json!(name)
        );
        self.until("the page is told who they are", &is_told).await;
        self.goes_into_frame().await;
    }

    /// Who they are in the frame, as the page around it is told.
    pub async fn who(&self) -> String {
        let told = self.is_told("identity").await;
        told["id"].as_str().unwrap().to_owned()
    }

    /// Closes the browser, which had nothing to complain about, at a page that shows another site.
    pub async fn goes(self) {
        self.goes_out_of_frame().await;
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.browser.close_window().await.unwrap();
    }
}
