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
async fn fits(person: &Person, css: &str) {
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
        ann.until("he is called", called).await;
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
            "he is found",
            "document.querySelectorAll('#direct-list > li').length === 1",
        )
        .await;
        fits(&ann, "#direct-dialog").await;
        ann.picture(&format!("names-direct-{width}")).await;
        ann.click("#direct-dialog .cancel").await;
        opens(&ann, "#open-switcher", "#switcher-list [role=option]").await;
        ann.type_in("عبد").await;
        ann.until(
            "he is found",
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
async fn the_number_of_an_item_stands_beside_the_face_and_on_the_page() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("2019. was good").await;
    ann.press(Key::Enter).await;
    ann.hears("was good").await;
    ann.write("99. nearly\n100. there").await;
    ann.press(Key::Enter).await;
    ann.hears("nearlythere").await;
    ann.write("123456789. x").await;
    ann.press(Key::Enter).await;
    ann.hears("x").await;
    // A number is as wide as it is written, and stands before its item.
    let left = "((words) => {
        const row = [...document.querySelectorAll('#messages > .msg')].find((row) => row.querySelector('.body').textContent === words);
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = getComputedStyle(row.querySelector('li')).font;
        const from = row.querySelector('li').getBoundingClientRect().left;
        const number = row.querySelector('ol').start + row.querySelectorAll('li').length - 1;
        return from - pen.measureText(`${number}. `).width - row.querySelector('.body').getBoundingClientRect().left;
    })";
    for width in [1280, 360] {
        ann.resize(width, 800).await;
        for words in ["was good", "nearlythere", "x"] {
            let inside: f64 = ann.look(&format!("{left}('{words}')")).await;
            assert!(inside >= -1.0, "{words} at {width} px: {inside}");
        }
        nothing_sticks_out(&ann).await;
    }
    ann.picture("phone-numbers").await;
    ann.leave().await;
}

#[tokio::test]
async fn the_button_that_copies_code_covers_no_more_than_its_first_line() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lines = ["steep(180) ".repeat(9), "pour(3) ".repeat(12)].join("\n");
    ann.write(&format!("```\n{lines}\n```")).await;
    ann.send().await;
    ann.until("code", "document.querySelector('#messages .code .copy')")
        .await;
    for (width, height) in [(1280, 800), (390, 844)] {
        ann.resize(width, height).await;
        let (button, line): (f64, f64) = ann
            .look(
                "(() => {
                    const words = document.querySelector('#messages .code code').firstChild;
                    const second = document.createRange();
                    second.setStart(words, words.data.indexOf('pour'));
                    second.setEnd(words, words.data.length);
                    return [document.querySelector('#messages .copy').getBoundingClientRect().bottom, second.getBoundingClientRect().top];
                })()",
            )
            .await;
        assert!(button <= line + 1.0, "{button} over {line} at {width} px");
    }
    ann.leave().await;
}

#[tokio::test]
async fn a_wide_table_keeps_its_words_on_a_phone_and_shows_that_it_moves() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.resize(390, 844).await;
    lin.write(
        "| 城市 | 早上 | 中午 | 晚上 | 备注 |\n|-|-|-|-|-|\n\
         | 成都 | 多云转小雨 | 小雨 | 阴 | 记得带伞，地面很滑，骑车的朋友慢一点 |\n\
         | 乌鲁木齐 | 晴 | 晴 | 大风 | https://example.org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa |",
    )
    .await;
    lin.click("#send").await;
    let table = "document.querySelector('#messages .body table')";
    lin.until("a table", table).await;
    let lines: f64 = lin
        .look(&format!(
            "Math.max(...[...{table}.querySelectorAll('th, td:not(:last-child)')].map((cell) => cell.clientHeight))"
        ))
        .await;
    let high: f64 = lin
        .look(&format!(
            "Math.max(...[...{table}.querySelectorAll('td:last-child')].map((cell) => cell.clientHeight))"
        ))
        .await;
    let line: f64 = lin
        .look(&format!(
            "[...{table}.querySelectorAll('th')].reduce((sum, cell) => Math.max(sum, parseFloat(getComputedStyle(cell).lineHeight)), 0)"
        ))
        .await;
    assert!(high < line * 6.0, "the notes are {high} px high");
    let heads: f64 = lin
        .look(&format!("{table}.querySelector('th').clientHeight"))
        .await;
    assert!(heads < line * 1.6, "城市 is {heads} px high");
    assert!(lines <= high + 1.0, "{lines} against {high}");
    nothing_sticks_out(&lin).await;
    let fades = format!("getComputedStyle({table}).maskImage !== 'none'");
    lin.until("there is more at the right", &fades).await;
    lin.picture("phone-table").await;
    lin.look::<f64>(&format!("{table}.scrollLeft = 10_000"))
        .await;
    let left = format!("{fades} && {table}.matches('.before') && !{table}.matches('.after')");
    lin.until("there is more at the left only", &left).await;
    lin.resize(1440, 900).await;
    lin.until("all of it is there", &format!("!({fades})"))
        .await;
    lin.leave().await;
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
