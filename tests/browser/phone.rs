//! The page in a hand: 390 px wide, touched by fingers.

use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::rooms::waits as waits_in_rail;
use super::settings::member as registered;
use super::{Browsers, Person, site};
use crate::support::Server;

pub async fn nothing_sticks_out(person: &Person) {
    let (wide, whole): (f64, f64) = person
        .look("[document.documentElement.scrollWidth, innerWidth]")
        .await;
    assert!(wide <= whole, "the page is {wide} px wide");
    let (wide, whole): (f64, f64) = person
        .look("[document.getElementById('timeline').scrollWidth, document.getElementById('timeline').clientWidth]")
        .await;
    assert!(wide <= whole, "the timeline is {wide} px wide");
}

/// What the guidelines for touch ask for, in px.
const FINGER: f64 = 44.0;

pub async fn large_enough_for_a_finger(person: &Person, css: &str) {
    let size = format!(
        "(() => {{ const r = document.querySelector('{css}').getBoundingClientRect(); return [r.width, r.height].map((side) => Math.round(side * 100) / 100) }})()"
    );
    let (width, height): (f64, f64) = person.look(&size).await;
    assert!(
        width >= FINGER && height >= FINGER,
        "{css}: {width} × {height}"
    );
}

#[tokio::test]
async fn the_page_fits_a_phone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.resize(390, 844).await;
    ann.reload().await;
    nothing_sticks_out(&ann).await;
    ann.post(&format!("{} {}", "茶".repeat(200), "a".repeat(300)))
        .await;
    nothing_sticks_out(&ann).await;
    let address = |length| format!("https://example.org/{}", "a".repeat(length));
    ann.write(&address(300)).await;
    ann.send().await;
    ann.hears(&format!("{}…", address(39))).await;
    nothing_sticks_out(&ann).await;
    for css in ["#say", "#send", "#to-rooms", "#online"] {
        let (top, bottom, left, right): (f64, f64, f64, f64) = ann
            .look(&format!(
                "(() => {{ const r = document.querySelector('{css}').getBoundingClientRect(); return [r.top, r.bottom, r.left, r.right] }})()"
            ))
            .await;
        assert!(
            top >= 0.0 && bottom <= 844.0 && left >= 0.0 && right <= 390.0,
            "{css} is outside"
        );
        assert!(bottom - top >= 36.0, "{css} is too small for a finger");
    }

    let drawer = "document.getElementById('people').matches(':popover-open')";
    assert!(!ann.look::<bool>(drawer).await);
    for way_out in ["#close-people", "Escape"] {
        ann.click("#online").await;
        ann.until("the drawer is open", drawer).await;
        ann.reads("#people-list .self small", "你").await;
        nothing_sticks_out(&ann).await;
        if way_out == "Escape" {
            ann.press(Key::Escape).await;
        } else {
            ann.until(
                "it has come to rest",
                "document.getElementById('people').getAnimations().length === 0",
            )
            .await;
            ann.click(way_out).await;
        }
        ann.until("the drawer is closed", &format!("!{drawer}"))
            .await;
    }

    // A tap on a message shows its button.
    let row = "document.querySelector('#messages > .mine .tools')";
    assert!(
        ann.look::<bool>(&format!("{row} === null")).await,
        "nothing to hit by mistake"
    );
    ann.click("#messages > .mine .body").await;
    ann.until(
        "the button shows",
        &format!("getComputedStyle({row}).opacity === '1'"),
    )
    .await;
    ann.picture("phone-recall").await;
    large_enough_for_a_finger(&ann, "#messages > .mine .edit").await;
    large_enough_for_a_finger(&ann, "#messages > .mine .more").await;
    ann.click("#messages > .mine .edit").await;
    large_enough_for_a_finger(&ann, "#editing .cancel").await;
    nothing_sticks_out(&ann).await;
    ann.picture("phone-editing").await;
    ann.click("#editing .cancel").await;
    ann.click("#messages > .mine .body").await;
    let shows = format!("getComputedStyle({row}).opacity === '1'");
    ann.until("the buttons show", &shows).await;
    ann.click("#messages > .mine .more").await;
    large_enough_for_a_finger(&ann, "#message-menu [data-act=recall]").await;
    ann.picture("phone-message-menu").await;
    ann.click("#message-menu [data-act=recall]").await;
    ann.reads("#messages > .note span", "你撤回了一条消息")
        .await;

    ann.show_rooms().await;
    nothing_sticks_out(&ann).await;
    ann.picture("phone-rooms").await;
    for css in [".rail a", "#menu-button", "#open-switcher", "#browse-rooms"] {
        large_enough_for_a_finger(&ann, css).await;
    }
    ann.click(".rail a").await;
    large_enough_for_a_finger(&ann, "#to-rooms").await;
    assert!(
        !ann.look::<bool>("document.querySelector('.rail').checkVisibility()")
            .await,
        "one at a time"
    );

    ann.choose("#open-rename").await;
    ann.until(
        "the dialog",
        "document.getElementById('rename-dialog').open",
    )
    .await;
    nothing_sticks_out(&ann).await;
    ann.picture("phone-rename").await;
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('rename-dialog').open")
            .await
    );
    ann.leave().await;
}

