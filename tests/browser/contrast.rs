//! The page in the colours that the system chooses (high contrast): what shows its state by colour
//! alone elsewhere shows it otherwise there.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::Server;

/// Which of these have no edge and no ground of their own.
async fn unseen(person: &Person, all: &[&str]) -> Vec<String> {
    let look = format!(
        "{}.filter((css) => {{
            const [, selector, pseudo] = css.match(/^(.*?)(::\\w+)?$/);
            const element = document.querySelector(selector);
            if (!element) return true;
            const look = getComputedStyle(element, pseudo);
            const around = getComputedStyle(pseudo === '::before' ? element : document.body).backgroundColor;
            const solid = (colour) => !/^rgba\\(.*, 0\\)$/.test(colour);
            const edge = parseFloat(look.borderTopWidth) > 0 && look.borderTopStyle !== 'none' && look.borderTopColor !== around && solid(look.borderTopColor);
            const ground = look.backgroundColor !== around && solid(look.backgroundColor);
            return !edge && !ground;
        }})",
        json!(all)
    );
    person.look(&look).await
}

#[tokio::test]
async fn switches_buttons_and_dots_can_be_seen_in_the_systems_own_colours() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let mut lin = Companion::named(&server, "林夏").await;
    lin.says(1, "@Ann tea?").await;
    ann.hears("@Ann tea?").await;
    super::acts::puts(&ann, "👍", "@Ann tea?").await;
    ann.until(
        "it is mine",
        "document.querySelector('.chip[aria-pressed=true]')",
    )
    .await;
    // Without motion a colour is there at once.
    let forced = json!({"features": [
        {"name": "forced-colors", "value": "active"},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]});
    ann.devtools("Emulation.setEmulatedMedia", forced).await;
    ann.until("forced", "matchMedia('(forced-colors: active)').matches")
        .await;
    ann.choose("#open-settings").await;
    ann.until("the settings", "document.querySelector('.settings[open]')")
        .await;
    ann.click("#tab-news").await;
    ann.until(
        "what is chosen",
        "document.querySelector('#set-news:not([hidden]) .segment label:has(:checked)')",
    )
    .await;
    let all = [
        ".settings .switch i",
        ".settings .switch i::before",
        ".settings .permission button",
        "#set-news .segment label:has(:checked)",
        "#configure-dialog .switch input",
        "#configure-dialog .switch input::before",
        "#people-list .dot.on",
        ".me .face-box::after",
        ".chip[aria-pressed=true]",
        ".mention.me",
        ".rail a[aria-current]",
        ".choice [aria-pressed=true]",
        "#send",
        "#create-dialog footer .primary",
    ];
    let all = all.map(|css| css.replace(".me .face-box", "section:has(> #menu-button) .face-box"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(unseen(&ann, &all).await, Vec::<String>::new());

    // Words on what is chosen have the colour that belongs there.
    let words: Vec<String> = ann
        .look(
            "['#set-news .segment label:has(:checked)', '.settings [role=tab][aria-selected=true]', '.chip[aria-pressed=true]', '.rail a[aria-current]']
                .map((css) => getComputedStyle(document.querySelector(css)).color)",
        )
        .await;
    assert!(words.iter().all(|colour| *colour == words[0]), "{words:?}");

    // On is not off, mine is not others', here is not away.
    let differ: Vec<bool> = ann
        .look(
            "(() => {
                const look = (element, pseudo) => {
                    const { backgroundColor, borderTopColor, color, translate } = getComputedStyle(element, pseudo);
                    return [backgroundColor, borderTopColor, color, translate].join();
                };
                const changes = (element, change, shown = element, pseudo = undefined) => {
                    const before = look(shown, pseudo);
                    change(element);
                    return look(shown, pseudo) !== before;
                };
                const chip = document.querySelector('.chip[aria-pressed=true]');
                const dot = document.querySelector('#people-list .dot.on');
                const box = document.querySelector('.settings .switch input');
                const item = document.querySelector('#set-news .segment input:not(:checked)');
                return [
                    changes(chip, () => { chip.ariaPressed = 'false'; }),
                    changes(dot, () => { dot.className = 'dot idle'; }),
                    changes(box, () => { box.checked = !box.checked; }, box.parentElement.querySelector('i')),
                    changes(item, () => { item.checked = true; }, item.closest('label')),
                ];
            })()",
        )
        .await;
    assert_eq!(differ, [true; 4]);
    ann.picture("forced-colours-settings").await;
    ann.press(Key::Escape).await;
    ann.picture("forced-colours").await;
    ann.leave().await;
}

#[tokio::test]
async fn no_blank_is_put_between_the_parts_of_a_time() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.post("下午3:30").await;
    let spaced = "[...document.querySelectorAll('#messages time, #messages .day')].filter((time) => getComputedStyle(time).textAutospace !== 'no-autospace').length";
    assert_eq!(lin.look::<u32>(spaced).await, 0);
    lin.leave().await;
}
