//! The makes of browser, besides Chromium, and [the tour](tour) that the page takes in each of them.
//! WebDriver is much the same in all; what it does not say each is asked in its own way.

mod embed;
mod files;
mod firefox;
mod marionette;
mod sound;
mod tour;
mod webkit;

use serde_json::json;
use thirtyfour::WebDriver;

pub use firefox::Firefox;
pub use webkit::WebKit;

/// Which browser somebody has; it ends with them. Chromium's end with their driver.
pub enum Engine {
    Chromium,
    Firefox(Firefox),
    /// Nothing but the end is asked of it itself.
    WebKit(#[expect(dead_code)] WebKit),
}

/// Inserts text where the caret is, as the editing commands of a page do.
pub(super) async fn insert(browser: &WebDriver, text: &str) {
    let script = format!(
        "return document.execCommand('insertText', false, {})",
        json!(text)
    );
    let done = browser.execute(script, vec![]).await.unwrap();
    assert_eq!(*done.json(), json!(true), "{text:?} cannot be typed here");
}