#[tokio::test]
async fn enter_breaks_the_line_and_a_button_sends() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.resize(390, 844).await;
    ann.reload().await;
    ann.write("- black").await;
    ann.press(Key::Enter).await;
    ann.type_in("- **green**").await;
    assert_eq!(ann.draft().await, "- black\n- **green**");
    assert!(ann.texts().await.is_empty(), "nothing was sent");
    let key: String = ann
        .look("document.getElementById('say').enterKeyHint")
        .await;
    assert_eq!(key, "enter", "what the keyboard's key says");
    ann.click("#preview-button").await;
    let drawn = "document.querySelectorAll('#preview-body li').length === 2";
    ann.until("how it will look", drawn).await;
    ann.picture("phone-preview").await;
    ann.click("#preview-button").await;
    ann.click("#send").await;
    let list = "document.querySelectorAll('#messages .msg:not(.waiting) li').length === 2";
    ann.until("it is a list", list).await;
    assert_eq!(ann.draft().await, "");
    for css in ["#preview-button", "#emoji-button", "#send"] {
        let seen = format!("document.querySelector('{css}').checkVisibility()");
        assert!(ann.look::<bool>(&seen).await, "{css} is out of sight");
    }
    nothing_sticks_out(&ann).await;

    // Whoever has a keyboard beside the phone.
    ann.write("with both hands").await;
    let keys = ann.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys(Key::Enter).key_up(Key::Control);
    keys.perform().await.unwrap();
    ann.hears("with both hands").await;
    ann.leave().await;
}

/// Whether all rooms are in sight, instead of one.
const LIST: &str = "document.querySelector('.rail').checkVisibility() && !document.querySelector('main').checkVisibility()";

