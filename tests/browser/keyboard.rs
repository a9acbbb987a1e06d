//! Everything can be reached and done without a mouse.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::Server;

/// More presses of Tab than the page has stops.
const STOPS: u32 = 40;

/// Presses Tab until the focus is on `css`.
async fn tab_to(person: &Person, css: &str) {
    for _ in 0..STOPS {
        if person
            .look::<bool>(&format!("document.activeElement.matches('{css}')"))
            .await
        {
            return;
        }
        person.press(Key::Tab).await;
    }
    panic!("Tab never reaches {css}");
}

#[tokio::test]
async fn tab_reaches_everything_and_escape_closes_what_is_open() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await,
        "ready to write"
    );
    ann.post("by hand").await;

    tab_to(&ann, "#menu-button").await;
    ann.press(Key::Enter).await;
    assert!(
        ann.look::<bool>("document.getElementById('menu').matches(':popover-open')")
            .await
    );
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('menu').matches(':popover-open')")
            .await
    );
    assert!(
        ann.look::<bool>("document.activeElement.id === 'menu-button'")
            .await,
        "back where they were"
    );

    ann.press(Key::Enter).await;
    tab_to(&ann, "#open-rename").await;
    ann.press(Key::Enter).await;
    ann.until(
        "the dialog",
        "document.getElementById('rename-dialog').open",
    )
    .await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'rename-name'")
            .await
    );
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('rename-dialog').open")
            .await
    );

    tab_to(&ann, ".skip").await;
    ann.press(Key::Enter).await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await,
        "the skip link skips"
    );

    tab_to(&ann, ".edit").await;
    let seen = "getComputedStyle(document.querySelector('.tools')).opacity === '1'";
    ann.until("the buttons show", seen).await;
    let editing = "!document.getElementById('editing').hidden";
    for way_out in ["#say", "#editing .cancel"] {
        tab_to(&ann, ".edit").await;
        ann.press(Key::Enter).await;
        ann.until("Ann is editing", editing).await;
        tab_to(&ann, way_out).await;
        ann.press(Key::Escape).await;
        assert!(!ann.look::<bool>(editing).await, "{way_out}");
        assert!(
            ann.look::<bool>("document.activeElement.id === 'say'")
                .await
        );
    }

    tab_to(&ann, ".more").await;
    ann.until("the buttons show", seen).await;
    ann.press(Key::Enter).await;
    ann.press(Key::Escape).await;
    let back = "document.activeElement.matches('#messages .more')";
    ann.until("the focus is back where it was", back).await;
    ann.press(Key::Enter).await;
    ann.press(Key::Up).await;
    ann.press(Key::Enter).await;
    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn the_arrows_go_from_message_to_message() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    for words in ["the kettle is on", "who wants tea?"] {
        ann.post(words).await;
    }
    let here = async |words: &str| {
        let focused = ann.look::<String>("document.activeElement.matches('.msg') ? document.activeElement.querySelector('.body').textContent : ''");
        assert_eq!(focused.await, words);
    };
    tab_to(&ann, "#messages > .msg").await;
    here("who wants tea?").await;
    for _ in 0..2 {
        ann.press(Key::Up).await;
        here("the kettle is on").await;
    }
    for _ in 0..2 {
        ann.press(Key::Down).await;
        here("who wants tea?").await;
    }
    ann.press(Key::Up).await;
    here("the kettle is on").await;
    ann.press("r").await;
    ann.until(
        "the answer is begun",
        "document.getElementById('replying').innerText.includes('the kettle is on')",
    )
    .await;
    ann.leave().await;
}

