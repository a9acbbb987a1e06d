//! A person before a browser: what they do with hand and keyboard, and what they see. They never
//! sleep; they look again until it is there, or say what was there instead.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use super::PATIENCE;
use super::answers::row;
use super::engines::{Engine, WebKit, insert};

/// How long between two looks.
pub(super) const BLINK: Duration = Duration::from_millis(25);

/// All rows of the timeline that somebody wrote, as they can be seen.
const ROWS: &str = "
    [...document.querySelectorAll('#messages > .msg')].map((row) => ({
        name: row.querySelector('.name').textContent,
        place: row.querySelector('.place').textContent,
        time: row.querySelector('time').textContent,
        text: row.querySelector('.body').textContent,
        face: row.querySelector('.face').naturalWidth > 0,
        first: row.classList.contains('first'),
        mine: row.classList.contains('mine'),
        edited: row.querySelector('.edited') !== null,
        waiting: row.matches('.waiting, .failed'),
    }))";

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Shown {
    pub name: String,
    pub place: String,
    pub time: String,
    pub text: String,
    /// Whether the avatar's picture has been loaded; rows that follow one of their own show none.
    pub face: bool,
    /// Whether face, name and place stand above it.
    pub first: bool,
    pub mine: bool,
    /// Whether it says that these are not its first words.
    pub edited: bool,
    /// Not yet, or not, with the server.
    pub waiting: bool,
}

/// A person with a browser of their own.
pub struct Person {
    pub browser: WebDriver,
    pub(super) engine: Engine,
    pub(super) site: String,
    /// Where their browser keeps what it keeps.
    pub(super) profile: PathBuf,
    /// What their browser may complain about, because the test is about it.
    pub(super) expected: RefCell<Vec<&'static str>>,
}

impl Person {
    pub(super) fn new(browser: WebDriver, site: &str, profile: PathBuf) -> Self {
        Self {
            browser,
            engine: Engine::Chromium,
            site: site.to_owned(),
            profile,
            expected: RefCell::default(),
        }
    }

    /// The same person before another browser.
    pub(super) fn before(self, browser: WebDriver) -> Self {
        Self { browser, ..self }
    }

    /// The same person with a browser of this make.
    pub(super) fn with(self, engine: Engine) -> Self {
        Self { engine, ..self }
    }

    /// Opens the page and waits until it is alive.
    pub async fn open(&self) {
        self.arrive().await;
        self.is_live().await;
    }

    /// Opens the page, whether it comes alive or not.
    pub async fn arrive(&self) {
        self.browser.goto(self.site.as_str()).await.unwrap();
    }

    /// Opens another page of the server, whether it comes alive or not.
    pub async fn goto(&self, path: &str) {
        let address = format!("{}{path}", self.site);
        self.browser.goto(address).await.unwrap();
    }

    pub async fn reload(&self) {
        self.stays_home().await;
        self.browser.refresh().await.unwrap();
        self.is_live().await;
    }

    /// Waits until the page is connected and has everything.
    pub async fn is_live(&self) {
        self.until(
            "the page is live",
            "document.querySelector('#state[data-state=live]')",
        )
        .await;
    }

    /// Waits until the page knows that it has no connection.
    pub async fn is_cut_off(&self) {
        let waits = "document.querySelector('#state[data-state=waiting]')";
        self.until("the page is cut off", waits).await;
    }

