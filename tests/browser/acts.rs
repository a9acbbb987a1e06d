//! What one does with a message besides answering it: puts emoji on it, pins it, copies it, looks at
//! what it said before.

use serde_json::json;
use thirtyfour::prelude::*;

use super::answers::{has, row};
use super::company::member;
use super::phone::{large_enough_for_a_finger, nothing_sticks_out};
use super::{Browsers, Person, Road, site};
use crate::support::actions::react;
use crate::support::{Guest, Server};

/// As many as a message may have.
const TWENTY: [&str; 20] = [
    "🍎", "🍐", "🍊", "🍋", "🍌", "🍉", "🍇", "🍓", "🍈", "🍒", "🍑", "🍍", "🥝", "🍅", "🍆", "🥑",
    "🥦", "🌽", "🥕", "🥔",
];

/// Puts an emoji on the message with this text, one of those that are at hand.
pub(super) async fn puts(person: &Person, emoji: &str, text: &str) {
    person.use_tool(".react", text).await;
    takes(person, emoji).await;
}

/// Presses one of the emoji at hand.
async fn takes(person: &Person, emoji: &str) {
    let press = format!(
        "[...document.querySelectorAll('#usual-emoji:popover-open button')].find((each) => each.textContent === {})",
        json!(emoji)
    );
    person.until(&format!("{emoji} is at hand"), &press).await;
    let script = format!("{press}.click()");
    person.browser.execute(script, vec![]).await.unwrap();
}

/// Presses the emoji below the message with this text.
async fn presses_chip(person: &Person, text: &str, css: &str) {
    let chip = format!("{}.querySelector('.chip{css}')", row(text));
    person.until("a chip", &chip).await;
    let chip = person.browser.execute(format!("return {chip}"), vec![]);
    chip.await
        .unwrap()
        .element()
        .unwrap()
        .click()
        .await
        .unwrap();
}

/// What a list of messages in a sheet says.
pub(super) async fn lists(person: &Person, css: &str, texts: &[&str]) {
    let seen = format!(
        "JSON.stringify([...document.querySelectorAll('{css} > li .body')].map((body) => body.textContent)) === JSON.stringify({})",
        json!(texts)
    );
    person.until(&format!("{css} has {texts:?}"), &seen).await;
}

