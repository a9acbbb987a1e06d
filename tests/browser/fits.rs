//! Long words, long names and wide things stay within what holds them, on a desk and in a hand.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::phone::nothing_sticks_out;
use super::{Browsers, Person, site};
use crate::support::Server;

/// As long as names may be, in three scripts; the second one is written from right to left.
const NAMES: [&str; 3] = [
    "Wolfeschlegelsteinhausen",
    "عبدالرحمن الفيصل التميمي",
    "欧阳慕容上官司徒诸葛夏侯尉迟皇甫公孙宇文长孙",
];

/// What of `css` is wider than it, and which names do not show how they begin.
pub async fn fits(person: &Person, css: &str) {
    let check = format!(
        "(() => {{
            const root = document.querySelector({css});
            if (!root?.checkVisibility()) return ['{{}} is not there'];
            const wrong = [];
            const box = root.getBoundingClientRect();
            if (box.left < 0 || box.right > innerWidth) wrong.push(`itself: ${{box.left}} to ${{box.right}}`);
            const moves = (element) => element !== root && /auto|scroll/.test(getComputedStyle(element).overflowX) && getComputedStyle(element).overflowX !== 'hidden';
            const hidden = (element) => element.closest('.hush') || getComputedStyle(element).opacity === '0';
            const look = (element) => {{
                if (!element.checkVisibility() || hidden(element)) return;
                const {{ left, right }} = element.getBoundingClientRect();
                if (left < box.left - 1 || right > box.right + 1) wrong.push(`${{element.tagName}}.${{element.className}} ${{element.textContent.slice(0, 20)}}: ${{left}} to ${{right}} in ${{box.left}} to ${{box.right}}`);
                else if (!moves(element)) [...element.children].forEach(look);
            }};
            [...root.children].forEach(look);
            for (const name of root.querySelectorAll('.name')) {{
                if (!name.firstChild || !name.checkVisibility() || hidden(name)) continue;
                const range = document.createRange();
                range.setStart(name.firstChild, 0);
                range.setEnd(name.firstChild, 1);
                const first = range.getBoundingClientRect(), whole = name.getBoundingClientRect();
                if (first.width > 0 && (first.left < whole.left - 1 || first.right > whole.right + 1)) wrong.push(`${{name.textContent}} begins at ${{first.left}} outside of ${{whole.left}} to ${{whole.right}}`);
            }}
            return wrong;
        }})()",
        css = json!(css)
    );
    let wrong: Vec<String> = person.look(&check).await;
    assert!(wrong.is_empty(), "{css}: {wrong:#?}");
}

#[tokio::test]
async fn a_name_in_a_message_is_there_on_a_phone_and_on_paper() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Jonas Holt").await;
    let mut lin = Companion::named(&server, "林夏").await;
    lin.says(1, "@Jonas Holt 你几点到？").await;
    ann.hears("@Jonas Holt 你几点到？").await;
    let called = "document.querySelector('#messages .mention')";
    for (width, height) in [(1440, 900), (390, 844)] {
        ann.resize(width, height).await;
        ann.until("they are mentioned", called).await;
        let shown = format!("{called}.checkVisibility()");
        assert!(ann.look::<bool>(&shown).await, "{width} px");
        let edge: String = ann
            .look(&format!(
                "getComputedStyle({called}).borderInlineEndWidth + getComputedStyle({called}).paddingBlockStart"
            ))
            .await;
        assert!(edge.starts_with("0px0."), "{width} px: {edge}");
    }
    ann.picture("phone-mention").await;
    ann.devtools("Emulation.setEmulatedMedia", json!({"media": "print"}))
        .await;
    let shown = format!(
        "{called}.checkVisibility() && !document.querySelector('#menu-button').checkVisibility()"
    );
    assert!(ann.look::<bool>(&shown).await, "printed");
    ann.leave().await;
}

