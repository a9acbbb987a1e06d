//! Writing: what Enter does, and what cannot be sent.

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

async fn draft(person: &Person) -> String {
    person.look("document.getElementById('say').value").await
}

/// Enter, as an input method sends it while a word is being chosen: 229 is all that Safari says.
async fn composing_enter(person: &Person, composing: bool, code: u32) {
    let key = format!(
        "(() => {{
            const text = document.getElementById('say');
            text.dispatchEvent(new CompositionEvent('compositionstart', {{ bubbles: true }}));
            const keydown = new KeyboardEvent('keydown', {{ key: 'Enter', isComposing: {composing}, bubbles: true, cancelable: true }});
            Object.defineProperty(keydown, 'keyCode', {{ value: {code} }});
            text.dispatchEvent(keydown);
            text.dispatchEvent(new CompositionEvent('compositionend', {{ bubbles: true }}));
            return true;
        }})()"
    );
    assert!(person.look::<bool>(&key).await);
}

#[tokio::test]
async fn enter_sends_shift_enter_breaks_the_line_and_an_input_method_keeps_its_enter() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.write("第一行").await;
    let keys = ann
        .browser
        .action_chain()
        .key_down(Key::Shift)
        .send_keys(Key::Enter);
    keys.key_up(Key::Shift).perform().await.unwrap();
    ann.type_in("第二行").await;
    assert_eq!(draft(&ann).await, "第一行\n第二行");
    composing_enter(&ann, true, 13).await;
    composing_enter(&ann, false, 229).await;
    assert_eq!(
        draft(&ann).await,
        "第一行\n第二行",
        "choosing a word sends nothing"
    );
    assert!(ann.texts().await.is_empty());

    ann.press(Key::Enter).await;
    assert_eq!(draft(&ann).await, "");
    ann.hears("第一行\n第二行").await;
    let lines: f64 = ann
        .look("(() => { const body = document.querySelector('#messages .body'); const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(body); return (body.offsetHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight) })()")
        .await;
    assert!((lines - 2.0).abs() < 0.1, "{lines} lines");

    // Nothing, and nothing but blanks, is not sent; the button is a way to send too.
    ann.press(Key::Enter).await;
    ann.write("  ").await;
    assert!(!ann.find("#send").await.is_enabled().await.unwrap());
    ann.press(Key::Enter).await;
    ann.write("用按钮").await;
    ann.click("#send").await;
    ann.hears("用按钮").await;
    assert_eq!(ann.texts().await.len(), 2);
    ann.leave().await;
}

#[tokio::test]
async fn a_message_that_is_too_long_stays_with_its_author_and_says_why() {
    let server = Server::start(&[("chat.max_message_chars", "20")]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("eighteen letters..").await;
    assert_eq!(ann.text("#count").await, "2 characters left");
    ann.type_in("🍵🍵🍵").await;
    assert_eq!(
        ann.text("#count").await,
        "1 character too long. Shorten it, then send."
    );
    ann.press(Key::Enter).await;
    ann.click("#send").await;
    assert!(ann.texts().await.is_empty(), "it is not sent");
    assert_eq!(
        draft(&ann).await,
        "eighteen letters..🍵🍵🍵",
        "it is not lost"
    );
    ann.press(Key::Backspace).await;
    assert_eq!(ann.text("#count").await, "0 characters left");
    ann.press(Key::Enter).await;
    ann.hears("eighteen letters..🍵🍵").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_written_runs_as_its_language_does() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let runs = "getComputedStyle(document.getElementById('say')).direction";
    assert_eq!(ann.look::<String>(runs).await, "ltr");
    ann.write("שלום, (Longjing)!").await;
    assert_eq!(ann.look::<String>(runs).await, "rtl");
    ann.send().await;
    ann.hears("שלום, (Longjing)!").await;
    ann.write("水开了").await;
    assert_eq!(ann.look::<String>(runs).await, "ltr");
    ann.leave().await;
}
