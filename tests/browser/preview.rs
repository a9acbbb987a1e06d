//! How it will look, while it is being written; and the keys that put Markdown around words.

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

const SHOWN: &str = "document.getElementById('preview-body').innerHTML";
const AWAY: &str = "document.getElementById('preview').hidden";
/// `PAUSE_MS` of `static/js/composer/preview.js`: so long after the last letter the page asks.
const PAUSE_MS: u32 = 250;

/// Control and these together.
async fn control(person: &Person, keys: &str, shift: bool) {
    let mut hand = person.browser.action_chain().key_down(Key::Control);
    if shift {
        hand = hand.key_down(Key::Shift);
    }
    hand = hand.send_keys(keys);
    if shift {
        hand = hand.key_up(Key::Shift);
    }
    hand.key_up(Key::Control).perform().await.unwrap();
}

async fn shows(person: &Person, html: &str) {
    let wanted = serde_json::json!(html);
    person.until(html, &format!("{SHOWN} === {wanted}")).await;
}

#[tokio::test]
async fn what_is_written_is_shown_as_it_will_look() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    assert!(ann.look::<bool>(AWAY).await);
    ann.write("**bold**").await;
    control(&ann, "p", true).await;
    shows(&ann, "<strong>bold</strong>").await;
    ann.type_in(" and `code`").await;
    shows(&ann, "<strong>bold</strong> and <code>code</code>").await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await,
        "writing goes on"
    );
    ann.type_in(" <img src=x>").await;
    shows(
        &ann,
        "<strong>bold</strong> and <code>code</code> &lt;img src=x&gt;",
    )
    .await;
    ann.press(Key::Enter).await;
    shows(&ann, "").await;
    let body = "[...document.querySelectorAll('#messages .body')].at(-1).innerHTML";
    ann.until(
        "it looks as it was shown",
        &format!("{body} === '<strong>bold</strong> and <code>code</code> &lt;img src=x&gt;'"),
    )
    .await;

    // Whoever likes it has it the next time; the button is a way, too.
    ann.reload().await;
    assert!(!ann.look::<bool>(AWAY).await);
    ann.click("#open-formatting").await;
    ann.until("the help", "document.getElementById('formatting').open")
        .await;
    ann.press(Key::Escape).await;
    ann.until("no help", "!document.getElementById('formatting').open")
        .await;
    ann.click("#preview-button").await;
    assert!(ann.look::<bool>(AWAY).await);
    ann.reload().await;
    assert!(ann.look::<bool>(AWAY).await);
    ann.leave().await;
}

#[tokio::test]
async fn a_late_answer_is_dropped_and_a_failure_is_quiet() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.look::<()>(
        "(() => {
            const real = fetch;
            window.held = [];
            window.fetch = (path, options) => !String(path).endsWith('/preview') ? real(path, options)
                : new Promise((answer, fail) => window.held.push({ answer: () => real(path, options).then(answer), fail }));
        })()",
    )
    .await;
    ann.click("#preview-button").await;
    ann.write("*one*").await;
    ann.until("asked", "held.length === 1").await;
    ann.type_in(" *two*").await;
    // A timer of the same length, set after the page's own, ends after it.
    let page_would_ask = format!("new Promise((done) => setTimeout(done, {PAUSE_MS}))");
    ann.look::<()>(&page_would_ask).await;
    assert_eq!(ann.look::<u32>("held.length").await, 1, "one at a time");
    ann.look::<()>("void held[0].answer()").await;
    ann.until("asked again", "held.length === 2").await;
    assert_eq!(
        ann.look::<String>(SHOWN).await,
        "",
        "old words are not shown"
    );
    ann.look::<()>("void held[1].fail(new TypeError())").await;
    ann.type_in(" *three*").await;
    ann.until("asked once more", "held.length === 3").await;
    ann.look::<()>("void held[2].answer()").await;
    shows(&ann, "<em>one</em> <em>two</em> <em>three</em>").await;
    let quiet = "!document.getElementById('toast').matches(':popover-open')";
    assert!(ann.look::<bool>(quiet).await);
    ann.leave().await;
}

#[tokio::test]
async fn keys_put_markdown_around_words_and_take_it_off() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("good tea ").await;
    ann.look::<()>("document.getElementById('say').setSelectionRange(5, 9)")
        .await;
    for (keys, shift, written) in [
        ("b", false, "good **tea** "),
        ("i", false, "good ***tea*** "),
        ("i", false, "good **tea** "),
        ("b", false, "good tea "),
        ("x", true, "good ~~tea~~ "),
        ("x", true, "good tea "),
        ("e", false, "good `tea` "),
    ] {
        control(&ann, keys, shift).await;
        assert_eq!(ann.draft().await, written, "{keys}");
    }
    control(&ann, "z", false).await;
    assert_eq!(ann.draft().await, "good tea ", "the browser can undo it");
    ann.find("#say").await.clear().await.unwrap();
    ann.click("#say").await;
    control(&ann, "b", false).await;
    ann.type_in("bold").await;
    assert_eq!(ann.draft().await, "**bold**");
    ann.leave().await;
}
