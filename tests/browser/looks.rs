//! The two languages and the three themes.

use serde_json::json;

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

async fn is_in(person: &Person, lang: &str, room: &str) {
    let whole =
        format!("document.documentElement.lang === '{lang}' && document.readyState === 'complete'");
    person.until("the language", &whole).await;
    person.is_live().await;
    person.reads("h1", room).await;
}

#[tokio::test]
async fn the_page_speaks_the_browsers_language_and_another_on_request() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    is_in(&lin, "zh-CN", "大堂").await;
    let ann = browsers.person(&site(&server), "en-GB,en").await;
    is_in(&ann, "en", "Lobby").await;

    ann.write("a draft, 一半").await;
    ann.choose("#lang-zh").await;
    is_in(&ann, "zh-CN", "大堂").await;
    let draft: String = ann.look("document.getElementById('say').value").await;
    assert_eq!(draft, "a draft, 一半");
    let hint: String = ann.look("document.getElementById('say').placeholder").await;
    assert_eq!(hint, "说点什么…");
    ann.reload().await;
    is_in(&ann, "zh-CN", "大堂").await;
    ann.choose("#lang-en").await;
    is_in(&ann, "en", "Lobby").await;
    ann.leave().await;
    lin.leave().await;
}

/// Lightness of what is behind the text, 0 to 255.
async fn paper(person: &Person) -> f64 {
    person
        .look(
            "(() => {
                const pixel = new OffscreenCanvas(1, 1).getContext('2d');
                pixel.fillStyle = getComputedStyle(document.body).backgroundColor;
                pixel.fillRect(0, 0, 1, 1);
                return pixel.getImageData(0, 0, 1, 1).data[1];
            })()",
        )
        .await
}

async fn system_is(person: &Person, scheme: &str) {
    let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
    person
        .devtools("Emulation.setEmulatedMedia", json!({"features": features}))
        .await;
}

#[tokio::test]
async fn the_theme_changes_at_once_and_stays() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    system_is(&ann, "light").await;
    assert!(paper(&ann).await > 200.0, "auto on a light system");
    system_is(&ann, "dark").await;
    assert!(paper(&ann).await < 60.0, "auto on a dark system");

    ann.choose("#theme-light").await;
    assert!(paper(&ann).await > 200.0, "light, whatever the system says");
    ann.press(Key::Escape).await;
    system_is(&ann, "light").await;
    ann.choose("#theme-dark").await;
    assert!(paper(&ann).await < 60.0, "dark, whatever the system says");
    let pressed: String = ann
        .look("document.querySelector('[id^=theme-][aria-pressed=true]').id")
        .await;
    assert_eq!(pressed, "theme-dark");
    are_kept(&ann, 2).await;
    ann.reload().await;
    assert!(paper(&ann).await < 60.0, "dark after a reload");
    assert_eq!(
        ann.look::<String>("document.documentElement.dataset.theme")
            .await,
        "dark"
    );
    ann.choose("#theme-auto").await;
    assert!(paper(&ann).await > 200.0, "auto again");
    are_kept(&ann, 1).await;
    ann.leave().await;
}

/// Waits until the server has answered so many choices on this page.
async fn are_kept(person: &Person, choices: u32) {
    let answered = format!(
        "performance.getEntriesByType('resource')
            .filter((entry) => entry.name.endsWith('/preferences') && entry.responseStatus === 200)
            .length === {choices}"
    );
    person.until("the choices are kept", &answered).await;
}