#[tokio::test]
async fn back_leads_to_the_list_of_rooms_and_the_arrow_says_what_waits_there() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let mut rooms = Vec::new();
    for name in ["Oolong", "Puer"] {
        rooms.push(lin.makes("public", name).await);
    }
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    for name in ["Oolong", "Puer"] {
        ann.click("#browse-rooms").await;
        ann.click(&format!("#browse-list button[aria-label$={name}]"))
            .await;
        ann.is_in(name).await;
    }
    ann.resize(390, 844).await;
    ann.goto("/").await;
    ann.is_live().await;
    ann.is_in("Lobby").await;

    ann.click("#to-rooms").await;
    ann.until("the list", LIST).await;
    let landmarks = "[document.querySelector('.rail').matches('[role=main]'), document.querySelectorAll('[role=heading][aria-level=\"1\"]').length]";
    assert_eq!(ann.look::<(bool, u32)>(landmarks).await, (true, 1));
    ann.picture("phone-list").await;
    let long: u32 = ann.look("history.length").await;
    for name in ["Oolong", "Puer", "Lobby"] {
        ann.enter(name).await;
        ann.browser.back().await.unwrap();
        ann.until("Back leads to the list", LIST).await;
        ann.browser.forward().await.unwrap();
        ann.until("and forward to the room", &format!("!({LIST})"))
            .await;
        ann.is_in(name).await;
        ann.click("#to-rooms").await;
        ann.until("the arrow too", LIST).await;
    }
    assert_eq!(
        ann.look::<u32>("history.length").await,
        long + 1,
        "the list is there once"
    );
    ann.reload().await;
    ann.until("still the list", LIST).await;
    ann.enter("Oolong").await;

    for words in ["one", "two, @Ann"] {
        lin.says(rooms[1], words).await;
    }
    let waits = "(() => { const em = document.querySelector('#to-rooms em'); return em.checkVisibility() && em.innerText.trim() === '2' && em.matches('.hit') })()";
    ann.until("the arrow counts", waits).await;
    let label: String = ann
        .look("document.getElementById('to-rooms').ariaLabel")
        .await;
    assert_eq!(label, "All rooms, 2 unread");
    ann.picture("phone-arrow").await;
    ann.click("#to-rooms").await;
    ann.enter("Puer").await;
    let none = "!document.querySelector('#to-rooms em').checkVisibility()";
    ann.until("nothing waits", none).await;

    // What comes while the list covers the room is not read.
    ann.click("#to-rooms").await;
    ann.until("the list", LIST).await;
    lin.says(rooms[1], "three").await;
    waits_in_rail(&ann, rooms[1], "1").await;
    ann.reload().await;
    ann.until("still the list", LIST).await;
    waits_in_rail(&ann, rooms[1], "1").await;
    ann.enter("Lobby").await;
    ann.click("#to-rooms").await;
    ann.enter("Puer").await;
    ann.hears("three").await;
    ann.click("#to-rooms").await;
    waits_in_rail(&ann, rooms[1], "").await;
    ann.leave().await;
}

/// Tabs of the settings that are not wholly in sight.
const HIDDEN_TABS: &str = "[...document.querySelectorAll('#settings [role=tab]:not([hidden])')].filter((tab) => { \
     const of = tab.getBoundingClientRect(); return of.left < 0 || of.right > innerWidth || !of.width }).map((tab) => tab.textContent)";

#[tokio::test]
async fn every_tab_of_the_settings_is_in_sight_and_wide_enough_for_a_finger() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    for (languages, name) in [("en", "Ann"), ("zh-CN,zh", "小安")] {
        let ann = registered(&browsers, &server, languages, name).await;
        ann.resize(390, 844).await;
        ann.click("#to-rooms").await;
        ann.click("#menu-button").await;
        for css in [
            "#lang-zh",
            "#lang-en",
            "#theme-auto",
            "#theme-light",
            "#theme-dark",
        ] {
            large_enough_for_a_finger(&ann, css).await;
        }
        ann.click("#open-settings").await;
        for width in [390, 320] {
            ann.resize(width, 844).await;
            for tab in ["profile", "look", "news", "devices", "account"] {
                ann.click(&format!("#tab-{tab}")).await;
                let hidden: Vec<String> = ann.look(HIDDEN_TABS).await;
                assert_eq!(hidden, [""; 0], "at {tab}, {width} px");
                large_enough_for_a_finger(&ann, &format!("#tab-{tab}")).await;
            }
        }
        ann.leave().await;
    }
}

#[tokio::test]
async fn the_longest_time_stands_in_the_margin() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.resize(390, 844).await;
    ann.post("one").await;
    ann.post("two").await;
    for longest in ["12:58 AM", "上午 12:58", "10:58 PM"] {
        let left: f64 = ann
            .look(&format!(
                "(() => {{
                    const time = document.querySelector('#messages .msg:not(.first) time');
                    time.textContent = '{longest}';
                    return time.getBoundingClientRect().left;
                }})()"
            ))
            .await;
        assert!(left >= 0.0, "{longest} begins at {left}");
    }
    ann.leave().await;
}
