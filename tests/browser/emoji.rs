//! Choosing an emoji: by hand, by keyboard, by word, in either language and skin.

use serde_json::json;
use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

const OPEN: &str = "document.getElementById('emoji').matches(':popover-open') && document.querySelector('#emoji-grid button')";
const SHUT: &str = "!document.getElementById('emoji').matches(':popover-open')";

pub(super) async fn opens(person: &Person) {
    person.click("#emoji-button").await;
    person.until("the picker", OPEN).await;
}

pub(super) async fn finds(person: &Person, words: &str, emoji: &str) {
    person.write_into("#emoji-find", words).await;
    let first = format!("document.querySelector('#emoji-grid button')?.value === '{emoji}'");
    person
        .until(&format!("{words} finds {emoji}"), &first)
        .await;
}

#[tokio::test]
async fn an_emoji_is_found_by_word_in_both_languages_and_stands_at_the_caret() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let fetched = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/emoji/') && name.endsWith('.json')).length";
    assert_eq!(ann.look::<u32>(fetched).await, 0, "only when it is needed");

    ann.write("tea and cake").await;
    ann.look::<()>("document.getElementById('say').setSelectionRange(3, 3)")
        .await;
    opens(&ann).await;
    finds(&ann, "teacup", "🍵").await;
    ann.reads("#emoji-sample b", "teacup without handle").await;
    ann.press(Key::Enter).await;
    ann.until("it closes", SHUT).await;
    assert_eq!(ann.draft().await, "tea🍵 and cake");
    ann.type_in("!").await;
    assert_eq!(ann.draft().await, "tea🍵! and cake", "writing goes on");

    opens(&lin).await;
    lin.reads("#emoji-state", "").await;
    finds(&lin, "喝茶", "🍵").await;
    lin.reads("#emoji-sample b", "茶").await;
    lin.click("#emoji-grid button").await;
    lin.until("it closes", SHUT).await;
    assert_eq!(lin.draft().await, "🍵");

    // The one that was taken stands first the next time, also after a reload.
    lin.reload().await;
    opens(&lin).await;
    let recent = "document.querySelector('#emoji-recent').ariaSelected === 'true' && document.querySelector('#emoji-grid button').value === '🍵'";
    lin.until("the last one", recent).await;
    lin.write_into("#emoji-find", "没有这种").await;
    lin.reads("#emoji-state", "没有找到这个表情。").await;
    assert_eq!(lin.look::<u32>(fetched).await, 1);
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_picker_is_used_by_keyboard_alone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let at = |emoji: &str| format!("document.activeElement.value === '{emoji}'");
    ann.look::<()>("document.getElementById('emoji-button').focus()")
        .await;
    ann.press(Key::Enter).await;
    ann.until("the picker", OPEN).await;
    ann.until("the search", "document.activeElement.id === 'emoji-find'")
        .await;
    ann.press(Key::Escape).await;
    ann.until("it closes", SHUT).await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'emoji-button'")
            .await,
        "back where they were"
    );

    ann.press(Key::Enter).await;
    ann.until("the picker", OPEN).await;
    for (key, emoji) in [
        (Key::Down, "😀"),
        (Key::Right, "😃"),
        (Key::Down, "🙃"),
        (Key::Home, "🙂"),
    ] {
        ann.press(key).await;
        ann.until(emoji, &at(emoji)).await;
    }
    // With Shift it stays open for more.
    for _ in 0..2 {
        let keys = ann.browser.action_chain().key_down(Key::Shift);
        let keys = keys.send_keys(Key::Enter).key_up(Key::Shift);
        keys.perform().await.unwrap();
    }
    ann.until("still", OPEN).await;
    ann.press(Key::Enter).await;
    ann.until("it closes", SHUT).await;
    assert_eq!(ann.draft().await, "🙂🙂🙂");
    ann.until(
        "the box has the focus",
        "document.activeElement.id === 'say'",
    )
    .await;

    // The groups are tabs, and letters begin a search from wherever one is.
    opens(&ann).await;
    ann.click("#emoji-recent").await;
    ann.press(Key::Left).await;
    ann.until("the flags", "document.activeElement.id === 'emoji-flags' && document.querySelector('#emoji-grid button').value === '🏁'").await;
    ann.press(Key::Down).await;
    ann.until("the first flag", &at("🏁")).await;
    ann.press("roc").await;
    ann.until("a search", "document.getElementById('emoji-find').value === 'roc' && document.querySelector('#emoji-grid button').value").await;
    ann.leave().await;
}