#[tokio::test]
async fn pins_and_versions_with_long_lines_keep_their_buttons_in_reach() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), NAMES[0]).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address = format!("https://example.org/{}", "a".repeat(200));
    let code = format!("let steep = {};", "7 + ".repeat(60));
    for words in [
        format!("see `{}`", "x".repeat(150)),
        address,
        format!("```\n{code}\n```"),
    ] {
        ann.write(&words).await;
        ann.press(Key::Enter).await;
        ann.until(
            "it is kept",
            "[...document.querySelectorAll('#messages > .msg')].at(-1).matches('[data-id]:not(.waiting)') && document.getElementById('say').value === ''",
        )
        .await;
    }
    let texts: Vec<String> = ann.texts().await;
    assert_eq!(texts.len(), 3);
    for text in &texts {
        ann.choose_for("pin", text).await;
    }
    ann.until(
        "all are pinned",
        "document.querySelectorAll('#messages .pinned').length === 3",
    )
    .await;
    ann.use_tool(".edit", &texts[2]).await;
    ann.type_in("\nand wait").await;
    ann.press(Key::Enter).await;
    ann.until(
        "it is edited",
        "document.querySelector('#messages .edited')",
    )
    .await;
    for (width, height) in [(1440, 900), (390, 844)] {
        ann.resize(width, height).await;
        ann.click("#room-menu-button").await;
        ann.click("#room-pins").await;
        ann.until(
            "the pins",
            "document.querySelectorAll('#pins-list > li').length === 3",
        )
        .await;
        ann.picture(&format!("pins-long-{width}")).await;
        fits(&ann, "#pins-dialog").await;
        ann.press(Key::Escape).await;
    }

    // What a message was before stands in a list of the same kind.
    ann.click("#messages .edited").await;
    ann.until(
        "both versions",
        "document.querySelectorAll('#versions-list > li').length === 2",
    )
    .await;
    fits(&ann, "#versions-dialog").await;
    ann.leave().await;
}

/// Brings what hands use into sight.
async fn opens(person: &Person, button: &str, shown: &str) {
    person.show_rooms().await;
    person.click(button).await;
    let there = format!("document.querySelector('{shown}')");
    person.until(&format!("{shown} is there"), &there).await;
}

#[tokio::test]
async fn long_names_and_those_written_from_the_right_fit_every_list() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut others = Vec::new();
    for name in &NAMES[1..] {
        others.push(Companion::named(&server, name).await);
    }
    let ann = member(&browsers, &server, &site(&server), NAMES[0]).await;
    let rooms: Vec<String> = NAMES.iter().map(|name| format!("{name} {name}")).collect();
    for (other, room) in others.iter_mut().zip(&rooms[1..]) {
        let room: String = room.chars().take(32).collect();
        other.makes("public", &room).await;
        other.says(1, "kettle").await;
    }
    let direct = json!({"people": [ann.id().await]});
    for other in &mut others {
        other.asks("POST", "direct", direct.clone()).await;
    }
    ann.until(
        "both are there",
        "document.querySelectorAll('#people-list > li').length === 3 && document.querySelectorAll('#messages > .msg').length === 2",
    )
    .await;

    for (width, height) in [(1440, 900), (390, 844)] {
        ann.resize(width, height).await;
        if width == 390 {
            ann.click("#online").await;
            ann.until(
                "the drawer has come to rest",
                "document.querySelector('#people:popover-open')?.getAnimations().length === 0",
            )
            .await;
        }
        fits(&ann, "#people").await;
        let you = "(() => { const { scrollWidth, clientWidth, textContent } = document.querySelector('#people-list .self small'); return textContent !== '' && scrollWidth <= clientWidth; })()";
        assert!(ann.look::<bool>(you).await, "you are you at {width} px");
        ann.picture(&format!("names-people-{width}")).await;
        let covered = "[...document.querySelectorAll('.people li')].filter((row) => {
            const [button, place] = [row.querySelector('.about'), row.querySelector('small')];
            return button && getComputedStyle(button).opacity !== '0' && place.textContent
                && button.getBoundingClientRect().left < place.getBoundingClientRect().right;
        }).map((row) => row.textContent)";
        let covered: Vec<String> = ann.look(covered).await;
        assert!(covered.is_empty(), "at {width} px: {covered:?}");
        if width == 390 {
            ann.press(Key::Escape).await;
        }
        fits(&ann, "#messages").await;
        nothing_sticks_out(&ann).await;

        ann.write("@").await;
        ann.until(
            "both are offered",
            "document.querySelectorAll('#completion [role=option]').length === 2",
        )
        .await;
        fits(&ann, "#completion").await;
        ann.picture(&format!("names-completion-{width}")).await;
        ann.press(Key::Escape).await;
        ann.press(Key::Backspace).await;
        ann.show_rooms().await;
        fits(&ann, ".rail").await;
        fits(&ann, "#menu-button").await;
        opens(&ann, "#browse-rooms", "#browse-list > li").await;
        fits(&ann, "#browse-dialog").await;
        ann.picture(&format!("names-browse-{width}")).await;
        ann.click("#browse-dialog .cancel").await;
        opens(&ann, "#open-direct", "#direct-dialog[open]").await;
        ann.write_into("#direct-find", "a").await;
        ann.press(Key::Backspace).await;
        ann.type_in("عبد").await;
        ann.until(
            "they are found",
            "document.querySelectorAll('#direct-list > li').length === 1",
        )
        .await;
        fits(&ann, "#direct-dialog").await;
        ann.picture(&format!("names-direct-{width}")).await;
        ann.click("#direct-dialog .cancel").await;
        opens(&ann, "#open-switcher", "#switcher-list [role=option]").await;
        ann.type_in("عبد").await;
        ann.until(
            "they are found",
            "document.querySelector('#switcher-list [role=option]:last-child .name').textContent.startsWith('عبد')",
        )
        .await;
        fits(&ann, "#switcher").await;
        ann.picture(&format!("names-switcher-{width}")).await;
        ann.press(Key::Escape).await;
        opens(&ann, "#open-search", "#search[open]").await;
        ann.find("#search-find").await.clear().await.unwrap();
        ann.write_into("#search-find", "kettle").await;
        ann.until(
            "both are found",
            "document.querySelectorAll('#search-list a').length === 2",
        )
        .await;
        fits(&ann, "#search-list").await;
        ann.picture(&format!("names-search-{width}")).await;
        ann.press(Key::Escape).await;
        if width == 390 {
            ann.click(".rail a").await;
        }
    }
    ann.leave().await;
}