#[tokio::test]
async fn emoji_are_put_on_messages_and_taken_off_and_those_used_last_are_at_hand() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.post("tea?").await;
    ann.hears("tea?").await;
    ann.use_tool(".react", "tea?").await;
    ann.press(Key::Right).await;
    ann.picture("usual-emoji").await;
    ann.press(Key::Right).await;
    ann.press(Key::Enter).await;
    has(&ann, "tea?", &[("😂 1", true)]).await;
    has(&lin, "tea?", &[("😂 1", false)]).await;
    presses_chip(&lin, "tea?", r#"[data-emoji="😂"]"#).await;
    has(&lin, "tea?", &[("😂 2", true)]).await;
    has(&ann, "tea?", &[("😂 2", true)]).await;
    presses_chip(&ann, "tea?", ".another").await;
    takes(&ann, "🍵").await;
    presses_chip(&ann, "tea?", r#"[data-emoji="😂"]"#).await;
    for (person, mine) in [(&ann, [false, true]), (&lin, [true, false])] {
        let chips = [("😂 1", mine[0]), ("🍵 1", mine[1])];
        has(person, "tea?", &chips).await;
        person.reload().await;
        has(person, "tea?", &chips).await;
    }
    ann.use_tool(".react", "tea?").await;
    let usual: Vec<String> = ann
        .look("[...document.querySelectorAll('#usual-emoji button:not(.more)')].map((each) => each.textContent)")
        .await;
    assert_eq!(usual, ["🍵", "😂", "👍", "❤️", "🎉", "👀"]);
    takes(&ann, "🍵").await;
    has(&lin, "tea?", &[("😂 1", true)]).await;

    // In a hand, too.
    lin.resize(390, 844).await;
    lin.choose("#theme-dark").await;
    lin.press(Key::Escape).await;
    lin.click(".rail a").await;
    lin.click("#messages .body").await;
    lin.click("#messages .tools .react").await;
    for css in ["#usual-emoji button", "#usual-emoji .more"] {
        large_enough_for_a_finger(&lin, css).await;
    }
    nothing_sticks_out(&lin).await;
    lin.picture("phone-usual-emoji").await;
    lin.press(Key::Escape).await;
    lin.click("#messages .body").await;
    lin.click("#messages .tools .reply").await;
    large_enough_for_a_finger(&lin, "#replying .cancel").await;
    lin.picture("phone-replying").await;
    lin.click("#replying .cancel").await;

    // The last one that goes leaves the focus nearby.
    let focus = format!("{}.querySelector('.chip').focus()", row("tea?"));
    lin.browser.execute(focus, vec![]).await.unwrap();
    lin.press(Key::Enter).await;
    has(&lin, "tea?", &[]).await;
    let near = format!("{}.contains(document.activeElement)", row("tea?"));
    assert!(lin.look::<bool>(&near).await);
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn an_emoji_put_there_offline_waits_and_outlives_the_page_and_one_too_many_is_refused() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = bob.post("what grows?").await["id"].clone();
    ann.hears("what grows?").await;
    road.cut().await;
    ann.is_cut_off().await;
    puts(&ann, "👍", "what grows?").await;
    puts(&ann, "🎉", "what grows?").await;
    presses_chip(&ann, "what grows?", r#"[data-emoji="🎉"]"#).await;
    has(&ann, "what grows?", &[("👍 1", true)]).await;
    let waits = "document.querySelector('.chip.waits')";
    ann.until("it waits", waits).await;
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    ann.until("it still waits", waits).await;
    has(&ann, "what grows?", &[("👍 1", true)]).await;
    road.mend(&server).await;
    ann.until("it is there", &format!("!{waits}")).await;
    let page = Guest::visiting(&server).await.visit().await.text();
    assert!(
        page.contains(r#"data-emoji="👍""#) && !page.contains(r#"data-emoji="🎉""#),
        "{page}"
    );

    ann.until(
        "Ann has nothing under way",
        "document.querySelector('#state[data-state=live]')",
    )
    .await;
    for emoji in &TWENTY[..19] {
        react(&mut bob, &said, emoji, true).await;
    }
    ann.until(
        "all are there",
        "document.querySelectorAll('.chip[data-emoji]').length === 20",
    )
    .await;
    puts(&ann, "👀", "what grows?").await;
    ann.reads(
        "#toast",
        "There are 20 different emoji on this message already. Choose one of them.",
    )
    .await;
    let gone = "document.querySelectorAll('.chip[data-emoji]').length === 20
        && !document.querySelector('.chip[data-emoji=\"👀\"]')";
    ann.until("it is not there", gone).await;
    ann.picture("emoji-refused").await;
    ann.leave().await;
}

#[tokio::test]
async fn who_looks_after_the_room_pins_messages_and_everybody_finds_them() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ada = member(&browsers, &server, &site(&server), "Ada").await;
    server.crown("Ada");
    ada.reload().await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.post("one").await;
    lin.post("two").await;
    ada.hears("two").await;
    ada.choose_for("pin", "one").await;
    ada.choose_for("pin", "two").await;
    lin.until(
        "two pins",
        "document.querySelectorAll('#messages .pinned').length === 2",
    )
    .await;
    for offer in ["pin", "unpin"] {
        assert!(!lin.offers("one").await.contains(&offer.to_owned()));
    }
    for person in [&ada, &lin] {
        person.click("#room-menu-button").await;
        person.click("#room-pins").await;
        lists(person, "#pins-list", &["two", "one"]).await;
    }
    ada.picture("pins").await;
    lin.picture("pins-member").await;
    let able = "document.querySelector('#pins-list .unpin').checkVisibility()";
    assert!(ada.look::<bool>(able).await && !lin.look::<bool>(able).await);

    // It stays true while one looks at it.
    lin.click("#pins-list > li:first-child .there").await;
    let there = format!("{} === document.activeElement", row("two"));
    lin.until("Lin is led there", &there).await;
    lin.use_tool(".edit", "two").await;
    lin.find("#say").await.clear().await.unwrap();
    lin.write("two, no: three").await;
    lin.press(Key::Enter).await;
    lists(&ada, "#pins-list", &["two, no: three", "one"]).await;
    lin.choose_for("recall", "one").await;
    lists(&ada, "#pins-list", &["two, no: three"]).await;
    lin.click("#room-menu-button").await;
    lin.click("#room-pins").await;
    lists(&lin, "#pins-list", &["two, no: three"]).await;
    ada.click("#pins-list .unpin").await;
    ada.reads("#pins-state", "Nothing is pinned here.").await;
    lin.reads("#pins-state", "还没有置顶的消息。").await;
    lin.picture("pins-empty").await;
    lin.until("no pin", "!document.querySelector('#messages .pinned')")
        .await;
    ada.press(Key::Escape).await;
    ada.choose_for("pin", "two, no: three").await;
    lists(&lin, "#pins-list", &["two, no: three"]).await;
    ada.resize(390, 844).await;
    ada.click("#room-menu-button").await;
    ada.click("#room-pins").await;
    lists(&ada, "#pins-list", &["two, no: three"]).await;
    nothing_sticks_out(&ada).await;
    for css in ["#pins-list .there", "#pins-list .unpin"] {
        large_enough_for_a_finger(&ada, css).await;
    }
    ada.picture("phone-pins").await;
    ada.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_versions_of_a_message_are_for_its_author_and_those_who_look_after_the_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ada = member(&browsers, &server, &site(&server), "Ada").await;
    server.crown("Ada");
    ada.reload().await;
    let lin = browsers.person(&site(&server), "en").await;
    let eve = browsers.person(&site(&server), "en").await;
    lin.post("first").await;
    for (before, after) in [("first", "second"), ("second", "third")] {
        lin.use_tool(".edit", before).await;
        lin.find("#say").await.clear().await.unwrap();
        lin.write(&format!("**{after}**")).await;
        lin.press(Key::Enter).await;
        lin.hears(after).await;
    }
    eve.hears("third").await;
    assert!(!eve.offers("third").await.contains(&"versions".to_owned()));
    eve.click("#messages .edited").await;
    assert!(
        !eve.look::<bool>("document.getElementById('versions-dialog').open")
            .await
    );
    lin.choose_for("versions", "third").await;
    ada.hears("third").await;
    ada.click("#messages .edited").await;
    for person in [&lin, &ada] {
        lists(person, "#versions-list", &["third", "second", "first"]).await;
        person
            .reads("#versions-list .tag:not([hidden])", "current")
            .await;
        person.picture("versions").await;
        let bold: u32 = person
            .look("document.querySelectorAll('#versions-list strong').length")
            .await;
        assert_eq!(bold, 2);
        person.press(Key::Escape).await;
    }
    ada.leave().await;
    lin.leave().await;
    eve.leave().await;
}

#[tokio::test]
async fn words_links_and_code_are_copied_and_names_lead_to_people() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ada = member(&browsers, &server, &site(&server), "Ada").await;
    let lin = browsers.person(&site(&server), "en").await;
    ada.write("**tea** for two").await;
    ada.press(Key::Enter).await;
    lin.hears("tea for two").await;
    let id: u64 = lin
        .look("Number(document.querySelector('#messages > .msg').dataset.id)")
        .await;
    let link = format!("{}/rooms/1/{id}", site(&server));
    for (act, words) in [
        ("text", "tea for two"),
        ("markdown", "**tea** for two"),
        ("link", link.as_str()),
    ] {
        let quiet = "document.getElementById('toast').hidePopover()";
        lin.browser.execute(quiet, vec![]).await.unwrap();
        lin.choose_for(act, "tea for two").await;
        lin.until(
            "it is said",
            "document.getElementById('toast').matches(':popover-open')",
        )
        .await;
        pastes(&lin, words).await;
    }

    lin.write("@Ada").await;
    lin.type_in("\n```\nsteep(180)\n```\nand `@Ada`").await;
    lin.press(Key::Enter).await;
    for (person, mine) in [(&ada, true), (&lin, false)] {
        let name =
            format!("document.querySelector('#messages .mention')?.matches('.me') === {mine}");
        person.until("the name", &name).await;
        person.reload().await;
        person.until("the name, drawn by the server", &name).await;
    }
    lin.click("#messages .mention").await;
    lin.reads("#person-menu > b", "Ada").await;
    lin.press(Key::Escape).await;
    ada.click("#messages .code .copy").await;
    pastes(&ada, "steep(180)").await;
    ada.picture("mention").await;

    // What moves in its box is reached by the keyboard, what does not is not passed by.
    let reached = "document.querySelector('#messages pre').tabIndex";
    assert_eq!(ada.look::<i32>(reached).await, -1);
    ada.write(&format!("```\n{}\n```", "long ".repeat(80)))
        .await;
    ada.press(Key::Enter).await;
    let last = "[...document.querySelectorAll('#messages pre')].at(-1)";
    ada.until("a tab stop", &format!("{last}.tabIndex === 0"))
        .await;
    ada.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn who_may_not_write_is_not_offered_to() {
    let server = Server::start(&[("chat.guests", "read")]);
    let browsers = Browsers::start();
    let ada = member(&browsers, &server, &site(&server), "Ada").await;
    let lin = browsers.person(&site(&server), "en").await;
    ada.post("read this").await;
    lin.hears("read this").await;
    ada.use_tool(".react", "read this").await;
    takes(&ada, "👍").await;
    has(&lin, "read this", &[("👍 1", false)]).await;
    let offered = "[...document.querySelectorAll('.tools button, .another')].filter((each) => each.checkVisibility()).map((each) => each.className)";
    lin.point_at("read this").await;
    assert_eq!(lin.look::<Vec<String>>(offered).await, ["more"]);
    assert_eq!(lin.offers("read this").await, ["text", "markdown", "link"]);
    presses_chip(&lin, "read this", r#"[data-emoji="👍"]"#).await;
    lin.reads("#toast", "Sign in to talk here.").await;
    has(&lin, "read this", &[("👍 1", false)]).await;
    ada.leave().await;
    lin.leave().await;
}

/// The clipboard holds these words: they are what pasting brings, and thrown away again.
async fn pastes(person: &Person, words: &str) {
    person.click("#say").await;
    let keys = person.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("v").key_up(Key::Control);
    keys.perform().await.unwrap();
    let held = format!("document.getElementById('say').value === {}", json!(words));
    person.until(&format!("{words} is pasted"), &held).await;
    person.find("#say").await.clear().await.unwrap();
}