#[tokio::test]
async fn alt_and_the_arrows_go_from_room_to_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    for name in ["Oolong", "Puer"] {
        ann.click("#create-room").await;
        ann.fill("#create-dialog", &[("name", name)]).await;
        ann.is_in(name).await;
    }
    ann.enter("Lobby").await;
    let order: Vec<String> = ann
        .look("[...document.querySelectorAll('.rail li .name')].map((name) => name.textContent)")
        .await;
    assert_eq!(order.len(), 3, "{order:?}");
    for (key, place) in [(Key::Down, 1), (Key::Down, 2), (Key::Up, 1), (Key::Up, 0)] {
        together(&ann, &[Key::Alt], key).await;
        ann.is_in(&order[place]).await;
        ann.until("ready to write", "document.activeElement.id === 'say'")
            .await;
    }
    // With Shift to those where something waits.
    let puer = "[...document.querySelectorAll('.rail li')].find((row) => row.innerText.includes('Puer')).dataset.id";
    let puer: i64 = ann.look::<String>(puer).await.parse().unwrap();
    lin.asks("POST", &format!("rooms/{puer}/join"), json!({}))
        .await;
    lin.says(puer, "hello").await;
    ann.until("it waits", "document.querySelector('.rail a.unread')")
        .await;
    together(&ann, &[Key::Alt, Key::Shift], Key::Up).await;
    ann.is_in("Puer").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_typed_anywhere_stands_in_the_box() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("a cup").await;
    for css in ["#timeline", "#messages > .msg", "#online"] {
        let focus = format!("document.querySelector('{css}').focus()");
        ann.browser.execute(focus, vec![]).await.unwrap();
        ann.press("x").await;
        ann.until("in the box", "document.activeElement.id === 'say'")
            .await;
    }
    assert_eq!(ann.draft().await, "xxx");

    // A key that means something where the focus is means that.
    ann.browser
        .execute("document.querySelector('#online').focus()", vec![])
        .await
        .unwrap();
    ann.press("/").await;
    ann.until("the search", "document.getElementById('search').open")
        .await;
    ann.type_in("tea").await;
    assert_eq!(ann.draft().await, "xxx", "a sheet keeps its letters");
    ann.press(Key::Escape).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_question_mark_shows_all_keys() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    for (languages, title) in [("en", "Keyboard shortcuts"), ("zh-CN,zh", "快捷键")] {
        let ann = browsers.person(&site(&server), languages).await;
        let open = "document.getElementById('keys').open";
        ann.write("?").await;
        assert_eq!(ann.draft().await, "?", "in the box it is a letter");
        ann.browser
            .execute("document.querySelector('#timeline').focus()", vec![])
            .await
            .unwrap();
        ann.press("?").await;
        ann.until("the list of keys", open).await;
        ann.reads("#keys h2", title).await;
        let keys: Vec<String> = ann
            .look("[...document.querySelectorAll('#keys kbd')].map((key) => key.textContent)")
            .await;
        for key in ["Enter", "Alt ↓", "Ctrl K", "/", "?"] {
            assert!(keys.iter().any(|each| each == key), "{key}: {keys:?}");
        }
        let language: String = languages.chars().take(2).collect();
        ann.picture(&format!("keys-{language}")).await;
        ann.press(Key::Escape).await;
        ann.until("closed", &format!("!{open}")).await;
        assert_eq!(ann.draft().await, "?");
        // The menu knows the way, too.
        ann.choose("#open-keys").await;
        ann.until("the list of keys", open).await;
        ann.press(Key::Escape).await;
        ann.leave().await;
    }
}

#[tokio::test]
async fn the_messages_are_one_stop_and_what_is_in_them_a_few_more() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    for number in 1..=12 {
        ann.post(&format!("cup {number}, see https://example.org/{number}"))
            .await;
    }
    let stops = "[...document.querySelectorAll('#messages, #messages *')].filter((each) => each.tabIndex >= 0 && each.checkVisibility()).length";
    for _drawn_by_script_and_by_server in 0..2 {
        let few: u32 = ann.look(stops).await;
        assert!(few <= 8, "{few} stops");
        ann.browser
            .execute("document.querySelector('#timeline').focus()", vec![])
            .await
            .unwrap();
        tab_to(&ann, "#messages > .msg").await;
        let here = "document.activeElement.querySelector('.body').textContent.split(',')[0]";
        assert_eq!(ann.look::<String>(here).await, "cup 12", "the newest one");
        for _ in 0..3 {
            ann.press(Key::Up).await;
        }
        assert_eq!(ann.look::<String>(here).await, "cup 9");
        let link = "document.activeElement.getAttribute('href')";
        for _ in 0..2 {
            if ann.look::<Option<String>>(link).await.is_none() {
                ann.press(Key::Tab).await;
            }
        }
        assert_eq!(
            ann.look::<Option<String>>(link).await.as_deref(),
            Some("https://example.org/9"),
            "what is in a message is reached from it"
        );
        tab_to(&ann, "#say").await;
        ann.press(Key::Escape).await;
        ann.reload().await;
    }
    // Whoever comes back is where they were.
    ann.leave().await;
}

#[tokio::test]
async fn what_moves_in_a_box_of_its_own_is_reached_by_the_keyboard() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let notice = json!({"notice": "Be kind.\n".repeat(60)});
    lin.asks("PATCH", &format!("rooms/{room}"), notice).await;
    ann.goto(&format!("/rooms/{room}")).await;
    ann.is_live().await;
    let stop = |css: &str| format!("document.querySelector('{css}')?.tabIndex === 0");
    ann.until("the notice", &stop("#notice-text")).await;

    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Puer")]).await;
    ann.is_in("Puer").await;
    let long = "a line\n\n".repeat(12);
    ann.post("short").await;
    ann.write(&long).await;
    ann.press(Key::Enter).await;
    let both = "document.querySelectorAll('#messages > .msg:not(.waiting)').length === 2";
    ann.until("both are said", both).await;
    for place in [1, 2] {
        ann.click(&format!(
            "#messages > .msg:nth-child({place} of .msg) .body"
        ))
        .await;
        let more = format!("#messages > .msg:nth-child({place} of .msg) .tools .more");
        ann.click(&more).await;
        ann.click("#message-menu [data-act=pin]").await;
    }
    ann.click("#room-menu-button").await;
    ann.click("#room-pins").await;
    let stops =
        "[...document.querySelectorAll('#pins-list .body')].map((body) => body.tabIndex).join()";
    ann.until("what moves", &format!("{stops} === '0,-1'"))
        .await;
    ann.leave().await;
}

async fn together(person: &Person, held: &[Key], key: Key) {
    let mut keys = person.browser.action_chain();
    for each in held {
        keys = keys.key_down(each.clone());
    }
    keys = keys.send_keys(key);
    for each in held {
        keys = keys.key_up(each.clone());
    }
    keys.perform().await.unwrap();
}