#[tokio::test]
async fn no_field_makes_a_touch_screen_zoom() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    opens(&ann, "#open-search", "#search[open]").await;
    ann.press(Key::Escape).await;
    let small = "[...document.querySelectorAll('input:not([type=radio], [type=checkbox]), textarea, select')]
        .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
        .map((field) => field.id || field.name)";
    for (width, height) in [(390, 844), (1024, 768)] {
        ann.resize(width, height).await;
        ann.devtools(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": true}),
        )
        .await;
        ann.until("a finger", "matchMedia('(hover: none)').matches")
            .await;
        let small: Vec<String> = ann.look(small).await;
        assert!(small.is_empty(), "{width} px: {small:?}");
    }
    ann.leave().await;
}

#[tokio::test]
async fn on_a_very_wide_screen_the_talk_is_a_column_and_one_writes_below_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post(&"steep ".repeat(200).trim_end().replace("  ", " "))
        .await;
    ann.resize(2560, 1300).await;
    let (row, composer, main): ([f64; 2], [f64; 2], [f64; 2]) = ann
        .look(
            "['#messages > .msg', '#composer', 'main'].map((css) => {
                const { left, right } = document.querySelector(css).getBoundingClientRect();
                return [left, right];
            })",
        )
        .await;
    ann.picture("very-wide").await;
    assert!(row[1] - row[0] <= 1_000.0, "a row is {row:?}");
    assert!((row[0] - composer[0]).abs() <= 16.0, "{row:?} {composer:?}");
    assert!((row[1] - composer[1]).abs() <= 16.0, "{row:?} {composer:?}");
    let (before, after) = (row[0] - main[0], main[1] - row[1]);
    assert!((before - after).abs() <= 16.0, "{before} and {after}");
    // Where the page is no wider than the column nothing is lost to margins.
    ann.resize(1440, 900).await;
    let beside: f64 = ann
        .look("document.querySelector('main').clientWidth - document.querySelector('#messages > .msg').offsetWidth")
        .await;
    assert!(beside <= 16.0, "{beside}");
    ann.leave().await;
}