#[tokio::test]
async fn hands_keep_the_skin_that_was_chosen() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    opens(&ann).await;
    ann.look::<()>("(() => { const tone = document.getElementById('emoji-tone'); tone.value = '🏽'; tone.dispatchEvent(new Event('change')); })()")
        .await;
    finds(&ann, "clap", "👏🏽").await;
    ann.press(Key::Enter).await;
    assert_eq!(ann.draft().await, "👏🏽");
    ann.reload().await;
    ann.write(" :thumbsup:").await;
    ann.until(
        "the word",
        "document.getElementById('say').value === '👏🏽 👍🏽'",
    )
    .await;
    ann.leave().await;
}

#[tokio::test]
async fn on_a_phone_the_picker_is_a_sheet_at_the_bottom() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.resize(390, 844).await;
    opens(&ann).await;
    let fits = "(() => {
        const { left, right, bottom } = document.getElementById('emoji').getBoundingClientRect();
        const cells = [...document.querySelectorAll('#emoji-grid button')].every((cell) => cell.offsetWidth >= 40 && cell.offsetHeight >= 40);
        return left === 0 && right === innerWidth && Math.abs(bottom - innerHeight) < 1 && cells
            && document.documentElement.scrollWidth <= innerWidth && document.activeElement.id !== 'emoji-find';
    })()";
    ann.until("a sheet", fits).await;
    ann.picture("emoji-phone").await;
    ann.click("#emoji-food").await;
    ann.click("#emoji-grid [value='🍵']").await;
    ann.until("it closes", SHUT).await;
    assert_eq!(ann.draft().await, "🍵");
    ann.leave().await;
}

#[tokio::test]
async fn the_picker_holds_emoji_that_are_wider_than_its_columns() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    opens(&ann).await;
    // As some browsers draw them.
    ann.look::<()>("document.querySelectorAll('#emoji button').forEach((button) => { button.style.fontSize = '64px'; })")
        .await;
    let out = "(() => {
        const { right } = document.getElementById('emoji').getBoundingClientRect();
        return [...document.querySelectorAll('#emoji :is(button, select, input)')].filter((each) => each.getBoundingClientRect().right > right).length;
    })()";
    assert_eq!(ann.look::<u32>(out).await, 0);
    ann.leave().await;
}

#[tokio::test]
async fn emoji_alone_are_larger_and_heaps_of_accents_stay_in_their_message() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let size = "((words) => parseFloat(getComputedStyle([...document.querySelectorAll('#messages .body')].find((body) => body.textContent === words)).fontSize))";
    let all = ["tea 🍵", "🍵", "👍🏽 👨‍👩‍👧 🇫🇷", "🍵🍵🍵🍵🍵🍵🍵", "12"];
    for words in all {
        ann.post(words).await;
    }
    for _ in 0..2 {
        let sizes: Vec<f64> = ann
            .look(&format!("{}.map((words) => {size}(words))", json!(all)))
            .await;
        assert!(
            sizes[1] >= sizes[0] * 1.5 && sizes[2] == sizes[1],
            "{sizes:?}"
        );
        assert!(sizes[3] == sizes[0] && sizes[4] == sizes[0], "{sizes:?}");
        ann.reload().await;
    }
    let heap = format!("z{}", "\u{0310}\u{0351}\u{0346}".repeat(20));
    ann.post(&heap).await;
    let cut = "getComputedStyle([...document.querySelectorAll('#messages .body')].at(-1)).overflowY !== 'visible'";
    assert!(ann.look::<bool>(cut).await);
    ann.picture("heap-of-accents").await;
    ann.leave().await;
}

#[tokio::test]
async fn emoji_are_offered_by_names_of_one_language() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    opens(&lin).await;
    let english = "[...document.querySelectorAll('#emoji-grid button')].map((each) => each.title).filter((title) => !/\\p{Script=Han}/u.test(title))";
    for group in [
        "smileys",
        "people",
        "animals",
        "food",
        "travel",
        "activities",
        "objects",
        "symbols",
        "flags",
    ] {
        lin.click(&format!("#emoji-{group}")).await;
        let english: Vec<String> = lin.look(english).await;
        assert_eq!(english, Vec::<String>::new(), "{group}");
    }
    lin.press(Key::Escape).await;
    lin.write(":冰岛").await;
    lin.reads("#completion [role=option] .name", "冰岛").await;
    lin.leave().await;
}