    /// The value of a JavaScript expression.
    pub async fn look<T: DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("return ({expression})");
        let value = self.browser.execute(script, vec![]).await.unwrap();
        value
            .convert()
            .unwrap_or_else(|error| panic!("{error}: {expression}"))
    }

    /// Waits until a JavaScript expression holds. A page that is being replaced is asked again.
    pub async fn until(&self, what: &str, condition: &str) {
        let script = format!("return Boolean({condition})");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.browser.execute(script.as_str(), vec![]).await;
            if matches!(&answer, Ok(value) if *value.json() == Value::Bool(true)) {
                return;
            }
            if Instant::now() > deadline {
                let page = self
                    .browser
                    .execute("return document.body.innerText", vec![])
                    .await;
                let page = page.map(|value| value.json().to_string());
                panic!("it never happened: {what} ({answer:?}); the page says {page:?}");
            }
            tokio::time::sleep(BLINK).await;
        }
    }

    /// Waits until the element reads `text`.
    pub async fn reads(&self, css: &str, text: &str) {
        let (css, wanted) = (json!(css), json!(text));
        let seen = format!("document.querySelector({css})?.innerText.trim() === {wanted}");
        self.until(&format!("{css} reads {wanted}"), &seen).await;
    }

    pub async fn text(&self, css: &str) -> String {
        self.look(&format!(
            "document.querySelector({}).innerText.trim()",
            json!(css)
        ))
        .await
    }

    /// Clicks an element, once it is there and can be. One that is drawn anew meanwhile is looked for
    /// again, as a hand would.
    pub async fn click(&self, css: &str) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.find(css).await.click().await {
            let again = matches!(
                error.as_inner(),
                WebDriverErrorInner::StaleElementReference(_)
                    | WebDriverErrorInner::ElementNotInteractable(_)
                    | WebDriverErrorInner::ElementClickIntercepted(_)
            );
            assert!(again && Instant::now() < deadline, "{css}: {error}");
            tokio::time::sleep(BLINK).await;
        }
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> WebElement {
        let there = format!("document.querySelector({})", json!(css));
        self.until(&format!("there is {css}"), &there).await;
        let found = self.browser.find(By::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Presses a key, or several together, wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let keys = self.browser.action_chain().send_keys(keys);
        keys.perform().await.unwrap();
    }

    /// Types text as an input method would: any characters, wherever the focus is.
    pub async fn type_in(&self, text: &str) {
        match self.engine {
            Engine::Chromium => {
                let text = json!({"text": text});
                self.devtools("Input.insertText", text).await;
            }
            Engine::Firefox(_) | Engine::WebKit(_) => insert(&self.browser, text).await,
        }
    }

    /// Writes into the composer, after what is there.
    pub async fn write(&self, text: &str) {
        self.click("#say").await;
        self.type_in(text).await;
    }

    /// Writes into any field.
    pub async fn write_into(&self, css: &str, text: &str) {
        self.click(css).await;
        self.type_in(text).await;
    }

    /// Sends what stands in the box: with Enter, or where that breaks the line with the button.
    pub async fn send(&self) {
        if self.look("matchMedia('(hover: none)').matches").await {
            self.click("#send").await;
        } else {
            self.press(Key::Enter).await;
        }
    }

    /// Says something; it stands in their own page at once.
    pub async fn say(&self, text: &str) {
        self.write(text).await;
        self.send().await;
        let last = self.messages().await.pop().unwrap();
        assert_eq!(last.text, text, "what was said is not there at once");
        assert!(last.mine, "{last:?}");
    }

    /// Says something and waits until the server has it.
    pub async fn post(&self, text: &str) {
        self.say(text).await;
        self.hears(text).await;
    }

    /// Waits for a message with exactly this text that the server has; gives it.
    pub async fn hears(&self, text: &str) -> Shown {
        let wanted = json!(text);
        let seen = format!("{ROWS}.some((row) => row.text === {wanted} && !row.waiting)");
        self.until(&format!("the message {wanted}"), &seen).await;
        let rows = self.messages().await;
        rows.into_iter().rfind(|row| row.text == text).unwrap()
    }

    /// Presses a button at the shoulder of the message with this text.
    pub async fn use_tool(&self, css: &str, text: &str) {
        let row = self.point_at(text).await;
        row.find(By::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Whether a button at the shoulder of the message with this text offers to change it.
    pub async fn may_change(&self, text: &str) -> bool {
        let row = self.point_at(text).await;
        !row.find_all(By::Css(".tools > .edit"))
            .await
            .unwrap()
            .is_empty()
    }

    /// Points at the message with this text until it has its buttons. One that has moved on meanwhile is
    /// pointed at again, as a hand would.
    pub async fn point_at(&self, text: &str) -> WebElement {
        let find = row(text);
        self.until(&format!("the message {text:?} is there"), &find)
            .await;
        let row = self.browser.execute(format!("return {find}"), vec![]).await;
        let row = row.unwrap().element().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            row.scroll_into_view().await.unwrap();
            let hand = self.browser.action_chain().move_to_element_center(&row);
            hand.perform().await.unwrap();
            if self.has_tools(text, deadline).await {
                return row;
            }
        }
    }

    /// The same with a finger, which taps the message where nothing else is.
    pub async fn tap_at(&self, text: &str) {
        let place = format!(
            "(() => {{
                const row = {};
                row?.scrollIntoView({{ block: 'center' }});
                const {{ left, right, top, bottom }} = row?.getBoundingClientRect() ?? {{}};
                for (let y = top + 3; y < bottom; y += 6) for (let x = left + 3; x < right; x += 6) {{
                    const hit = document.elementFromPoint(x, y);
                    if (hit && row.contains(hit) && !hit.closest('a, button, input, textarea, .face, pre')) return [Math.round(x), Math.round(y)];
                }}
                return null;
            }})()",
            row(text)
        );
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((x, y)) = self.look::<Option<(i64, i64)>>(&place).await {
                let hand = self.browser.action_chain().move_to(x, y).click();
                hand.perform().await.unwrap();
            }
            if self.has_tools(text, deadline).await {
                return;
            }
        }
    }

    /// Whether a message that a hand is at gets its buttons soon.
    async fn has_tools(&self, text: &str, deadline: Instant) -> bool {
        let has = format!("Boolean({}?.querySelector('.tools'))", row(text));
        for _ in 0..20 {
            if self.look::<bool>(&has).await {
                return true;
            }
            tokio::time::sleep(BLINK).await;
        }
        assert!(Instant::now() < deadline, "no buttons at {text:?}");
        false
    }

    /// Does what the menu of the message with this text offers.
    pub async fn choose_for(&self, act: &str, text: &str) {
        self.use_tool(".more", text).await;
        self.click(&format!("#message-menu [data-act={act}]")).await;
    }

    /// What the menu of the message with this text offers.
    pub async fn offers(&self, text: &str) -> Vec<String> {
        self.use_tool(".more", text).await;
        let offers = self
            .look("[...document.querySelectorAll('#message-menu :not([hidden])[data-act]')].map((item) => item.dataset.act)")
            .await;
        self.press(Key::Escape).await;
        offers
    }

    /// Their public id.
    pub async fn id(&self) -> String {
        self.look("JSON.parse(document.getElementById('boot').textContent).me.id")
            .await
    }

    /// What stands in the box where they write.
    pub async fn draft(&self) -> String {
        self.look("document.getElementById('say').value").await
    }

    pub async fn messages(&self) -> Vec<Shown> {
        self.look(ROWS).await
    }

    pub async fn texts(&self) -> Vec<String> {
        self.messages()
            .await
            .into_iter()
            .map(|row| row.text)
            .collect()
    }

    /// Gives the page another size, in CSS px; under 700 it is a phone's, touched by fingers. Chromium
    /// forgets the mouse that it was given with it, until a page is loaded.
    pub async fn resize(&self, width: u32, height: u32) {
        match &self.engine {
            Engine::Chromium => self.emulate(width, height).await,
            Engine::Firefox(firefox) => firefox.resize(width, height).await,
            Engine::WebKit(_) => WebKit::resize(&self.browser, width, height).await,
        }
        self.until("the new size", &format!("innerWidth === {width}"))
            .await;
    }

    async fn emulate(&self, width: u32, height: u32) {
        let phone = width < 700;
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
        let touch = json!({"enabled": phone});
        self.devtools("Emulation.setTouchEmulationEnabled", touch)
            .await;
    }

    pub async fn devtools(&self, method: &str, parameters: Value) {
        let _nothing = self.asks_browser(method, parameters).await;
    }

    /// What the browser itself says, by its DevTools protocol.
    pub async fn asks_browser(&self, method: &str, parameters: Value) -> Value {
        let devtools = self.browser.cdp();
        devtools.send_raw(method, parameters).await.unwrap()
    }
}
